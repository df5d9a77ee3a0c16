// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

var (
	chains = flag.Int("chains", 60, "how many random chains the property tests play")
	seed   = flag.Uint64("seed", 0, "the first seed of the property tests; 0: one of the clock's")
)

func firstSeed() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano())
}

// property plays random chains, each with a seed of its own, and compares what was started with what the model predicts.
func property(t *testing.T, name string, play func(t *testing.T, seed uint64) (w *world, want []string)) {
	t.Helper()
	first := firstSeed()
	var deliveries, mismatches, cut int
	for i := range *chains {
		seed := first + uint64(i)
		w, want := play(t, seed)
		deliveries, cut = deliveries+w.handled, cut+w.cut
		if got := w.made(); !slices.Equal(got, want) {
			mismatches++
			t.Errorf("-seed %d: the reloads differ from the model's:%s", seed, difference(got, want))
		}
		if unfinished := w.unfinished(); len(unfinished) > 0 {
			t.Errorf("-seed %d: nothing is left to happen, and starts have come to no end: %v", seed, unfinished)
		}
	}
	fmt.Printf("%s: %d chains, %d deliveries, %d mismatches (seeds from %d, %d executions repeated)\n", name, *chains, deliveries, mismatches, first, cut)
}

// playRandom plays a random chain: each event comes so many times, so many executions at once handle them in random order, and they are
// cut off this often. Some of the roots are started by their schedules.
func playRandom(t *testing.T, seed uint64, copies, parallel int, crashes float64) (*world, []string) {
	t.Helper()
	w, r := randomWorld(t, seed)
	w.crashes = crashes
	roots := chaintest.Roots(w.index.Definition())
	for _, root := range roots {
		if r.IntN(2) == 0 {
			w.schedule(root, copies)
		} else {
			w.begin(root)
		}
	}
	w.play(copies, parallel)
	return w, w.predicted(roots...)
}

// randomWorld is a world with a random chain.
func randomWorld(t *testing.T, seed uint64) (*world, *rand.Rand) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	d := chaintest.Random(r, 50, 1+r.IntN(6))
	w := newWorld(t, seed, d)
	w.ending = chaintest.Endings(seed, d)
	return w, r
}

func TestDuplicatesAndRaces(t *testing.T) {
	t.Parallel()
	property(t, "duplicates", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		return playRandom(t, seed, 5, 8, 0)
	})
}

func TestCutOffAnywhere(t *testing.T) {
	t.Parallel()
	property(t, "cut off", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		return playRandom(t, seed, 2, 4, 0.02)
	})
}

// TestOverlappingRuns: a chain with one root is started again and again before it has ended. Each round is joined for itself.
func TestOverlappingRuns(t *testing.T) {
	t.Parallel()
	property(t, "overlapping", func(t *testing.T, seed uint64) (*world, []string) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := chaintest.Random(r, 50, 1)
		for key, s := range d.Steps { // the number of a reload says nothing of its attempt
			s.Retry, s.When = nil, ""
			d.Steps[key] = s
		}
		w := newWorld(t, seed, d)
		w.ending = chaintest.Endings(seed, d)
		root := chaintest.Roots(d)[0]
		rounds := make([]string, 2+r.IntN(3))
		for i := range rounds {
			rounds[i] = root
			w.begin(root)
			for range r.IntN(40) {
				if active := w.active(); len(active) > 0 {
					w.end(active[r.IntN(len(active))], 2)
				}
				w.run(3)
			}
		}
		w.play(2, 3)
		return w, w.predicted(rounds...)
	})
}

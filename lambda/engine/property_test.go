// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

var (
	chains = flag.Int("chains", 40, "how many random chains the property tests play")
	// The same seeds each time, so that a failure is that of the change that is tested. make test-all takes others.
	seed = flag.Uint64("seed", 1, "the first seed of the property tests; 0: one of the clock's")
)

// played returns n, or a tenth of it with -short: make test plays that under the race detector, which takes ten times as long, and all of
// them without it.
func played(n int) int {
	if testing.Short() {
		return max(1, n/10)
	}
	return n
}

func firstSeed() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano())
}

// property plays random chains, each with a seed of its own. What was started must be what the model predicts, where there is one run
// alone, and what the table holds must be what the model makes of the same facts.
func property(t *testing.T, name string, play func(t *testing.T, seed uint64) (w *world, want []string)) {
	t.Helper()
	first := firstSeed()
	var deliveries, mismatches, cut, runs int
	for i := range played(*chains) {
		seed := first + uint64(i)
		w, want := play(t, seed)
		deliveries, cut = deliveries+w.handled, cut+w.cut
		for key := range w.store.Items() {
			if key.PK == "RUNS" {
				runs++
			}
		}
		if !w.right(seed, want) {
			mismatches++
		}
	}
	fmt.Printf("%s: %d chains, %d deliveries, %d mismatches (seeds from %d, %d runs, %d executions repeated)\n", name,
		played(*chains), deliveries, mismatches, first, runs, cut)
}

// right checks whether all that has happened is as it must be; want is what was to be started, where that is known.
func (w *world) right(seed uint64, want []string) bool {
	w.t.Helper()
	right := true
	wrong := func(format string, args ...any) {
		w.t.Helper()
		right = false
		w.t.Errorf("-seed %d: "+format, append([]any{seed}, args...)...)
	}
	if got := w.made(); want != nil && !slices.Equal(got, want) {
		wrong("the reloads differ from the model's:%s", difference(got, want))
	}
	if list := w.unfinished(); len(list) > 0 {
		wrong("nothing is left to happen, and this has come to no end: %v", list)
		return false
	}
	if list := w.twice(); len(list) > 0 {
		wrong("%v", list)
	}
	if list := w.inDoubt(); len(list) > 0 {
		wrong("what the table holds is not what the model makes of it: %v", list)
	}
	return right
}

// playOneRun plays a random chain's one run: each event comes so many times, so many executions at once handle them in random order, and
// they are cut off this often.
func playOneRun(t *testing.T, seed uint64, copies, parallel int, crashes float64) (*world, []string) {
	t.Helper()
	w, r := randomWorld(t, seed, 50, 1+int(seed%6))
	w.crashes, w.torn = crashes, crashes > 0
	roots := chaintest.Roots(w.index.Definition())
	if len(roots) == 1 && r.IntN(2) == 0 {
		w.begin(roots[0])
	} else {
		w.schedule("", copies)
	}
	w.play(copies, parallel)
	return w, w.predicted(roots...)
}

// playSeveral plays a small random chain with runs that meet: of its roots' own schedules, of requests, and of reloads by hand of any step.
func playSeveral(t *testing.T, seed uint64, copies, parallel int, crashes float64) *world {
	t.Helper()
	w, r := randomWorld(t, seed, 12, 4)
	w.crashes, w.torn = crashes, r.IntN(3) == 0
	d := w.index.Definition()
	roots := chaintest.Roots(d)
	for range 2 + r.IntN(4) {
		switch r.IntN(5) {
		case 4:
			w.alone(fmt.Sprintf("s%02d", r.IntN(len(d.Steps))), copies)
		case 0:
			w.begin(fmt.Sprintf("s%02d", r.IntN(len(d.Steps))))
		case 1:
			w.schedule("", copies)
		default:
			w.schedule(roots[r.IntN(len(roots))], copies)
		}
		w.clock.Advance(time.Second)
		for range r.IntN(12) {
			if active := w.active(); len(active) > 0 {
				w.end(active[r.IntN(len(active))], copies)
			}
			w.run(parallel)
		}
	}
	w.play(copies, parallel)
	return w
}

func TestDuplicatesAndRaces(t *testing.T) {
	t.Parallel()
	property(t, "duplicates", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		return playOneRun(t, seed, 5, 8, 0)
	})
}

func TestCutOffAnywhere(t *testing.T) {
	t.Parallel()
	property(t, "cut off", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		return playOneRun(t, seed, 2, 4, 0.02)
	})
}

// TestNoEventButOfReloads plays chains of apps, automations and data tasks in which no event reports the end of a job that is no reload.
func TestNoEventButOfReloads(t *testing.T) {
	t.Parallel()
	property(t, "no event but of reloads", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		w, r := randomWorld(t, seed, 50, 1+int(seed%6))
		chaintest.Mix(rand.New(rand.NewPCG(seed, 5)), w.index.Definition())
		w.index, w.silent = chain.NewIndex(w.index.Definition()), true
		w.crashes = 0.02 * float64(seed%2)
		roots := chaintest.Roots(w.index.Definition())
		byHand := len(roots) == 1 && r.IntN(2) == 0 && w.index.Definition().Steps[roots[0]].App != ""
		if byHand {
			w.begin(roots[0])
		} else {
			w.schedule("", 2)
		}
		w.play(2, 4)
		return w, w.predicted(roots...)
	})
}

// TestRunsThatMeet: each decision is one that the model comes to with what the execution knew that has taken it.
func TestRunsThatMeet(t *testing.T) {
	t.Parallel()
	property(t, "runs that meet", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		w := playSeveral(t, seed, 5, 4+int(seed%5), 0.02*float64(seed%2))
		if list := w.unjustified(); !w.torn && len(list) > 0 {
			t.Errorf("-seed %d: the model does not come to these decisions: %v", seed, list)
		}
		return w, nil
	})
}

// TestOverlappingRuns: a chain is started again and again before it has ended, by its own schedule. Each run is by itself, and each step
// once in it, be they under way together or queued.
func TestOverlappingRuns(t *testing.T) {
	t.Parallel()
	property(t, "overlapping", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		w, r := randomWorld(t, seed, 30, 4)
		for name, s := range w.index.Definition().Steps { // the number of a reload says nothing of its attempt
			s.Retry = nil
			w.index.Definition().Steps[name] = s
		}
		endings := w.ending
		w.ending = func(step string, _ int) string { return endings(step, 1) }
		if r.IntN(2) == 0 { // one after the other, also when executions are cut off
			w.index.Definition().Overlap, w.crashes = chain.OverlapQueue, 0.02
		}
		rounds := 2 + r.IntN(2)
		for range rounds {
			w.schedule("", 2)
			w.clock.Advance(time.Second)
			for range r.IntN(40) {
				if active := w.active(); len(active) > 0 {
					w.end(active[r.IntN(len(active))], 2)
				}
				w.run(3)
			}
		}
		w.play(2, 3)
		var want []string
		count := map[string]int{}
		for range rounds {
			for _, one := range w.predicted(chaintest.Roots(w.index.Definition())...) {
				step := one[:3]
				count[step]++
				want = append(want, fmt.Sprintf("%s #%d", step, count[step]))
			}
		}
		slices.Sort(want)
		return w, want
	})
}

// TestOperators: runs that meet are paused, resumed, canceled, repeated, and their steps marked and skipped at random moments, by requests
// that are cut off too, and repeated or not.
func TestOperators(t *testing.T) {
	t.Parallel()
	property(t, "operators", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		w, r := randomWorld(t, seed, 12, 3)
		d := w.index.Definition()
		step := func() string { return fmt.Sprintf("s%02d", r.IntN(len(d.Steps))) }
		w.sweep(t, reloads)
		if r.IntN(3) == 0 {
			d.MaxRunning = 1 + r.IntN(3)
		}
		w.crashes, w.torn = 0.02*float64(r.IntN(2)), r.IntN(2) == 0
		for range 4 + r.IntN(8) {
			switch r.IntN(8) {
			case 0:
				w.begin(step())
			case 1, 2:
				w.schedule("", 2)
			default:
				w.randomRequest(r, step())
			}
			w.clock.Advance(time.Second)
			for range r.IntN(10) {
				if active := w.active(); len(active) > 0 && r.IntN(2) == 0 {
					w.end(active[r.IntN(len(active))], 2)
				}
				w.run(1 + r.IntN(5))
			}
		}
		for len(w.queue) > 0 {
			w.run(4)
		}
		w.operate(true)
		w.play(2, 4)
		w.crashes, w.torn = 0, false
		for range 3 { // of a request that is not repeated a sweep may see to what it has left
			w.clock.Advance(15 * time.Minute)
			w.sweep(t, reloads)
			w.play(1, 1)
		}
		if w.parked() > 0 {
			t.Errorf("-seed %d: %d starts are parked after the chain was resumed", seed, w.parked())
		}
		return w, nil
	})
}

// randomRequest is something that an operator does, with a step or with one of the runs.
func (w *world) randomRequest(r *rand.Rand, step string) {
	runs := w.runs()
	of := runs[r.IntN(len(runs))]
	kind := r.IntN(9)
	w.request(r.IntN(3) == 0, func(e *engine.Engine, id string, order chain.Operation) error {
		var err error
		switch kind {
		case 0:
			_, err = e.Pause(contextOf(), id, order)
		case 1:
			_, err = e.Resume(contextOf(), id, id, order)
		case 2:
			_, err = e.Cancel(contextOf(), id, id, of, order)
		case 3:
			_, err = e.Rerun(contextOf(), id, engine.Repeat{ID: id, Run: of, Step: step, Operation: order})
		case 4:
			_, err = e.Rerun(contextOf(), id, engine.Repeat{ID: id, Run: of, Step: "", Operation: order})
		case 5:
			_, err = e.Mark(contextOf(), id, engine.Repeat{ID: id, Run: of, Step: step, Operation: order})
		case 6:
			_, err = e.Skip(contextOf(), id, id, step, "", order)
		case 7:
			err = beginsAlone(step)(e, id, order)
		default:
			err = begins(step)(e, id, order)
		}
		return err
	})
}

// runs are the ids of the runs, or one that there is not.
func (w *world) runs() []string {
	var runs []string
	for key := range w.store.Items() {
		if key.PK == chain.RunsPK {
			runs = append(runs, key.SK)
		}
	}
	if len(runs) == 0 {
		return []string{"none"}
	}
	slices.Sort(runs)
	return runs
}

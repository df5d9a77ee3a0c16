package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

var (
	chains = flag.Int("chains", 150, "how many random chains the property tests play")
	seed   = flag.Uint64("seed", 0, "the first seed of the property tests; 0: one of the clock's")
)

func firstSeed() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano()) //nolint:gosec // positive
}

func appID(n int) string { return fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", n) }

// randomChain makes a chain of 2 to 50 steps. What each start of a step comes to does not depend on the order in which simultaneous
// things happen: a step that may start several times in a run is not joined, and has neither a retry nor a guard.
func randomChain(r *rand.Rand, roots int) *chain.Definition {
	n := 2 + r.IntN(49)
	roots = min(roots, n-1)
	d := &chain.Definition{Version: chain.Version, Name: "random", Apps: map[string]chain.Step{}}
	name := func(i int) string { return fmt.Sprintf("s%02d", i) }
	several := map[string]bool{} // may start more than once in a run
	conditions := chain.Conditions()
	for i := range n {
		s := chain.Step{ID: appID(i + 1), Enabled: r.IntN(20) > 0}
		if i < roots {
			s.Enabled = true
		} else {
			s.After = map[string]chain.Condition{}
			wants := 1
			if r.IntN(2) == 0 {
				wants = 1 + r.IntN(min(i, 4))
			}
			for range wants {
				s.After[name(r.IntN(i))] = conditions[[]int{0, 0, 0, 1, 2}[r.IntN(5)]]
			}
			for upstream := range s.After {
				several[name(i)] = several[name(i)] || several[upstream]
			}
			if len(s.After) > 1 && (several[name(i)] || r.IntN(4) == 0) {
				s.WaitFor, several[name(i)] = chain.WaitForAny, true
			}
			if r.IntN(8) == 0 {
				s.Delay = time.Duration(1+r.IntN(10)) * time.Minute
			}
		}
		if !several[name(i)] && r.IntN(4) == 0 {
			s.Retry = &chain.Retry{MaxAttempts: 2 + r.IntN(2), Interval: time.Minute}
		}
		if !several[name(i)] && len(s.After) == 1 && r.IntN(8) == 0 {
			s.When = []string{`status == "success"`, `attempt < 2`, `year == 2026`, `upstream == "s01"`}[r.IntN(4)]
		}
		d.Apps[name(i)] = s
	}
	return d
}

// randomEnding makes up how reloads end: of a step that is retried perhaps with failures first.
func randomEnding(seed uint64, d *chain.Definition) func(step string, attempt int) string {
	return func(step string, attempt int) string {
		r := rand.New(rand.NewPCG(seed, uint64(step[1])<<8|uint64(step[2]))) //nolint:gosec // a test
		statuses := []string{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED", "EXCEEDED_LIMIT", "CANCELED"}
		if d.Apps[step].Retry != nil && attempt <= r.IntN(4) {
			return "FAILED"
		}
		return statuses[r.IntN(len(statuses))]
	}
}

func rootsOf(d *chain.Definition) []string {
	var roots []string
	for key, s := range d.Apps {
		if len(s.After) == 0 {
			roots = append(roots, key)
		}
	}
	slices.Sort(roots)
	return roots
}

// property plays random chains, each with a seed of its own, and compares what was started with what the model predicts.
func property(t *testing.T, name string, play func(t *testing.T, seed uint64) (w *world, want []string)) {
	t.Helper()
	first := firstSeed()
	var deliveries, mismatches, cut int
	for i := range *chains {
		seed := first + uint64(i) //nolint:gosec // positive
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

// TestDuplicatesAndRaces: each event comes five times, eight executions at once handle them in random order.
func TestDuplicatesAndRaces(t *testing.T) {
	t.Parallel()
	property(t, "duplicates", func(t *testing.T, seed uint64) (*world, []string) {
		r := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // a test
		d := randomChain(r, 1+r.IntN(6))
		w := newWorld(t, seed, d)
		w.ending = randomEnding(seed, d)
		for _, root := range rootsOf(d) {
			w.begin(root)
		}
		w.play(5, 8)
		return w, w.predicted(rootsOf(d)...)
	})
}

// TestCutOffAnywhere: as above, and executions are cut off at random calls.
func TestCutOffAnywhere(t *testing.T) {
	t.Parallel()
	property(t, "cut off", func(t *testing.T, seed uint64) (*world, []string) {
		r := rand.New(rand.NewPCG(seed, 4)) //nolint:gosec // a test
		d := randomChain(r, 1+r.IntN(6))
		w := newWorld(t, seed, d)
		w.ending, w.crashes = randomEnding(seed, d), 0.02
		for _, root := range rootsOf(d) {
			w.begin(root)
		}
		w.play(2, 4)
		return w, w.predicted(rootsOf(d)...)
	})
}

// TestOverlappingRuns: a chain with one root is started again and again before it has ended. Each round is joined for itself.
func TestOverlappingRuns(t *testing.T) {
	t.Parallel()
	property(t, "overlapping", func(t *testing.T, seed uint64) (*world, []string) {
		r := rand.New(rand.NewPCG(seed, 5)) //nolint:gosec // a test
		d := randomChain(r, 1)
		for key, s := range d.Apps { // the number of a reload says nothing of its attempt
			s.Retry, s.When = nil, ""
			d.Apps[key] = s
		}
		w := newWorld(t, seed, d)
		w.ending = randomEnding(seed, d)
		root := rootsOf(d)[0]
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

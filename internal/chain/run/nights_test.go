// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// randomShape makes a chain of success links. Some steps wait for any, or for those that started.
func randomShape(r *rand.Rand, steps int) run.Shape {
	s := run.Shape{}
	name := func(i int) string { return fmt.Sprintf("s%d", i) }
	for i := range steps {
		waits := run.Waits{After: map[string]chain.Condition{}, For: run.WaitForAll}
		if i > 0 && r.IntN(3) > 0 {
			for range 1 + r.IntN(3) {
				waits.After[name(r.IntN(i))] = chain.ConditionSuccess
			}
		}
		if len(waits.After) > 1 {
			waits.For = []run.WaitFor{run.WaitForAll, run.WaitForAll, run.WaitForAllStarted, run.WaitForAllSettled}[r.IntN(4)]
		}
		s[name(i)] = waits
	}
	return s
}

// world plays a night in which each root has a schedule of its own, and every reload takes its time.
type world struct {
	state  run.State
	rules  rules
	shape  run.Shape
	random *rand.Rand
	now    time.Time
	queue  []due
	fails  string // its first reload fails
	failed bool
	starts map[string]int
	serial int
}

type due struct {
	at     time.Time
	serial int
	do     func()
}

func (w *world) later(after time.Duration, do func()) {
	w.serial++
	w.queue = append(w.queue, due{w.now.Add(after), w.serial, do})
}

func (w *world) take(event run.Event) {
	for _, effect := range run.Decide(&w.state, w.rules, w.now, event) {
		if effect.Kind == run.EffectRequest {
			w.request(effect.Run, effect.Step, effect.Attempt)
		}
	}
}

func (w *world) request(id, step string, attempt int) {
	w.starts[step]++
	started := w.now
	w.later(time.Duration(1+w.random.IntN(50))*time.Minute, func() {
		result := run.Result{Step: step, Run: id, Reload: fmt.Sprintf("r%06d", w.serial), Outcome: success, Attempt: attempt, Started: started,
			Ended: w.now}
		if step == w.fails && !w.failed {
			w.failed = true
			result.Outcome = failure
			w.later(15*time.Minute, func() { w.repair(step) })
		}
		w.take(run.Ended{Result: result})
	})
}

func (w *world) repair(step string) {
	id := "repair"
	w.take(run.Reloaded{
		Run:    run.Run{ID: id, At: w.now.Add(-time.Minute), Origins: []string{step}, Shape: w.shape, ByHand: true},
		Result: run.Result{Step: step, Reload: "by hand", Outcome: success, Attempt: 1, Started: w.now.Add(-time.Minute), Ended: w.now},
	})
}

func (w *world) play() {
	for len(w.queue) > 0 {
		slices.SortFunc(w.queue, func(a, b due) int {
			if c := a.at.Compare(b.at); c != 0 {
				return c
			}
			return a.serial - b.serial
		})
		next := w.queue[0]
		w.queue = w.queue[1:]
		w.now = next.at
		next.do()
	}
}

func newWorld(seed uint64) *world {
	r := rand.New(rand.NewPCG(seed, 1))
	w := &world{random: r, shape: randomShape(r, 2+r.IntN(7)), now: at("18:00"), starts: map[string]int{}}
	w.state = run.State{Begin: at("18:00"), End: at("18:00").Add(24 * time.Hour)}
	for _, step := range slices.Sorted(maps.Keys(w.shape)) {
		if len(w.shape[step].After) == 0 {
			w.later(time.Duration(r.IntN(120))*time.Minute, func() {
				w.take(run.Began{Run: run.Run{ID: "R" + step, At: w.now, Origins: []string{step}, Shape: w.shape}})
			})
		}
	}
	return w
}

// check says what is wrong with a night that is over.
func (w *world) check() error {
	for step := range w.shape {
		if w.starts[step] == 0 {
			return fmt.Errorf("%s was lost", step)
		}
		if err := w.checkFresh(step); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for id, r := range w.state.Runs {
		if r.Ended == "" {
			return fmt.Errorf("the run %s has not ended: %v", id, w.state.Evaluate(w.rules)[id])
		}
		for step, f := range r.Steps {
			key := fmt.Sprint(step, f.Uses)
			if len(f.Uses) > 0 && seen[key] && f.Start != nil {
				return fmt.Errorf("%s was started twice with %v", step, f.Uses)
			}
			seen[key] = seen[key] || f.Start != nil
		}
	}
	return nil
}

// checkFresh compares a step's last start with the latest results of its upstreams. A result counts for nothing where its own run has
// skipped the step: an upstream that goes on after a failure, in a run that a repair has overtaken.
func (w *world) checkFresh(step string) error {
	var last *run.Facts
	for _, r := range w.state.Runs {
		if f := r.Steps[step]; f != nil && f.Result != nil && (last == nil || f.Result.Started.After(last.Result.Started)) {
			last = f
		}
	}
	for upstream := range w.shape[step].After {
		for id, r := range w.state.Runs {
			f := r.Steps[upstream]
			if f != nil && f.Result != nil && f.Result.Ended.After(last.Result.Started) &&
				w.state.Evaluate(w.rules)[id][step].Status != run.StatusSkipped {
				return fmt.Errorf("%s started last at %v, before the last end of %s at %v", step, last.Result.Started, upstream, f.Result.Ended)
			}
		}
	}
	return nil
}

func TestHealthyNights(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	nights := *scopeNights
	lost, repaired := 0, 0
	for seed := range uint64(nights) {
		w := newWorld(seed)
		w.play()
		if err := w.check(); err != nil {
			lost++
			if lost < 4 {
				t.Errorf("seed %d, %v: %v", seed, w.shape, err)
			}
		}
		w = newWorld(seed)
		steps := slices.Sorted(maps.Keys(w.shape))
		w.fails = steps[int(seed)%len(steps)]
		w.play()
		if err := w.check(); err != nil {
			repaired++
			if repaired < 4 {
				t.Errorf("seed %d, %s repaired, %v: %v", seed, w.fails, w.shape, err)
			}
		}
	}
	fmt.Printf("healthy: %d nights, %d steps lost; with a failure and its repair: %d, %d lost\n", nights, lost, nights, repaired)
}

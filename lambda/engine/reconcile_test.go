// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// TestReconciliation: of the events of random chains every third never comes, or comes when a sweep has seen to it already. Executions and
// sweeps are cut off now and then, and sweeps meet each other. The reloads are those of the model, each once.
func TestReconciliation(t *testing.T) {
	t.Parallel()
	first := firstSeed()
	dropped, recovered, twice := 0, 0, 0
	for i := range played(*chains) {
		seed := first + uint64(i)
		w, _ := randomWorld(t, seed, 40, 1)
		roots := chaintest.Roots(w.index.Definition())
		w.sweep(t, reloads)
		w.clock.Advance(15 * time.Minute)
		w.crashes = 0.01
		w.begin(roots[0])
		d := w.playDropping(t)
		w.crashes = 0
		r := w.withoutEvent(t)
		dropped, recovered = dropped+d, recovered+r
		got, want := w.made(), w.predicted(roots...)
		if !slices.Equal(got, want) || r < d {
			t.Errorf("-seed %d: of %d dropped events %d were recovered; the reloads differ from the model's:%s", seed, d, r, difference(got, want))
		}
		for _, made := range got {
			if !slices.Contains(want, made) {
				twice++
			}
		}
		w.right(seed, want)
	}
	if dropped == 0 {
		t.Error("no event was dropped")
	}
	fmt.Printf("reconciled: %d dropped, %d recovered, %d twice (%d chains, seeds from %d)\n", dropped, recovered, twice, played(*chains), first)
}

// playDropping is play with events that never come, and sweeps. It returns how many reloads' ends no event has reported.
func (w *world) playDropping(t *testing.T) (dropped int) {
	t.Helper()
	var late []*reload // reported after the next sweep
	for {
		active := w.active()
		switch {
		case len(active) > 0 && (len(w.queue) == 0 || w.random.IntN(3) == 0):
			r := active[w.random.IntN(len(active))]
			copies := w.random.IntN(3)
			w.end(r, copies)
			if copies == 0 {
				dropped++
				if w.random.IntN(2) == 0 {
					late = append(late, r)
				}
			}
		case len(w.queue) > 0:
			w.run(3)
		default:
			w.clock.Advance(15 * time.Minute)
			if w.sweeps(t) || len(w.active()) > 0 {
				continue
			}
			if len(late) > 0 {
				for _, r := range late {
					w.queue = append(w.queue, w.eventOf(r, 7))
				}
				late = nil
				continue
			}
			if !w.tick() {
				return dropped
			}
		}
	}
}

// sweeps has one or two sweeps at once, and returns whether they have recovered anything. One that is cut off is repeated a minute later,
// as Lambda does.
func (w *world) sweeps(t *testing.T) (recovered bool) {
	t.Helper()
	for left := 1 + w.random.IntN(2); left > 0; w.clock.Advance(time.Minute) {
		var all sync.WaitGroup
		results, whole := make([]int, left), make([]bool, left)
		for i := range left {
			x := w.execution()
			all.Go(func() {
				r, err := w.engine(x).Sweep(t.Context(), fmt.Sprintf("sweep-%d", i), reloads)
				whole[i], results[i] = err == nil && !x.dead, len(r.Recovered)
			})
		}
		all.Wait()
		left = 0
		for i := range whole {
			recovered = recovered || results[i] > 0
			if !whole[i] {
				left++
			}
		}
	}
	return recovered
}

// withoutEvent counts the reloads that ended without an event, according to the record.
func (w *world) withoutEvent(t *testing.T) int {
	t.Helper()
	runs, _, err := w.engine(w.execution()).Runs(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	reloads := map[string]bool{}
	for _, r := range runs {
		run, err := w.engine(w.execution()).Run(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range run.Starts {
			if strings.HasPrefix(s.Reason, "no event reported its end") {
				reloads[s.Reload] = true
			}
		}
	}
	return len(reloads)
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// putEvents stores the events.
type putEvents struct {
	mu  sync.Mutex
	all []engine.Event
	err error
}

func (p *putEvents) Put(_ context.Context, e engine.Event) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, e)
	return p.err
}

// once returns the different events in words, sorted, and how many came again. Two with the same id must be about the same.
func (p *putEvents) once(t *testing.T) (words []string, again int) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	byID := map[string]string{}
	for _, e := range p.all {
		said := fmt.Sprintf("%s %s %d %s %s", e.Type, e.Step, e.Attempt, e.Outcome, e.Status)
		if before, known := byID[e.ID]; known {
			if again++; before != said {
				t.Errorf("the id %s stands for %q and %q", e.ID, before, said)
			}
			continue
		}
		byID[e.ID], words = said, append(words, said)
	}
	slices.Sort(words)
	return words, again
}

// nightOfEvents is what withFailures puts on the bus when b fails twice.
var nightOfEvents = []string{
	"RunEnded  0  recovered", "StepEnded a 1 success SUCCEEDED", "StepEnded b 2 failure FAILED", "StepEnded fallback 1 success SUCCEEDED",
}

// TestEvents puts one event for each step that ends and one for the run. A step's attempts are one end.
func TestEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.events, w.ending = &putEvents{}, failingB
	w.begin("a")
	w.play(3, 3)
	want := slices.Clone(nightOfEvents)
	want[0] = "RunEnded  0  failed" // c is blocked
	if got, again := w.events.once(t); !slices.Equal(got, want) || again != 0 {
		t.Errorf("the events were %q and %d again, want %q", got, again, want)
	}
	record := w.record(1)
	for _, e := range w.events.all {
		if e.Version != 1 || e.Chain != w.index.Definition().Name || e.TenantID != tenantID || e.Run != record.ID || e.Cycle != record.Cycle ||
			e.Date != record.Date || e.StartedAt.IsZero() || e.Seconds != e.EndedAt.Sub(e.StartedAt).Seconds() || len(e.ID) != 32 {
			t.Errorf("an event is %+v", e)
		}
		if step := e.Type == engine.EventStepEnded; step != (e.Kind == chain.KindApp) || step != (e.Counts == nil) {
			t.Errorf("an event is %+v", e)
		}
	}
	if last := w.events.all[len(w.events.all)-1]; last.Type != engine.EventRunEnded || *last.Counts != *record.Counts ||
		!last.StartedAt.Equal(record.At) || !last.EndedAt.Equal(record.EndedAt) {
		t.Errorf("the last event is %+v, and the run is %+v", last, record)
	}
}

// TestEventOfOtherEnds checks a start that Qlik Cloud refuses, a signal, and a step that an operator has marked as succeeded.
func TestEventOfOtherEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.events = &putEvents{}
	w.refuse = func(string, int) error { return answer(403, "RELOADS-003") }
	w.somebodyElse("a", "SUCCEEDED")
	got, _ := w.events.once(t)
	want := []string{"RunEnded  0  failed", "StepEnded a 1 success SUCCEEDED", "StepEnded b 2 failure ", "StepEnded fallback 1 failure "}
	if len(got) != 4 || !strings.HasPrefix(got[2], "StepEnded b ") || got[0] != want[0] || got[1] != want[1] || got[3] != want[3] {
		t.Errorf("the events were %q, want %q", got, want)
	}
	w.refuse, w.events.all = nil, nil
	w.request(false, func(e *engine.Engine, id string, order chain.Operation) error {
		_, err := e.Mark(contextOf(), id, engine.Repeat{ID: id, Run: w.firstRun(), Step: "b", Operation: order})
		return err
	})
	w.play(1, 1)
	got, _ = w.events.once(t)
	want = []string{"RunEnded  0  succeeded", "StepEnded b 1 success ", "StepEnded c 1 success SUCCEEDED"}
	if !slices.Equal(got, want) {
		t.Errorf("after the mark the events were %q, want %q", got, want)
	}
}

// TestAnEventThatCannotBePut stops nothing, and is in the log.
func TestAnEventThatCannotBePut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.events = &putEvents{err: errors.New("AccessDeniedException: no right to put")}
	result := w.somebodyElse("a", "SUCCEEDED")
	if len(result.NotNotified) != 1 || !strings.Contains(result.NotNotified[0], "StepEnded") || result.Level().String() != "ERROR" ||
		len(result.Started) != 1 {
		t.Errorf("Handle() = %+v", result)
	}
}

// TestEventsHoldNoValue checks that the values of a run's variables are in no event.
func TestEventsHoldNoValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.events = &putEvents{}
	w.request(false, func(e *engine.Engine, id string, order chain.Operation) error {
		_, err := e.Begin(contextOf(), id, engine.Beginning{
			Step: "a", At: order.At, StartedBy: engine.StartedByRequest, By: "an operator", ID: id,
			Variables: map[string]string{"vDay": "hidden-value"},
		})
		return err
	})
	w.play(1, 1)
	text, err := json.Marshal(w.events.all)
	if err != nil || len(w.events.all) != 4 || strings.Contains(string(text), "hidden") || strings.Contains(string(text), "operator") {
		t.Errorf("the events are %s, %v", text, err)
	}
}

// TestEachEndIsPutUnderCrashes: an execution that is cut off is repeated. Each end is on the bus, twice only if the execution was cut off
// after putting it. All else happens as without events.
func TestEachEndIsPutUnderCrashes(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	twice, want := 0, slices.Clone(nightOfEvents)
	want[0] = "RunEnded  0  failed"
	for seed := range uint64(120) {
		w := newWorld(t, seed, withFailures())
		w.events, w.crashes, w.ending = &putEvents{}, 0.05, failingB
		w.begin("a")
		w.play(2, 3)
		got, again := w.events.once(t)
		if twice += again; !slices.Equal(got, want) {
			t.Errorf("seed %d: the events were %q, want %q", seed, got, want)
		}
		if got := w.made(); !slices.Equal(got, w.predicted("a")) {
			t.Errorf("seed %d: the reloads differ from the model's:%s", seed, difference(got, w.predicted("a")))
		}
	}
	if most := 120 * len(want) / 10; twice > most {
		t.Errorf("%d ends were put twice, although a call is cut off in one of twenty only", twice)
	}
}

// TestEventOfAnAttemptThatBecomesTheLast: the step is disabled while its next attempt waits.
func TestEventOfAnAttemptThatBecomesTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.events = &putEvents{}
	w.somebodyElse("a", "SUCCEEDED")
	w.ends("b", "FAILED")
	w.apply(disable("b"))
	w.play(2, 2)
	if got, _ := w.events.once(t); !slices.Contains(got, "StepEnded b 1 failure FAILED") {
		t.Errorf("the events were %q", got)
	}
}

// TestEndsOfRequestsArePut: a request that is cut off is not repeated, and a sweep does not come back to a start that it has ended. The end
// that was written is put on the bus nevertheless.
func TestEndsOfRequestsArePut(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	operate := func(do func(e *engine.Engine, id string, order chain.Operation) error) func(w *world) {
		return func(w *world) { w.request(true, do) }
	}
	waiting := func(w *world) {
		w.ask(t, "dbt", "1")
		w.play(1, 1)
	}
	stand := func(w *world) string { // of the step in the latest run
		runs := w.runs()
		if runs[0] == "none" {
			return ""
		}
		return runs[len(runs)-1] + w.stands(len(runs), "dbt")
	}
	for name, test := range map[string]struct {
		before, cut func(w *world)
		want        string
	}{
		"a signal": {
			cut: func(w *world) {
				_, err := w.engine(w.execution()).Signal(contextOf(), "signal-1", w.report("dbt", "1", chain.OutcomeFailure))
				if err != nil && !errors.Is(err, errCut) {
					t.Error(err)
				}
			},
			want: "StepEnded dbt 1 failure FAILED",
		},
		"a mark": {
			before: func(w *world) {
				w.signal("dbt", "1", chain.OutcomeFailure)
				w.play(1, 1)
				w.events.all = nil
			},
			cut: operate(func(e *engine.Engine, id string, order chain.Operation) error {
				runs, _, err := e.Runs(contextOf(), "", 1)
				if err == nil {
					_, err = e.Mark(contextOf(), id, engine.Repeat{ID: id, Run: runs[0].ID, Step: "dbt", Operation: order})
				}
				return err
			}),
			want: "StepEnded dbt 1 success ",
		},
		"a cancellation": {
			before: waiting,
			cut: operate(func(e *engine.Engine, id string, order chain.Operation) error {
				runs, _, err := e.Runs(contextOf(), "", 1)
				if err == nil {
					_, err = e.Cancel(contextOf(), id, id, runs[0].ID, order)
				}
				return err
			}),
			want: "StepEnded dbt 1 canceled CANCELED",
		},
		"a sweep that ends a lost start": {before: waiting, cut: func(w *world) {
			w.clock.Advance(13 * time.Hour)
			_, err := w.engine(w.execution()).Sweep(contextOf(), "sweep-1", reloads)
			if err != nil && !errors.Is(err, errCut) {
				t.Error(err)
			}
		}, want: "StepEnded dbt 1 failure "},
	} {
		done := 0
		for cutAt := 1; cutAt < 120; cutAt++ {
			w := newWorld(t, 1, extracts())
			w.events = &putEvents{}
			if test.before != nil {
				test.before(w)
			}
			before := stand(w)
			w.calls.Store(0)
			w.cutAt = cutAt
			test.cut(w)
			w.run(1)
			w.cutAt = 0
			w.play(1, 1)
			w.clock.Advance(15 * time.Minute)
			w.sweep(t, reloads)
			w.play(1, 1)
			got, _ := w.events.once(t)
			if ended := slices.Contains(got, test.want); ended {
				done++
			} else if before != stand(w) {
				t.Errorf("%s, cut off at %d: the events were %q, want %q; the runs are %v", name, cutAt, got, test.want, w.runs())
			}
		}
		if done == 0 {
			t.Errorf("%s: no event was put", name)
		}
	}
}

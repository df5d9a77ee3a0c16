// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func (w *world) cancel(t *testing.T, run string) engine.Result {
	t.Helper()
	r, err := w.engine(w.execution()).Cancel(t.Context(), "cancel", w.clock.Now().String(), run, w.order())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (w *world) rerun(t *testing.T, run, step, id string) engine.Result {
	t.Helper()
	r, err := w.engine(w.execution()).Rerun(t.Context(), "rerun-"+id, id, run, step, w.order())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// how is what a cancellation did with a step.
func how(r engine.Result, step string) string {
	for _, c := range r.Canceled {
		if c.Step == step {
			return c.How
		}
	}
	return ""
}

// fork is a, then b, c at once and d ten minutes later; e after b and c.
func fork() *chain.Definition {
	return definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success")}, "c": {After: after("a", "success")},
		"d": {After: after("a", "success"), Delay: 10 * time.Minute}, "e": {After: after("b", "completion", "c", "success")},
	})
}

func TestCancelEndsARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fork())
	first := w.ask(t, "a", "1")
	w.ends("a", "SUCCEEDED")
	w.ends("c", "SUCCEEDED")
	r := w.cancel(t, first.Run)
	if r.Outcome != engine.OutcomeCanceled || how(r, "b") != "Qlik Cloud was asked to cancel its reload" || !strings.HasPrefix(how(r, "d"), "does not start: the run was canceled at 03:00 by ann") ||
		how(r, "a") != "" || len(r.Failed) > 0 {
		t.Fatalf("canceling the run: %+v", r)
	}
	if again := w.cancel(t, first.Run); again.Outcome != engine.OutcomeCanceled || !strings.Contains(how(again, "b"), "is being canceled") {
		t.Errorf("canceling it again: %+v", again)
	}
	// b ends canceled, which would do for e.
	w.play(2, 2)
	if got, want := w.made(), []string{"a #1", "b #1", "c #1"}; !slices.Equal(got, want) || len(w.unfinished()) > 0 {
		t.Errorf("the reloads are %v, want %v; unfinished %v", got, want, w.unfinished())
	}
	view := w.record(1)
	if e := edge(view, "b", "e"); e.State != engine.EdgeHeld || e.Reason != "does not start: the run was canceled at 03:00 by ann (the source is being moved)" {
		t.Errorf("the record says %+v", e)
	}
	if len(view.Operations) != 2 || view.Operations[1].Operation != chain.OperationCancel || view.Operations[1].By != "ann" {
		t.Errorf("the operations are %+v", view.Operations)
	}
	if again := w.rerun(t, first.Run, "b", "1"); again.Refusal != engine.RefusalCanceled {
		t.Errorf("starting b again: %+v", again)
	}
	picture, err := w.engine(w.execution()).Picture(t.Context(), first.Run, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range picture.Nodes {
		if n.Step == "d" && n.Status != draw.StatusCanceled {
			t.Errorf("d is drawn as %s", n.Status)
		}
	}
	// Another run is another matter.
	w.ask(t, "a", "2")
	w.play(1, 1)
	if len(w.made()) != 8 {
		t.Errorf("after another run the reloads are %v", w.made())
	}
}

func TestCancelRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	if r := w.cancel(t, "none"); r.Refusal != engine.RefusalRun {
		t.Errorf("a run that there is not: %+v", r)
	}
	w.somebodyElse("sales", "SUCCEEDED")
	if r := w.cancel(t, w.record(1).ID); r.Outcome != engine.OutcomeCanceled {
		t.Errorf("a run of which something waits for another: %+v", r)
	}
	w.somebodyElse("report", "SUCCEEDED")
	if r := w.cancel(t, w.record(2).ID); r.Refusal != engine.RefusalOver {
		t.Errorf("a run that is over: %+v", r)
	}
}

// TestCancelLeavesOthersReloads: what somebody else has queued, and what another run needs too, goes on.
func TestCancelLeavesOthersReloads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "b": {}, "x": {WaitFor: chain.WaitForAny, After: after("a", "success", "b", "success")}, "y": {After: after("x", "success")},
	}))
	w.pendingActive = true
	w.begin("x")
	w.somebodyElse("a", "SUCCEEDED")
	if r := w.cancel(t, w.record(1).ID); !strings.Contains(how(r, "x"), "somebody else has started its reload") {
		t.Errorf("a reload that somebody else had queued: %+v", r)
	}
	w.ends("x", "SUCCEEDED")
	if len(w.active()) != 0 {
		t.Errorf("after the canceled run's x: %v", w.made())
	}
	w.somebodyElse("a", "SUCCEEDED") // starts x
	w.somebodyElse("b", "SUCCEEDED") // joins it
	if r := w.cancel(t, w.record(2).ID); !strings.Contains(how(r, "x"), "needs its reload too") {
		t.Errorf("a reload that another run needs: %+v", r)
	}
	if r := w.ends("x", "SUCCEEDED"); !slices.Equal(startedSteps(r), []string{"y"}) || r.Started[0].Run != w.record(3).ID {
		t.Errorf("after x, for the run that goes on: %+v", r)
	}
}

// TestCancelMeetsARequest: a run is canceled while Qlik is being asked for a reload of it; whoever asks has it canceled.
func TestCancelMeetsARequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	var canceled engine.Result
	w.making = func(r *reload) {
		if r.step == "b" {
			canceled = w.cancel(t, w.record(1).ID)
		}
	}
	w.somebodyElse("a", "SUCCEEDED")
	if !strings.Contains(how(canceled, "b"), "is being asked for") || !w.reloads[1].canceled {
		t.Errorf("canceling: %+v; the reload was canceled: %t", canceled, w.reloads[1].canceled)
	}
	w.play(1, 1)
	if unfinished := w.unfinished(); len(unfinished) > 0 {
		t.Errorf("unfinished: %v", unfinished)
	}
}

// TestCancelComesAgain: what Qlik's rate limit does not let through is canceled by the timer.
func TestCancelComesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fork())
	first := w.ask(t, "a", "1")
	w.refuseCancel = func(string) error {
		e := answer(429, "HTTP-429")
		e.RetryAfter = time.Minute
		return e
	}
	if r := w.cancel(t, first.Run); len(r.Failed) != 1 || w.reloads[0].canceled {
		t.Errorf("canceling: %+v", r)
	}
	w.refuseCancel = nil
	if r := w.nextTimer(); how(r, "a") == "" || !w.reloads[0].canceled {
		t.Errorf("the timer: %+v", r)
	}
}

func TestRerunGoesOnInTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fork())
	first := w.ask(t, "a", "1")
	w.ends("a", "SUCCEEDED")
	if r := w.rerun(t, first.Run, "b", "1"); r.Refusal != engine.RefusalUnderWay || r.Reason != "attempt 1 of b is started in this run" {
		t.Errorf("a step that is under way: %+v", r)
	}
	w.ends("b", "SUCCEEDED")
	w.ends("c", "FAILED")
	again := w.rerun(t, first.Run, "c", "2")
	if again.Outcome != engine.OutcomeStarted || again.Run != first.Run || again.Attempt != 1 {
		t.Fatalf("c again: %+v", again)
	}
	if r := w.rerun(t, first.Run, "c", "2"); r.Outcome != engine.OutcomeRepeated {
		t.Errorf("the same request again: %+v", r)
	}
	w.play(2, 2)
	if got, want := w.made(), []string{"a #1", "b #1", "c #1", "c #2", "d #1", "e #1"}; !slices.Equal(got, want) {
		t.Errorf("the reloads are %v, want %v", got, want)
	}
	// What comes after it had started already, and goes with what it has seen in the run.
	w.rerun(t, first.Run, "b", "4")
	w.play(1, 1)
	if got := w.made(); len(got) != 8 || got[7] != "e #2" {
		t.Errorf("after b again the reloads are %v", got)
	}
	view := w.record(1)
	asked := slices.IndexFunc(view.Starts, func(s engine.StartView) bool { return s.Asked != nil })
	if asked < 0 || view.Starts[asked].Step != "c" || view.Starts[asked].Asked.By != "ann" || len(view.Operations) != 3 || view.Operations[1].Step != "c" {
		t.Errorf("the record is %+v", view)
	}
	for _, tt := range []struct {
		run, step string
		want      engine.Refusal
	}{{"none", "a", engine.RefusalRun}, {first.Run, "none", engine.RefusalStep}} {
		if r := w.rerun(t, tt.run, tt.step, "3"); r.Refusal != tt.want {
			t.Errorf("%s in the run %s: %+v", tt.step, tt.run, r)
		}
	}
}

// TestRerunOnce: of many who ask for the same step at the same moment, one gets it.
func TestRerunOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fork())
	first := w.ask(t, "a", "1")
	w.play(1, 1)
	var all sync.WaitGroup
	var started atomic.Int32
	for i := range 20 {
		x := w.execution()
		all.Go(func() {
			id := fmt.Sprint(i)
			r, err := w.engine(x).Rerun(t.Context(), id, id, first.Run, "b", chain.Order{At: w.clock.Now(), By: id})
			switch {
			case err != nil:
				t.Error(err)
			case r.Outcome == engine.OutcomeStarted:
				started.Add(1)
			case r.Refusal != engine.RefusalUnderWay:
				t.Errorf("%s: %+v", id, r)
			}
		})
	}
	all.Wait()
	if started.Load() != 1 || len(w.active()) != 1 {
		t.Errorf("%d have started b, of which %d reloads run", started.Load(), len(w.active()))
	}
}

// firstRun is the id of the earliest run.
func (w *world) firstRun() string {
	var runs []string
	for key := range w.store.Items() {
		if key.PK == "RUNS" {
			runs = append(runs, key.SK)
		}
	}
	if len(runs) == 0 {
		return "none yet"
	}
	return slices.Min(runs)
}

// TestCanceledAtAnyMoment: of two runs of a random chain one is canceled at a random moment, with duplicates, races and executions that are cut
// off. The other one does what the model says, and of the canceled one nothing starts any more once it has been looked at again.
func TestCanceledAtAnyMoment(t *testing.T) {
	t.Parallel()
	first := firstSeed()
	deliveries, canceled := 0, 0
	for i := range *chains {
		seed := first + uint64(i)
		r := rand.New(rand.NewPCG(seed, 9))
		d := chaintest.Random(r, 50, 1)
		for key, s := range d.Steps {
			s.When = ""
			d.Steps[key] = s
		}
		w := newWorld(t, seed, d)
		endings := chaintest.Endings(seed, d)
		w.ending, w.crashes = func(step string, _ int) string { return endings(step, 1) }, 0.02*float64(r.IntN(2))
		root, doomed, since := chaintest.Roots(d)[0], "", time.Time{}
		for round := range 2 {
			w.begin(root)
			for range 2 + r.IntN(30) {
				if active := w.active(); len(active) > 0 {
					w.end(active[r.IntN(len(active))], 2)
				}
				w.run(1 + r.IntN(5))
			}
			if round == 0 {
				doomed = w.firstRun()
				w.queue = append(w.queue, invocation{id: "cancel", operation: func(e *engine.Engine, id string) error {
					_, err := e.Cancel(t.Context(), id, id, doomed, w.order())
					if err == nil && since.IsZero() {
						since = w.clock.Now()
					}
					return err
				}})
			}
		}
		w.play(2, 3)
		deliveries += w.handled
		if _, ok := w.store.Items()[engine.Key{PK: "ORDERS", SK: "CANCELED#" + doomed}]; ok {
			canceled++
		}
		going, count := []string(nil), map[string]int{}
		for key, doc := range w.store.Items() {
			var s engine.Start
			if strings.HasPrefix(key.SK, "START#") && json.Unmarshal([]byte(doc), &s) == nil && s.Reload != "" {
				switch {
				case s.Run != doomed:
					count[s.Step]++
					going = append(going, fmt.Sprintf("%s #%d", s.Step, count[s.Step]))
				case s.ClaimedAt.After(since.Add(2 * time.Minute)):
					t.Errorf("-seed %d: %s of the canceled run was started at %s, canceled at %s", seed, s.Step, s.ClaimedAt, since)
				}
			}
		}
		slices.Sort(going)
		if want := w.predicted(root); !slices.Equal(going, want) {
			t.Errorf("-seed %d: the reloads of the run that goes on differ from the model's:%s", seed, difference(going, want))
		}
		if unfinished := w.unfinished(); len(unfinished) > 0 {
			t.Errorf("-seed %d: starts have come to no end: %v", seed, unfinished)
		}
	}
	t.Logf("canceled: %d chains, %d of the runs canceled, %d deliveries", *chains, canceled, deliveries)
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"fmt"
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
	r, err := w.engine(w.execution()).Rerun(t.Context(), "rerun-"+id, engine.Repeat{ID: id, Run: run, Step: step, Operation: w.order()})
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
		"d": {After: after("a", "success"), Delay: chain.Duration(10 * time.Minute)}, "e": {After: after("b", "completion", "c", "success")},
	})
}

func TestCancelEndsARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fork())
	first := w.ask(t, "a", "1")
	w.ends("a", "SUCCEEDED")
	w.ends("c", "SUCCEEDED")
	r := w.cancel(t, first.Run)
	if r.Outcome != engine.OutcomeCanceled || how(r, "b") != "Qlik Cloud was asked to cancel its reload" ||
		!strings.HasPrefix(how(r, "d"), "does not start: the run was canceled at 03:00 by ann") ||
		how(r, "a") != "" || len(r.Failed) > 0 {
		t.Fatalf("canceling the run: %+v", r)
	}
	if again := w.cancel(t, first.Run); again.Outcome != engine.OutcomeCanceled || !strings.Contains(how(again, "b"), "is being canceled") {
		t.Errorf("canceling it again: %+v", again)
	}
	if view := w.record(1); view.Status != "canceled" || len(w.unfinished()) != 1 {
		t.Errorf("after that the run is %s, and %v is unfinished", view.Status, w.unfinished())
	}
	// b ends canceled, which would do for e.
	w.play(2, 2)
	if got, want := w.made(), []string{"a #1", "b #1", "c #1"}; !slices.Equal(got, want) || len(w.unfinished()) > 0 {
		t.Errorf("the reloads are %v, want %v; unfinished %v", got, want, w.unfinished())
	}
	view := w.record(1)
	if w.stands(1, "e") != "canceled" || w.stands(1, "c") != "succeeded" {
		t.Errorf("the record says %+v", view.Steps)
	}
	for step, reason := range map[string]string{
		"b": "was under way when the run was canceled",
		"d": "did not start before the run was canceled", "e": "did not start before the run was canceled",
	} {
		if i := slices.IndexFunc(view.Steps, func(s engine.StepRecord) bool { return s.Step == step }); view.Steps[i].Reason != reason {
			t.Errorf("%s %s, want %s", step, view.Steps[i].Reason, reason)
		}
	}
	for i := range view.Starts {
		if s := &view.Starts[i]; s.Step == "b" && !strings.HasPrefix(s.Reason, "was canceled: the run was canceled at 03:00 by ann") {
			t.Errorf("the reload of b %s", s.Reason)
		}
	}
	if len(view.Operations) != 2 || view.Operations[1].Kind != chain.OperationCancel || view.Operations[1].By != "ann" {
		t.Errorf("the operations are %+v", view.Operations)
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
	// Another run is another matter, also one that repeats it.
	w.clock.Advance(time.Second)
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
	if r := w.cancel(t, w.record(1).ID); r.Outcome != engine.OutcomeCanceled || w.record(1).Status != "canceled" {
		t.Errorf("a run of which a step waits for another run: %+v", r)
	}
	w.clock.Advance(time.Second)
	w.somebodyElse("report", "SUCCEEDED")
	if r := w.cancel(t, w.record(2).ID); r.Refusal != engine.RefusalOver {
		t.Errorf("a run that is over: %+v", r)
	}
}

// TestCancelLeavesOthersReloads: the reload with which another client is in the way of a start goes on, and nothing follows from its end.
func TestCancelLeavesOthersReloads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "x": {After: after("a", "success")}, "y": {After: after("x", "success")}}))
	w.pendingActive = true
	w.begin("x")
	w.clock.Advance(time.Second)
	w.somebodyElse("a", "SUCCEEDED") // x waits behind another client's reload
	if r := w.cancel(t, w.record(1).ID); !strings.HasPrefix(how(r, "x"), "does not start") || w.reloads[0].canceled {
		t.Errorf("canceling: %+v", r)
	}
	if r := w.ends("x", "SUCCEEDED"); !slices.Equal(startedSteps(r), []string{"y"}) || r.Run == w.record(2).ID {
		t.Errorf("after another client's x: %+v", r)
	}
	w.play(1, 1)
	if got, want := w.made(), []string{"a #1", "x #1", "y #1"}; !slices.Equal(got, want) || len(w.unfinished()) > 0 {
		t.Errorf("the reloads are %v, want %v; unfinished %v", got, want, w.unfinished())
	}
}

// TestCancelMeetsARequest: a run is canceled while Qlik is being asked for a reload of it; the execution that asks has it canceled.
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

func TestRerunBeginsANewRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fork())
	first := w.ask(t, "a", "1")
	w.ends("a", "SUCCEEDED")
	if r := w.rerun(t, first.Run, "b", "1"); r.Refusal != engine.RefusalUnderWay || r.Reason != "b is under way in this run" {
		t.Errorf("a step that is under way: %+v", r)
	}
	if r := w.rerun(t, first.Run, "", "1"); r.Refusal != engine.RefusalOver {
		t.Errorf("the failed steps of a run that has none: %+v", r)
	}
	w.ends("b", "SUCCEEDED")
	w.ends("c", "FAILED")
	w.nextTimer() // that of the request
	w.nextTimer() // d
	w.ends("d", "SUCCEEDED")
	if view := w.record(1); view.Status != "failed" || w.stands(1, "e") != "skipped blocked" {
		t.Fatalf("the first run is %+v", view)
	}
	// Days later it is repeated at what has failed, in its own cycle.
	w.clock.Advance(3 * 24 * time.Hour)
	asked := w.order()
	again := w.rerun(t, first.Run, "", "2")
	if again.Outcome != engine.OutcomeStarted || again.Run == first.Run || !slices.Equal(startedSteps(again), []string{"c"}) {
		t.Fatalf("c again: %+v", again)
	}
	w.clock.Advance(time.Minute)
	r, err := w.engine(w.execution()).Rerun(t.Context(), "rerun-2", engine.Repeat{ID: "2", Run: first.Run, Step: "", Operation: asked})
	if err != nil || r.Outcome != engine.OutcomeRepeated || r.Run != again.Run {
		t.Errorf("the same request again: %+v, %v", r, err)
	}
	w.play(2, 2)
	if got, want := w.made(), []string{"a #1", "b #1", "c #1", "c #2", "d #1", "e #1"}; !slices.Equal(got, want) {
		t.Errorf("the reloads are %v, want %v", got, want)
	}
	before, view := w.record(1), w.record(2)
	if view.RerunOf != first.Run || view.Cycle != before.Cycle || view.Date != "2026-11-24" || view.Status != "succeeded" ||
		view.By != "ann" || view.Origin != "c" {
		t.Errorf("the new run is %+v", view.RunRecord)
	}
	if before.Status != "failed" || !slices.Equal(before.RepairedBy, []string{view.ID}) ||
		before.Operations[len(before.Operations)-1].Kind != chain.OperationRerun {
		t.Errorf("the old run is %+v", before)
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
			r, err := w.engine(x).Rerun(t.Context(), id, engine.Repeat{
				ID: id, Run: first.Run, Step: "b", Operation: chain.Operation{At: w.clock.Now(), By: id},
			})
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

// TestCanceledAtAnyMoment: of two runs of a random chain one is canceled at a random moment, with duplicates, races and executions that are
// cut off. The other one does what the model says, and of the canceled one nothing starts once it has been looked at again.
func TestCanceledAtAnyMoment(t *testing.T) {
	t.Parallel()
	first := firstSeed()
	deliveries, canceled, mismatches := 0, 0, 0
	for i := range played(*chains) {
		seed := first + uint64(i)
		w, r := randomWorld(t, seed, 40, 3)
		endings := w.ending
		w.ending, w.crashes = func(step string, _ int) string { return endings(step, 1) }, 0.02*float64(r.IntN(2))
		for name, s := range w.index.Definition().Steps { // the number of a reload says nothing of its attempt
			s.Retry = nil
			w.index.Definition().Steps[name] = s
		}
		doomed, since := "", time.Time{}
		for round := range 2 {
			w.clock.Advance(time.Second)
			w.schedule("", 2)
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
		if _, ok := w.store.Items()[engine.Key{PK: chain.NowPK, SK: "CANCELED#" + doomed}]; ok {
			canceled++
		}
		going := []string(nil)
		for key, doc := range w.store.Items() {
			var s engine.Start
			if strings.HasPrefix(key.SK, "START#") && json.Unmarshal([]byte(doc), &s) == nil && s.Reload != "" {
				switch {
				case s.Run != doomed:
					going = append(going, s.Name+" #1")
				case s.ClaimedAt.After(since.Add(2 * time.Minute)):
					t.Errorf("-seed %d: %s of the canceled run was started at %s, canceled at %s", seed, s.Step, s.ClaimedAt, since)
				}
			}
		}
		slices.Sort(going)
		if want := w.predicted(chaintest.Roots(w.index.Definition())...); !slices.Equal(going, want) {
			mismatches++
			t.Errorf("-seed %d: the reloads of the run that goes on differ from the model's:%s", seed, difference(going, want))
		}
		w.right(seed, nil)
	}
	fmt.Printf("canceled: %d chains, %d of the runs canceled, %d deliveries, %d mismatches (seeds from %d)\n", played(*chains),
		canceled, deliveries, mismatches, first)
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// skipStep has an operator skip a step in the cycle of now.
func (w *world) skipStep(t *testing.T, step string) engine.Result {
	t.Helper()
	r, err := w.engine(w.execution()).Skip(t.Context(), "skip", w.clock.Now().String(), step, "", w.order())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestResumeAfterACancel: a pause holds the starts of two runs, and the newer run is canceled. The start of the older one goes when the
// chain is resumed.
func TestResumeAfterACancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.pause(t)
	for range 2 {
		w.clock.Advance(time.Minute)
		w.somebodyElse("a", "SUCCEEDED")
	}
	w.cancel(t, w.record(2).ID)
	w.clock.Advance(time.Minute)
	if r := w.resume(t); !slices.Equal(startedSteps(r), []string{"b"}) || r.Started[0].Run != w.record(1).ID {
		t.Errorf("the resume came to %+v; b is %q (%s) in the older run", r, w.stands(1, "b"), w.reason(1, "b"))
	}
	if w.parked() != 0 {
		t.Errorf("%d starts are parked", w.parked())
	}
}

// TestResumeOfTwoIsCutOff: a pause holds the starts of two runs, and the execution that resumes the chain is cut off at each of its calls.
// The newer one starts, and the older run says that it goes on there. The cut-off calls must include the one at which only the start of the
// older run says so.
func TestResumeOfTwoIsCutOff(t *testing.T) {
	t.Parallel()
	cuts, between := 0, 0
	for cutAt := 1; cutAt < 80; cutAt++ {
		w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
		w.pause(t)
		for range 2 {
			w.clock.Advance(time.Minute)
			w.somebodyElse("a", "SUCCEEDED")
		}
		w.clock.Advance(time.Minute)
		w.calls.Store(0)
		w.cutAt = cutAt
		w.request(false, func(e *engine.Engine, id string, order chain.Operation) error {
			_, err := e.Resume(contextOf(), id, id, order)
			return err
		})
		w.run(1)
		w.cutAt = -1
		cuts += w.cut
		if starts := w.record(1).Starts; starts[len(starts)-1].Phase == engine.PhaseSuperseded && w.stands(1, "b") == "under_way" {
			between++
		}
		w.play(1, 1)
		if got := w.made(); !slices.Equal(got, []string{"a #1", "a #2", "b #1"}) || w.stands(1, "b") != "continued in 2" || w.parked() > 0 {
			t.Errorf("cut off at %d: the reloads are %q, b is %q in the older run; %d starts are parked", cutAt, got, w.stands(1, "b"), w.parked())
		}
	}
	if cuts < 20 || between == 0 {
		t.Errorf("%d calls were cut off, %d of them between the start and its run", cuts, between)
	}
}

// TestSkipOfAStartThatWaits: an operator skips a step with a waiting start. It no longer starts.
func TestSkipOfAStartThatWaits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		edit  func(d *chain.Definition)
		begin func(w *world, t *testing.T)
		after func(w *world, t *testing.T)
		want  string
	}{
		"for its delay": {
			func(d *chain.Definition) {
				s := d.Steps["b"]
				s.Delay = chain.Duration(30 * time.Minute)
				d.Steps["b"] = s
			},
			func(w *world, _ *testing.T) { w.somebodyElse("a", "SUCCEEDED") }, nil, "skipped operator",
		},
		"for the chain to be resumed": {
			nil,
			func(w *world, t *testing.T) { w.pause(t); w.somebodyElse("a", "SUCCEEDED") },
			func(w *world, t *testing.T) { w.resume(t) }, "skipped operator",
		},
		"for its further attempt": {
			func(d *chain.Definition) {
				s := d.Steps["b"]
				s.Retry = &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(30 * time.Minute)}
				d.Steps["b"] = s
			},
			func(w *world, _ *testing.T) { w.somebodyElse("a", "SUCCEEDED"); w.ends("b", "FAILED") }, nil, "failed",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}})
			if tt.edit != nil {
				tt.edit(d)
			}
			w := newWorld(t, 1, d)
			tt.begin(w, t)
			before := w.count("b")
			w.clock.Advance(time.Minute)
			w.skipStep(t, "b")
			if tt.after != nil {
				tt.after(w, t)
			}
			w.play(1, 1)
			if w.count("b") != before || w.count("c") != 0 || w.stands(1, "b") != tt.want {
				t.Errorf("after the skip the reloads are %v, and b is %q (%s)", w.made(), w.stands(1, "b"), w.reason(1, "b"))
			}
			if unfinished := w.unfinished(); len(unfinished) > 0 {
				t.Errorf("this has come to no end: %v", unfinished)
			}
		})
	}
}

// TestMaxStartsPerHour: what a step's limit counts are the starts that the chain asks Qlik Cloud for, also after a delay; neither reloads
// by hand nor starts that are parked.
func TestMaxStartsPerHour(t *testing.T) {
	t.Parallel()
	chainOf := func(delay time.Duration) *chain.Definition {
		return definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success"), MaxStartsPerHour: 3, Delay: chain.Duration(delay)}})
	}
	for _, delay := range []time.Duration{0, time.Minute} {
		t.Run(fmt.Sprint("delay ", delay), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, chainOf(delay))
			for range 6 {
				w.clock.Advance(2 * time.Minute)
				w.somebodyElse("a", "SUCCEEDED")
				w.play(1, 1)
			}
			if w.count("b") != 3 {
				t.Errorf("b was started %d times within an hour", w.count("b"))
			}
		})
	}
	t.Run("parked starts do not count", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 1, chainOf(0))
		for range 30 { // every 5 minutes
			w.clock.Advance(5*time.Minute - 2*time.Second)
			w.somebodyElse("a", "SUCCEEDED")
			w.play(1, 1)
		}
		if w.count("b") < 6 {
			t.Errorf("b was started %d times in 2½ hours", w.count("b"))
		}
	})
	t.Run("reloads by hand do not count", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, 1, chainOf(0))
		for range 3 {
			w.clock.Advance(time.Minute)
			w.somebodyElse("b", "SUCCEEDED")
		}
		w.somebodyElse("a", "SUCCEEDED")
		w.play(1, 1)
		if w.count("b") != 4 {
			t.Errorf("b is %q: %s", w.stands(4, "b"), w.reason(4, "b"))
		}
	})
}

// TestResumeReleasesWhatWasParked: the timer that a resume leaves behind releases what the resume should have released, not a start that
// became due too often after it.
func TestResumeReleasesWhatWasParked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success"), MaxStartsPerHour: 1}}))
	again := func() {
		w.clock.Advance(time.Second)
		w.somebodyElse("a", "SUCCEEDED")
		for len(w.active()) > 0 {
			w.ends("b", "SUCCEEDED")
		}
	}
	again()
	again()
	if w.count("b") != 1 || w.parked() != 1 {
		t.Fatalf("before the resume: %v, %d parked", w.made(), w.parked())
	}
	w.resume(t)
	w.ends("b", "SUCCEEDED")
	again()
	again()
	made, parked := w.count("b"), w.parked()
	if parked == 0 {
		t.Fatalf("after the resume nothing is parked: %v", w.made())
	}
	w.play(1, 1) // its timer comes
	if w.count("b") != made || w.parked() != parked {
		t.Errorf("after a minute there were %d starts of b instead of %d, and %d are parked", w.count("b"), made, w.parked())
	}
}

// TestReloadByHandWhileACancelIsCutOff: a further attempt waits in a run that is being canceled, and the app is reloaded by hand: that
// begins a run.
func TestReloadByHandWhileACancelIsCutOff(t *testing.T) {
	t.Parallel()
	canceled := 0
	for cutAt := 1; cutAt < 40; cutAt++ {
		w := newWorld(t, 1, definition(map[string]chain.Step{
			"a": {Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Hour)}}, "b": {After: after("a", "success")},
		}))
		w.somebodyElse("a", "FAILED")
		w.calls.Store(0)
		w.cutAt = cutAt
		w.request(true, func(e *engine.Engine, id string, order chain.Operation) error {
			_, err := e.Cancel(t.Context(), id, id, w.firstRunID(), order)
			return err
		})
		w.run(1)
		w.cutAt = -1
		w.clock.Advance(time.Second)
		w.somebodyElse("a", "SUCCEEDED")
		w.play(1, 1)
		if w.record(1).Status == "canceled" {
			canceled++
		}
		if w.count("b") != 1 {
			t.Errorf("cut off at %d: b was started %d times; the first run is %s", cutAt, w.count("b"), w.record(1).Status)
		}
	}
	if canceled == 0 {
		t.Error("no run was canceled")
	}
}

// firstRunID is the id of the only run.
func (w *world) firstRunID() string {
	for key := range w.store.Items() {
		if key.PK == chain.RunsPK {
			return key.SK
		}
	}
	return ""
}

// TestParkedStartsAreCounted: the start of a canceled run, and one that a reload by hand has carried out, are no longer parked.
func TestParkedStartsAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success"), Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Minute)}},
	}))
	w.somebodyElse("a", "SUCCEEDED")
	w.pause(t)
	w.ends("b", "FAILED")
	w.clock.Advance(time.Minute)
	w.somebodyElse("a", "SUCCEEDED")
	w.nextTimer()
	seen, err := w.engine(w.execution()).Operations(t.Context(), 10)
	if err != nil || w.parked() != 2 || seen.Parked != 2 || len(seen.ParkedOf) != 1 || seen.ParkedOf[0].Starts != 2 ||
		seen.ParkedOf[0].Step != "b" || seen.ParkedOf[0].Run != w.record(2).ID || seen.ParkedOf[0].Since.IsZero() {
		t.Fatalf("%d starts are parked: %+v, %v", w.parked(), seen, err)
	}
	w.somebodyElse("b", "SUCCEEDED")
	w.cancel(t, w.record(2).ID)
	if seen, err := w.engine(w.execution()).Operations(t.Context(), 10); err != nil || seen.Parked != 0 || w.stands(1, "b") != "succeeded" {
		t.Errorf("%+v, %v; b is %q", seen, err, w.stands(1, "b"))
	}
	if r := w.resume(t); len(r.Started) > 0 || w.count("b") != 2 {
		t.Errorf("the resume came to %+v", r)
	}
}

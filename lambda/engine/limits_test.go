// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// hourly is a → b, begun by the chain's schedule each hour in a cycle of its own.
func hourly(overlap chain.Overlap) *chain.Definition {
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}})
	d.Cycle, d.Overlap, d.Schedule = &chain.Cycle{Begins: "00:00", Every: chain.Duration(time.Hour)}, overlap,
		&chain.Schedule{Cron: "5 * * * ? *"}
	return d
}

// comes has the chain's schedule come, and its event handled.
func (w *world) comes() {
	w.schedule("", 1)
	w.run(1)
}

// TestQueueAcrossCycles: the runs of a schedule follow each other, also where each is of a cycle of its own, and one takes longer than
// several cycles.
func TestQueueAcrossCycles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, hourly(chain.OverlapQueue))
	w.clock.Advance(5 * time.Minute)
	for range 4 {
		w.comes()
		w.clock.Advance(time.Hour)
	}
	if got := w.made(); !slices.Equal(got, []string{"a #1"}) {
		t.Fatalf("while the first run is under way the reloads are %v", got)
	}
	for n := 1; n <= 4; n++ {
		w.ends("a", "SUCCEEDED")
		if len(w.active()) != 1 {
			t.Fatalf("in run %d, after a: %v, of which %d are under way", n, w.made(), len(w.active()))
		}
		w.ends("b", "SUCCEEDED")
		if n < 4 && len(w.active()) != 1 {
			t.Fatalf("after run %d: %v, of which %d are under way", n, w.made(), len(w.active()))
		}
	}
	w.play(1, 1)
	for n := 1; n <= 4; n++ {
		if w.record(n).Status != "succeeded" {
			t.Errorf("run %d is %s", n, w.record(n).Status)
		}
	}
}

// TestQueueWithinAndAcrossCycles: of one cycle a run is queued behind another one, and the next cycle's run behind both.
func TestQueueWithinAndAcrossCycles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, hourly(chain.OverlapQueue))
	w.comes()
	w.clock.Advance(30 * time.Minute)
	w.comes()
	w.clock.Advance(time.Hour)
	w.comes()
	for n := 1; n <= 3; n++ {
		w.ends("a", "SUCCEEDED")
		w.ends("b", "SUCCEEDED")
		if n < 3 && len(w.active()) != 1 {
			t.Fatalf("after run %d: %v, of which %d are under way", n, w.made(), len(w.active()))
		}
	}
}

// TestQueueWhenThePreviousOneIsCanceled: the next cycle's run goes.
func TestQueueWhenThePreviousOneIsCanceled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, hourly(chain.OverlapQueue))
	w.comes()
	w.clock.Advance(time.Hour)
	w.comes()
	w.cancel(t, w.record(1).ID)
	w.clock.Advance(time.Minute)
	w.play(1, 1)
	if w.record(2).Status != "succeeded" {
		t.Errorf("the second run is %s; %v", w.record(2).Status, w.made())
	}
}

// TestQueueWhenThePreviousOneOnlyWaits: a run with nothing left to do but to wait holds nothing back, in the next cycle neither.
func TestQueueWhenThePreviousOneOnlyWaits(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{
		"a": {}, "other": {Schedule: &chain.Schedule{Cron: "0 12 * * ? *"}}, "b": {After: after("a", "success", "other", "success")},
	})
	d.Cycle, d.Overlap, d.Schedule = &chain.Cycle{Begins: "00:00", Every: chain.Duration(time.Hour)}, chain.OverlapQueue,
		&chain.Schedule{Cron: "5 * * * ? *"}
	w := newWorld(t, 1, d)
	w.clock.Advance(55 * time.Minute)
	w.comes()
	w.clock.Advance(10 * time.Minute)
	w.comes()
	if got := w.made(); !slices.Equal(got, []string{"a #1"}) {
		t.Fatalf("the reloads are %v", got)
	}
	w.ends("a", "SUCCEEDED")
	if got := w.made(); !slices.Equal(got, []string{"a #1", "a #2"}) {
		t.Errorf("when the first run only waits the reloads are %v; it is %s", got, w.record(1).Status)
	}
}

// TestQueueUnderCrashes: whichever call is the last one of the execution that ends the first run, the next one begins.
func TestQueueUnderCrashes(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	cut := 0
	for cutAt := 1; cutAt < 80; cutAt++ {
		w := newWorld(t, 1, hourly(chain.OverlapQueue))
		w.comes()
		w.clock.Advance(time.Hour)
		w.comes()
		w.ends("a", "SUCCEEDED")
		w.calls.Store(0)
		w.cutAt = cutAt
		w.end(w.active()[0], 1)
		w.run(1)
		cut += w.cut
		w.cutAt = -1
		w.play(1, 1)
		if w.count("b") != 2 {
			t.Errorf("cut off at %d: the reloads are %v", cutAt, w.made())
		}
	}
	if cut < 20 {
		t.Errorf("only %d executions were cut off", cut)
	}
}

// TestMaxDurationOfARun: a run is canceled when it takes longer than it may, counted from when it was no longer queued.
func TestMaxDurationOfARun(t *testing.T) {
	t.Parallel()
	limited := func() *chain.Definition {
		d := hourly(chain.OverlapQueue)
		d.Cycle = nil
		d.MaxDuration = &chain.MaxDuration{After: chain.Duration(time.Hour), OnExceeded: chain.OnExceededCancel}
		return d
	}
	t.Run("that was queued", func(t *testing.T) {
		t.Parallel()
		d := limited()
		d.MaxDuration.OnExceeded = chain.OnExceededAlarm
		w := newWorld(t, 1, d)
		w.notices = &sentNotices{}
		w.comes()
		w.clock.Advance(10 * time.Minute)
		w.comes()
		for len(w.timers) > 0 {
			w.nextTimer()
		}
		w.clock.Advance(time.Hour)
		w.ends("a", "SUCCEEDED")
		w.ends("b", "SUCCEEDED")
		before := len(w.notices.kinds())
		if len(w.active()) != 1 || w.nextDue() > time.Hour+time.Minute {
			t.Fatalf("the second run has %d reloads; timers: %v", len(w.active()), w.timers)
		}
		for len(w.timers) > 0 {
			w.nextTimer()
		}
		if got := w.notices.kinds(); len(got) != before+1 {
			t.Errorf("the notices were %v, of the second run nothing", got)
		}
	})
	t.Run("under crashes", func(t *testing.T) {
		t.Parallel()
		cut := 0
		for cutAt := 1; cutAt < 60; cutAt++ {
			d := limited()
			w := newWorld(t, 1, d)
			w.notices = &sentNotices{}
			w.comes()
			w.calls.Store(0)
			w.tick()
			w.cutAt = cutAt
			w.run(1)
			w.cutAt = -1
			cut += w.cut
			w.play(1, 1)
			if w.record(1).Status != "canceled" || !slices.Contains(w.notices.kinds(), string(engine.NoticeOverran)) {
				t.Errorf("cut off at %d: the run is %s, and the notices were %v", cutAt, w.record(1).Status, w.notices.kinds())
			}
		}
		if cut < 10 {
			t.Errorf("only %d executions were cut off", cut)
		}
	})
	t.Run("when it was raised", func(t *testing.T) {
		t.Parallel()
		d := limited()
		w := newWorld(t, 1, d)
		w.comes()
		raised := *d
		raised.MaxDuration = &chain.MaxDuration{After: chain.Duration(2 * time.Hour), OnExceeded: chain.OnExceededCancel}
		w.index = chain.NewIndex(&raised)
		w.nextTimer()
		w.nextTimer()
		if w.record(1).Status != "canceled" {
			t.Errorf("the run is %s after %s", w.record(1).Status, w.clock.Now().Sub(w.record(1).At))
		}
	})
}

// TestOverlapAndExpectBy: runs that were left out because the night's run is under way, or has failed, are not its work.
func TestOverlapAndExpectBy(t *testing.T) {
	t.Parallel()
	d := hourly(chain.OverlapSkip)
	d.Cycle, d.Timezone, d.ExpectBy = nil, "UTC", &chain.ExpectBy{Time: "06:00"}
	w := newWorld(t, 1, d)
	w.clock.Advance(5 * time.Minute)
	w.comes()
	w.clock.Advance(time.Hour)
	w.comes()
	if result := w.check(t, "06:00 UTC", w.at(6, 0)); result.Outcome != engine.OutcomeLate || len(result.Late) != 2 {
		t.Errorf("while the first run is under way: %s %v", result.Outcome, lateSteps(result))
	}
}

// TestExpectByAtTheTimeOfASchedule: the cycle of the schedule before it counts, not the one that begins in this moment.
func TestExpectByAtTheTimeOfASchedule(t *testing.T) {
	t.Parallel()
	d := hourly(chain.OverlapAllow)
	d.Timezone, d.ExpectBy, d.Schedule = "UTC", &chain.ExpectBy{Time: "06:00"}, &chain.Schedule{Cron: "0 * * * ? *"}
	w := newWorld(t, 1, d)
	w.clock.Advance(3 * time.Hour)
	w.comes()
	w.play(1, 1)
	if result := w.check(t, "06:00 UTC", w.at(6, 0)); result.Outcome != engine.OutcomeInTime {
		t.Errorf("at 06:00, when the run of 05:00 has succeeded: %v", lateSteps(result))
	}
}

// TestExpectByOfAStepOnAHoliday: a step that its schedule does not begin on a date is not expected on it.
func TestExpectByOfAStepOnAHoliday(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success"), ExpectBy: &chain.ExpectBy{Time: "06:00"}}})
	d.Timezone, d.Schedule = "UTC", &chain.Schedule{Cron: "0 3 * * ? *", Except: []string{"2026-11-24"}}
	w := newWorld(t, 1, d)
	if result := w.check(t, "06:00 UTC", w.at(6, 0)); result.Outcome != engine.OutcomeInTime {
		t.Errorf("on the holiday: %v", lateSteps(result))
	}
	if result := w.check(t, "06:00 UTC", w.at(6, 0).AddDate(0, 0, 1)); result.Outcome != engine.OutcomeLate {
		t.Errorf("the day after: %v", result.Outcome)
	}
}

// TestSkipAcrossCycles: a schedule that comes while its previous run is under way is left out, and the record says so; one after its end is
// not.
func TestSkipAcrossCycles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, hourly(chain.OverlapSkip))
	w.comes()
	w.clock.Advance(time.Hour)
	w.comes()
	if r := w.record(2); r.Status != "skipped" || w.stands(2, "a") != "skipped overlap" {
		t.Errorf("the second run is %s, a in it %q", r.Status, w.stands(2, "a"))
	}
	w.ends("a", "SUCCEEDED")
	w.ends("b", "SUCCEEDED")
	w.clock.Advance(time.Hour)
	w.comes()
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"a #1", "a #2", "b #1", "b #2"}) || w.record(2).Status != "skipped" ||
		w.record(3).Status != "succeeded" {
		t.Errorf("the reloads are %v", got)
	}
}

// TestCancelOfAHeldRun: it starts nothing, and the one behind it goes when the first one has ended.
func TestCancelOfAHeldRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, hourly(chain.OverlapQueue))
	for range 3 {
		w.comes()
		w.clock.Advance(time.Hour)
	}
	w.cancel(t, w.record(2).ID)
	if len(w.made()) != 1 || w.record(2).Status != "canceled" {
		t.Fatalf("the canceled run is %s; %v", w.record(2).Status, w.made())
	}
	w.ends("a", "SUCCEEDED")
	w.ends("b", "SUCCEEDED")
	w.play(1, 1)
	if w.record(3).Status != "succeeded" || w.count("a") != 2 {
		t.Errorf("the third run is %s; %v", w.record(3).Status, w.made())
	}
}

// TestQueueIsTakenBack: queued runs go when the definition no longer queues them.
func TestQueueIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, hourly(chain.OverlapQueue))
	w.comes()
	w.clock.Advance(time.Hour)
	w.comes()
	allowed := *w.index.Definition()
	allowed.Overlap = chain.OverlapAllow
	w.index = chain.NewIndex(&allowed)
	w.clock.Advance(15 * time.Minute)
	w.sweep(t, reloads)
	if w.count("a") != 2 {
		t.Errorf("the second run is %s", w.record(2).Status)
	}
}

// TestResumeOfAParkedStartIsInTheRecord: who let it go is there.
func TestResumeOfAParkedStartIsInTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success"), MaxStartsPerHour: 1}}))
	for range 2 {
		w.somebodyElse("a", "SUCCEEDED")
		w.clock.Advance(time.Minute)
	}
	if r := w.resume(t); len(r.Started) != 1 {
		t.Errorf("the resume came to %+v", r)
	}
	seen, err := w.engine(w.execution()).Operations(t.Context(), 10)
	if err != nil || len(seen.Operations) != 1 || seen.Operations[0].Kind != chain.OperationResume {
		t.Errorf("the operations are %+v, %v", seen, err)
	}
}

// TestResumeOfAParkedStartIsCutOff: the request is not repeated. A minute later what it has left goes on.
func TestResumeOfAParkedStartIsCutOff(t *testing.T) {
	t.Parallel()
	cut, resumed := 0, 0
	for cutAt := 1; cutAt < 60; cutAt++ {
		w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success"), MaxStartsPerHour: 1}}))
		for range 2 {
			w.somebodyElse("a", "SUCCEEDED")
			w.clock.Advance(time.Minute)
		}
		w.calls.Store(0)
		w.cutAt = cutAt
		w.request(true, func(e *engine.Engine, id string, order chain.Operation) error {
			_, err := e.Resume(t.Context(), id, id, order)
			return err
		})
		w.run(1)
		w.cutAt = -1
		cut += w.cut
		seen, err := w.engine(w.execution()).Operations(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		for len(w.timers) > 0 && w.nextDue() < 10*time.Minute {
			w.nextTimer()
		}
		if len(seen.Operations) > 0 {
			resumed++
		}
		if len(seen.Operations) > 0 && w.count("b") != 2 { // else it may have been cut off between the timer and the record
			t.Errorf("cut off at %d: b was started %d times, with the operations %+v", cutAt, w.count("b"), seen.Operations)
		}
	}
	if cut < 10 || resumed < 10 {
		t.Errorf("%d were cut off, %d resumed", cut, resumed)
	}
}

// TestCanceledRunCarriesNothingOver: the result of a canceled run counts for nothing, in later cycles neither.
func TestCanceledRunCarriesNothingOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, monthly())
	w.ask(t, "budget", "1")
	w.refuseCancel = func(string) error { return answer(409, "") } // it ends in this moment
	w.cancel(t, w.record(1).ID)
	w.ends("budget", "SUCCEEDED")
	w.clock.Advance(24 * time.Hour)
	w.somebodyElse("sales", "SUCCEEDED")
	if w.count("report") != 0 {
		t.Errorf("report was started with what a canceled run has brought")
	}
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// The tests of this file play ordinary weeks in which several things meet: an apply, a pause, a cancellation, a limit.

// TestDisabledWhileParkedKeepsNothingBack: b is parked in the run of a reload by hand, and disabled. The resume gives its start up. Later b
// is enabled again, and comes due in the night's run, which began before: a second resume starts it there.
func TestDisabledWhileParkedKeepsNothingBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"x": {}, "a": {After: after("x", "success")}, "b": {After: after("a", "success")}}))
	w.comes()
	w.clock.Advance(time.Minute)
	w.pause(t)
	w.somebodyElse("a", "SUCCEEDED")
	w.apply(disable("b"))
	w.clock.Advance(time.Minute)
	w.resume(t)
	if w.stands(2, "b") != "skipped disabled" || w.parked() != 0 {
		t.Fatalf("b is %s, and %d starts are parked", w.stands(2, "b"), w.parked())
	}
	w.apply(set("b", func(s *chain.Step) { s.Enabled = true }))
	w.ends("x", "SUCCEEDED")
	w.pause(t)
	w.ends("a", "SUCCEEDED")
	w.clock.Advance(time.Minute)
	w.resume(t)
	if w.count("b") != 1 {
		t.Errorf("in the night's run b is %s: %s", w.stands(1, "b"), w.reason(1, "b"))
	}
}

// TestGivenUpInACanceledRun: b waits for its delay, or is being requested, when it is disabled or skipped. The execution that gives its
// start up is cut off at each call, and the run is canceled. Nothing stays open.
func TestGivenUpInACanceledRun(t *testing.T) {
	t.Parallel()
	canceled := 0
	for _, delay := range []time.Duration{0, time.Hour} {
		for _, how := range []string{"disabled", "skipped"} {
			for cutAt := 1; cutAt < 30; cutAt++ {
				w := newWorld(t, 1, definition(map[string]chain.Step{
					"a": {}, "b": {After: after("a", "success"), Delay: chain.Duration(delay)}, "c": {After: after("b", "success")},
				}))
				keep := func() {
					if how == "skipped" {
						w.skipStep(t, "b")
					} else {
						w.apply(disable("b"))
					}
				}
				w.begin("a")
				w.end(w.active()[0], 1)
				if delay > 0 {
					w.run(1)
					keep()
					w.tick()
				}
				w.calls.Store(0)
				w.cutAt = cutAt
				w.run(1)
				w.cutAt = -1
				if delay == 0 {
					keep()
				}
				if runs := w.runs(); runs[0] != "none" && w.record(1).EndedAt.IsZero() {
					canceled++
					w.cancel(t, runs[0])
				}
				w.clock.Advance(time.Minute)
				w.play(1, 1)
				if unfinished := w.unfinished(); len(unfinished) > 0 {
					t.Errorf("delay %v, %s, cut off at %d: this has come to no end: %v", delay, how, cutAt, unfinished)
				}
			}
		}
	}
	if canceled < 20 {
		t.Errorf("%d runs were canceled", canceled)
	}
}

// TestSignalForAParkedStep: the step came due during a pause, or too often, and is reported: that settles it. The signal begins no run of
// its own, after which the first one would wait for another signal.
func TestSignalForAParkedStep(t *testing.T) {
	t.Parallel()
	for _, paused := range []bool{true, false} {
		t.Run(fmt.Sprint("paused: ", paused), func(t *testing.T) {
			t.Parallel()
			d := extracts()
			w := newWorld(t, 1, d)
			if !paused { // an earlier run has started it
				w.apply(set("dbt", func(s *chain.Step) { s.MaxStartsPerHour = 1 }))
				w.somebodyElse("extract", "SUCCEEDED")
				w.signal("dbt", "0", chain.OutcomeFailure)
				w.ends("alert", "SUCCEEDED")
			}
			w.comes()
			run := len(w.runs())
			if paused {
				w.pause(t)
			}
			w.ends("extract", "SUCCEEDED")
			if w.parked() != 1 {
				t.Fatalf("%d starts are parked", w.parked())
			}
			w.signal("dbt", "1", chain.OutcomeSuccess)
			if len(w.runs()) != run || w.stands(run, "dbt") != "succeeded" {
				t.Fatalf("there are %d runs; dbt is %s: %s", len(w.runs()), w.stands(run, "dbt"), w.reason(run, "dbt"))
			}
			if paused {
				w.clock.Advance(time.Minute)
				w.resume(t)
			}
			w.play(1, 1)
			if w.count("dashboards") != 1 || w.record(run).Status != "succeeded" || len(w.unfinished()) > 0 || w.parked() > 0 {
				t.Errorf("%v; the run is %s; open: %v", w.made(), w.record(run).Status, w.unfinished())
			}
		})
	}
}

// TestMaxRunningOfASignal: a signal starts nothing, so the chain's reloads do not wait for it.
func TestMaxRunningOfASignal(t *testing.T) {
	t.Parallel()
	d := extracts()
	d.MaxRunning = 1
	w := newWorld(t, 1, d)
	w.comes()
	w.ends("extract", "SUCCEEDED")
	w.clock.Advance(time.Hour)
	w.comes()
	if w.stands(1, "dbt") != "under_way" || len(w.active()) != 1 {
		t.Errorf("dbt is %s; extract of the second run: %s", w.stands(1, "dbt"), w.reason(2, "extract"))
	}
	w.signal("dbt", "1", chain.OutcomeSuccess)
	if w.stands(1, "dbt") != "succeeded" || len(w.active()) != 1 {
		t.Errorf("dbt is %s; %v", w.stands(1, "dbt"), w.made())
	}
}

// TestMaxStartsPerHourWithAttempts: a start counts like all others if its first attempt failed, while the next one waits and later.
func TestMaxStartsPerHourWithAttempts(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{0, time.Minute} {
		for _, retry := range []time.Duration{time.Minute, time.Hour} {
			t.Run(fmt.Sprintf("delay %v, retry after %v", delay, retry), func(t *testing.T) {
				t.Parallel()
				for range 10 { // not by chance
					w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {
						After: after("a", "success"), MaxStartsPerHour: 3, Delay: chain.Duration(delay),
						Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(retry)},
					}}))
					for range 6 {
						w.clock.Advance(2 * time.Minute)
						w.somebodyElse("a", "SUCCEEDED")
						for len(w.active()) > 0 || w.nextDue() < 5*time.Minute {
							if len(w.active()) == 0 {
								w.nextTimer()
							} else {
								w.ends("b", "FAILED")
							}
						}
					}
					starts := w.count("b")
					if retry == time.Minute {
						starts /= 2
					}
					if starts != 3 {
						t.Fatalf("b was started %d times within an hour", starts)
					}
				}
			})
		}
	}
}

// TestParkedStartWhoseTimerComesTwice: EventBridge Scheduler may deliver the timer of a delay twice. A start that is parked since the first
// time stays so.
func TestParkedStartWhoseTimerComesTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success"), MaxStartsPerHour: 1, Delay: chain.Duration(time.Minute)},
	}))
	for range 2 {
		w.clock.Advance(2 * time.Minute)
		w.somebodyElse("a", "SUCCEEDED")
		w.tick()
		w.queue = append(w.queue, w.queue[0])
		w.run(1)
		w.run(1)
	}
	if w.count("b") != 1 || w.parked() != 1 {
		t.Errorf("%v; %d starts are parked", w.made(), w.parked())
	}
}

// TestLongerCyclesBeginAtOnce: at 10:00 the cycles of 12 hours become cycles of a day. The one of 18:00 to 06:00 has ended, and is the same
// as that of the day. What waits in the day's runs does so until 18:00.
func TestLongerCyclesBeginAtOnce(t *testing.T) {
	t.Parallel()
	for _, comes := range []bool{true, false} {
		t.Run(fmt.Sprint("sales comes: ", comes), func(t *testing.T) { t.Parallel(); longerCycles(t, comes) })
	}
}

func longerCycles(t *testing.T, comes bool) {
	t.Helper()
	d := twoExtracts()
	d.Cycle = &chain.Cycle{Begins: "18:00", Every: chain.Duration(12 * time.Hour)}
	w := newWorld(t, 1, d)
	w.somebodyElse("sales", "SUCCEEDED")
	for w.stands(1, "transform") != "skipped expired" {
		w.nextTimer()
	}
	w.clock.Advance(3 * time.Hour)
	longer := *w.index.Definition()
	longer.Cycle = &chain.Cycle{Begins: "18:00", Every: chain.Duration(24 * time.Hour)}
	w.index = chain.NewIndex(&longer)
	w.somebodyElse("hr", "SUCCEEDED")
	if w.stands(2, "transform") != "waiting for sales" {
		t.Fatalf("transform is %s: %s", w.stands(2, "transform"), w.reason(2, "transform"))
	}
	if !comes {
		w.play(1, 1)
		if w.stands(2, "transform") != "skipped expired" || !w.clock.Now().Equal(time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)) {
			t.Errorf("at %s transform is %s", w.clock.Now(), w.stands(2, "transform"))
		}
		return
	}
	w.clock.Advance(time.Hour)
	w.somebodyElse("sales", "SUCCEEDED")
	w.play(1, 1)
	if w.stands(2, "transform") != "continued in 3" || w.count("transform") != 1 {
		t.Errorf("transform is %s; %v", w.stands(2, "transform"), w.made())
	}
}

// TestAnExtractThatIsDisabled: the chain's schedule begins nothing at hr, which is disabled. The join that asks for what started goes on
// without it.
func TestAnExtractThatIsDisabled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"sales": {}, "hr": {}, "report": {After: after("sales", "success", "hr", "success"), WaitFor: "all_started"},
	}))
	w.apply(disable("hr"))
	w.comes()
	w.ends("sales", "SUCCEEDED")
	w.play(1, 1)
	if w.record(1).Status != "succeeded" || w.stands(1, "report") != "succeeded" {
		t.Errorf("the run is %s, report is %s: %s", w.record(1).Status, w.stands(1, "report"), w.reason(1, "report"))
	}
}

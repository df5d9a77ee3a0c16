// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"errors"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// The tests of this file change the definition while runs are open. A removed step counts as a disabled one.

// off are rules under which a step can be switched off.
func off() rules { return rules{disabled: map[string]bool{}, refuses: map[string]bool{}} }

func TestDisabledWhilePending(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: b; d: all_settled b", off())
	n.begin("02:00", "N", "a")
	n.rules.disabled["b"] = true
	n.take("02:05", run.Looked{})
	n.stands("N", "b", "pending")
	n.ends("02:10", "N", "a", success)
	n.stands("N", "b", "skipped disabled")
	n.reason("N", "b", "is disabled")
	n.stands("N", "c", "skipped not_needed")
	n.started("02:00 a in N", "02:10 d in N")
}

func TestDisabledWhileWaiting(t *testing.T) {
	t.Parallel()
	n := newNight(t, "c: a, b", off())
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.rules.disabled["c"] = true
	n.take("02:15", run.Looked{})
	n.stands("N", "c", "waiting for b") // It may be enabled again.
	n.take("17:59", run.CycleEnded{})
	n.stands("N", "c", "skipped disabled")
	n.ended("N", run.StatusSucceeded)
	n.rules.disabled["c"] = false
	n.take("17:59", run.Looked{})
	n.stands("N", "c", "skipped disabled")

	n = newNight(t, "c: a, b", off())
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.rules.disabled["c"] = true
	n.byHand("03:00", "H", "b", success)
	n.stands("N", "c", "skipped disabled")
	n.stands("H", "c", "skipped disabled")
	n.started("02:00 a in N")
}

func TestDisabledWhileParked(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: b", off())
	n.take("01:00", run.Paused{})
	n.begin("02:00", "N", "a")
	n.begin("02:30", "M", "a")
	n.rules.disabled["a"] = true
	n.take("03:00", run.Resumed{})
	n.started()
	n.stands("M", "a", "skipped disabled")
	n.reason("M", "a", "is disabled")
	n.stands("N", "a", "continued in M")
	n.stands("M", "c", "skipped not_needed")
	n.ended("M", run.StatusSucceeded)
}

func TestDisabledWhileDelayed(t *testing.T) {
	t.Parallel()
	r := off()
	r.delay = map[string]time.Duration{"a": time.Hour}
	n := newNight(t, "b: a", r)
	n.begin("02:00", "N", "a")
	n.rules.disabled["a"] = true
	n.take("02:30", run.Looked{})
	n.stands("N", "a", "under_way") // It may be enabled again.
	n.take("03:00", run.Woke{Run: "N", Step: "a", Attempt: 1})
	n.stands("N", "a", "skipped disabled")
	n.started()
	n.rules.disabled["a"] = false
	n.take("03:00", run.Woke{Run: "N", Step: "a", Attempt: 1})
	n.started()

	n.begin("04:00", "M", "a")
	n.take("04:30", run.Paused{})
	n.rules.disabled["a"] = true
	n.take("05:00", run.Woke{Run: "M", Step: "a", Attempt: 1})
	n.stands("M", "a", "skipped disabled") // It is not parked first.
}

func TestDisabledWhileUnderWay(t *testing.T) {
	t.Parallel()
	r := off()
	r.attempts = map[string]int{"a": 2}
	n := newNight(t, "b: a; c: a=failure", r)
	n.begin("02:00", "N", "a")
	n.rules.disabled["a"] = true
	n.ends("02:10", "N", "a", failure) // its last attempt
	n.stands("N", "a", "failed")
	n.stands("N", "b", "skipped blocked")
	n.begin("03:00", "M", "a")
	n.stands("M", "a", "skipped disabled")
	n.started("02:00 a in N", "02:10 c in N")
}

func TestDisabledBeforeAFurtherAttempt(t *testing.T) {
	t.Parallel()
	for name, pause := range map[string]bool{"delayed": false, "parked": true} {
		r := off()
		r.attempts, r.retry = map[string]int{"a": 2}, map[string]time.Duration{"a": 5 * time.Minute}
		n := newNight(t, "b: a; c: a=failure", r)
		n.begin("02:00", "N", "a")
		n.ends("02:10", "N", "a", failure)
		wake := run.Woke{Run: "N", Step: "a", Attempt: 2}
		if pause {
			n.take("02:11", run.Paused{})
			n.take("02:15", wake)
		}
		n.rules.disabled["a"] = true
		if pause {
			n.take("02:15", run.Resumed{})
		} else {
			n.take("02:15", wake)
		}
		n.stands("N", "a", "failed")
		n.stands("N", "b", "skipped blocked")
		n.started("02:00 a in N", "02:15 c in N")
		if have := n.state.Runs["N"].Steps["a"].Result; have.Attempt != 1 || have.Reload != "r001" {
			t.Errorf("%s: the result is that of attempt %d, %s", name, have.Attempt, have.Reload)
		}
	}
}

// The chain's schedule begins no run at a disabled step. Nothing is to come of it, so a join that asks for what started goes on without it.
// One that needs all waits: the step may be reloaded by hand.
func TestDisabledOutsideTheRun(t *testing.T) {
	t.Parallel()
	n := newNight(t, "some: all_started a, b; whatever: all_settled a, b; both: a, b; none: all_started b, x", off())
	n.rules.disabled["b"] = true
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.started("02:00 a in N", "02:10 some in N", "02:10 whatever in N")
	n.stands("N", "both", "waiting for b")
	n.begin("02:20", "M", "x")
	n.byHand("15:00", "H", "b", success) // it counts like any other
	n.stands("H", "both", "under_way")
	n.stands("H", "some", "under_way")
	n.stands("N", "both", "continued in H")

	n = newNight(t, "b: x; j: all_started a, b", off())
	n.begin("02:00", "M", "x")
	n.ends("02:10", "M", "x", failure)
	n.rules.disabled["b"] = true // A run has had it, and that run has ended.
	n.begin("02:20", "N", "a")
	n.ends("02:30", "N", "a", success)
	n.stands("N", "j", "continued in M")
}

// A step that is blocked is not missed when it is disabled: the join after it goes on. A run that has ended stays as it is.
func TestDisabledWhileBlocked(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: x; j: all_started b, c", off())
	n.begin("02:00", "N", "a", "x")
	n.ends("02:10", "N", "a", failure)
	n.stands("N", "j", "skipped blocked")
	n.rules.disabled["b"] = true
	n.take("02:15", run.Looked{Run: "N"})
	n.stands("N", "j", "pending")
	n.ends("02:20", "N", "x", success)
	n.ends("02:30", "N", "c", success)
	n.started("02:00 a in N", "02:00 x in N", "02:20 c in N", "02:30 j in N")

	n = newNight(t, "b: a; c: x; j: all_started b, c", off())
	n.begin("02:00", "N", "a", "x")
	n.ends("02:10", "N", "a", failure)
	n.ends("02:20", "N", "x", success)
	n.ends("02:30", "N", "c", success)
	n.ended("N", run.StatusFailed)
	n.rules.disabled["b"] = true
	n.take("15:00", run.Looked{})
	n.stands("N", "j", "skipped blocked")
	n.started("02:00 a in N", "02:00 x in N", "02:20 c in N")
}

// The same holds for a step after one that has expired.
func TestDisabledAfterAnExpiry(t *testing.T) {
	t.Parallel()
	n := newNight(t, "c: a, b; d: c; e: x", off())
	n.rules.disabled["d"] = true
	n.begin("02:00", "N", "a", "x")
	n.ends("02:10", "N", "a", success)
	n.take("17:59", run.CycleEnded{})
	n.stands("N", "c", "skipped expired")
	n.stands("N", "d", "skipped disabled") // The run is open: x is under way.
	n.rules.disabled["d"] = false
	n.take("18:01", run.Looked{})
	n.stands("N", "d", "skipped expired")
}

// A guard is asked once, when its step is due. A delay counts from then on.
func TestGuardAndDelayChangedMeanwhile(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", off())
	n.take("01:00", run.Paused{})
	n.begin("02:00", "N", "b")
	n.rules.refuses["b"] = true
	n.take("03:00", run.Resumed{})
	n.started("03:00 b in N")
	n.begin("04:00", "M", "a")
	n.ends("04:10", "M", "a", success)
	n.stands("M", "b", "skipped guard")
	n.reason("M", "b", "its guard is false")

	r := off()
	r.delay = map[string]time.Duration{"a": time.Hour}
	n = newNight(t, "b: a", r)
	n.begin("02:00", "N", "a")
	r.delay["a"] = 0
	n.take("02:30", run.Looked{})
	n.started()
	n.take("03:00", run.Woke{Run: "N", Step: "a", Attempt: 1})
	n.started("03:00 a in N")
}

func TestAGuardThatCannotBeAsked(t *testing.T) {
	t.Parallel()
	for _, refuses := range []bool{true, false} { // The error goes before the answer.
		r := off()
		r.broken, r.refuses["b"] = map[string]error{"b": errors.New("line 1, column 2: oh")}, refuses
		n := newNight(t, "b: a; c: b", r)
		n.begin("02:00", "N", "a")
		n.ends("02:10", "N", "a", success)
		n.stands("N", "b", "skipped guard")
		n.reason("N", "b", "is skipped: its guard failed: line 1, column 2: oh")
		n.ended("N", run.StatusSucceeded)
	}
}

// A run keeps the links with which it began. The next one has the new ones.
func TestLinksChangedMeanwhile(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: b", off())
	n.begin("02:00", "N", "a")
	n.shape = shape("c: a; d: c") // b was removed, d added.
	n.rules.disabled["b"] = true
	n.begin("02:05", "M", "a")
	n.ends("02:10", "N", "a", success)
	n.stands("N", "b", "skipped disabled")
	n.stands("N", "c", "skipped not_needed")
	n.ends("02:20", "M", "a", success)
	n.ends("02:30", "M", "c", success)
	n.started("02:00 a in N", "02:05 a in M", "02:20 c in M", "02:30 d in M")
}

func TestAnOperatorSkipsAStep(t *testing.T) {
	t.Parallel()
	skips := map[string]string{"b": "was skipped by ann: the source is down"}
	r := off()
	r.delay = map[string]time.Duration{"b": time.Hour}
	n := newNight(t, "b: a; c: b; d: all_started b, x", r)
	n.begin("02:00", "N", "a", "x")
	n.ends("02:05", "N", "x", success)
	n.ends("02:10", "N", "a", success)
	n.stands("N", "b", "under_way") // It is delayed.
	n.state.Skips = skips
	n.take("03:10", run.Woke{Run: "N", Step: "b", Attempt: 1})
	n.stands("N", "b", "skipped operator")
	n.reason("N", "b", skips["b"])
	n.stands("N", "c", "skipped not_needed")
	n.started("02:00 a in N", "02:00 x in N", "03:10 d in N")

	n = newNight(t, "b: a; c: b", off())
	n.state.Skips = skips
	n.rules.disabled["b"] = true // the operator's reason goes before
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.stands("N", "b", "skipped operator")
	n.reason("N", "b", skips["b"])
	n.stands("N", "c", "skipped not_needed")
	n.ended("N", run.StatusFailed)
	n.state.Skips = nil
	n.stands("N", "b", "skipped operator")

	r.attempts = map[string]int{"a": 2}
	n = newNight(t, "b: a", r)
	n.begin("02:00", "N", "a")
	n.state.Skips = map[string]string{"a": "was skipped by ann"}
	n.ends("02:10", "N", "a", failure) // It was under way, and there is no further attempt.
	n.stands("N", "a", "failed")
}

// mark marks a step of the run N as succeeded.
func (n *night) mark(clock, id, step string) {
	n.t.Helper()
	n.take(clock, run.Marked{
		Run:    run.Run{ID: id, At: at(clock), Origins: []string{step}, Shape: n.shape, RerunOf: "N"},
		Result: run.Result{Step: step, Started: at(clock), Ended: at(clock)},
	})
}

func TestMarkedAsSucceeded(t *testing.T) {
	t.Parallel()
	n := newNight(t, report, rules{})
	n.begin("02:00", "N", "extract")
	n.ends("02:10", "N", "extract", success)
	n.ends("02:20", "N", "sales", success)
	n.ends("02:30", "N", "hr", failure)
	n.ended("N", run.StatusFailed)
	n.mark("06:00", "M", "hr")
	n.started("02:00 extract in N", "02:10 sales in N", "02:10 hr in N", "06:00 report in M")
	if have := n.state.Runs["M"].Steps["hr"].Result; have.Reload != "M" || have.Outcome != success || have.Attempt != 1 {
		t.Errorf("the mark is %+v", have)
	}
	n.ends("06:10", "M", "report", success)
	n.ended("M", run.StatusSucceeded)
	n.mark("06:20", "M", "hr") // The first one stands.
	if have := n.state.Runs["M"].Steps["hr"].Result.Ended; !have.Equal(at("06:00")) {
		t.Errorf("the mark is of %v", have)
	}

	// A mark is not the attempt that a run waits for. As long as that may come, its run goes on.
	n = newNight(t, "b: a", rules{attempts: map[string]int{"a": 2}, retry: map[string]time.Duration{"a": time.Hour}})
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.mark("02:20", "M", "a")
	n.stands("N", "a", "under_way")
	n.stands("N", "b", "pending")
	n.started("02:00 a in N", "02:20 b in M")
}

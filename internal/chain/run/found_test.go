// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
)

// The tests of this file are the smallest cases in which the decision and the reference model once differed.

func TestOriginStartsAtOnce(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: b", rules{})
	n.begin("02:00", "N", "b")
	n.started("02:00 b in N")

	n = newNight(t, "b: a", rules{})
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.take("17:59", run.CycleEnded{})
	n.begin("18:00", "M", "b") // a rerun
	n.started("02:00 a in N", "18:00 b in M")
}

func TestOneRunGoesOnForAll(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: a, b", rules{})
	n.byHand("09:00", "A", "a", success)
	n.byHand("09:10", "B", "b", success)
	n.stands("B", "c", "waiting for a") // A goes on with c once its b has ended
	n.ends("09:20", "A", "b", success)
	n.started("09:00 b in A", "09:20 c in A")
	n.stands("B", "c", "continued in A")

	n = newNight(t, "b: a=failure; c: all_started a, b", rules{})
	n.byHand("09:00", "A", "b", success)
	n.byHand("09:10", "B", "b", failure)
	n.byHand("09:20", "C", "a", success)
	n.started("09:20 c in C")
	n.stands("A", "c", "continued in C") // not in B, which has the latest result of b
}

func TestWhatHasExpiredStaysSo(t *testing.T) {
	t.Parallel()
	n := newNight(t, "c: a, b; d: all_settled b, c", rules{})
	n.byHand("09:00", "A", "a", success)
	n.take("18:00", run.CycleEnded{})
	n.stands("A", "c", "skipped expired")
	n.ended("A", run.StatusSucceeded)
	n.byHand("18:00", "B", "b", success) // It began before the cycle's end, and is reported after it.
	n.stands("A", "c", "skipped expired")
	n.stands("B", "c", "skipped expired") // for all runs of the cycle
}

func TestWhatExpiresBeforeAStepStartsItOnce(t *testing.T) {
	t.Parallel()
	// In B, d comes after c, which waits for a. At the cycle's end c expires there, so that d is due. C waited for that d.
	n := newNight(t, "c: a, b; d: all_settled b, c", rules{})
	n.byHand("09:00", "C", "c", success)
	n.byHand("09:10", "B", "b", success)
	n.stands("C", "d", "waiting for b")
	n.take("18:00", run.CycleEnded{})
	n.started("18:00 d in B")
	n.stands("C", "d", "skipped expired")
}

func TestAnUpstreamMayComeFromAThirdRun(t *testing.T) {
	t.Parallel()
	// At the cycle's end, d of C cannot hope for U, where c expires. But u may still come from X, which waits for y.
	p := newPair(shape("u: x, y; c: a, u; d: all_settled u, c"), []string{"a", "x", "y", "u", "c", "d"})
	hand := func(id, step string) move {
		return move{kind: "hand", run: id, steps: []string{step}, outcome: success, began: time.Second}
	}
	for _, m := range []move{
		{kind: "only", run: "Y", steps: []string{"y"}}, hand("X", "x"), hand("C", "c"), hand("U", "u"), {kind: "over"},
	} {
		if err := p.take(m); err != nil {
			t.Fatalf("%v: %v", m, err)
		}
	}
	if is := p.stands["C"]["d"]; is.Is == reference.Skipped {
		t.Errorf("d of C is %v", is)
	}
}

func TestASkipInTheRunCounts(t *testing.T) {
	t.Parallel()
	// In R, b is not needed. That it failed in an earlier run does not keep d from passing it over.
	n := newNight(t, "b: a=failure; d: all_started a, b, c", rules{})
	n.byHand("09:00", "C", "c", success)
	n.begin("09:10", "B", "b")
	n.ends("09:20", "B", "b", failure)
	n.byHand("09:30", "R", "a", success)
	n.started("09:10 b in B", "09:30 d in R")
}

func TestResumeOfThree(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", rules{})
	n.take("01:00", run.Paused{})
	n.begin("02:00", "N", "a")
	n.begin("03:00", "M", "a")
	n.begin("04:00", "O", "a")
	n.take("05:00", run.Resumed{})
	n.started("05:00 a in O")
	n.stands("N", "a", "continued in O")
	n.stands("M", "a", "continued in O")
}

// A start that a pause gave up is no reason to start the step once more with the same results.
func TestAStartThatWasGivenUp(t *testing.T) {
	t.Parallel()
	n := newNight(t, "c: a, b", off())
	n.begin("02:00", "B", "b")
	n.ends("02:05", "B", "b", success)
	n.begin("02:06", "O", "a") // Its reload starts before that of A, and ends after it.
	n.take("02:10", run.Paused{})
	n.byHand("02:20", "A", "a", success)
	n.stands("A", "c", "under_way") // It is parked.
	n.stands("B", "c", "continued in A")
	n.begin("02:30", "M", "c")
	n.take("02:40", run.Resumed{})
	n.stands("A", "c", "continued in M")
	n.take("02:50", run.Ended{Result: run.Result{
		Step: "a", Run: "O", Reload: "late", Outcome: success, Attempt: 1, Started: at("02:06"), Ended: at("02:50"),
	}})
	n.stands("O", "c", "continued in A")
	n.started("02:00 b in B", "02:06 a in O", "02:40 c in M")
}

// What is under way is on its way, whatever still waits before it: an any needs no more than the first.
func TestUnderWayIsOnItsWay(t *testing.T) {
	t.Parallel()
	p := newPair(shape("b: a; d: all_settled a, x; e: any a=failure, d; f: b, e"), []string{"a", "x", "b", "d", "e", "f"})
	for _, m := range []move{
		{kind: "hand", run: "A", steps: []string{"a"}, outcome: success, began: time.Second},
		{kind: "begin", run: "B", steps: []string{"b"}},
		{kind: "begin", run: "D", steps: []string{"d"}},
		{kind: "end", run: "B", steps: []string{"b"}, outcome: success},
		{kind: "begin", run: "M", steps: []string{"a", "e"}},
		{kind: "end", run: "D", steps: []string{"d"}, outcome: success},
		{kind: "end", run: "D", steps: []string{"e"}, outcome: success},
		{kind: "end", run: "M", steps: []string{"a"}, outcome: failure},
	} {
		if err := p.take(m); err != nil {
			t.Fatalf("after %v: %v", m, err)
		}
	}
	if have := modelSays(p.stands["B"]["f"]); have != "waiting for e" {
		t.Errorf("f of B is %q", have)
	}
}

// A result of an earlier cycle counts while the cycle has none, if it is as named, and for the step that carries it over alone.
func TestCarriedOver(t *testing.T) {
	t.Parallel()
	old := run.Result{Step: "budget", Run: "before", Reload: "before", Outcome: success}
	n := newNight(t, "b: a, budget; c: a, budget; d: a, budget=failure", off())
	n.state.Carried = map[run.CarryKey]run.Result{{Step: "b", Upstream: "budget"}: old, {Step: "d", Upstream: "budget"}: old}
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.started("02:00 a in N", "02:10 b in N")
	n.stands("N", "c", "waiting for budget")
	n.stands("N", "d", "waiting for budget")
	if have := n.state.Runs["N"].Steps["b"].Uses; len(have) != 2 || have[1] != (run.Use{Step: "budget", Run: "before", Reload: "before"}) {
		t.Errorf("b uses %v", have)
	}
	n.byHand("03:00", "H", "budget", failure)
	n.started("03:00 d in H")
	n.begin("04:00", "M", "a")
	n.ends("04:10", "M", "a", success)
	n.started("04:00 a in M", "04:10 d in M")
	n.stands("M", "b", "continued in H") // What failed in this cycle goes before what succeeded in an earlier one.
}

// A step that waits for two expires when one of them cannot come.
func TestExpiresWhenOneCannotCome(t *testing.T) {
	t.Parallel()
	n := newNight(t, "d: a, b, c", off())
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.begin("17:00", "C", "c")
	n.stands("N", "d", "waiting for b, c")
	n.take("17:59", run.CycleEnded{})
	n.stands("N", "d", "skipped expired")
}

// Over the cycle's end a step may hope, through runs that wait for each other, for what is still under way. Where links were added between
// the runs, that run does not cover the step itself.
func TestHopeReachesFar(t *testing.T) {
	t.Parallel()
	n := newNight(t, "z:", off())
	n.begin("16:00", "Z", "z")
	n.shape = shape("y: x, z")
	n.byHand("16:10", "X", "x", success)
	n.shape = shape("y: x, z; c: b, y; d: a, c")
	n.byHand("16:20", "B", "b", success)
	n.byHand("16:30", "A", "a", success)
	n.stands("A", "d", "waiting for c")
	n.stands("B", "c", "waiting for y")
	n.stands("X", "y", "waiting for z")
	n.take("17:59", run.CycleEnded{})
	n.stands("A", "d", "waiting for c")
	n.stands("B", "c", "waiting for y")
	n.stands("X", "y", "waiting for z")
	n.ends("17:59", "Z", "z", success)
	n.started("16:00 z in Z", "17:59 y in X")
	n.ends("17:59", "X", "y", success)
	n.started("17:59 c in B")
	n.ends("17:59", "B", "c", success)
	n.started("17:59 d in B")
	n.stands("A", "d", "continued in B")
}

// Two runs that wait for each other, since links were turned round between them, end with the cycle.
func TestRunsThatWaitForEachOther(t *testing.T) {
	t.Parallel()
	n := newNight(t, "d: a, c; f: d", off())
	n.byHand("09:00", "A", "a", success)
	n.shape = shape("e: b, f; c: e")
	n.byHand("09:10", "B", "b", success)
	n.stands("A", "d", "waiting for c")
	n.stands("B", "e", "waiting for f")
	n.take("17:59", run.CycleEnded{})
	n.stands("A", "d", "skipped expired")
	n.stands("B", "e", "skipped expired")
	n.ended("A", run.StatusSucceeded)
	n.ended("B", run.StatusSucceeded)
}

// That a step expired elsewhere is no reason to start.
func TestAnExpiryElsewhereStartsNothing(t *testing.T) {
	t.Parallel()
	n := newNight(t, "c: a, x; d: all_settled b, c", off())
	n.byHand("09:00", "A", "a", success)
	n.take("18:00", run.CycleEnded{})
	n.stands("A", "c", "skipped expired")
	n.byHand("18:00", "B", "b", success) // It began before the cycle's end.
	n.started()
	n.stands("B", "d", "skipped expired")
}

// A step that one run has blocked and another one passed over is blocked.
func TestBlockedGoesBeforePassedOver(t *testing.T) {
	t.Parallel()
	n := newNight(t, "u: w; d: all_started b, u", off())
	n.rules.refuses["u"] = true
	n.byHand("02:00", "R1", "w", success)
	n.stands("R1", "u", "skipped guard")
	n.byHand("03:00", "R2", "w", failure)
	n.stands("R2", "d", "skipped blocked")
	n.byHand("04:00", "H", "b", success)
	n.stands("H", "d", "continued in R2")
	n.started("04:00 d in R1")
}

// Of runs that began at the same time, the one with the later id is the newer one.
func TestRunsOfTheSameTime(t *testing.T) {
	t.Parallel()
	for range 20 {
		n := newNight(t, "b: a", off())
		n.take("01:00", run.Paused{})
		for _, id := range []string{"N", "P", "M", "O"} {
			n.begin("02:00", id, "a")
		}
		n.take("04:00", run.Resumed{})
		n.started("04:00 a in P")
	}
}

// A run of a reload by hand does not fail because a step of it expired, unless another one has failed.
func TestExpiryAfterAFailureByHand(t *testing.T) {
	t.Parallel()
	n := newNight(t, "f: a=failure; c: f, x", off())
	n.byHand("09:00", "H", "a", failure)
	n.ends("09:10", "H", "f", success)
	n.stands("H", "c", "waiting for x")
	n.take("17:59", run.CycleEnded{})
	n.stands("H", "c", "skipped expired")
	n.ended("H", run.StatusFailed)
}

// A step that expired elsewhere and is disabled now is not waited for.
func TestExpiredAndDisabled(t *testing.T) {
	t.Parallel()
	n := newNight(t, "e: a, q; c: e, u, w; k: a", off())
	n.begin("02:00", "O", "a", "u")
	n.ends("02:10", "O", "a", success)
	n.ends("02:20", "O", "u", success)
	n.byHand("03:00", "W", "w", failure)
	n.rules.disabled["c"] = true
	n.take("17:59", run.CycleEnded{})
	n.stands("O", "e", "skipped expired")
	n.stands("O", "c", "skipped disabled")
	n.byHand("17:59", "V", "e", success)
	n.stands("V", "c", "continued in W")
}

// TestAResultThatNothingFollows: b fails in a run that does not have c, as a run of b alone does. So c does not go on there, and waits for
// a further result.
func TestAResultThatNothingFollows(t *testing.T) {
	t.Parallel()
	alone := func(n *night, clock, id string) {
		n.take(clock, run.Began{Run: run.Run{ID: id, At: at(clock), Origins: []string{"b"}, Shape: run.Shape{"b": n.shape["b"]}}})
	}
	n := newNight(t, "b: x; c: a, b", rules{})
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	alone(n, "03:00", "O")
	n.says("N", "c", "waits for B: the run O brings it")
	n.ends("03:10", "O", "b", failure)
	n.ended("O", run.StatusFailed)
	n.stands("N", "c", "waiting for b")
	n.says("N", "c", "waits for B: it failed in the run O, where nothing follows it")
	alone(n, "04:00", "P")
	n.ends("04:10", "P", "b", success)
	n.ends("04:20", "N", "c", success)
	n.ended("N", run.StatusSucceeded)
	n.started("02:00 a in N", "03:00 b in O", "04:00 b in P", "04:10 c in N")

	n = newNight(t, "b: x; c: a, b", rules{})
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	alone(n, "03:00", "O")
	n.ends("03:10", "O", "b", failure)
	n.take("17:59", run.CycleEnded{})
	n.stands("N", "c", "skipped expired")
	n.says("N", "c", "expired: B had no result to start it by 18:00")
	n.ended("N", run.StatusFailed)
}

// TestABlockedStepThatNothingFollows: b is blocked in a run of an older shape without c.
func TestABlockedStepThatNothingFollows(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: x; c: all_started a, b", rules{})
	n.take("01:00", run.Began{Run: run.Run{ID: "O", At: at("01:00"), Origins: []string{"x"}, Shape: shape("b: x")}})
	n.ends("01:10", "O", "x", failure)
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.stands("N", "c", "waiting for b")
	n.begin("03:00", "P", "x")
	n.ends("03:10", "P", "x", success)
	n.ends("03:20", "P", "b", success)
	n.started("01:00 x in O", "02:00 a in N", "03:00 x in P", "03:10 b in P", "03:20 c in P")
	n.stands("N", "c", "continued in P")
}

// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
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
	n.byHand("18:00", "B", "b", success) // It began before the cycle's end, and is told after it.
	n.stands("A", "c", "skipped expired")
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

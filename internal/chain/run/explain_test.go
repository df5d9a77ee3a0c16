// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// says compares how a step's standing is explained.
func (n *night) says(id, step, want string) {
	n.t.Helper()
	words := run.Words{
		Name:    strings.ToUpper,
		Clock:   func(t time.Time) string { return t.Format("15:04") },
		Removed: func(step string) bool { return step == "gone" },
	}
	if have := n.state.Explain(n.rules, words)(n.state.Runs[id], step); have != want {
		n.t.Errorf("%s in %s %q, want %q", step, id, have, want)
	}
}

func TestExplainWaiting(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: b, x, y; d: all_started b, f; f: a; g: c", off())
	n.begin("02:00", "N", "a")
	n.says("N", "a", "is under way")
	n.says("N", "b", "waits for A in this run")
	n.says("N", "d", "waits for B and F in this run")
	n.says("N", "x", "has no part in this run")
	n.ends("02:10", "N", "a", success)
	n.ends("02:20", "N", "b", success)
	n.says("N", "a", "succeeded")
	n.says("N", "c", "waits for X and Y: they have no result since 18:00")
	n.begin("02:30", "X", "x")
	n.says("N", "c", "waits for X: the run X brings it, and for Y: it has no result since 18:00")
	n.byHand("02:40", "Y", "y", success)
	n.ends("02:50", "X", "x", success)
	n.says("Y", "c", "goes on in the run X")
	n.ends("03:00", "X", "c", failure)
	n.says("X", "c", "failed")
	n.says("X", "g", "is blocked: C failed")

	n = newNight(t, "c: a, b", off())
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.begin("02:10", "B", "b")
	n.ends("02:20", "B", "b", failure)
	n.says("N", "c", "goes on in the run B, where it is blocked: B failed")
}

func TestExplainStarts(t *testing.T) {
	t.Parallel()
	r := off()
	r.delay, r.attempts = map[string]time.Duration{"b": time.Hour}, map[string]int{"a": 3}
	r.retry = map[string]time.Duration{"a": 5 * time.Minute}
	n := newNight(t, "b: a", r)
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.says("N", "a", "failed in attempt 1 and is tried again at 02:15")
	n.take("02:15", run.Woke{Run: "N", Step: "a", Attempt: 2})
	n.says("N", "a", "is under way with attempt 2")
	n.ends("02:20", "N", "a", failure)
	n.take("02:21", run.Paused{})
	n.take("02:25", run.Woke{Run: "N", Step: "a", Attempt: 3})
	n.says("N", "a", "came due at 02:25 with attempt 3 and is parked: the chain is paused")
	n.take("02:30", run.Resumed{})
	n.ends("02:40", "N", "a", success)
	n.says("N", "a", "succeeded in attempt 3")
	n.says("N", "b", "starts at 03:40, after its delay")
	n.take("02:50", run.Canceled{Run: "N"})
	n.says("N", "b", "did not start before the run was canceled")
	n.begin("04:00", "M", "a")
	n.ends("04:10", "M", "a", canceled)
	n.says("M", "a", "was canceled")
	n.says("M", "b", "is blocked: A was canceled")
}

func TestExplainSkips(t *testing.T) {
	t.Parallel()
	r := off()
	r.refuses["g"], r.disabled["off"], r.disabled["gone"] = true, true, true
	n := newNight(t, "b: a; c: b; d: c; f: a=failure; f2: f; g: a; g2: g; off: a; off2: off; gone: a; skip: a; skip2: skip; s: all_started "+
		"g, off", r)
	n.state.Skips = map[string]string{"skip": "was skipped by ann", "c": "was skipped by bob"}
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	for step, want := range map[string]string{
		"f": "is not needed: starts after A = failure; A succeeded", "f2": "is not needed: F is not needed",
		"g": "its guard is false", "g2": "is not needed: G was skipped by its guard",
		"off": "is disabled", "off2": "is not needed: OFF is disabled", "gone": "was removed from the chain",
		"skip": "was skipped by ann", "skip2": "is not needed: SKIP was skipped by an operator",
		"s": "is not needed: G was skipped by its guard, OFF is disabled",
	} {
		n.says("N", step, want)
	}
	n.begin("03:00", "M", "a")
	n.ends("03:10", "M", "a", failure)
	n.says("M", "b", "is blocked: A failed")
	n.says("M", "c", "was skipped by bob")
	n.state.Skips = nil
	n.begin("04:00", "O", "a")
	n.ends("04:10", "O", "a", failure)
	n.says("O", "d", "is blocked: C is blocked because A failed")

	n = newNight(t, "c: a, x, y; d: c", off())
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", success)
	n.take("17:59", run.CycleEnded{})
	n.says("N", "c", "expired: X and Y had no result by 18:00")
	n.says("N", "d", "expired: C expired")
}

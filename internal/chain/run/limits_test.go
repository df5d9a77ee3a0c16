// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// did takes an event and compares its effects: "request N a", "watch N a 02:30".
func (n *night) did(clock string, event run.Event, want ...string) {
	n.t.Helper()
	var have []string
	for _, e := range run.Decide(&n.state, n.rules, at(clock), event) {
		text := fmt.Sprintf("%s %s %s", e.Kind, e.Run, e.Step)
		if !e.At.IsZero() {
			text += " " + e.At.Format("15:04")
		}
		if e.Status != "" {
			text += string(e.Status)
		}
		have = append(have, text)
	}
	if !slices.Equal(have, want) {
		n.t.Errorf("%s %T has the effects %q, want %q", clock, event, have, want)
	}
}

// scheduled begins a run of a schedule.
func (n *night) scheduled(clock, id, schedule string, origins ...string) {
	n.t.Helper()
	n.take(clock, run.Began{Run: run.Run{ID: id, At: at(clock), Origins: origins, Shape: n.shape, Schedule: schedule}})
}

func (n *night) runIs(id string, want run.Status) {
	n.t.Helper()
	if have := n.state.Summarize(n.state.Runs[id], n.rules).Status; have != want {
		n.t.Errorf("the run %s is %s, want %s", id, have, want)
	}
}

// A step that waits for a signal takes no part in max_running.
func TestMaxRunningOfSignals(t *testing.T) {
	t.Parallel()
	r := off()
	r.running, r.nothing = 1, map[string]bool{"b": true, "c": true}
	n := newNight(t, "a: b; d:; c:", r)
	n.begin("02:00", "N", "b")
	n.begin("02:01", "M", "c", "d")
	n.started("02:00 b in N", "02:01 c in M", "02:01 d in M")
	n.ends("02:10", "N", "b", success)
	n.stands("N", "a", "under_way")
	n.started()
	n.begin("02:15", "L", "c")
	n.started("02:15 c in L")
	n.ends("02:20", "M", "d", success)
	n.started("02:20 a in N")
}

func TestMaxRunning(t *testing.T) {
	t.Parallel()
	r := off()
	r.running, r.delay = 2, map[string]time.Duration{"e": time.Minute}
	n := newNight(t, "d: a; e: b; c:", r)
	n.begin("02:00", "N", "a", "b", "c")
	n.started("02:00 a in N", "02:00 b in N")
	n.says("N", "c", "came due at 02:00 and is queued: as many reloads as max_running allows are under way")
	n.ends("02:10", "N", "a", success) // c came due before d.
	n.started("02:10 c in N")
	n.ends("02:20", "N", "b", success)
	n.started("02:20 d in N")
	n.take("02:21", run.Woke{Run: "N", Step: "e", Attempt: 1})
	n.started()
	n.rules.disabled["e"] = true // It is taken back, and not when its turn comes.
	n.take("02:22", run.Looked{})
	n.stands("N", "e", "skipped disabled")
	n.state.Running = 2 // of another cycle
	n.begin("02:25", "M", "a")
	n.ends("02:30", "N", "c", success)
	n.ends("02:30", "N", "d", success)
	n.started()
	n.runIs("M", run.StatusUnderWay)
	n.state.Running = 1
	n.take("02:40", run.Looked{})
	n.started("02:40 a in M")
	n.begin("03:00", "O", "a")
	n.begin("03:01", "P", "a")
	n.take("03:05", run.Canceled{Run: "O"})
	n.take("03:06", run.Paused{})
	n.rules.running = 0
	n.take("03:10", run.Looked{})
	n.started()
	n.take("03:20", run.Resumed{})
	n.started("03:20 a in P")
}

func TestTheOrderOfTheQueue(t *testing.T) {
	t.Parallel()
	r := off()
	r.running, r.overlap = 1, map[string]run.Overlap{"s": run.OverlapQueue, "t": run.OverlapQueue}
	n := newNight(t, "d: a; c:; y: all_settled x; z:", r)
	n.begin("02:00", "N", "a")
	n.begin("02:05", "M", "c")
	n.ends("02:10", "N", "a", success) // makes d due in the older run, after c
	n.started("02:00 a in N", "02:10 c in M")
	n.begin("02:11", "X", "x")
	n.take("02:12", run.Canceled{Run: "M"}) // Its reload is under way all the same.
	n.started()
	n.rules.disabled["x"] = true
	n.take("02:13", run.Looked{}) // x is taken back, which makes y due.
	n.stands("X", "x", "skipped disabled")
	n.says("X", "y", "came due at 02:13 and is queued: as many reloads as max_running allows are under way")
	n.ends("02:20", "M", "c", canceled)
	n.started("02:20 d in N")
	n.ends("02:30", "N", "d", success)
	n.started("02:30 y in X")

	n.state.Busy = map[string]bool{"s": true, "t": true}
	n.scheduled("03:00", "T", "t", "z")
	n.scheduled("03:01", "S", "s", "a")
	n.state.Busy = nil
	n.ends("03:10", "X", "y", success) // Both come due now. The run that began first goes first.
	n.started("03:10 z in T")
}

// A queued start counts as one within the hour.
func TestQueuedStartsCount(t *testing.T) {
	t.Parallel()
	r := off()
	r.running, r.perHour = 1, map[string]int{"a": 1}
	n := newNight(t, "a:; z:", r)
	n.begin("02:00", "Z", "z")
	n.begin("02:01", "N", "a")
	n.begin("02:02", "M", "a")
	n.says("M", "a", "came due at 02:02 and is parked: it started once within an hour (max_starts_per_hour)")
	n.ends("02:10", "Z", "z", success)
	n.started("02:00 z in Z", "02:10 a in N")
}

func TestMaxStartsPerHour(t *testing.T) {
	t.Parallel()
	r := off()
	r.perHour, r.attempts = map[string]int{"b": 2}, map[string]int{"b": 2}
	n := newNight(t, "b: a", r)
	for i, clock := range []string{"02:00", "02:10"} {
		n.byHand(clock, fmt.Sprint("N", i), "a", success)
	}
	n.ends("02:15", "N0", "b", failure)
	n.take("02:15", run.Woke{Run: "N0", Step: "b", Attempt: 2}) // does not count
	n.ends("02:16", "N0", "b", success)
	n.started("02:00 b in N0", "02:10 b in N1", "02:15 b in N0")
	hand := func(clock, id string) run.Reloaded {
		return run.Reloaded{
			Run:    run.Run{ID: id, At: at(clock), Origins: []string{"a"}, Shape: n.shape, ByHand: true},
			Result: run.Result{Step: "a", Reload: id, Outcome: success, Started: at(clock), Ended: at(clock)},
		}
	}
	n.did("02:20", hand("02:20", "N2"), "parked N2 b")
	n.says("N2", "b", "came due at 02:20 and is parked: it started 2 times within an hour (max_starts_per_hour)")
	n.did("02:25", hand("02:25", "N3"), "parked N3 b")
	n.take("02:26", run.Paused{})
	n.did("02:27", run.Resumed{Step: "b"}) // The chain is paused.
	n.take("02:28", run.Resumed{Step: "a"})
	n.did("02:29", run.Resumed{}, "request N3 b", "run_ended N2 succeeded")
	n.says("N3", "b", "is under way")
	n.stands("N2", "b", "continued in N3")
	n.did("03:10", hand("03:10", "N4"), "parked N4 b") // 02:15 and 02:29 are within the hour.
	n.did("03:11", run.Resumed{Step: "a"})
	n.did("03:12", run.Resumed{Step: "b"}, "request N4 b")
	n.did("04:12", hand("04:12", "N5"), "request N5 b") // An hour after a start it does not count.
}

// A further attempt starts however often the step has.
func TestAttemptsDoNotCount(t *testing.T) {
	t.Parallel()
	r := twice()
	r.perHour = map[string]int{"a": 1}
	n := newNight(t, "b: a", r)
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.begin("02:11", "M", "a")
	n.take("02:12", run.Resumed{Step: "a"})
	n.take("02:15", run.Woke{Run: "N", Step: "a", Attempt: 2})
	n.started("02:00 a in N", "02:11 a in M", "02:15 a in N")
	n.begin("02:16", "O", "a")
	n.stands("O", "a", "under_way")
	n.says("O", "a", "came due at 02:16 and is parked: it started 2 times within an hour (max_starts_per_hour)")
}

func TestOverlap(t *testing.T) {
	t.Parallel()
	r := off()
	r.overlap = map[string]run.Overlap{"q": run.OverlapQueue, "s": run.OverlapSkip, "a": run.OverlapAllow}
	n := newNight(t, "b: a; d: c, x", r)
	n.scheduled("02:00", "Q1", "q", "a")
	n.scheduled("02:10", "Q2", "q", "a")
	n.scheduled("02:20", "Q3", "q", "a")
	n.started("02:00 a in Q1")
	n.runIs("Q2", run.StatusQueued)
	n.says("Q2", "a", "starts nothing before the previous run of its schedule has ended")
	n.ends("02:30", "Q1", "a", success)
	n.started("02:30 b in Q1")
	n.ends("02:40", "Q1", "b", success)
	n.started("02:40 a in Q2") // and Q3 behind it
	n.take("02:50", run.Canceled{Run: "Q2"})
	n.started("02:50 a in Q3")
	n.scheduled("02:55", "Q4", "q", "a")
	n.take("02:56", run.Canceled{Run: "Q4"})
	n.ended("Q4", run.StatusCanceled)
	n.scheduled("02:57", "Q5", "q", "a")
	n.rules.overlap["q"] = run.OverlapAllow
	n.take("02:58", run.Looked{})
	n.started("02:58 a in Q5")
	if !n.state.Runs["Q4"].Queued {
		t.Error("a canceled run was let go")
	}

	n.scheduled("03:00", "S1", "s", "a")
	n.did("03:10", run.Began{Run: run.Run{ID: "S2", At: at("03:10"), Origins: []string{"a"}, Shape: n.shape, Schedule: "s"}},
		"run_ended S2 skipped")
	n.started("03:00 a in S1")
	n.runIs("S2", run.StatusSkipped)
	n.stands("S2", "b", "skipped overlap")
	n.says("S2", "a", "is skipped: the previous run of its schedule was under way")
	n.did("03:11", run.Looked{})
	n.state.Busy = map[string]bool{"t": true}
	n.ends("03:20", "S1", "a", success)
	n.ends("03:21", "S1", "b", success)
	n.scheduled("03:30", "S3", "s", "c")
	n.ends("03:40", "S3", "c", success)
	n.runIs("S3", run.StatusWaiting)
	n.scheduled("03:50", "S4", "s", "a") // S3 only waits.
	n.started("03:20 b in S1", "03:30 c in S3", "03:50 a in S4")
	n.state.Busy["s"] = true
	n.scheduled("04:00", "S5", "s", "a")
	n.ended("S5", run.StatusSkipped)

	n.rules.overlap["u"] = run.OverlapQueue
	n.state.Busy = map[string]bool{"u": true}
	n.scheduled("04:10", "U1", "u", "a")
	n.state.Busy = nil
	n.scheduled("04:20", "U2", "u", "a") // U1 goes before it, although both could go now.
	n.started("04:20 a in U1")
	n.runIs("U2", run.StatusQueued)

	n.scheduled("05:00", "A1", "a", "a")
	n.scheduled("05:01", "A2", "a", "a")
	n.started("05:00 a in A1", "05:01 a in A2")
}

// A run that was skipped has no part in what others wait for.
func TestASkippedRunCountsForNone(t *testing.T) {
	t.Parallel()
	r := off()
	r.overlap = map[string]run.Overlap{"s": run.OverlapSkip}
	n := newNight(t, "c: all_settled a, b", r)
	n.state.Busy = map[string]bool{"s": true}
	n.scheduled("02:00", "S", "s", "b")
	n.byHand("03:00", "H", "a", success)
	n.stands("H", "c", "waiting for b")
	n.says("H", "c", "waits for B: it has no result since 18:00")
}

func TestMaxDurationOfAStep(t *testing.T) {
	t.Parallel()
	r := off()
	r.longest, r.attempts = map[string]time.Duration{"a": time.Hour}, map[string]int{"a": 2}
	n := newNight(t, "b: a", r)
	overran := run.Overran{Run: "N", Step: "a", Attempt: 1}
	n.did("02:00", run.Began{Run: run.Run{ID: "N", At: at("02:00"), Origins: []string{"a"}, Shape: n.shape}}, "request N a", "watch N a 03:00")
	n.rules.longest["a"] = 2 * time.Hour
	n.did("03:00", overran, "watch N a 04:00")
	n.did("04:00", run.Overran{Run: "N", Step: "a", Attempt: 2})
	n.did("04:00", overran, "overran N a")
	n.did("04:00", overran)
	n.ends("04:10", "N", "a", failure)
	n.did("04:11", overran)
	n.did("04:12", run.Woke{Run: "N", Step: "a", Attempt: 2}, "request N a", "watch N a 06:12")
	n.did("06:12", overran)
	n.rules.then = run.OnExceededCancel
	n.did("06:12", run.Overran{Run: "N", Step: "a", Attempt: 2}, "overran N a", "cancel N a")
	n.ends("06:20", "N", "a", canceled)
	n.says("N", "b", "is blocked: A was canceled")

	n.did("07:00", run.Began{Run: run.Run{ID: "M", At: at("07:00"), Origins: []string{"a"}, Shape: n.shape}}, "request M a", "watch M a 09:00")
	n.rules.longest["a"] = 0
	n.did("09:00", run.Overran{Run: "M", Step: "a", Attempt: 1})
}

// The time in a queue does not count. A canceled run is not reported.
func TestMaxDurationAfterAQueue(t *testing.T) {
	t.Parallel()
	r := off()
	r.running, r.longest = 1, map[string]time.Duration{"a": time.Hour}
	n := newNight(t, "a:; z:", r)
	n.begin("02:00", "Z", "z")
	n.begin("02:01", "N", "a")
	n.ends("03:00", "Z", "z", success)
	n.did("03:30", run.Overran{Run: "N", Step: "a", Attempt: 1}, "watch N a 04:00")
	n.did("03:40", run.Canceled{Run: "N"}, "cancel N a", "run_ended N canceled")
	n.did("04:00", run.Overran{Run: "N", Step: "a", Attempt: 1})
}

func TestMaxDurationOfARun(t *testing.T) {
	t.Parallel()
	r := off()
	r.longest, r.overlap = map[string]time.Duration{"": time.Hour}, map[string]run.Overlap{"q": run.OverlapQueue}
	n := newNight(t, "b: a; d: a, c", r)
	began := func(id, clock string) run.Began {
		return run.Began{Run: run.Run{ID: id, At: at(clock), Origins: []string{"a"}, Shape: n.shape, Schedule: "q"}}
	}
	n.did("02:00", began("N", "02:00"), "watch N  03:00", "request N a")
	n.did("02:10", began("M", "02:10"))
	n.did("02:59", run.Overran{Run: "N"}, "watch N  03:00")
	n.did("03:00", run.Overran{Run: "N"}, "overran N ")
	n.did("03:00", run.Overran{Run: "N"})
	n.did("03:10", run.Overran{Run: "M"})
	n.did("03:20", run.Canceled{Run: "N"}, "cancel N a", "watch M  04:20", "request M a", "run_ended N canceled")
	n.rules.then = run.OnExceededCancel
	n.did("04:19", run.Overran{Run: "M"}, "watch M  04:20")
	n.did("04:20", run.Overran{Run: "M"}, "overran M ", "cancel M a", "run_ended M canceled")
	n.did("05:00", began("O", "05:00"), "watch O  06:00", "request O a")
	n.ends("05:10", "O", "a", success)
	n.ends("05:20", "O", "b", success)
	n.runIs("O", run.StatusWaiting)
	n.did("06:00", run.Overran{Run: "O"}) // It only waits.
}

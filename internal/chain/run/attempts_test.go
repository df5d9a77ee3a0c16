// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// twice are rules under which a is tried twice, five minutes apart.
func twice() rules {
	r := off()
	r.attempts, r.retry = map[string]int{"a": 2}, map[string]time.Duration{"a": 5 * time.Minute}
	return r
}

func (n *night) runs(want ...string) {
	n.t.Helper()
	var have []string
	for id := range n.state.Runs {
		have = append(have, id)
	}
	if slices.Sort(have); !slices.Equal(have, want) {
		n.t.Errorf("there are the runs %q, want %q", have, want)
	}
}

func TestAReloadByHandThatFailsIsTriedAgain(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", twice())
	n.byHand("02:00", "H", "a", failure) // and once more, as each event of a night
	n.says("H", "a", "failed in attempt 1 and is tried again at 02:05")
	n.did("02:04", run.Woke{Run: "H", Step: "a", Attempt: 2}) // too early
	n.did("02:05", run.Woke{Run: "H", Step: "a", Attempt: 1}) // another attempt
	n.take("02:05", run.Woke{Run: "H", Step: "a", Attempt: 2})
	n.ends("02:10", "H", "a", success)
	n.started("02:05 a in H", "02:10 b in H")
}

func TestAFailedReloadByHandIsNoFurtherAttempt(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", twice())
	n.begin("02:00", "N", "a")
	n.ends("02:01", "N", "a", failure)
	n.byHand("02:03", "H", "a", failure)
	n.runs("H", "N")
	n.stands("N", "a", "under_way")
	n.byHand("02:04", "I", "a", success) // the further attempt of the newer run
	n.runs("H", "N")
	n.stands("H", "a", "succeeded")
	n.stands("N", "a", "under_way")
	n.take("02:05", run.Canceled{Run: "N"})
	n.byHand("02:05", "J", "a", success) // not that of a canceled run
	n.runs("H", "J", "N")
}

// While an attempt is under way or the first one is delayed, a reload by hand is no further attempt.
func TestAReloadByHandBesideAnAttempt(t *testing.T) {
	t.Parallel()
	r := twice()
	n := newNight(t, "b: a", r)
	n.begin("02:00", "N", "a")
	n.ends("02:01", "N", "a", failure)
	n.take("02:06", run.Woke{Run: "N", Step: "a", Attempt: 2})
	n.byHand("02:07", "H", "a", success)
	n.runs("H", "N")

	r.delay = map[string]time.Duration{"a": time.Hour}
	n = newNight(t, "b: a", r)
	n.begin("02:00", "N", "a")
	n.byHand("02:07", "H", "a", success)
	n.runs("H", "N")
}

// What is known of a run that a reload began counts, even if it is only that it began.
func TestAReloadByHandWithAKnownRun(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", twice())
	n.begin("02:00", "N", "a")
	n.ends("02:02", "N", "a", failure)
	n.state.Runs["H"] = &run.Run{ID: "H", At: at("02:02"), Origins: []string{"a"}, Shape: n.shape, ByHand: true}
	n.byHand("02:03", "H", "a", success)
	n.stands("H", "a", "succeeded")
	n.stands("N", "a", "under_way")
}

// Only the end of the attempt that is under way counts.
func TestEndsOfOtherAttempts(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", twice())
	end := func(clock string, attempt int) {
		n.take(clock, run.Ended{Result: run.Result{
			Step: "a", Run: "N", Reload: clock, Outcome: success, Attempt: attempt, Started: at(clock), Ended: at(clock),
		}})
	}
	n.begin("02:00", "N", "a")
	end("02:01", 2)
	n.stands("N", "a", "under_way")
	n.ends("02:02", "N", "a", failure)
	end("02:03", 2)
	n.stands("N", "a", "under_way")
	n.take("02:07", run.Woke{Run: "N", Step: "a", Attempt: 2})
	end("02:08", 1)
	n.stands("N", "a", "under_way")
	end("02:09", 2)
	n.stands("N", "a", "succeeded")
}

// A failure that is reported late is tried again when that was due. In a canceled run it is not.
func TestRetryOfALateEnd(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", twice())
	n.begin("02:00", "N", "a")
	late := run.Ended{Result: run.Result{Step: "a", Run: "N", Reload: "1", Outcome: failure, Attempt: 1, Started: at("02:00"),
		Ended: at("02:10")}}
	n.did("03:00", late, "wake N a 02:15")
	n.did("03:00", run.Woke{Run: "N", Step: "a", Attempt: 2}, "request N a")
	n.did("03:05", run.Canceled{Run: "N"}, "cancel N a", "run_ended N canceled")

	n = newNight(t, "b: a", twice())
	n.begin("02:00", "N", "a")
	n.take("02:05", run.Canceled{Run: "N"})
	n.did("02:10", late)
	n.stands("N", "a", "failed")

	n = newNight(t, "b: a", twice())
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.did("02:12", run.Canceled{Run: "N"}, "run_ended N canceled") // Nothing is under way.
	n.did("02:15", run.Woke{Run: "N", Step: "a", Attempt: 2})
	if have := n.state.Runs["N"].Steps["a"].Start.Phase; have != run.PhaseDelayed {
		t.Errorf("the start of a canceled run is %s", have)
	}
}

func TestOriginsAreSorted(t *testing.T) {
	t.Parallel()
	n := newNight(t, "a:; b:; c:", off())
	origins := []string{"c", "a", "b"}
	n.begin("02:00", "N", origins...)
	if have := n.state.Runs["N"].Origins; !slices.Equal(have, []string{"a", "b", "c"}) || origins[0] != "c" {
		t.Errorf("the origins are %q, those of the event %q", have, origins)
	}
}

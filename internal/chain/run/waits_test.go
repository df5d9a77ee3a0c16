// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

func TestExpires(t *testing.T) {
	t.Parallel()
	n := newNight(t, "report: sales, hr", rules{})
	n.begin("02:00", "S", "sales")
	n.byHand("03:00", "H", "hr", success)
	n.take("17:59", run.CycleEnded{})
	n.stands("H", "report", "waiting for sales") // which is still on its way
	n.ends("17:59", "S", "sales", failure)
	n.stands("H", "report", "continued in S")
	n.ended("H", run.StatusSucceeded)

	n = newNight(t, "report: sales, hr", rules{})
	n.byHand("03:00", "H", "hr", success)
	n.take("17:59", run.CycleEnded{})
	n.stands("H", "report", "skipped expired")
	n.ended("H", run.StatusSucceeded)
}

func TestRetryAndTheFailureBranch(t *testing.T) {
	t.Parallel()
	n := newNight(t, "fallback: a=failure", rules{attempts: map[string]int{"a": 2}, retry: map[string]time.Duration{"a": 5 * time.Minute}})
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.stands("N", "fallback", "pending")
	n.take("02:15", run.Woke{Run: "N", Step: "a", Attempt: 2})
	n.ends("02:20", "N", "a", failure)
	n.started("02:00 a in N", "02:15 a in N", "02:20 fallback in N")
	n.ends("02:30", "N", "fallback", success)
	n.ended("N", run.StatusRecovered)

	n = newNight(t, "b: a", rules{attempts: map[string]int{"a": 2}, retry: map[string]time.Duration{"a": time.Hour}})
	n.begin("02:00", "N", "a")
	n.ends("02:10", "N", "a", failure)
	n.byHand("02:30", "H", "a", success) // is the further attempt
	n.started("02:00 a in N", "02:30 b in N")
	if len(n.state.Runs) != 1 {
		t.Errorf("there are %d runs", len(n.state.Runs))
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a", rules{})
	n.take("01:00", run.Paused{})
	n.begin("02:00", "N", "a")
	n.begin("03:00", "M", "a")
	n.started()
	n.take("04:00", run.Resumed{})
	n.started("04:00 a in M")
	n.stands("N", "a", "continued in M")
	n.stands("N", "b", "continued in M")
	n.ended("N", run.StatusSucceeded)
}

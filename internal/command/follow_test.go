// SPDX-License-Identifier: MPL-2.0

package command

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// TestOutcomeOfTheWork checks what counts of a step that several of the runs have decided.
func TestOutcomeOfTheWork(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 3, 2, 1, minute, 0, 0, time.UTC) }
	ran := func(name string, status run.Status, minute int) stepView {
		return stepView{Step: name, Status: status, EndedAt: at(minute)}
	}
	skipped := func(name string, skip run.Skip) stepView {
		return stepView{Step: name, Status: run.StatusSkipped, Skip: skip}
	}
	goesOn := func(name, in string) stepView {
		return stepView{Step: name, Status: run.StatusContinued, Continued: in}
	}
	as := func(id string, s stepView) stepView { s.ID = id; return s }
	of := func(id string, minute int, status run.Status, steps ...stepView) awaited {
		v := &runView{Steps: steps}
		v.Run, v.At, v.EndedAt, v.Status = id, at(minute), at(59), status
		return awaited{view: v}
	}
	repeated := func(a awaited, by ...string) awaited { a.view.RepairedBy = by; return a }
	for name, test := range map[string]struct {
		work []awaited
		want string
	}{
		"repeated later": {work: []awaited{
			of("r1", 0, run.StatusFailed, ran("b", run.StatusFailed, 10), goesOn("g", "r2")),
			of("r2", 5, run.StatusSucceeded, ran("b", run.StatusSucceeded, 20), ran("g", run.StatusSucceeded, 30)),
		}},
		"succeeded before it failed": {want: "the run r1 ended failed", work: []awaited{
			of("r1", 0, run.StatusFailed, ran("b", run.StatusFailed, 20), goesOn("g", "r2")),
			of("r2", 5, run.StatusSucceeded, ran("b", run.StatusSucceeded, 10), ran("g", run.StatusSucceeded, 30)),
		}},
		"repeated by a run that began before": {work: []awaited{
			of("r2", 5, run.StatusFailed, ran("b", run.StatusFailed, 10), goesOn("g", "r1")),
			of("r1", 0, run.StatusSucceeded, ran("b", run.StatusSucceeded, 20), ran("g", run.StatusSucceeded, 30)),
		}},
		"a blocked step that is repeated": {work: []awaited{
			of("r1", 0, run.StatusFailed, ran("b", run.StatusFailed, 10), skipped("c", run.SkipBlocked)),
			of("r2", 20, run.StatusSucceeded, ran("b", run.StatusSucceeded, 25), ran("c", run.StatusSucceeded, 30)),
		}},
		"a blocked step that was done before": {want: "the run r1 ended failed, and c was not repeated", work: []awaited{
			repeated(of("r1", 0, run.StatusFailed, ran("b", run.StatusFailed, 10), skipped("c", run.SkipBlocked)), "r3"),
			of("r2", 2, run.StatusSucceeded, ran("c", run.StatusSucceeded, 5)),
			of("r3", 20, run.StatusSucceeded, ran("b", run.StatusSucceeded, 25)),
		}},
		"it goes on and expires, in a run that began by hand": {want: "the run r2 ended succeeded, but c expired in it", work: []awaited{
			of("r1", 0, run.StatusSucceeded, ran("a", run.StatusSucceeded, 10), goesOn("b", "r2"), goesOn("c", "r2")),
			of("r2", 20, run.StatusSucceeded, ran("b", run.StatusSucceeded, 30), skipped("c", run.SkipExpired)),
		}},
		"an expiry that is of no other run": {work: []awaited{
			of("r1", 0, run.StatusSucceeded, ran("a", run.StatusSucceeded, 10), goesOn("b", "r2")),
			of("r2", 20, run.StatusSucceeded, ran("b", run.StatusSucceeded, 30), skipped("c", run.SkipExpired)),
		}},
		"an expiry that a third run repeats": {work: []awaited{
			of("r1", 0, run.StatusSucceeded, ran("a", run.StatusSucceeded, 10), goesOn("c", "r2")),
			of("r2", 20, run.StatusSucceeded, skipped("c", run.SkipExpired)),
			of("r3", 40, run.StatusSucceeded, ran("c", run.StatusSucceeded, 45)),
		}},
		"a step that was renamed meanwhile": {work: []awaited{
			repeated(of("r1", 0, run.StatusFailed, as("app1", ran("b", run.StatusFailed, 10)), as("app2", skipped("c", run.SkipBlocked))), "r2"),
			of("r2", 20, run.StatusSucceeded, as("app1", ran("bee", run.StatusSucceeded, 25)), as("app2", ran("b", run.StatusSucceeded, 30))),
		}},
		"a renamed step that goes on and expires": {want: "the run r2 ended succeeded, but cee expired in it", work: []awaited{
			of("r1", 0, run.StatusSucceeded, as("app1", ran("a", run.StatusSucceeded, 10)), as("app3", goesOn("c", "r2"))),
			of("r2", 20, run.StatusSucceeded, as("app3", skipped("cee", run.SkipExpired))),
		}},
		"another app under the old name": {want: "the run r1 ended failed, and b was not repeated", work: []awaited{
			repeated(of("r1", 0, run.StatusFailed, as("app1", ran("b", run.StatusFailed, 10))), "r2"),
			of("r2", 20, run.StatusSucceeded, as("app9", ran("b", run.StatusSucceeded, 25))),
		}},
		"no step lacks success": {want: "the run r1 ended failed", work: []awaited{of("r1", 0, run.StatusFailed)}},
	} {
		got := ""
		if err := outcomeOf(test.work); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

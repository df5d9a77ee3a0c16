// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

// TestTheSummaryKnowsRepairs checks what the daily summary says of a step that has failed at 02:10, after what was done about it.
func TestTheSummaryKnowsRepairs(t *testing.T) {
	t.Parallel()
	mark := func(t *testing.T, w *world) {
		t.Helper()
		of := engine.Repeat{ID: "m", Run: w.firstRunID(), Step: "b", Operation: w.order()}
		if _, err := w.engine(w.execution()).Mark(t.Context(), "m", of); err != nil {
			t.Fatal(err)
		}
	}
	succeeds := func(w *world) { w.ending = func(string, int) string { return "SUCCEEDED" } }
	rerun := func(t *testing.T, w *world) { t.Helper(); w.rerun(t, w.firstRunID(), "", w.clock.Now().String()) }
	for name, test := range map[string]struct {
		do       func(t *testing.T, w *world) // at 03:10
		subject  string
		line     string // of b
		failed   int
		repaired int
		apart    time.Duration // how much later something is done; then the step fails at 08:10, and the summary is that of the next day
	}{
		"nothing": {do: func(*testing.T, *world) {}, failed: 1, subject: "0 runs done, 1 failed", line: "b failed; 1 step is blocked: c"},
		"a rerun": {do: func(t *testing.T, w *world) { t.Helper(); succeeds(w); rerun(t, w) },
			repaired: 1, subject: "1 run done, 0 failed, 1 repaired", line: "b failed first, and was repaired at 03:10 by a rerun, in the run "},
		"a rerun that fails": {do: rerun, failed: 1, subject: "0 runs done, 2 failed", line: "b failed; 1 step is blocked: c"},
		"two reruns": {do: func(t *testing.T, w *world) { t.Helper(); rerun(t, w); w.play(1, 1); succeeds(w); rerun(t, w) },
			repaired: 1, subject: "1 run done, 0 failed, 2 repaired", line: "b failed first, and was repaired at 03:11 by a rerun, in the run "},
		"a mark": {do: mark, repaired: 1, subject: "1 run done, 0 failed, 1 repaired",
			line: "b failed first, and was marked as succeeded at 03:10, in the run "},
		"a reload by hand": {do: func(_ *testing.T, w *world) { succeeds(w); w.begin("b") },
			repaired: 1, subject: "1 run done, 0 failed, 1 repaired", line: "b failed first, and succeeded at 03:10 in a later run, in the run "},
		"this step alone": {do: func(t *testing.T, w *world) { t.Helper(); succeeds(w); w.beginAlone(t, "b") },
			failed: 0, repaired: 1, subject: "1 run done, 1 failed", line: "b failed first, and succeeded at 03:10 in a later run, in the run "},
		"another cycle": {do: func(_ *testing.T, w *world) { succeeds(w); w.begin("a") }, apart: 18 * time.Hour, failed: 1,
			subject: "1 run done, 1 failed", line: "b failed; 1 step is blocked: c"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}})
			d.Timezone, d.SummaryAt = "UTC", "07:00"
			w := newWorld(t, 1, d)
			w.notices, w.ending = &sentNotices{}, failingB
			w.clock.Advance(w.at(2, 10).Sub(w.clock.Now()))
			if test.apart > 0 {
				w.clock.Advance(6 * time.Hour) // so that the summary of the next day has both
			}
			w.begin("a")
			w.play(1, 1)
			w.clock.Advance(w.at(3, 10).Add(test.apart).Sub(w.clock.Now()))
			test.do(t, w)
			w.play(1, 1)
			at := w.at(7, 0)
			if test.apart > 0 {
				at = at.AddDate(0, 0, 1)
			}
			w.summarize(t, at)
			n := w.notices.notices[len(w.notices.notices)-1]
			if n.Kind != engine.NoticeSummary {
				t.Fatalf("no summary was sent: %+v", n)
			}
			m, err := notice.Compose(n, notice.Place{Chain: "nightly", Region: "eu-central-1"})
			if err != nil {
				t.Fatal(err)
			}
			repaired := slices.DeleteFunc(slices.Clone(n.Steps), func(u engine.Unfinished) bool {
				return !strings.HasPrefix(u.Reason, "failed first")
			})
			if len(n.Failed) != test.failed || len(repaired) != test.repaired || strings.Count(m.Text, "- b ") != 1 ||
				!strings.Contains(m.Text, "- "+test.line) || !strings.HasPrefix(m.Subject, "Task chain nightly: "+test.subject+" since ") {
				t.Errorf("the summary is: %s", m.Text)
			}
			if alone := strings.Contains(m.Text, "- c is blocked: b failed; no run has repeated it"); alone != (name == "this step alone") {
				t.Errorf("what b blocks: %s", m.Text)
			}
		})
	}
}

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

// summarize has the daily summary come.
func (w *world) summarize(t *testing.T, at time.Time) engine.Result {
	t.Helper()
	w.clock.Advance(max(0, at.Sub(w.clock.Now())))
	r, err := w.engine(w.execution()).Summarize(t.Context(), "summary", chain.SummaryCheck{Source: chain.SummarySource, Time: at})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestTheDailySummary is sent once: the runs of the last 24 hours, what failed, what is late, and what took longer than usual. Nothing is
// sent without summary_at.
func TestTheDailySummary(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}})
	d.Timezone, d.SummaryAt, d.ExpectBy = "UTC", "07:00", &chain.ExpectBy{Time: "06:00"}
	w := newWorld(t, 1, d)
	w.notices = &sentNotices{}
	for night, minutes := range []int{10, 10, 30} { // until the end of a; b fails in the last night
		w.clock.Advance(w.at(2, 0).AddDate(0, 0, night).Sub(w.clock.Now()))
		w.begin("a")
		w.clock.Advance(time.Duration(minutes) * time.Minute)
		if night == 2 {
			w.ending = failingB
		}
		w.play(1, 1)
	}
	sent := len(w.notices.notices)
	at := w.at(7, 0).AddDate(0, 0, 2)
	if w.clock.Now().After(at) {
		t.Fatalf("it is %s already", w.clock.Now())
	}
	for range 2 {
		if r := w.summarize(t, at); r.Outcome != engine.OutcomeSummarized || len(r.NotNotified) > 0 {
			t.Errorf("it came to %+v", r)
		}
	}
	if len(w.notices.notices) != sent+1 {
		t.Fatalf("%d summaries were sent", len(w.notices.notices)-sent)
	}
	n := w.notices.notices[sent]
	if s := n.Summary; n.Kind != engine.NoticeSummary || s == nil || s.Succeeded != 0 || s.Failed != 1 || s.UnderWay != 0 ||
		!s.Since.Equal(at.AddDate(0, 0, -1)) {
		t.Fatalf("the summary is %+v: %+v", n, n.Summary)
	}
	if len(n.Failed) != 1 || n.Failed[0].Step != "b" || n.Failed[0].Blocked != 1 {
		t.Errorf("what failed is %+v", n.Failed)
	}
	m, err := notice.Compose(n, notice.Place{Chain: "nightly", Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Task chain nightly: 0 runs done, 1 failed, 2 steps late since 07:00 UTC on 2026-11-25" {
		t.Errorf("the subject is %q", m.Subject)
	}
	for _, line := range []string{
		"- b failed; 1 step is blocked: c\n", "- b is not done, and was expected by 06:00 UTC\n", "- a took 30m1s, typically 10m1s, in the run ",
	} {
		if !strings.Contains(m.Text, line) {
			t.Errorf("%q is missing: %s", line, m.Text)
		}
	}
	if slices.ContainsFunc(n.Steps, func(u engine.Unfinished) bool { return u.Step == "a" && u.Run == "" }) {
		t.Errorf("a is late: %+v", n.Steps)
	}

	d.SummaryAt = ""
	if r := w.summarize(t, at.AddDate(0, 0, 1)); r.Outcome != engine.OutcomeNothingDue || len(w.notices.notices) != sent+1 {
		t.Errorf("without summary_at it came to %+v", r)
	}
}

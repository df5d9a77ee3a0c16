// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

// TestAMissingSignalIsNamed checks that everything that shows a step which waits for its signal says so, and that the signal ends that.
func TestAMissingSignalIsNamed(t *testing.T) {
	t.Parallel()
	d := extracts()
	d.Timezone, d.ExpectBy, d.SummaryAt = "UTC", &chain.ExpectBy{Time: "06:00"}, "07:00"
	w := newWorld(t, 1, d)
	w.notices = &sentNotices{}
	w.clock.Advance(w.at(4, 0).Sub(w.clock.Now()))
	w.somebodyElse("extract", "SUCCEEDED")
	if got := w.reason(1, "dbt"); got != "waits for its signal" {
		t.Errorf("the record says that dbt %s", got)
	}
	w.check(t, "06:00 UTC", w.at(6, 0))
	w.summarize(t, w.at(7, 0))
	for i, want := range []string{
		"- dbt waits for its signal (qlik-chain signal nightly dbt reports it), in the run ",
		"- dbt is not done, and was expected by 06:00 UTC; it waits for its signal (qlik-chain signal nightly dbt reports it)\n",
	} {
		m, err := notice.Compose(w.notices.notices[i], notice.Place{Chain: "nightly", Region: "eu-central-1"})
		if err != nil || !strings.Contains(m.Text, want) {
			t.Errorf("there is no %q in the notice, %v: %s", want, err, m.Text)
		}
	}
	if first := w.notices.notices[0].Steps[0].Step; first != "dbt" {
		t.Errorf("the notice begins with %s, not with the cause", first)
	}
	p := w.picture("")
	var said string
	for _, a := range p.Attention {
		said += a.Reason
	}
	if !strings.Contains(said, "dbt waits for its signal.") {
		t.Errorf("the page's Needs attention is %q", said)
	}
	for _, n := range p.Nodes {
		if n.Step == "dbt" && n.Reason != "waits for its signal" {
			t.Errorf("the page says of dbt: %+v", n.State)
		}
	}
	w.signal("dbt", "1", chain.OutcomeSuccess)
	if got := w.reason(1, "dbt"); strings.Contains(got, "waits") {
		t.Errorf("after its signal, dbt %s", got)
	}
	for _, s := range w.record(1).Starts {
		if strings.Contains(s.Reason, "waits for its signal") {
			t.Errorf("after its signal, the attempt says %q", s.Reason)
		}
	}
}

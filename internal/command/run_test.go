// SPDX-License-Identifier: MPL-2.0

package command

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// TestRunSaysWhy checks the reasons and durations in the table of a run.
func TestRunSaysWhy(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 4, 0, 0, 0, time.UTC)
	attempt := func(s startView) startView {
		s.Attempt, s.Of, s.EndedAt = 1, 1, at.Add(2*time.Second)
		return s
	}
	v := &runView{
		runRow: runRow{Run: "r", Origin: "erp", Status: run.StatusFailed, At: at},
		Steps: []stepView{
			{Step: "erp", Status: run.StatusFailed, Reason: "failed"},
			{Step: "load", Status: run.StatusFailed, Reason: "failed"},
			{Step: "refused", Status: run.StatusFailed, Reason: "failed"},
			{Step: "mark", Status: run.StatusSucceeded, Reason: "succeeded"},
			{Step: "hub", Status: run.StatusSucceeded, Reason: "succeeded"},
			{Step: "on", Status: run.StatusContinued, Reason: "goes on in the run s"},
			{Step: "again", Status: run.StatusUnderWay, Reason: "failed in attempt 1 and is tried again at 04:15"},
		},
		Starts: []startView{
			attempt(startView{Step: "erp", StartedAt: at, Reload: "signal-1", Reason: "was reported by ann: the loader broke"}),
			attempt(startView{Step: "load", StartedAt: at, Reload: "1", Seconds: 2, Error: &chain.JobError{Code: "E1", Message: "no field"}}),
			attempt(startView{Step: "refused", Reason: "Qlik Cloud answered 403"}),
			attempt(startView{Step: "mark", StartedAt: at, Reason: "was marked as succeeded at 04:00 by ann (by hand)"}),
			attempt(startView{Step: "hub", StartedAt: at, Reload: "2", Seconds: 2, Reason: "the chain did not start it"}),
			attempt(startView{Step: "on", Reason: "the run s goes on with the step"}),
			attempt(startView{Step: "again", StartedAt: at, Reload: "3", Seconds: 2, Link: "https://acme.eu.qlikcloud.com/sense/app/3",
				Error: &chain.JobError{Message: "no disk", Log: []string{"10:00 store sales"}}}),
			{Step: "again", Attempt: 2, Of: 3, Reason: "attempt 1 of 3 failed; the next one comes at 04:15"},
		},
	}
	var out bytes.Buffer
	a := &app{out: &out, output: outputTable}
	if err := a.showRun(nil, v); err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(` +`).ReplaceAllString(out.String(), " ")
	for _, want := range []string{
		"erp failed 1 of 1 2026-12-01 04:00:00 0s failed: was reported by ann: the loader broke\n",
		"load failed 1 of 1 2026-12-01 04:00:00 2s failed: no field (E1)\n",
		"refused failed 1 of 1 failed: Qlik Cloud answered 403\n", // nothing ran that took a time
		"mark succeeded 1 of 1 2026-12-01 04:00:00 0s was marked as succeeded at 04:00 by ann (by hand)\n",
		"hub succeeded 1 of 1 2026-12-01 04:00:00 2s succeeded\n",
		"on continued 1 of 1 goes on in the run s\n",
		"again under_way 2 of 3 failed in attempt 1 and is tried again at 04:15. Attempt 1: no disk\n",
		"\nagain: https://acme.eu.qlikcloud.com/sense/app/3\n10:00 store sales\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
}

// TestRunCountsWhatExpired checks that a failed run without a failed step shows what it lacks.
func TestRunCountsWhatExpired(t *testing.T) {
	t.Parallel()
	page, err := runsIn([]byte(`{"runs": [{"run": "r", "status": "failed", "counts": {"steps": 3, "succeeded": 1, "expired": 2}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := page.Runs[0].steps(); got != "1 of 3, 2 expired" {
		t.Errorf("the run has %q", got)
	}
}

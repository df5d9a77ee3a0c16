// SPDX-License-Identifier: MPL-2.0

package docs_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events/pattern"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

// testedBy are the blocks of a guide that name a test.
func testedBy(t *testing.T, guide, test string) []*block {
	t.Helper()
	found := slices.DeleteFunc(blocks(t, "templates/guides/"+guide), func(b *block) bool {
		return b.kind != "tested by" || b.argument != test
	})
	if len(found) == 0 {
		t.Fatalf("%s has no block that names %s", guide, test)
	}
	return found
}

// strictly decodes a document that must not have anything else.
func strictly(t *testing.T, b *block, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(b.text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		t.Errorf("%s: %v", b.at(), err)
	}
}

// TestGuideHasTheNotices composes the notices that the guide quotes.
func TestGuideHasTheNotices(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	place := notice.Place{
		Chain: "nightly", TenantURL: "https://acme.eu.qlikcloud.com", InvokeURL: "https://abc.execute-api.eu-central-1.amazonaws.com/live",
		Region: "eu-central-1", LogGroup: "/aws/lambda/qlik-task-chain-nightly", Zone: zone,
	}
	const failed, late = "20261124T011500000Z-133e8b24", "20261124T011207000Z-3f68f449"
	notices := []engine.Notice{{
		Kind: engine.NoticeFailed, At: time.Date(2026, 11, 24, 2, 12, 9, 0, time.UTC), Run: failed, Origin: "extract_hr and extract_sales",
		Counts: &engine.Counts{Steps: 5, Succeeded: 3, Failed: 1, Blocked: 1}, Seconds: 3429,
		Failed: []engine.FailedStep{{
			Step: "transform", Run: failed, Attempt: 3, Of: 3, Reload: "6a849f7f18ec290e6ceb0001", Status: qlik.StatusFailed,
			Error: &chain.JobError{Code: "EngineScriptError", Message: "Field 'amount' not found"}, Blocked: 1, Blocks: []string{"dashboard"},
		}},
		Steps: []engine.Unfinished{{Step: "dashboard", Reason: "is blocked: transform failed"}},
	}, {
		Kind: engine.NoticeSummary, At: time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC),
		Summary: &engine.Summary{Since: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), Succeeded: 1, Failed: 1},
		Failed:  []engine.FailedStep{{Step: "transform", Blocked: 1, Blocks: []string{"dashboard"}}},
		Steps: []engine.Unfinished{
			{Step: "dashboard", Reason: "is not done, and was expected by 06:00 Europe/Zurich"},
			{Step: "transform", Reason: "is not done, and was expected by 06:00 Europe/Zurich"},
			{Step: "extract_sales", Run: failed, Reason: "took 57m9s, typically 31m"},
		},
	}, {
		Kind: engine.NoticeLate, At: time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC), Steps: []engine.Unfinished{
			{Step: "extract_hr", Reason: "has not started since 18:00 on 2026-11-23"},
			{Step: "dashboard", Run: late, Reason: "waits for transform in this run"},
			{Step: "transform", Run: late, Reason: "waits for extract_hr: it has no result since 18:00 on 2026-11-23"},
		},
	}}
	quoted := testedBy(t, "monitoring.md", "TestGuideHasTheNotices")
	if len(quoted) != len(notices) {
		t.Fatalf("the guide quotes %d notices", len(quoted))
	}
	for i, n := range notices {
		message, err := notice.Compose(n, place)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(message.Text, strings.TrimRight(quoted[i].text, "\n")) {
			t.Errorf("%s: the notice is\n%s", quoted[i].at(), message.Text)
		}
	}
}

// TestGuideHasARun checks that the guide's example of a run has nothing that a run does not have, and adds up.
func TestGuideHasARun(t *testing.T) {
	t.Parallel()
	for _, b := range testedBy(t, "seeing.md", "TestGuideHasARun") {
		var run engine.RunView
		strictly(t, b, &run)
		if run.EndedAt.Sub(run.At).Seconds() != run.Seconds {
			t.Errorf("%s: the run from %s to %v takes %v seconds", b.at(), run.At, run.EndedAt, run.Seconds)
		}
		c := run.Counts
		if c.Steps != c.Succeeded+c.Failed+c.Canceled+c.Blocked+c.Expired+c.Skipped+c.Continued {
			t.Errorf("%s: the counts are %+v", b.at(), c)
		}
	}
}

// TestGuideHasARule checks that the guide's rule matches the end of a run that succeeded, and no other event.
func TestGuideHasARule(t *testing.T) {
	t.Parallel()
	for _, b := range testedBy(t, "seeing.md", "TestGuideHasARule") {
		rule, err := pattern.Parse(b.text)
		if err != nil {
			t.Fatalf("%s: %v", b.at(), err)
		}
		for kind, statuses := range map[engine.EventType]map[string]bool{
			engine.EventRunEnded:  {"succeeded": true, "recovered": true, "failed": false},
			engine.EventStepEnded: {"succeeded": false},
		} {
			for status, want := range statuses {
				detail, err := json.Marshal(map[string]string{"chain": "nightly", "status": status})
				if err != nil {
					t.Fatal(err)
				}
				var event map[string]any
				text := `{"source": "qlik-task-chain", "detail-type": "` + string(kind) + `", "detail": ` + string(detail) + `}`
				if err := json.Unmarshal([]byte(text), &event); err != nil {
					t.Fatal(err)
				}
				if got := rule.Match(event); got != want {
					t.Errorf("%s: the rule says %v of %s", b.at(), got, text)
				}
			}
		}
	}
}

// TestGuideHasALogLine checks that each member of the guide's log line is one that the function writes.
func TestGuideHasALogLine(t *testing.T) {
	t.Parallel()
	code := messages(t)
	for _, b := range testedBy(t, "monitoring.md", "TestGuideHasALogLine") {
		var line map[string]any
		if err := json.Unmarshal([]byte(b.text), &line); err != nil {
			t.Fatalf("%s: %v", b.at(), err)
		}
		for _, own := range []string{"time", "level", "msg"} { // log/slog writes these
			delete(line, own)
		}
		for name := range line {
			if !strings.Contains(code, `"`+name+`"`) {
				t.Errorf("%s: nothing writes %q", b.at(), name)
			}
		}
	}
}

// TestGuideHasAnOwner checks that the members of the guide's entry of an owner are those that the provider writes.
func TestGuideHasAnOwner(t *testing.T) {
	t.Parallel()
	for _, b := range testedBy(t, "operations.md", "TestGuideHasAnOwner") {
		var entry map[string]any
		if err := json.Unmarshal([]byte(b.text), &entry); err != nil {
			t.Fatalf("%s: %v", b.at(), err)
		}
		written := found(t, "`json:\"(\\w+)", "provider", "stack", "owner.go")
		for name := range entry {
			if !slices.Contains(written, name) {
				t.Errorf("%s: nothing writes %q", b.at(), name)
			}
		}
		if !bytes.Contains([]byte(b.text), []byte(`"stage": "whole"`)) {
			t.Errorf("%s: the entry is not that of a whole chain", b.at())
		}
	}
}

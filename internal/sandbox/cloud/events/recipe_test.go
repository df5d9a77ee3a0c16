// SPDX-License-Identifier: MPL-2.0

package events

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guide returns the text of a guide.
func guide(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "templates", "guides", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTheRecipeForPagerDuty transforms the chain's event as the guide's recipe says. The event is the guide's own example, which a test of
// the documents compares with the function's type. Source of what PagerDuty requires: Events API v2, "Send an alert event": event_action,
// payload.summary (at most 1,024 characters), payload.source and payload.severity; routing_key comes from the connection.
func TestTheRecipeForPagerDuty(t *testing.T) {
	t.Parallel()
	_, recipe, found := strings.Cut(guide(t, "monitoring.md"), `resource "aws_cloudwatch_event_target" "pagerduty"`)
	_, template, hasTemplate := strings.Cut(recipe, "input_template = <<-EOT\n")
	template, _, ends := strings.Cut(template, "EOT")
	_, example, hasExample := strings.Cut(guide(t, "seeing.md"), "```json\n{\n  \"version\"")
	example, _, _ = strings.Cut(example, "```")
	if !found || !hasTemplate || !ends || !hasExample {
		t.Fatal("the guides do not have the recipe or the event")
	}
	tr := &transformer{InputTemplate: template, InputPathsMap: map[string]string{}}
	for _, path := range regexp.MustCompile(`(?m)^ +(\w+) += "(\$[\w.]+)"$`).FindAllStringSubmatch(recipe, -1) {
		tr.InputPathsMap[path[1]] = path[2]
	}
	if err := tr.check(); err != nil {
		t.Fatal(err)
	}
	var detail map[string]any
	if err := json.Unmarshal([]byte(`{"version"`+example), &detail); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"transform", `the "big" one \ 2`, "größe <chain>"} {
		detail["step"] = step
		input, err := tr.apply(&rule{}, &event{document: map[string]any{
			"source": "qlik-task-chain", "detail-type": "StepEnded", "detail": detail,
		}})
		if err != nil {
			t.Fatalf("%s: %v", step, err)
		}
		var sent struct {
			EventAction string `json:"event_action"`
			DedupKey    string `json:"dedup_key"`
			Payload     struct {
				Summary, Source, Severity, Timestamp string
				CustomDetails                        map[string]any `json:"custom_details"`
			}
		}
		if err := json.Unmarshal([]byte(input), &sent); err != nil {
			t.Fatal(err)
		}
		p := sent.Payload
		if sent.EventAction != "trigger" || sent.DedupKey != detail["id"] || len(sent.DedupKey) > 255 || p.Source != "nightly" ||
			p.Summary != "Task chain nightly: "+step+" failed" || p.Timestamp != detail["ended_at"] ||
			!slices.Contains([]string{"critical", "error", "warning", "info"}, p.Severity) || p.CustomDetails["error"] == nil {
			t.Errorf("%s: PagerDuty gets %s", step, input)
		}
	}
}

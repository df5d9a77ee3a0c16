// SPDX-License-Identifier: MPL-2.0

package notice_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/notice"
)

func place(t *testing.T) notice.Place {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	return notice.Place{
		Chain: "nightly", TenantURL: "https://acme.eu.qlikcloud.com", InvokeURL: "https://abc.execute-api.eu-central-1.amazonaws.com/live",
		Region: "eu-central-1", LogGroup: "/aws/lambda/qlik-task-chain-nightly", Zone: zone,
	}
}

var at = time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)

func TestCompose(t *testing.T) {
	t.Parallel()
	const run = "20261123T041209Z-3f68f449"
	for name, tt := range map[string]struct {
		notice  engine.Notice
		subject string
		text    []string
	}{
		"a failed step": {
			engine.Notice{Kind: engine.NoticeFailed, At: at, Step: "transform", App: "app-1", Run: run, Attempt: 2, Of: 2, Reload: "6a84", Status: "FAILED", Next: []string{"fallback"}},
			"Task chain nightly: transform failed",
			[]string{"Step: transform\n", "Run: " + run, "Attempt: 2 of 2", "Ended with: FAILED", "Started after the failure: fallback", "Time: 06:00 CET on 2026-11-24",
				"https://abc.execute-api.eu-central-1.amazonaws.com/live/page?run=" + run + "\n", "/live/runs/" + run, "https://acme.eu.qlikcloud.com/api/v1/reloads/6a84",
				"https://acme.eu.qlikcloud.com/sense/app/app-1", chain.MonitoringGuide,
				"https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#logsV2:log-groups/log-group/$252Faws$252Flambda$252Fqlik-task-chain-nightly/" +
					"log-events$3FfilterPattern$3D$2522" + run + "$2522"},
		},
		"a step that cannot be started": {
			engine.Notice{Kind: engine.NoticeNotStarted, At: at, Step: "Größe\nx", Run: run, Attempt: 1, Of: 1, Reason: "RELOADS-003: no right to reload"},
			"Task chain nightly: Gr??e x was due and cannot be started", []string{"Because: RELOADS-003: no right to reload"},
		},
		"late": {
			engine.Notice{Kind: engine.NoticeLate, At: at, Unfinished: []engine.Unfinished{
				{Step: "transform", Run: run, Reason: "is running since 05:12"}, {Step: "dashboard", Reason: "has not started"},
			}},
			"Task chain nightly: not done by 06:00 CET on 2026-11-24",
			[]string{"- transform is running since 05:12, in the run " + run + "\n", "- dashboard has not started\n", "/live/page?run=" + run},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := notice.Compose(tt.notice, place(t))
			if err != nil {
				t.Fatal(err)
			}
			if m.Subject != tt.subject {
				t.Errorf("the subject is %q, want %q", m.Subject, tt.subject)
			}
			for _, want := range tt.text {
				if !strings.Contains(m.Text, want) {
					t.Errorf("the text does not have %q:\n%s", want, m.Text)
				}
			}
			var chat struct {
				Version, Source string
				Content         struct {
					Title, Description string
					NextSteps          []string
				}
				Metadata struct{ AdditionalContext map[string]string }
			}
			if err := json.Unmarshal([]byte(m.JSON), &chat); err != nil || chat.Version != "1.0" || chat.Source != "custom" || chat.Content.Title != m.Short || len(chat.Content.NextSteps) < 3 {
				t.Errorf("the JSON is %s (%v)", m.JSON, err)
			}
			var back engine.Notice
			if err := json.Unmarshal([]byte(chat.Metadata.AdditionalContext["notice"]), &back); err != nil || back.Kind != tt.notice.Kind || back.Step != tt.notice.Step ||
				len(back.Unfinished) != len(tt.notice.Unfinished) {
				t.Errorf("the notice in the JSON is %+v (%v)", back, err)
			}
		})
	}
}

func TestLinksThatAreNotKnown(t *testing.T) {
	t.Parallel()
	p := place(t)
	p.InvokeURL, p.LogGroup, p.Zone = "", "", nil
	m, err := notice.Compose(engine.Notice{Kind: engine.NoticeFailed, At: at, Step: "a", Run: "r"}, p)
	if err != nil || strings.Contains(m.Text, "/page") || strings.Contains(m.Text, "console.aws") || !strings.Contains(m.Text, "05:00 UTC") {
		t.Errorf("the text is %s (%v)", m.Text, err)
	}
	for region, host := range map[string]string{"cn-north-1": "https://cn-north-1.console.amazonaws.cn/", "us-gov-west-1": "https://console.amazonaws-us-gov.com/"} {
		p.Region, p.LogGroup = region, "/aws/lambda/x"
		if m, err := notice.Compose(engine.Notice{Kind: engine.NoticeFailed, At: at, Step: "a"}, p); err != nil || !strings.Contains(m.Text, host) {
			t.Errorf("in %s the text is %s (%v)", region, m.Text, err)
		}
	}
}

// FuzzCompose: SNS takes the subject of any step.
func FuzzCompose(f *testing.F) {
	f.Add("transform")
	f.Add(strings.Repeat("ü", 200))
	f.Fuzz(func(t *testing.T, step string) {
		m, err := notice.Compose(engine.Notice{Kind: engine.NoticeFailed, At: at, Step: step}, notice.Place{Chain: "nightly", Region: "eu-central-1"})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Subject) >= 100 || strings.ContainsFunc(m.Subject, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("the subject is %q", m.Subject)
		}
	})
}

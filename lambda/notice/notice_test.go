// SPDX-License-Identifier: MPL-2.0

package notice_test

import (
	"encoding/json"
	"fmt"
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

func failed(n int) []engine.FailedStep {
	steps := make([]engine.FailedStep, n)
	for i := range steps {
		steps[i] = engine.FailedStep{Step: fmt.Sprintf("step%d", i), App: fmt.Sprintf("app%d", i), Attempt: 1, Of: 1}
	}
	return steps
}

func TestCompose(t *testing.T) {
	t.Parallel()
	const run = "20261123T041209000Z-3f68f449"
	for name, tt := range map[string]struct {
		notice  engine.Notice
		subject string
		text    []string
	}{
		"a failed step": {
			engine.Notice{
				Kind: engine.NoticeFailed, At: at, Run: run, Origin: "extract and 4 others",
				Counts: &engine.Counts{Steps: 9, Succeeded: 5, Failed: 1, Blocked: 2, Expired: 1},
				Failed: []engine.FailedStep{{Step: "transform", App: "app-1", Run: run, Attempt: 2, Of: 2, Reload: "6a84", Status: "FAILED"}},
				Steps:  []engine.Unfinished{{Step: "dashboard", Reason: "is blocked: transform failed"}}, More: 2,
			},
			"Task chain nightly: transform failed",
			[]string{"Begun at: extract and 4 others\n", "Run: " + run, "- transform failed in attempt 2 of 2: its reload 6a84 ended with FAILED\n",
				"Steps: 5 succeeded, 1 failed, 2 blocked, 1 expired, of 9\n", "- dashboard is blocked: transform failed\n", "- 2 more\n",
				"Time: 06:00 CET on 2026-11-24",
				"https://abc.execute-api.eu-central-1.amazonaws.com/live/page?run=" + run + "\n", "/live/runs/" + run,
				"https://acme.eu.qlikcloud.com/api/v1/reloads/6a84",
				"https://acme.eu.qlikcloud.com/sense/app/app-1", chain.MonitoringGuide,
				"https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#" +
					"logsV2:log-groups/log-group/$252Faws$252Flambda$252Fqlik-task-chain-nightly/" +
					"log-events$3FfilterPattern$3D$2522" + run + "$2522"},
		},
		"a step that cannot be started": {
			engine.Notice{Kind: engine.NoticeFailed, At: at, Run: run, Failed: []engine.FailedStep{
				{Step: "Größe\nx", Run: run, Attempt: 1, Of: 1, Reason: "RELOADS-003: no right to reload"},
			}},
			"Task chain nightly: Gr??e x failed", []string{"x could not be started: RELOADS-003: no right to reload"},
		},
		"a signal that reported a failure": {
			engine.Notice{Kind: engine.NoticeFailed, At: at, Run: run, Failed: []engine.FailedStep{
				{Step: "erp", Run: run, Attempt: 1, Of: 1, Status: "FAILED", Ended: "was reported by the API key k3y: the loader broke"},
			}},
			"Task chain nightly: erp failed", []string{"- erp failed: it was reported by the API key k3y: the loader broke\n"},
		},
		"an automation": {
			engine.Notice{Kind: engine.NoticeFailed, At: at, Run: run, Failed: []engine.FailedStep{
				{Step: "mail", Run: run, Attempt: 1, Of: 1, Status: "FAILED", Reload: "6a84"},
			}},
			"Task chain nightly: mail failed", []string{"- mail failed: its run 6a84 ended with FAILED\n"},
		},
		"many failed steps": {
			engine.Notice{Kind: engine.NoticeFailed, At: at, Run: run, Failed: failed(40), More: 60,
				Counts: &engine.Counts{Steps: 200, Failed: 100}},
			"Task chain nightly: step0, step1, step2 and 97 others failed", []string{"- step39 failed\n", "- 60 more\n", "The app of step4:"},
		},
		"a run that waits for what cannot come": {
			engine.Notice{Kind: engine.NoticeFailed, At: at, Run: run, Origin: "hr",
				Steps: []engine.Unfinished{{Step: "report", Reason: "expired: sales had no result by 18:00"}}},
			"Task chain nightly: the run of hr failed", []string{"- report expired: sales had no result by 18:00\n"},
		},
		"a run that recovered": {
			engine.Notice{Kind: engine.NoticeRecovered, At: at, Run: run, Origin: "hr", Failed: failed(1)},
			"Task chain nightly: the run of hr recovered from a failure", []string{"- step0 failed\n", "/live/page?run=" + run},
		},
		"a run that succeeded": {
			engine.Notice{Kind: engine.NoticeSucceeded, At: at, Run: run, Origin: "hr", Seconds: 3725},
			"Task chain nightly: the run of hr succeeded", []string{"Took: 1h2m5s\n"},
		},
		"late": {
			engine.Notice{Kind: engine.NoticeLate, At: at, Steps: []engine.Unfinished{
				{Step: "transform", Run: run, Reason: "is running since 05:12"}, {Step: "dashboard", Reason: "has not started"},
				{Step: "report", Run: run, Reason: "waits for transform in this run"},
			}},
			"Task chain nightly: not done by 06:00 CET on 2026-11-24",
			[]string{"- transform is running since 05:12, in the run " + run + "\n", "- dashboard has not started\n",
				"- report waits for transform in the run " + run + "\n", "/live/page?run=" + run},
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
			if strings.Contains(m.Text, "/reloads/") && tt.notice.Failed[0].App == "" {
				t.Errorf("the text links a reload that there is not:\n%s", m.Text)
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
			if err := json.Unmarshal([]byte(m.JSON), &chat); err != nil || chat.Version != "1.0" || chat.Source != "custom" ||
				chat.Content.Title != m.Short || len(chat.Content.NextSteps) < 3 {
				t.Errorf("the JSON is %s (%v)", m.JSON, err)
			}
			expectCustomNotification(t, m.JSON)
			var back engine.Notice
			if err := json.Unmarshal([]byte(chat.Metadata.AdditionalContext["notice"]), &back); err != nil || back.Kind != tt.notice.Kind ||
				back.Run != tt.notice.Run ||
				len(back.Failed) != len(tt.notice.Failed) || len(back.Steps) != len(tt.notice.Steps) {
				t.Errorf("the notice in the JSON is %+v (%v)", back, err)
			}
		})
	}
}

// expectCustomNotification checks a message against the form that Amazon Q Developer in chat applications documents: these members and no
// others, and which of them are required. Source: https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
func expectCustomNotification(t *testing.T, text string) {
	t.Helper()
	var m struct {
		Version string `json:"version"`
		Source  string `json:"source"`
		ID      string `json:"id"`
		Content struct {
			TextType    string   `json:"textType"`
			Title       string   `json:"title"`
			Description string   `json:"description"`
			NextSteps   []string `json:"nextSteps"`
			Keywords    []string `json:"keywords"`
		} `json:"content"`
		Metadata struct {
			ThreadID          string            `json:"threadId"`
			Summary           string            `json:"summary"`
			EventType         string            `json:"eventType"`
			RelatedResources  []string          `json:"relatedResources"`
			AdditionalContext map[string]string `json:"additionalContext"`
		} `json:"metadata"`
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil || m.Version != "1.0" || m.Source != "custom" || m.Content.TextType != "client-markdown" ||
		m.Content.Description == "" {
		t.Errorf("a chat does not show %s (%v)", text, err)
	}
}

func TestLinksThatAreNotKnown(t *testing.T) {
	t.Parallel()
	p := place(t)
	p.InvokeURL, p.LogGroup, p.Zone = "", "", nil
	m, err := notice.Compose(engine.Notice{Kind: engine.NoticeFailed, At: at, Run: "r"}, p)
	if err != nil || strings.Contains(m.Text, "/page") || strings.Contains(m.Text, "console.aws") || !strings.Contains(m.Text, "05:00 UTC") {
		t.Errorf("the text is %s (%v)", m.Text, err)
	}
	for region, host := range map[string]string{"cn-north-1": "https://cn-north-1.console.amazonaws.cn/",
		"us-gov-west-1": "https://console.amazonaws-us-gov.com/"} {
		p.Region, p.LogGroup = region, "/aws/lambda/x"
		if m, err := notice.Compose(engine.Notice{Kind: engine.NoticeFailed, At: at, Run: "r"}, p); err != nil ||
			!strings.Contains(m.Text, host) {
			t.Errorf("in %s the text is %s (%v)", region, m.Text, err)
		}
	}
}

// FuzzCompose: SNS takes the subject of any step.
func FuzzCompose(f *testing.F) {
	f.Add("transform")
	f.Add(strings.Repeat("ü", 200))
	f.Fuzz(func(t *testing.T, step string) {
		m, err := notice.Compose(engine.Notice{Kind: engine.NoticeFailed, At: at, Failed: []engine.FailedStep{{Step: step}}},
			notice.Place{Chain: "nightly", Region: "eu-central-1"})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Subject) >= 100 || strings.ContainsFunc(m.Subject, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("the subject is %q", m.Subject)
		}
	})
}

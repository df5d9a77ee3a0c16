// SPDX-License-Identifier: MPL-2.0

package draw_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

// everyKind is a chain with a step of each kind.
func everyKind() *chain.Definition {
	on := func(s chain.Step) chain.Step {
		s.Enabled = true
		return s
	}
	return &chain.Definition{Version: chain.Version, Name: "kinds", Steps: map[string]chain.Step{
		"app":  on(chain.Step{App: chaintest.AppID(1)}),
		"mail": on(chain.Step{Automation: "11111111-1111-4111-8111-111111111111", Retry: &chain.Retry{MaxAttempts: 2}}),
		"land": on(chain.Step{DataTask: &chain.DataTask{Project: "65f2a4b7c1d2e3f405162738", Task: "task-1"}}),
		"erp":  on(chain.Step{Signal: &chain.Signal{}}),
	}}
}

// withRun colours a picture.
func withRun(d *chain.Definition) *draw.Picture {
	p := draw.Of(d)
	p.Runs = []draw.Run{{ID: "r", Origin: "app"}}
	return p
}

// TestKindsAreShown checks that each kind has a word in every picture, and a shape or an icon of its own.
func TestKindsAreShown(t *testing.T) {
	t.Parallel()
	p, coloured := draw.Of(everyKind()), withRun(everyKind())
	for what, test := range map[string]struct {
		got  string
		want []string
	}{
		"Mermaid": {p.Mermaid(), []string{
			`step_app["app"]`, `step_mail[["mail<br/><small>automation · 2 attempts</small>"]]`,
			`step_land[("land<br/><small>data task</small>")]`, `step_erp(["erp<br/><small>signal</small>"])`,
		}},
		"Mermaid of a run": {coloured.Mermaid(), []string{
			`step_app["app<br/><small>not run yet</small>"]`, `step_mail[["mail<br/><small>automation, not run yet`,
			`step_land[("land<br/><small>data task, not run yet`, `step_erp(["erp<br/><small>signal, not run yet`,
		}},
		"DOT": {p.DOT(), []string{
			`step_app [label="app"]`, `step_mail [label="mail\nautomation · 2 attempts" shape=component]`,
			`step_land [label="land\ndata task" shape=cylinder]`, `step_erp [label="erp\nsignal" shape=cds]`,
		}},
		"SVG":          {string(p.SVG()), []string{">automation · 2 attempts<", ">data task<", ">signal<"}},
		"SVG of a run": {string(coloured.SVG()), []string{">automation, not run yet<", ">data task, not run yet<", ">signal, not run yet<"}},
	} {
		for _, want := range test.want {
			if !strings.Contains(test.got, want) {
				t.Errorf("%s lacks %s:\n%s", what, want, test.got)
			}
		}
	}
	icons := map[string]bool{}
	for _, found := range regexp.MustCompile(`<path class="kind"[^>]* d="([^"]+)"`).FindAllStringSubmatch(string(p.SVG()), -1) {
		icons[found[1]] = true
	}
	if len(icons) != 3 {
		t.Errorf("there are %d different icons of kinds, want 3", len(icons))
	}
}

// TestEveryKindHasAWord reads the file that the live page shares.
func TestEveryKindHasAWord(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("kind.json")
	if err != nil {
		t.Fatal(err)
	}
	var looks map[chain.Kind]struct{ Text string }
	if err := json.Unmarshal(content, &looks); err != nil {
		t.Fatal(err)
	}
	for _, kind := range chain.Kinds() {
		if looks[kind].Text == "" {
			t.Errorf("the kind %s has no word", kind)
		}
	}
	if len(looks) != len(chain.Kinds()) {
		t.Errorf("kind.json has %d kinds", len(looks))
	}
}

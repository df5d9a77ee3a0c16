// SPDX-License-Identifier: MPL-2.0

package play_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
)

// TestChanges: what an apply at 02:05 does to a run that began at 02:00, as the guide says it.
func TestChanges(t *testing.T) {
	t.Parallel()
	delay := func(d time.Duration) func(s *chain.Step) { return func(s *chain.Step) { s.Delay = chain.Duration(d) } }
	disable := func(s *chain.Step) { s.Enabled = false }
	remove := func(name string) func(d *chain.Definition) {
		return func(d *chain.Definition) {
			delete(d.Steps, name)
			for other, s := range d.Steps {
				if _, after := s.After[name]; after {
					s.After = maps.Clone(s.After)
					delete(s.After, name)
					d.Steps[other] = s
				}
			}
		}
	}
	mail := func(d *chain.Definition) { d.Steps["mail"] = after(4, "report") }
	for name, test := range map[string]struct {
		before, after []func(d *chain.Definition)
		ends          statuses
		starts        string // after 02:00
		says          map[string]string
	}{
		"a step gets another name": {
			after: []func(d *chain.Definition){func(d *chain.Definition) {
				d.Steps["people"], d.Steps["report"] = d.Steps["hr"], after(3, "sales", "people")
				delete(d.Steps, "hr")
			}},
			starts: "02:10 report", says: map[string]string{"people": "succeeded", "report": "succeeded"},
		},
		"a step is removed that was not started": {
			before: []func(d *chain.Definition){mail}, after: []func(d *chain.Definition){mail, remove("report")},
			says: map[string]string{"report": "was removed from the chain", "mail": "is not needed: report was removed from the chain"},
		},
		"a step is removed that is under way": {
			after: []func(d *chain.Definition){remove("hr")}, starts: "02:10 report", says: map[string]string{"hr": "succeeded"},
		},
		"a step is added": {
			after: []func(d *chain.Definition){mail}, starts: "02:10 report", says: map[string]string{"report": "succeeded"},
		},
		"a link is removed": {
			after: []func(d *chain.Definition){with("report",
				func(s *chain.Step) { s.After = map[string]chain.Condition{"sales": chain.ConditionSuccess} })},
			ends: statuses{"hr": {"FAILED"}}, says: map[string]string{"report": "is blocked: hr failed"},
		},
		"a step gets another app": {
			after: []func(d *chain.Definition){with("report", func(s *chain.Step) { s.App = after(9).App })},
			says:  map[string]string{"report": "was removed from the chain"},
		},
		"a step is disabled": {
			after: []func(d *chain.Definition){with("report", disable)}, says: map[string]string{"report": "is disabled"},
		},
		"a step is disabled that is under way": {
			after: []func(d *chain.Definition){with("hr", disable)}, starts: "02:10 report", says: map[string]string{"hr": "succeeded"},
		},
		"a step is enabled": {
			before: []func(d *chain.Definition){with("report", disable)}, starts: "02:10 report",
			says: map[string]string{"report": "succeeded"},
		},
		"a delay": {
			before: []func(d *chain.Definition){with("report", delay(time.Hour))}, after: []func(d *chain.Definition){with("report",
				delay(5*time.Minute))},
			starts: "02:15 report",
		},
		"a guard": {
			after: []func(d *chain.Definition){with("report", func(s *chain.Step) { s.When = "hour < 2" })},
			says:  map[string]string{"report": "is skipped: guard `hour < 2` was false at 02:10 (UTC)"},
		},
		"a retry": {
			after:  []func(d *chain.Definition){with("hr", func(s *chain.Step) { s.Retry = &chain.Retry{MaxAttempts: 2} })},
			ends:   statuses{"hr": {"FAILED", "SUCCEEDED"}},
			starts: "02:11 hr, 02:21 report",
		},
		"wait_for": {
			after: []func(d *chain.Definition){with("report", func(s *chain.Step) { s.WaitFor = chain.WaitForAllSettled })},
			ends:  statuses{"hr": {"FAILED"}},
			says:  map[string]string{"report": "is blocked: hr failed"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := play.Of(play.Script{Definition: report(test.before...), Ending: endings(test.ends), Events: []play.Event{
				play.Begin{At: at("02:00"), Steps: []string{"sales", "hr"}}, play.Change{At: at("02:05"),
					Definition: report(test.after...)},
			}})
			if err != nil {
				t.Fatal(err)
			}
			var starts []string
			for i := range p.Reloads {
				if r := &p.Reloads[i]; r.Start.After(at("02:00")) {
					starts = append(starts, r.Start.Format("15:04 ")+r.Step)
				}
			}
			if have := strings.Join(starts, ", "); have != test.starts {
				t.Errorf("it starts %q, want %q", have, test.starts)
			}
			for step, want := range test.says {
				if have := p.Runs[0].Steps[step].Reason; have != want {
					t.Errorf("%s %s, want %s", step, have, want)
				}
			}
			if _, added := p.Runs[0].Steps["mail"]; added && name == "a step is added" {
				t.Errorf("the run covers %q", slices.Sorted(maps.Keys(p.Runs[0].Steps)))
			}
		})
	}
}

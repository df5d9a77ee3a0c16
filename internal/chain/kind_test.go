// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

const project = "65f2a4b7c1d2e3f405162738"

func TestValidateKinds(t *testing.T) {
	t.Parallel()
	task := func(id string) *chain.DataTask { return &chain.DataTask{Project: project, Task: id} }
	hour := chain.Duration(time.Hour)
	tests := map[string]struct {
		steps map[string]chain.Step
		want  []string // path: a piece of the message
	}{
		"one of each": {map[string]chain.Step{
			"load": {DataTask: task("task-cYSY"), Enabled: true, Retry: &chain.Retry{MaxAttempts: 2}, Schedule: &chain.Schedule{Rate: hour}},
			"erp":  {Signal: &chain.Signal{}, Enabled: true},
			"sales": {App: appID(1), Enabled: true, After: map[string]chain.Condition{"load": "success", "erp": "success"},
				Variables: map[string]string{"day": "1"}, Weight: 2, Partial: true},
			"mail": {Automation: appID(2), Enabled: true, After: map[string]chain.Condition{"sales": "failure"}, Delay: hour},
			"ok":   {Signal: &chain.Signal{}, Enabled: true, After: map[string]chain.Condition{"sales": "success"}},
		}, nil},
		"nothing": {map[string]chain.Step{"a": {}}, []string{`steps["a"].app: Set one of app, automation, data_task and signal`}},
		"two": {map[string]chain.Step{"a": {App: appID(1), Automation: appID(2), Signal: &chain.Signal{}}}, []string{
			`steps["a"].automation: The step has both app and automation. Remove one of the two`,
			`steps["a"].signal: The step has both app and signal`,
		}},
		"no ids": {map[string]chain.Step{"a": {Automation: "mail"}, "b": {DataTask: &chain.DataTask{Project: "p/q"}}}, []string{
			`steps["a"].automation: "mail" is not an automation's id. Use its UUID`,
			`steps["b"].data_task.project: "p/q" is not the id of a data project`,
			`steps["b"].data_task.task: "" is not the id of a data task`,
		}},
		"the same again": {map[string]chain.Step{
			"a": {Automation: appID(1)}, "b": {Automation: strings.ToUpper(appID(1))}, "c": {DataTask: task("t")}, "d": {DataTask: task("t")},
			"e": {App: appID(1)}, "f": {Signal: &chain.Signal{}}, "g": {Signal: &chain.Signal{}}, "h": {DataTask: task("T")},
		}, []string{
			`steps["b"].automation: The step "a" has the same automation. It can be in a chain once`,
			`steps["d"].data_task: The step "c" has the same data task.`,
		}},
		"what does not apply": {map[string]chain.Step{
			"a": {Automation: appID(1), Partial: true, Weight: 2, Variables: map[string]string{"x": "1"}},
			"b": {Signal: &chain.Signal{}, Retry: &chain.Retry{MaxAttempts: 2}, Schedule: &chain.Schedule{Rate: hour}},
			"c": {Signal: &chain.Signal{}, Delay: hour, After: map[string]chain.Condition{"a": "success"}},
		}, []string{
			`steps["a"].partial: Only an app can be reloaded partially. Remove partial.`,
			`steps["a"].variables: Qlik Cloud passes variables to the reload of an app only. Remove variables.`,
			`steps["a"].weight: Only reloads of apps have a weight. Remove weight.`,
			`steps["b"].retry: The chain starts nothing for a signal`,
			`steps["b"].schedule: A signal comes when something reports it. Remove schedule.`,
			`steps["c"].delay: there is nothing to delay. Remove delay.`,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectProblems(t, &chain.Definition{Version: chain.Version, Name: "kinds", Timezone: "UTC", Steps: tt.steps}, tt.want)
		})
	}
}

// TestStepID: a step's id follows from what it starts, and steps of different kinds never share one.
func TestStepID(t *testing.T) {
	t.Parallel()
	id := strings.ToUpper(appID(1))
	d := &chain.Definition{Steps: map[string]chain.Step{
		"app": {App: id}, "automation": {Automation: id}, "task": {DataTask: &chain.DataTask{Project: project, Task: "task-cYSY"}},
		"signal": {Signal: &chain.Signal{}}, "another signal # with / signs": {Signal: &chain.Signal{}},
	}}
	index, seen := chain.NewIndex(d), map[string]string{}
	for key := range d.Steps {
		id := d.StepID(key)
		if other, twice := seen[id]; twice {
			t.Errorf("%s and %s have the id %s", key, other, id)
		}
		seen[id] = key
		if strings.Trim(id, "abcdefghijklmnopqrstuvwxyzYS0123456789-") != "" {
			t.Errorf("the id of %s is %q: not every key of the table and name of a timer takes it", key, id)
		}
		if found, known := index.StepOf(id); found != key || !known {
			t.Errorf("StepOf(%s) = %q, %t, want %s", id, found, known, key)
		}
	}
	if want := chain.AutomationStep(appID(1)); seen[want] != "automation" {
		t.Errorf("the automation's step has another id than %s", want)
	}
	if want := chain.DataTaskStep(project, "task-cYSY"); seen[want] != "task" {
		t.Errorf("the data task's step has another id than %s", want)
	}
}

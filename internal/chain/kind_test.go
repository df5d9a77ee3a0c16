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
		"events": {map[string]chain.Step{
			"a": {Signal: &chain.Signal{EventPattern: `{"source":["dbt"],"$or":[{"a":["b"]},{"c":["d"]}]}`, EventBus: "aws.partner/dbt.com/x"}},
			"b": {Signal: &chain.Signal{EventPattern: `{"detail":{"job":[{"prefix":"x"}]}}`, Outcome: "$.detail.runs[0].end-state"}},
			"c": {Signal: &chain.Signal{EventPattern: `{"a":["b"]}`, Outcome: "canceled", EventBus: "default"}},
		}, nil},
		"quiet": {map[string]chain.Step{
			"a": {Signal: &chain.Signal{QuietFor: 5 * hour / 60}}, "b": {Signal: &chain.Signal{QuietFor: hour / 120}},
			"c": {Signal: &chain.Signal{QuietFor: 7 * hour}}, "d": {Signal: &chain.Signal{QuietFor: hour / 40}},
			"e": {Signal: &chain.Signal{QuietFor: chain.MaxQuietFor}},
		}, []string{
			`steps["b"].signal.quiet_for: The quiet_for 30s is out of range. Use 1m to 6h.`, `steps["c"].signal.quiet_for: 7h is out of range.`,
			`steps["d"].signal.quiet_for: 1m30s is not in whole minutes.`,
		}},
		"no events": {map[string]chain.Step{
			"a": {Signal: &chain.Signal{EventBus: "other"}}, "b": {Signal: &chain.Signal{Outcome: "success"}},
			"c": {Signal: &chain.Signal{EventPattern: `["x"]`}}, "d": {Signal: &chain.Signal{EventPattern: `{"a": "b"}`}},
			"e": {Signal: &chain.Signal{EventPattern: `{"detail": {"state": []}}`}}, "f": {Signal: &chain.Signal{EventPattern: `{}`}},
			"g": {Signal: &chain.Signal{EventPattern: `{"a":["` + strings.Repeat("b", 2048) + `"]}`}},
			"h": {Signal: &chain.Signal{EventPattern: `null`}},
			"i": {Signal: &chain.Signal{EventPattern: `{"a":["b"]}`, Outcome: "done"}},
			"j": {Signal: &chain.Signal{EventPattern: `{"a":["b"]}`, Outcome: "$.a b"}},
			"k": {Signal: &chain.Signal{EventPattern: `{"a":["b"]}`, Outcome: "$." + strings.Repeat("b", 256)}},
			"l": {Signal: &chain.Signal{EventPattern: `{"a":["b"]}`, EventBus: "arn:aws:events:eu-central-1:123456789012:event-bus/x"}},
		}, []string{
			`steps["a"].signal.event_bus: no event counts. Set event_pattern, or remove event_bus.`,
			`steps["b"].signal.outcome: no event counts.`,
			`steps["c"].signal.event_pattern: it is not a JSON object`, `steps["d"].signal.event_pattern: a must be a list of values`,
			`steps["e"].signal.event_pattern: detail.state is empty`, `steps["f"].signal.event_pattern: it is empty`,
			`steps["g"].signal.event_pattern: it has 2058 characters in 2058 bytes, and AWS takes 2048`,
			`steps["h"].signal.event_pattern: it is not a JSON object`, `steps["i"].signal.outcome: The outcome "done" cannot be used.`,
			`steps["j"].signal.outcome: The outcome "$.a b" cannot be used.`, `steps["k"].signal.outcome: cannot be used`,
			`steps["l"].signal.event_bus: is not the name of an event bus`,
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

// TestWordOutcome: services spell the same outcome in many ways, and an unknown word lets nothing start.
func TestWordOutcome(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]chain.Outcome{
		"SUCCEEDED": chain.OutcomeSuccess, "Success": chain.OutcomeSuccess, "completed": chain.OutcomeSuccess,
		"recovered": chain.OutcomeSuccess,
		"FAILED":    chain.OutcomeFailure, "Timed out": chain.OutcomeFailure, "TIMED_OUT": chain.OutcomeFailure, "error": chain.OutcomeFailure,
		"cancelled": chain.OutcomeCanceled, "ABORTED": chain.OutcomeCanceled,
	} {
		if got, known := chain.WordOutcome(word); got != want || !known {
			t.Errorf("%q means %s, %t; want %s", word, got, known, want)
		}
	}
	for _, word := range []string{"", "RUNNING", "unsuccessful"} {
		if got, known := chain.WordOutcome(word); got != chain.OutcomeFailure || known {
			t.Errorf("%q means %s, %t", word, got, known)
		}
	}
}

// TestEventSignal: an event that came without its rule's transformation means the same as with it.
func TestEventSignal(t *testing.T) {
	t.Parallel()
	const event = `{"id": "1", "time": "2026-11-24T02:00:00Z", "source": "dbt", "detail-type": "Job Completed",
		"detail": {"runs": [{"state": "ERROR", "code": 7}]}}`
	for outcome, want := range map[string]string{
		"": "success", "canceled": "canceled", "$.detail.runs[0].state": "ERROR", "$.detail.runs[0].code": "7", "$.detail.runs[1].state": "",
		"$.detail.runs.state": "", "$.source.x": "", "$.none": "",
	} {
		got, err := (&chain.Signal{Outcome: outcome}).EventSignal("step", []byte(event))
		if err != nil {
			t.Fatal(err)
		}
		if expected := (chain.EventSignal{
			Source: chain.EventSignalSource, Step: "step", ID: "1", Time: time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC), From: "dbt",
			DetailType: "Job Completed", Outcome: want,
		}); *got != expected {
			t.Errorf("%q: %+v, want %+v", outcome, *got, expected)
		}
	}
	for pattern, want := range map[string]string{
		`{"source": ["qlik-task-chain"]}`: "same", `{"source": ["qlik-task-chain", "dbt"]}`: "1", `{"source": [{"prefix": "qlik"}]}`: "1",
		`{"detail-type": ["RunEnded"]}`: "1", "": "1",
	} {
		got, err := (&chain.Signal{EventPattern: pattern}).EventSignal("step", []byte(`{"id": "1", "detail": {"id": "same"}}`))
		if err != nil || got.ID != want {
			t.Errorf("by the pattern %s the event is %+v, %v; want the id %s", pattern, got, err, want)
		}
	}
	got, err := (&chain.Signal{EventPattern: `{"source": ["qlik-task-chain"]}`}).EventSignal("step", []byte(`{"id": "1", "detail": {}}`))
	if err != nil || got.ID != "1" {
		t.Errorf("an event of a chain's source without an id in its detail is %+v, %v; want the event's own id", got, err)
	}
	if _, err := (&chain.Signal{}).EventSignal("step", []byte("<html>")); err == nil {
		t.Error("what is no JSON is an event")
	}
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// signaled is a chain that begins with a signal: dbt/nightly → b (success), c (failure).
const signaled = `{"version": 1, "name": "nightly", "steps": {
  "dbt/nightly": {"signal": {}},
  "b": {"app": "80c6f35f-c9d7-4488-bb5a-000000000004", "after": {"dbt/nightly": "success"}},
  "c": {"app": "80c6f35f-c9d7-4488-bb5a-000000000005", "after": {"dbt/nightly": "failure"}}
}}`

// newSignaled is a function of that chain.
func newSignaled(t *testing.T) *function {
	t.Helper()
	f := newFunction(t)
	f.parameters.values[f.deployment.settings.definitionParameter] = signaled
	return f
}

func TestPostSignals(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	var first, again, failed started
	r := request("POST", "", "/signal/dbt/nightly")
	r.Body = `{"outcome": "success", "id": "run 4711", "reason": "dbt is done"}`
	response, line := f.ask(t, r, &first)
	if response.StatusCode != 202 || first.Step != "dbt/nightly" || first.Run == "" || len(first.Started) != 1 ||
		first.Started[0].Step != "b" {
		t.Fatalf("POST /signal/dbt/nightly = %d %s", response.StatusCode, response.Body)
	}
	expect(t, line, object{"outcome": "started", "run": first.Run, "step": "dbt/nightly", "status": 202})
	r.RequestContext.RequestID = "gateway-3"
	if response, _ = f.ask(t, r, &again); response.StatusCode != 202 || again.Outcome != engine.OutcomeRepeated || again.Run != first.Run ||
		len(again.Started) > 0 {
		t.Errorf("the same id again = %d %s", response.StatusCode, response.Body)
	}
	if n := f.recorded(t, chain.OperationSignal); n != 1 {
		t.Errorf("the record has %d signals", n)
	}
	var view engine.RunView
	f.ask(t, request("GET", "", "/runs/"+first.Run), &view)
	reported := slices.ContainsFunc(view.Starts, func(s engine.StartView) bool {
		return strings.HasPrefix(s.Reason, "was reported by the API key key1") && strings.HasSuffix(s.Reason, ": dbt is done")
	})
	if view.StartedBy != engine.StartedBySignal || !reported {
		t.Errorf("the record is %+v", view)
	}
	r.Body = `{"outcome": "failure"}` // the request's id is its own
	if response, _ = f.ask(t, r, &failed); response.StatusCode != 202 || failed.Run == first.Run || len(failed.Started) != 1 ||
		failed.Started[0].Step != "c" {
		t.Errorf("a failure = %d %s", response.StatusCode, response.Body)
	}
}

// TestPostSignalWithVariables: they go to the apps of the run that it begins, and the record has their names.
func TestPostSignalWithVariables(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	r := request("POST", "", "/signal/dbt/nightly")
	r.Body = `{"id": "run 4711", "variables": {"day": "2026-01-01"}}`
	var first started
	if response, _ := f.ask(t, r, &first); response.StatusCode != 202 || len(first.Started) != 1 {
		t.Fatalf("POST = %d %s", response.StatusCode, response.Body)
	}
	var view engine.RunView
	f.ask(t, request("GET", "", "/runs/"+first.Run), &view)
	if !slices.Equal(view.Variables, []string{"day"}) {
		t.Errorf("the record names %v", view.Variables)
	}
}

// TestKeptPostSignal: the answer says when it counts.
func TestKeptPostSignal(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	f.parameters.values[f.deployment.settings.definitionParameter] = strings.Replace(signaled, `{}`, `{"quiet_for": "5m"}`, 1)
	var kept started
	if response, _ := f.ask(t, request("POST", "", "/signal/dbt/nightly"), &kept); response.StatusCode != 202 ||
		kept.Outcome != engine.OutcomePutOff || kept.Run != "" || len(kept.NotStarted) != 1 || len(f.tenant.apps()) > 0 {
		t.Errorf("POST = %d %s", response.StatusCode, response.Body)
	}
}

// TestASignalIsTakenEvenIfNothingStarts: what follows from it is Qlik Cloud's matter, and the sender need not send it again.
func TestASignalIsTakenEvenIfNothingStarts(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	f.tenant.refuse = map[string]string{appB: `403 {"errors": [{"code": "RELOADS-003", "title": "no right"}]}`}
	var taken started
	if response, _ := f.ask(t, request("POST", "", "/signal/dbt/nightly"), &taken); response.StatusCode != 202 || len(taken.Failed) != 1 {
		t.Errorf("POST = %d %s", response.StatusCode, response.Body)
	}
}

func TestPostSignalRefuses(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	for _, tt := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/signal/none", "", 404, `There is no such step: the chain has no step "none".`},
		{"/signal/b", "", 404, `There is nothing to report: the step "b" waits for no signal, unlike dbt/nightly.`},
		{"/signal/dbt/nightly", `{"outcome": "done"}`, 400, `The outcome is "done". Use success, failure or canceled.`},
		{"/signal/dbt/nightly", `{"variables": {"": "b"}}`, 400, "The variables are not possible. The variable has an empty name."},
		{"/signal/dbt/nightly", `{"variables": {"a": "` + strings.Repeat("x", 257) + `"}}`, 400,
			"The variables are not possible. The variable's value has 257"},
		{"/signal/dbt/nightly", `{"variables": {"a": 1}}`, 400, `Give the variable "a" a text in quotes`},
		{"/signal/dbt/nightly", `{"outcom": "failure"}`, 400, `The body has "outcom", which is not known here. Did you mean "outcome"?`},
		{"/signal/dbt/nightly?outcome=failure", "", 400, `The parameter "outcome" is not known here. Send it in the body, as JSON.`},
		{"/signal/dbt/nightly", `{"cycle": "2026-11-24"}`, 400, "A signal counts in the cycle in which it comes."},
		{"/signal/dbt/nightly", `{"id": 7}`, 400, "The body is not valid."},
		{"/signal/dbt/nightly", `{"id": "` + strings.Repeat("x", maxText+1) + `"}`, 400, "The id has 1001 bytes."},
	} {
		var content apiError
		r := request("POST", "", tt.path)
		r.Body = tt.body
		response, _ := f.ask(t, r, &content)
		if response.StatusCode != tt.status || !strings.HasPrefix(content.Error, tt.says) {
			t.Errorf("POST %s %s = %d %s", tt.path, tt.body, response.StatusCode, response.Body)
		}
	}
	if runs := f.allRuns(t); len(runs) > 0 {
		t.Errorf("the runs are %+v", runs)
	}
}

// TestAnEventSignals: EventBridge delivers an event at least once, and it counts once. A word that the chain does not know is a failure.
func TestAnEventSignals(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	event := chain.EventSignal{
		Source: chain.EventSignalSource, Step: "dbt/nightly", ID: "6a7e8feb-b491-4cf7-a9f1-bf3703467718", Time: f.now, From: "dbt.cloud",
		DetailType: "Job Completed", Outcome: "SUCCEEDED",
	}
	for _, outcome := range []string{"started", "repeated"} {
		_, line, err := f.invoke(t.Context(), t, "signal", event)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, line, object{"outcome": outcome, "step": "dbt/nightly", "event_id": event.ID, "event_type": "Job Completed", "level": "INFO"})
	}
	if got := f.tenant.apps(); !slices.Equal(got, []string{appB}) || f.recorded(t, chain.OperationSignal) != 0 {
		t.Errorf("reloads of %q were asked for", got)
	}
	f.now = f.now.Add(time.Minute)
	event.ID, event.Time, event.Outcome = "another", f.now, "WEIRD"
	if _, _, err := f.invoke(t.Context(), t, "signal", event); err != nil {
		t.Fatal(err)
	}
	var view engine.RunView
	f.ask(t, request("GET", "", "/runs/"+f.allRuns(t)[0].ID), &view)
	says := func(s engine.StartView) bool {
		return s.Reason == "was reported by the event Job Completed of dbt.cloud in EventBridge: "+
			`its outcome "WEIRD" is none that the chain knows, which counts as a failure`
	}
	if !slices.Equal(f.tenant.apps(), []string{appB, appC}) || !slices.ContainsFunc(view.Starts, says) {
		t.Errorf("reloads of %q were asked for; the record is %+v", f.tenant.apps(), view.Starts)
	}
	event.Step = "none"
	_, line, err := f.invoke(t.Context(), t, "signal", event)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, line, object{"outcome": "refused", "refused": "step", "level": "WARN"})
}

// TestALongWordInAnEvent: the path of an outcome may lead to anything. The record and the log have its beginning only, since an item of the
// table and a notice have to stay small.
func TestALongWordInAnEvent(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	long := strings.Repeat("\t", 100_000)
	_, line, err := f.invoke(t.Context(), t, "signal", chain.EventSignal{
		Source: chain.EventSignalSource, Step: "dbt/nightly", ID: long, Time: f.now, From: "dbt.cloud" + long, DetailType: "Job Completed" + long,
		Outcome: long,
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, line, object{"outcome": "started"})
	var view engine.RunView
	response, _ := f.ask(t, request("GET", "", "/runs/"+f.allRuns(t)[0].ID), &view)
	logged, err := json.Marshal(line)
	if len(response.Body) > 10_000 || len(logged) > 10_000 || err != nil {
		t.Errorf("the record has %d bytes, and the line in the log %d (%v)", len(response.Body), len(logged), err)
	}
}

// TestRedriveOfAnEvent: EventBridge keeps an event that it could not deliver as it came, with the rule beside it.
func TestRedriveOfAnEvent(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	f.parameters.values[f.deployment.settings.definitionParameter] = strings.Replace(signaled, `"signal": {}`,
		`"signal": {"event_pattern": "{\"source\":[\"dbt\"]}", "outcome": "$.detail.status"}`, 1)
	event := `{"id": "1", "time": "2026-11-23T04:11:00Z", "source": "dbt", "detail-type": "Job Completed", "detail": {"status": "ERROR"}}`
	rule := "arn:aws:events:eu-central-1:123456789012:rule/qlik-task-chain-nightly."
	queue := &letters{messages: []aws.QueueMessage{
		{ID: "dbt", Body: event, Sent: f.now, RuleARN: rule + chain.RuleSuffix("dbt/nightly")},
		{ID: "gone", Body: event, Sent: f.now, RuleARN: rule + chain.RuleSuffix("b")},
	}}
	f.deployment.queue = queue
	var done redriven
	response, _ := f.ask(t, request("POST", "", "/redrive"), &done)
	if done.Redriven != 1 || len(done.Failed) != 1 || !strings.HasSuffix(done.Failed[0].Reason, "is of no step of the chain any more") ||
		!slices.Equal(f.tenant.apps(), []string{appC}) {
		t.Errorf("POST /redrive = %d %s; reloads of %q", response.StatusCode, response.Body, f.tenant.apps())
	}
}

// TestAnEventStaysASignal: an outcome with quotes of its own, which EventBridge may insert as they are, adds members to the payload. It
// still reports the rule's step, and is no request and no operation.
func TestAnEventStaysASignal(t *testing.T) {
	t.Parallel()
	f := newSignaled(t)
	for i, outcome := range []string{
		`x","source":"qlik-task-chain-operation","operation":"pause","y":"`, `x","httpMethod":"POST","resource":"/{proxy+}",` +
			`"pathParameters":{"proxy":"pause"},"requestContext":{"identity":{"apiKeyId":"key1"}},"y":"`, `x","step":"b","Step":"b","y":"`,
	} {
		payload := json.RawMessage(fmt.Sprintf(`{"outcome":"%s","source":"qlik-task-chain-signal","step":"dbt/nightly","id":"%d",`+
			`"time":"2026-11-23T04:11:00Z","from":"dbt","detail_type":"x"}`, outcome, i))
		_, line, err := f.invoke(t.Context(), t, "signal", payload)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, line, object{"step": "dbt/nightly", "outcome": "started"})
	}
	if f.isPaused(t) || len(f.allRuns(t)) != 3 {
		t.Errorf("paused: %t; the runs are %+v", f.isPaused(t), f.allRuns(t))
	}
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func TestPostStartsAStep(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	r := request("POST", "/base", "/start/a")
	r.Headers["idempotency-key"] = "morning"
	r.RequestContext.Identity.APIKeyID, r.RequestContext.Identity.SourceIP = "key1", "10.1.2.3"
	var first, second started
	response, line := f.ask(t, r, &first)
	if response.StatusCode != 202 || first.Outcome != engine.OutcomeStarted || first.Step != "a" || len(first.Started) != 1 ||
		first.Run == "" {
		t.Fatalf("POST /start/a = %d %s", response.StatusCode, response.Body)
	}
	expect(t, line, object{"outcome": "started", "run": first.Run, "step": "a", "status": 202})
	f.now = f.now.Add(time.Minute)
	r.RequestContext.RequestID = "gateway-3"
	again, line := f.ask(t, r, &second)
	if again.StatusCode != 202 || again.Body != response.Body || again.Headers["idempotent-replayed"] != "true" {
		t.Errorf("the same request again = %d %v %s", again.StatusCode, again.Headers, again.Body)
	}
	expect(t, line, object{"outcome": "repeated", "level": "INFO", "status": 202})
	if len(f.tenant.apps()) != 1 {
		t.Errorf("reloads of %q were asked for", f.tenant.apps())
	}
	var run engine.RunView
	f.ask(t, request("GET", "", "/runs/"+first.Run), &run)
	if run.StartedBy != engine.StartedByRequest || run.By != "the API key key1, from 10.1.2.3" {
		t.Errorf("the record is %+v", run.RunRecord)
	}
}

func TestPostRefuses(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.tenant.refuse = map[string]string{appB: `403 {"errors": [{"code": "RELOADS-003", "title": "no right"}]}`}
	for _, tt := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"POST", "/start/no%2Fne", 404, `There is no such step: the chain has no step "no/ne". The chain's steps are `},
		{"POST", "/start/B", 404, `There is no such step: the chain has no step "B". Did you mean "b"?`},
		{"POST", "/start/no / ne", 404, `There is no such step: the chain has no step "no / ne".`},
		{"POST", "/start?cycle=friday", 400, `There is no such cycle: "friday" is neither a date`},
		{"POST", "/skip", 404, "There is no path /skip."},
		{"POST", "/runs/r/succeed", 404, "There is no path /runs/r/succeed."},
		{"GET", "/start", 405, "GET is not possible at /start."},
		{"GET", "/start/a", 405, "GET is not possible at /start/a."},
		{"POST", "/runs", 405, "POST is not possible at /runs."},
		{"POST", "/start/b", 502, "The reload of b was not started: "},
	} {
		var content apiError
		response, _ := f.ask(t, request(tt.method, "", tt.path), &content)
		if response.StatusCode != tt.status || !strings.HasPrefix(content.Error, tt.says) {
			t.Errorf("%s %s = %d %s", tt.method, tt.path, response.StatusCode, response.Body)
		}
	}
	for says, body := range map[string]string{
		"The variables are not possible. The variable has an empty name.": `{"variables": {"": "x"}}`,
		"The body is not valid.":                                                                            `{"cycle": 1}`,
		"Send variables as a JSON object of texts, such ":                                                   `{"variables": ["n"]}`,
		`The body has "variable", which is not known here. Did you mean "variables"?`:                       `{"variable": {"n": "1"}}`,
		`The body has "dry", which is not known here. The body can have reason, cycle, variables and only.`: `{"dry": true}`,
		"The variables are not possible. The variable \"v\" names the run:":                                 `{"variables": {"v": "${run.id}"}}`,
	} {
		r, content := request("POST", "", "/start/a"), apiError{}
		r.Body = body
		if response, _ := f.ask(t, r, &content); response.StatusCode != 400 || !strings.HasPrefix(content.Error, says) {
			t.Errorf("POST /start/a with %s = %d %s", body, response.StatusCode, response.Body)
		}
	}
	for _, value := range []string{"1", "1.5", "true", "null", `["x"]`, `{"x": "y"}`} {
		r, content := request("POST", "", "/start/a"), apiError{}
		r.Body = fmt.Sprintf(`{"variables": {"a": "x", "n": %s}}`, value)
		if response, _ := f.ask(t, r, &content); response.StatusCode != 400 ||
			content.Error != `Give the variable "n" a text in quotes as its value, since numbers, null, lists and objects are not possible.` {
			t.Errorf("POST /start/a with %s = %d %s", r.Body, response.StatusCode, response.Body)
		}
	}
	r, content := request("POST", "", "/start/a"), apiError{}
	r.Headers["Idempotency-Key"] = strings.Repeat("k", 300)
	if response, _ := f.ask(t, r, &content); response.StatusCode != 400 {
		t.Errorf("a long Idempotency-Key is answered with %d %s", response.StatusCode, response.Body)
	}
}

func TestAScheduleBeginsARun(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	scheduled := chain.Scheduled{Source: chain.ScheduledSource, Step: "a", Time: time.Date(2026, 11, 23, 4, 0, 0, 0, time.UTC)}
	for i, outcome := range []string{"started", "repeated"} {
		_, line, err := f.invoke(t.Context(), t, "schedule", scheduled)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, line, object{"outcome": outcome, "step": "a", "level": "INFO"})
		f.now = f.now.Add(time.Duration(i) * time.Minute)
	}
	if got := f.tenant.apps(); len(got) != 1 || slices.Contains(got, appB) {
		t.Errorf("reloads of %q were asked for", got)
	}
	var runs runsPage
	f.ask(t, request("GET", "", "/runs"), &runs)
	if len(runs.Runs) != 1 || runs.Runs[0].StartedBy != engine.StartedBySchedule || !runs.Runs[0].At.Equal(scheduled.Time) {
		t.Errorf("the runs are %+v", runs.Runs)
	}
	broken := newFunction(t)
	broken.parameters.err = errors.New("AccessDeniedException")
	if _, line, err := broken.invoke(t.Context(), t, "schedule", scheduled); err == nil || line["outcome"] != "error" {
		t.Errorf("without a definition the schedule came to %v, %v", line, err)
	}
}

func TestASweepComparesAndLooksAtTheWebhook(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	sweep := chain.Sweep{Source: chain.SweepSource, Webhook: "hook", Reloads: true, MaxAgeSeconds: 3600}
	_, line, err := f.invoke(t.Context(), t, "sweep", sweep) // the tenant of these tests has no webhooks
	if err != nil {
		t.Fatal(err)
	}
	expect(t, line, object{"level": "ERROR", "outcome": "error"})
	if reason, _ := line["reason"].(string); !strings.HasPrefix(reason, "the webhook could not be looked at: ") {
		t.Errorf("the line says %v", line)
	}
	sweep.Webhook = ""
	if _, line, err = f.invoke(t.Context(), t, "sweep", sweep); err != nil {
		t.Fatal(err)
	}
	expect(t, line, object{"level": "INFO", "outcome": "nothing_missed", "reason": nil})
	f = newFunction(t)
	f.parameters.err = errors.New("AccessDeniedException")
	if _, line, err := f.invoke(t.Context(), t, "sweep", sweep); err == nil || line["outcome"] != "error" {
		t.Errorf("without a definition the sweep came to %v, %v", line, err)
	}
}

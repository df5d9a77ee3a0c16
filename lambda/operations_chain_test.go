// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	r := request("POST", "", "/pause")
	r.Body, r.RequestContext.Identity.APIKeyID, r.RequestContext.Identity.SourceIP = `{"reason": "a <b>move</b>"}`, "key1", "10.1.2.3"
	var order paused
	if response, _ := f.ask(t, r, &order); response.StatusCode != 202 || order.Paused.By != "the API key key1, from 10.1.2.3" ||
		order.Paused.Reason != "a <b>move</b>" {
		t.Fatalf("POST /pause = %d %s", response.StatusCode, response.Body)
	}
	expect(t, f.deliver(t, eventBody(t, "reload-finished")), object{"outcome": "put_off", "started": nil})
	var seen operations
	if response, _ := f.ask(t, request("GET", "", "/operations"), &seen); seen.Paused == nil || seen.Parked != 2 ||
		len(seen.Operations.Operations) != 1 || !seen.MayPost {
		t.Errorf("GET /operations = %s", response.Body)
	}
	f.now = f.now.Add(time.Minute)
	var released resumed
	r = request("POST", "", "/resume?reason=done")
	r.RequestContext.RequestID = "gateway-3"
	if response, line := f.ask(t, r, &released); response.StatusCode != 202 || len(released.Started) != 2 || line["outcome"] != "started" {
		t.Errorf("POST /resume = %d %s", response.StatusCode, response.Body)
	}
	f.ask(t, request("GET", "", "/operations"), &seen)
	if newest := seen.Operations.Operations[0]; seen.Paused != nil || newest.Kind != chain.OperationResume || newest.Reason != "done" {
		t.Errorf("the operations are %+v", seen.Operations)
	}
}

// TestReasonsAreOneLine: plans, mails and terminals show a reason, which nothing in it may steer.
func TestReasonsAreOneLine(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	r := request("POST", "", "/pause")
	r.Body = `{"reason": " ERP \u001b[31m\u202emoves\n\tto É 🚚"}`
	var order paused
	if response, _ := f.ask(t, r, &order); response.StatusCode != 202 || order.Paused.Reason != "ERP [31m moves to É 🚚" {
		t.Errorf("POST /pause = %d %q", response.StatusCode, order.Paused.Reason)
	}
}

func TestTerraformPausesAndResumes(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	tell := func(kind chain.OperationKind, id string) map[string]any {
		_, line, err := f.invoke(t.Context(), t, "operation",
			chain.OperationPayload{Source: chain.OperationSource, Kind: kind, By: "Terraform", ID: id})
		if (err != nil) != (kind == "explode") {
			t.Errorf("%s: %v", kind, err)
		}
		return line
	}
	expect(t, tell(chain.OperationPause, "1"), object{"level": "INFO", "operation": "pause"})
	f.deliver(t, eventBody(t, "reload-finished"))
	expect(t, tell(chain.OperationResume, "2"), object{"operation": "resume", "outcome": "started"})
	expect(t, tell("explode", "3"), object{"level": "ERROR", "outcome": "error"})
	if got := f.tenant.apps(); len(got) != 2 {
		t.Errorf("reloads of %q were asked for", got)
	}
}

func TestCancelAndRerun(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	line := f.deliver(t, eventBody(t, "reload-finished"))
	run, _ := line["run"].(string)
	for _, tt := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"/runs/none/rerun/a", "", 404, `There is no run "none"`},
		{"/runs/" + run + "/rerun/none", "", 404, `There is no such step: the chain has no step "none".`},
		{"/runs/" + run + "/rerun/b", "", 409, "Nothing is started: b is under way in this run."},
		{"/runs/none/cancel", "", 404, `There is no run "none"`},
		{"/runs/" + run + "/cancel", `{"reason": 7}`, 400, "The body is not valid."},
		{"/runs/" + run + "/cancel", `{"reason": "` + strings.Repeat("x", 300) + `"}`, 400, "The reason has more than 200 characters."},
		{"/runs/" + run + "/cancel", "base64", 400, "The body is not valid."},
	} {
		r, content := request("POST", "", tt.path), apiError{}
		r.Body, r.IsBase64Encoded = tt.body, tt.body == "base64"
		if response, _ := f.ask(t, r, &content); response.StatusCode != tt.status || !strings.HasPrefix(content.Error, tt.says) {
			t.Errorf("POST %s = %d %s", tt.path, response.StatusCode, response.Body)
		}
	}
	var again started
	response, _ := f.ask(t, request("POST", "", "/runs/"+run+"/rerun/a"), &again)
	if response.StatusCode != 202 || again.Run == run || again.Run == "" || len(again.Started) != 1 {
		t.Errorf("POST …/rerun/a = %d %s", response.StatusCode, response.Body)
	}
	var ended canceled
	r := request("POST", "", "/runs/"+run+"/cancel")
	r.Body, r.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte(`{"reason": "wrong day"}`)), true
	if response, line := f.ask(t, r, &ended); response.StatusCode != 202 || len(ended.Canceled) != 2 || len(ended.Failed) != 0 ||
		line["outcome"] != "canceled" {
		t.Fatalf("POST …/cancel = %d %s", response.StatusCode, response.Body)
	}
	var view, repeated engine.RunView
	f.ask(t, request("GET", "", "/runs/"+run), &view)
	if len(view.Operations) != 2 || view.Operations[1].Reason != "wrong day" || view.Status != "canceled" ||
		!slices.Equal(view.RepairedBy, []string{again.Run}) {
		t.Errorf("the record is %+v", view)
	}
	f.ask(t, request("GET", "", "/runs/"+again.Run), &repeated)
	if repeated.RerunOf != run || repeated.StartedBy != engine.StartedByRerun || repeated.Cycle != view.Cycle {
		t.Errorf("the record of the repetition is %+v", repeated.RunRecord)
	}
}

// TestRepeatedOperationsSaySo checks that the answer of an operation says whether it was so before.
func TestRepeatedOperationsSaySo(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	line := f.deliver(t, eventBody(t, "reload-finished"))
	run, _ := line["run"].(string)
	for i, step := range []struct {
		path    string
		already bool
	}{
		{"/resume", true}, {"/pause", false}, {"/pause", true}, {"/resume", false}, {"/resume", true},
		{"/runs/" + run + "/cancel", false}, {"/runs/" + run + "/cancel", true}, {"/skip/b", false}, {"/skip/b", true},
	} {
		f.now = f.now.Add(time.Second)
		var answer struct{ Already *bool }
		r := f.keyed(step.path, fmt.Sprint(i), "")
		f.ask(t, r, &answer)
		if answer.Already == nil || *answer.Already != step.already {
			t.Errorf("%d: POST %s: already is %v, want %t", i, step.path, answer.Already, step.already)
		}
		var again struct{ Already *bool }
		if f.ask(t, r, &again); again.Already == nil || *again.Already != step.already {
			t.Errorf("%d: the same request again: already is %v", i, again.Already)
		}
	}
}

// letters is a dead-letter queue in memory.
type letters struct {
	messages []aws.QueueMessage
	received []aws.QueueMessage
	deleted  []string
	err      error
}

// reappear lets messages come again that were received and not deleted.
func (l *letters) reappear() {
	for _, m := range l.received {
		if !slices.Contains(l.deleted, m.ID) {
			l.messages = append(l.messages, m)
		}
	}
	l.received = nil
}

func (l *letters) Receive(context.Context) ([]aws.QueueMessage, error) {
	batch := l.messages[:min(2, len(l.messages))]
	l.messages, l.received = l.messages[len(batch):], append(l.received, batch...)
	return batch, l.err
}

func (l *letters) Delete(_ context.Context, m aws.QueueMessage) error {
	l.deleted = append(l.deleted, m.ID)
	return nil
}

func (l *letters) Left(context.Context) (int, error) { return 7, l.err }

func TestOperationsCountDeadLetters(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	var seen operations
	if response, _ := f.ask(t, request("GET", "", "/operations"), &seen); seen.DeadLetters == nil || *seen.DeadLetters != 7 {
		t.Errorf("GET /operations = %s", response.Body)
	}
	f.deployment.queue = &letters{err: errors.New("AccessDenied")}
	seen = operations{}
	response, line := f.ask(t, request("GET", "", "/operations"), &seen)
	reason, _ := line["reason"].(string)
	if response.StatusCode != 200 || seen.DeadLetters != nil || !strings.Contains(reason, "AccessDenied") {
		t.Errorf("without the right to read the queue: %d %s, logged %v", response.StatusCode, response.Body, line)
	}
}

func TestRedrive(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	wrapped := func(payload any) string {
		body, err := json.Marshal(map[string]any{"version": "1.0", "requestContext": object{"condition": "RetriesExhausted"},
			"requestPayload": payload})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	event := eventBody(t, "reload-finished")
	foreign := signed(event)
	foreign.Signature = []byte(qlik.Sign("another", []byte(event)))
	scheduled, err := json.Marshal(chain.Scheduled{Source: chain.ScheduledSource, Step: "c", Time: f.now})
	if err != nil {
		t.Fatal(err)
	}
	queue := &letters{}
	for id, body := range map[string]string{
		"delivery": wrapped(signed(event)), "again": wrapped(signed(event)), "schedule": string(scheduled), "foreign": wrapped(foreign),
		"nonsense": "<html>", "old": string(scheduled),
	} {
		m := aws.QueueMessage{ID: id, Body: body, Sent: f.now}
		if id == "old" {
			m.Sent = f.now.Add(-400 * 24 * time.Hour)
		}
		queue.messages = append(queue.messages, m)
	}
	f.deployment.queue = queue
	var done redriven
	response, _ := f.ask(t, request("POST", "", "/redrive"), &done)
	if response.StatusCode != 202 || done.Redriven != 3 || len(done.Failed) != 3 || done.Left != 7 || len(queue.deleted) != 3 {
		t.Fatalf("POST /redrive = %d %s", response.StatusCode, response.Body)
	}
	for _, failed := range done.Failed {
		if want := map[string]string{"foreign": "signature: ", "nonsense": "the payload is neither",
			"old": "it is older than the chain's record"}[failed.Message]; want == "" || !strings.HasPrefix(failed.Reason, want) {
			t.Errorf("failed: %+v", failed)
		}
	}
	if got := f.tenant.apps(); len(got) != 3 {
		t.Errorf("reloads of %q were asked for", got)
	}
	f.deployment.queue = &letters{err: errors.New("AccessDenied")}
	r, content := request("POST", "", "/redrive"), apiError{}
	r.RequestContext.RequestID = "gateway-4"
	if response, line := f.ask(t, r, &content); response.StatusCode != 500 || line["reason"] != "AccessDenied" {
		t.Errorf("without the right to read the queue: %d %s", response.StatusCode, response.Body)
	}
}

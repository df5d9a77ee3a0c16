// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

const startReload = "POST /api/v1/reloads"

// line is a chain of three steps in a row.
func line() *chain.Definition {
	return &chain.Definition{Version: chain.Version, Name: "line", Steps: map[string]chain.Step{
		"first": step(1, nil), "second": step(2, after(chain.ConditionSuccess, "first")),
		"third": step(3, after(chain.ConditionSuccess, "second")),
	}}
}

type runs struct {
	Runs []struct{ Run, Origin string }
}

type run struct {
	Starts []struct {
		Step, Phase, Reason, Reload string
	}
}

func (d *deployment) expect(want map[string]int) {
	d.t.Helper()
	if made := d.made(); !maps.Equal(made, want) {
		d.t.Errorf("the reloads are %v, want %v", keysOf(made), keysOf(want))
	}
	if letters := d.deadLetters(); len(letters) > 0 {
		d.t.Errorf("in the dead-letter queue is %v", letters)
	}
}

// TestAReloadThatEndsBeforeItsAnswer: its event is handled before the function knows that the reload is its own. It belongs to the run all
// the same.
func TestAReloadThatEndsBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	d.Tenant.SetFault(func(r *http.Request, count int) *tenant.Fault {
		if r.Pattern == startReload && count == 1 {
			return &tenant.Fault{Delay: func(ctx context.Context) error { return d.EndBeforeAnswer(ctx) }}
		}
		return nil
	})
	d.reload("first")
	d.quiet()
	d.expect(map[string]int{"first": 1, "second": 1, "third": 1})
	var all runs
	d.get("/runs", &all)
	if len(all.Runs) != 1 || all.Runs[0].Origin != "first" {
		t.Errorf("the runs are %+v, want one", all.Runs)
	}
}

// TestTheAnswerIsLost: Qlik makes the reload and the answer does not arrive. It is found when the start is tried again.
func TestTheAnswerIsLost(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	d.Tenant.SetFault(func(r *http.Request, count int) *tenant.Fault {
		if r.Pattern == startReload && count == 1 {
			return &tenant.Fault{Drop: true, AfterwardsOnly: true}
		}
		return nil
	})
	d.reload("first")
	d.quiet()
	d.expect(map[string]int{"first": 1, "second": 1, "third": 1})
}

// TestRefusedCredentials: Qlik answers 401 all night. The record holds what is due, and a line of level ERROR says why.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	d.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if r.Pattern == startReload {
			return &tenant.Fault{Status: http.StatusUnauthorized}
		}
		return nil
	})
	d.reload("first")
	if err := d.Settle(d.ctx); err != nil {
		t.Fatal(err)
	}
	var all runs
	d.get("/runs", &all)
	var record run
	d.get("/runs/"+all.Runs[0].Run, &record)
	if len(record.Starts) != 2 || record.Starts[1].Phase != "waiting" || !strings.Contains(record.Starts[1].Reason, "401") {
		t.Errorf("the record says %+v", record.Starts)
	}
	if !slices.ContainsFunc(d.logLines(), func(l string) bool { return strings.Contains(l, `"ERROR"`) && strings.Contains(l, "401") }) {
		t.Errorf("no line of the log says why:\n%s", strings.Join(d.logLines(), ""))
	}
	// An operator repairs it; the next try succeeds.
	d.Tenant.SetFault(nil)
	d.quiet()
	d.expect(map[string]int{"first": 1, "second": 1, "third": 1})
}

// TestAnotherClientWasFaster: another client queues the reload in the very moment in which it is due. It does for both.
func TestAnotherClientWasFaster(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	first := true
	d.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if r.Pattern == startReload && first {
			first = false
			d.reload("second")
		}
		return nil
	})
	d.reload("first")
	d.quiet()
	made := d.made()
	// Whether it was still queued when the function looked decides between one and two; each carries the chain on.
	if made["second"] != made["third"] || made["second"] < 1 || made["second"] > 2 {
		t.Errorf("the reloads are %v", keysOf(made))
	}
}

// TestPoison: nothing of this starts anything or makes the function fail; each leaves one line.
func TestPoison(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	secret := d.parameter("signing-secret", "")
	event := func(change func(m, data map[string]any)) string {
		data := map[string]any{"id": "6a849f7f18ec290e6ceb0001", "appId": d.definition.Steps["first"].App, "succeeded": true,
			"status": "SUCCEEDED"}
		m := map[string]any{
			"id": "7f1c2e0a", "type": qlik.EventReloadFinished, "specversion": "1.0", "tenantid": d.Tenant.ID(), "time": "2026-11-24T02:00:00Z",
			"data": data,
		}
		change(m, data)
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	bodies := map[string]string{
		"no JSON": "<html>", "cut off": event(func(_, _ map[string]any) {})[:80], "empty": "", "null": "null", "a list": "[1]",
		"deep":           strings.Repeat("[", 100_000),
		"200 kB":         event(func(m, _ map[string]any) { m["type"] = "x"; m["more"] = strings.Repeat("x", 150_000) }),
		"another tenant": event(func(m, _ map[string]any) { m["tenantid"] = "other" }),
		"another type":   event(func(m, _ map[string]any) { m["type"] = "com.qlik.v1.app.deleted" }),
		"no app":         event(func(_, data map[string]any) { delete(data, "appId") }),
		"odd members":    event(func(_, data map[string]any) { data["appId"] = 7; data["status"] = []int{1} }),
		"not ended":      event(func(_, data map[string]any) { data["status"] = "RELOADING"; delete(data, "succeeded") }),
		"no UTF-8":       "{\"type\":\"\xff\xfe\"}",
	}
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		before := len(d.eventLines())
		status := d.post(secret, bodies[name])
		if status != http.StatusAccepted {
			t.Errorf("%s: POST = %d", name, status)
		}
		if err := d.Settle(d.ctx); err != nil {
			t.Fatal(err)
		}
		lines := d.eventLines()[before:]
		if len(lines) != 1 || !strings.Contains(lines[0], `"outcome":"refused"`) || !strings.Contains(lines[0], `"reason":`) {
			t.Errorf("%s: the log says %q, want one refusal with a reason", name, lines)
		}
	}
	// Lambda takes events of at most 1 MB (256 kB before 2025), and base64 and API Gateway leave less: the gateway refuses what is
	// larger.
	if status := d.post(secret, `{"type":"`+strings.Repeat("x", 1<<20)+`"}`); status < 400 {
		t.Errorf("1 MB: POST = %d", status)
	}
	d.quiet()
	d.expect(map[string]int{})
}

// TestUnknownDefinition: a definition of another release is an error that Lambda repeats and that ends in the dead-letter queue, not an
// empty chain.
func TestUnknownDefinition(t *testing.T) {
	t.Parallel()
	d := deploy(t, quick(), line(), nil)
	d.parameter("definition", `{"version": 99, "name": "line", "steps": {}}`)
	d.cutOffAfter(30) // which also makes the function read it anew
	d.reload("first")
	d.quiet()
	if made := d.made(); !maps.Equal(made, map[string]int{"first": 1}) {
		t.Errorf("the reloads are %v", keysOf(made))
	}
	if letters := d.deadLetters(); len(letters) != 1 || !strings.Contains(letters[0], "RetriesExhausted") {
		t.Errorf("in the dead-letter queue is %q, want the event", letters)
	}
	for _, l := range d.eventLines() {
		if !strings.Contains(l, `"level":"ERROR"`) || !strings.Contains(l, "format version 99") {
			t.Errorf("the log says %s", l)
		}
	}
}

// parameter returns one of the chain's parameters, or sets it to a value when that is not empty.
func (d *deployment) parameter(name, value string) string {
	d.t.Helper()
	client, path := ssm.NewFromConfig(d.AWS()), aws.String("/qlik-task-chain/"+d.definition.Name+"/"+name)
	if value != "" {
		if _, err := client.PutParameter(d.ctx, &ssm.PutParameterInput{Name: path, Value: aws.String(value), Overwrite: aws.Bool(true),
			Type: ssmtypes.ParameterTypeString}); err != nil {
			d.t.Fatal(err)
		}
		return value
	}
	out, err := client.GetParameter(d.ctx, &ssm.GetParameterInput{Name: path, WithDecryption: aws.Bool(true)})
	if err != nil {
		d.t.Fatal(err)
	}
	return aws.ToString(out.Parameter.Value)
}

// post delivers a signed body and returns the status of the answer.
func (d *deployment) post(secret, body string) int {
	d.t.Helper()
	status, _, err := sandbox.Call(d.ctx, http.MethodPost, d.state.InvokeURL, map[string]string{
		"x-api-key": d.webhookKey, "Content-Type": "application/json", qlik.SignatureHeader: qlik.Sign(secret, []byte(body)),
	}, bytes.NewReader([]byte(body)))
	if err != nil {
		d.t.Fatal(err)
	}
	return status
}

// eventLines are the log's lines about events.
func (d *deployment) eventLines() []string {
	d.t.Helper()
	return slices.DeleteFunc(d.logLines(), func(l string) bool { return !strings.Contains(l, `"msg":"event"`) })
}

// TestFanOut: a fan-out of 200 against Qlik's own limits ends with 200 reloads.
func TestFanOut(t *testing.T) {
	t.Parallel()
	d := &chain.Definition{Version: chain.Version, Name: "fan", Steps: map[string]chain.Step{"root": step(1, nil)}}
	want := map[string]int{"root": 1}
	for i := range 200 {
		key := fmt.Sprintf("leaf %03d", i)
		d.Steps[key], want[key] = step(10+i, after(chain.ConditionSuccess, "root")), 1
	}
	dep := deploy(t, quick(), d, nil)
	dep.reload("root")
	dep.quiet()
	dep.expect(want)
}

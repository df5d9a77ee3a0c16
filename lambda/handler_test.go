// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

type object = map[string]any

func TestADeliveryStartsWhatIsDue(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	line := f.deliver(t, eventBody(t, "reload-finished"))
	const run = "20261123T041007600Z-3f68f449" // of the reload and the time at which it started
	expect(t, line, object{
		"level": "INFO", "outcome": "started", "refused": nil, "reason": nil, "failed": nil, "run": run, "attempt": 1,
		"event_id": "7f1c2e0a-4f55-4c0e-9c1b-0d7b3f5b1a11", "event_type": qlik.EventReloadFinished,
		"app": "80c6f35f-c9d7-4488-bb5a-000000000003", "step": "a", "reload": "6a849f7f18ec290e6ceb0001", "reload_status": "SUCCEEDED",
		"gateway_request_id": "gateway-1",
		"started": []object{
			{"app": appB, "attempt": 1, "reload": "reload-of-" + appB, "run": run, "step": "b"},
			{"app": appD, "attempt": 1, "reload": "reload-of-" + appD, "run": run, "step": "d"},
		},
		"not_started": nil,
	})
	if got := f.tenant.apps(); !slices.Equal(got, []string{appB, appD}) {
		t.Errorf("reloads of %q were asked for", got)
	}
	for _, r := range f.tenant.requests {
		if r.AppID == appB && (r.Variables["mode"] != secretVariable || r.Weight != 7 || r.Partial) || r.AppID == appD && !r.Partial {
			t.Errorf("the request does not follow the definition: %+v", r)
		}
	}
	if f.tenant.keys[0] != "Bearer "+apiKey {
		t.Error("the request does not carry the API key")
	}
}

func TestADeliveryInEveryForm(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"reload-finished", "app-reload-finished", "app-reload-finished-legacy", "app-reload-finished-hybrid", "app-reload-ended-2020",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			expect(t, f.deliver(t, eventBody(t, name)), object{"outcome": "started", "step": "a", "reload_status": "SUCCEEDED"})
			if got := f.tenant.apps(); !slices.Equal(got, []string{appB, appD}) {
				t.Errorf("reloads of %q were asked for", got)
			}
			failure := strings.NewReplacer(`"SUCCEEDED"`, `"FAILED"`, `"ok"`, `"error"`, `"succeeded": true`, `"succeeded": false`)
			expect(t, f.deliver(t, failure.Replace(ofReload(eventBody(t, name), 2))), object{"outcome": "started", "reload_status": "FAILED"})
			if got := f.tenant.apps(); !slices.Equal(got, []string{appB, appC, appD, appD}) {
				t.Errorf("reloads of %q were asked for in all", got)
			}
		})
	}
}

func TestTheSignatureMayComeInLowerCase(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	delivery := signed(eventBody(t, "reload-finished"))
	delivery.Signature, delivery.SignatureLower = delivery.SignatureLower, delivery.Signature
	_, line, err := f.invoke(t.Context(), t, "event", delivery)
	if err != nil {
		t.Errorf("Invoke() = %v", err)
	}
	expect(t, line, object{"outcome": "started"})
}

func TestAnEventOfAnotherAppCostsNoCall(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	other := strings.ReplaceAll(eventBody(t, "reload-finished"), "000000000003", "000000000099")
	for range 3 {
		expect(t, f.deliver(t, other), object{"level": "INFO", "outcome": "not_in_chain", "step": nil, "started": nil})
	}
	if f.parameters.calls != 1 || len(f.tenant.apps()) != 0 {
		t.Errorf("SSM was called %d times and Qlik %d times, want 1 and 0", f.parameters.calls, len(f.tenant.apps()))
	}
}

func TestADeliveryIsRefused(t *testing.T) {
	t.Parallel()
	body := eventBody(t, "reload-finished")
	forged := signed(body)
	forged.Signature = []byte(qlik.Sign("another secret of the right length", forged.Body))
	unsigned := signed(body)
	unsigned.Signature = nil
	for name, tt := range map[string]struct {
		delivery chain.Delivery
		refused  string
	}{
		"forged":         {forged, "signature"},
		"unsigned":       {unsigned, "signature"},
		"another tenant": {signed(strings.ReplaceAll(body, tenantID, "other")), "tenant"},
		"another type":   {signed(strings.ReplaceAll(body, "reload.finished", "app.created")), "type"},
		"no JSON":        {signed("[]"), "body"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			_, line, err := f.invoke(t.Context(), t, "event", tt.delivery)
			if err != nil {
				t.Errorf("Invoke() = %v: Lambda would repeat the event", err)
			}
			expect(t, line, object{"level": "WARN", "outcome": "refused", "refused": tt.refused, "started": nil})
			if line["reason"] == nil || len(f.tenant.apps()) != 0 {
				t.Errorf("%d reloads were asked for; the line is %v", len(f.tenant.apps()), line)
			}
		})
	}
}

func TestAPayloadFromElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]any{
		"a test from the console": object{"key1": "value1"},
		"another source":          object{"source": "aws.events", "detail": object{}},
		"the name of a request":   object{"source": requestSource},
		"no object":               []string{"a"},
		"no base64":               object{"source": chain.DeliverySource, "body": "{}"},
		"an odd request":          object{"httpMethod": "GET", "headers": "none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			_, line, err := f.invoke(t.Context(), t, "event", payload)
			if err == nil {
				t.Error("Invoke() returned no error: the sender would not notice")
			}
			expect(t, line, object{"level": "WARN", "outcome": "refused", "refused": "body"})
			if f.parameters.calls != 0 {
				t.Errorf("SSM was called %d times", f.parameters.calls)
			}
		})
	}
}

// A body that API Gateway passed through without the mapping template has no signature: nothing starts, and the event is not lost in
// silence.
func TestAnEventWithoutItsTemplateIsAnError(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"reload-finished", "app-reload-finished", "app-reload-finished-legacy", "app-reload-finished-hybrid"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			_, line, err := f.invoke(t.Context(), t, "event", json.RawMessage(eventBody(t, name)))
			if err == nil {
				t.Error("Invoke() returned no error: Lambda would not keep the event in the dead-letter queue")
			}
			expect(t, line, object{"level": "ERROR", "outcome": "error", "app": "80c6f35f-c9d7-4488-bb5a-000000000003", "started": nil})
			if reason, _ := line["reason"].(string); !strings.Contains(reason, "without the chain's mapping template") || len(f.tenant.apps()) != 0 {
				t.Errorf("%d reloads were asked for; the reason is %q", len(f.tenant.apps()), reason)
			}
		})
	}
}

func TestAFailedStartIsLoggedAndNotRepeated(t *testing.T) {
	t.Parallel()
	const forbidden = `403 {"errors":[{"code":"RELOADS-003","title":"Forbidden","detail":"no right to reload"}]}`
	const pending = `429 {"errors":[{"code":"RELOADS-008","title":"Pending"}]}`
	for name, tt := range map[string]struct {
		refuse map[string]string
		want   object
		says   string // in the line
		timers int
	}{
		"one of two": {map[string]string{appB: forbidden}, object{"level": "ERROR", "outcome": "started"}, "no right to reload", 0},
		"all": {map[string]string{appB: forbidden, appD: `500 {"errors":[]}`},
			object{"level": "ERROR", "outcome": "error", "started": nil}, "RELOADS-003", 1},
		"all pending": {map[string]string{appB: pending, appD: pending},
			object{"level": "INFO", "outcome": "put_off", "started": nil, "failed": nil}, "RELOADS-008", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			f.tenant.refuse = tt.refuse
			line := f.deliver(t, eventBody(t, "reload-finished"))
			expect(t, line, tt.want)
			if text, err := json.Marshal(line); err != nil || !strings.Contains(string(text), tt.says) {
				t.Errorf("the line is %s, want %q in it", text, tt.says)
			}
			if got := f.tenant.apps(); !slices.Equal(got, []string{appB, appD}) {
				t.Errorf("reloads of %q were asked for, want each once", got)
			}
			if len(f.timers.set) != tt.timers {
				t.Errorf("the timers are %v, want %d", f.timers.set, tt.timers)
			}
			expect(t, f.deliver(t, eventBody(t, "reload-finished")), object{"outcome": "repeated", "started": nil})
		})
	}
}

func TestATimerStartsWhatWaited(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.tenant.refuse = map[string]string{appB: `503 {}`, appD: `503 {}`} // not a 429: requests after one do not ask
	expect(t, f.deliver(t, eventBody(t, "reload-finished")), object{"outcome": "error", "started": nil})
	f.tenant.refuse = nil
	for name, timer := range f.timers.set {
		f.now = timer.Due
		_, line, err := f.invoke(t.Context(), t, "timer", timer)
		if err != nil {
			t.Errorf("Invoke() with the timer %s = %v", name, err)
		}
		expect(t, line, object{"level": "INFO", "outcome": "started", "timer": "start", "run": timer.Run, "attempt": 1,
			"step": map[string]string{appB: "b", appD: "d"}[timer.Step]})
	}
	if got := f.tenant.apps(); !slices.Equal(got, []string{appB, appB, appD, appD}) {
		t.Errorf("reloads of %q were asked for", got)
	}
}

func TestTheLogLineComesBeforeLambdaCutsOff(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.tenant.hang = true
	deadline := time.Now().Add(logMargin + 1200*time.Millisecond)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	_, line, err := f.invoke(ctx, t, "event", signed(eventBody(t, "reload-finished")))
	if err != nil {
		t.Errorf("Invoke() = %v", err)
	}
	if time.Now().After(deadline) {
		t.Error("Lambda would have cut the function off")
	}
	expect(t, line, object{"level": "ERROR", "outcome": "error"})
	if len(f.timers.set) != 2 {
		t.Errorf("the timers are %v, want one for each step", f.timers)
	}
}

func TestAnEventWithoutTimeLeftIsGivenBack(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deliver(t, strings.ReplaceAll(eventBody(t, "reload-finished"), "000000000003", "000000000099"))
	ctx, cancel := context.WithTimeout(t.Context(), logMargin/2)
	defer cancel()
	_, line, err := f.invoke(ctx, t, "event", signed(eventBody(t, "reload-finished")))
	if err == nil || len(f.tenant.apps()) != 0 {
		t.Errorf("Invoke() = %v with %d requests, want an error and none", err, len(f.tenant.apps()))
	}
	expect(t, line, object{"level": "ERROR", "outcome": "error"})
}

func TestAnUnreadableDefinitionIsAnError(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(p *parameterStore)
		reason string
	}{
		"SSM fails": {func(p *parameterStore) { p.err = errors.New("AccessDeniedException") }, "AccessDeniedException"},
		"no definition": {func(p *parameterStore) { delete(p.values, "/qlik-task-chain/nightly/definition") },
			"definition does not exist or is empty"},
		"empty definition": {func(p *parameterStore) { p.values["/qlik-task-chain/nightly/definition"] = "{}" }, "format version 0"},
		"broken rule": {
			func(p *parameterStore) {
				p.values["/qlik-task-chain/nightly/definition"] = `{"version": 1, "name": "nightly", "steps": {}}`
			},
			"at least one",
		},
		"no credentials": {func(p *parameterStore) { delete(p.values, "/qlik-task-chain/nightly/credentials") }, "credentials does not exist"},
		"odd credentials": {func(p *parameterStore) { p.values["/qlik-task-chain/nightly/credentials"] = apiKey },
			"does not hold Qlik credentials"},
		"empty credentials": {func(p *parameterStore) { p.values["/qlik-task-chain/nightly/credentials"] = "{}" }, "no Qlik Cloud credentials"},
		"no secret": {func(p *parameterStore) { p.values["/qlik-task-chain/nightly/signing-secret"] = "" },
			"signing-secret does not exist or is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFunction(t)
			tt.change(f.parameters)
			_, line, err := f.invoke(t.Context(), t, "event", signed(eventBody(t, "reload-finished")))
			if err == nil {
				t.Error("Invoke() returned no error: Lambda would not try again")
			}
			expect(t, line, object{"level": "ERROR", "outcome": "error", "gateway_request_id": "gateway-1"})
			if reason, _ := line["reason"].(string); !strings.Contains(reason, tt.reason) {
				t.Errorf("the reason is %q, want %q", reason, tt.reason)
			}
			if len(f.tenant.apps()) != 0 {
				t.Errorf("%d reloads were asked for", len(f.tenant.apps()))
			}
		})
	}
}

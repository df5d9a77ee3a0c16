// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// eventBody is testdata's event of that name: the app 3 was reloaded with success.
func eventBody(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestHandleStartsWhatIsDue(t *testing.T) {
	t.Parallel()
	reload := eventBody(t, "reload-finished")
	ended := func(status string) string { return strings.Replace(reload, `"SUCCEEDED"`, `"`+status+`"`, 1) }
	good, bad := []string{"audit", "dashboard"}, []string{"audit", "fallback"}
	whenGood := map[string]string{"archive": "disabled", "fallback": "not_needed"}
	whenBad := map[string]string{"archive": "disabled", "dashboard": "blocked"}
	tests := map[string]struct {
		body    string
		started []string
		skipped map[string]string
	}{
		"success":        {reload, good, whenGood},
		"failure":        {ended("FAILED"), bad, whenBad},
		"exceeded limit": {ended("EXCEEDED_LIMIT"), bad, whenBad},
		"canceled": {ended("CANCELED"), []string{"audit"},
			map[string]string{"archive": "disabled", "dashboard": "blocked", "fallback": "not_needed"}},
		"any case":              {strings.ReplaceAll(reload, chaintest.AppID(3), strings.ToUpper(chaintest.AppID(3))), good, whenGood},
		"engine event":          {eventBody(t, "app-reload-finished"), good, whenGood},
		"legacy":                {eventBody(t, "app-reload-finished-legacy"), good, whenGood},
		"hybrid":                {eventBody(t, "app-reload-finished-hybrid"), good, whenGood},
		"2020":                  {eventBody(t, "app-reload-ended-2020"), good, whenGood},
		"engine event, failure": {strings.Replace(eventBody(t, "app-reload-finished"), `"ok"`, `"error"`, 1), bad, whenBad},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, nightly())
			result, err := w.handle(tt.body)
			if err != nil || result.Outcome != engine.OutcomeStarted || !slices.Equal(startedSteps(result), tt.started) ||
				len(result.Failed) > 0 {
				t.Errorf("Handle() = %+v, %v, want started %q", result, err, tt.started)
			}
			for step, want := range tt.skipped {
				if got := w.stands(1, step); got != "skipped "+want {
					t.Errorf("%s is %s, want skipped %s", step, got, want)
				}
			}
			if w.requests != len(tt.started) {
				t.Errorf("%d reloads were asked for, want %d", w.requests, len(tt.started))
			}
		})
	}
}

func TestHandleStartsNothing(t *testing.T) {
	t.Parallel()
	reload := eventBody(t, "reload-finished")
	session := strings.Replace(eventBody(t, "app-reload-finished"), `"isSessionApp": false`, `"isSessionApp": true`, 1)
	tests := map[string]struct {
		body    string
		outcome engine.Outcome
		refusal engine.Refusal
		reason  string
	}{
		"another app": {strings.ReplaceAll(reload, chaintest.AppID(3), chaintest.AppID(99)), engine.OutcomeNotInChain, "", ""},
		"the last step": {strings.ReplaceAll(reload, chaintest.AppID(3), chaintest.AppID(4)), engine.OutcomeNothingDue, "",
			"no step comes after"},
		"a session app":  {session, engine.OutcomeNothingDue, "", "a session app"},
		"another tenant": {strings.ReplaceAll(reload, tenantID, "other"), engine.OutcomeRefused, engine.RefusalTenant, "of the tenant other"},
		"another type": {strings.ReplaceAll(reload, "reload.finished", "app.deleted"), engine.OutcomeRefused, engine.RefusalType,
			"not about the end of a reload"},
		"no JSON": {`reload=finished`, engine.OutcomeRefused, engine.RefusalBody, "not the JSON"},
		"cut off": {reload[:len(reload)/2], engine.OutcomeRefused, engine.RefusalBody, "not the JSON"},
		"1 MB":    {`{"type":"` + strings.Repeat("x", 1<<20) + `"}`, engine.OutcomeRefused, engine.RefusalType, "not about"},
		"no app": {`{"type":"com.qlik.v1.reload.finished","data":{"id":"6a849f7f18ec290e6ceb0001","succeeded":true}}`,
			engine.OutcomeRefused, engine.RefusalBody, "the reloaded app"},
		"no outcome": {`{"type":"com.qlik.v1.reload.finished","data":{"appId":"` + chaintest.AppID(3) + `"}}`, engine.OutcomeRefused,
			engine.RefusalBody, "how the reload ended"},
		"no ids": {`{"type":"com.qlik.v1.reload.finished","data":{"appId":"` + chaintest.AppID(3) + `","succeeded":true}}`,
			engine.OutcomeRefused, engine.RefusalBody, "neither the reload's id"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, nightly())
			result, err := w.handle(tt.body)
			if err != nil || result.Outcome != tt.outcome || result.Refusal != tt.refusal || !strings.Contains(result.Reason, tt.reason) {
				t.Errorf("Handle() = %+v, %v, want %s %s with %q", result, err, tt.outcome, tt.refusal, tt.reason)
			}
			if w.requests != 0 {
				t.Errorf("%d reloads were asked for", w.requests)
			}
			if tt.outcome != engine.OutcomeNothingDue && len(w.store.Items()) > 0 {
				t.Errorf("the table was written to: %v", w.store.Items())
			}
		})
	}
}

func TestHandlePassesTheStepOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, nightly())
	result, err := w.handle(eventBody(t, "reload-finished"))
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(w.sent, func(r qlik.ReloadRequest) bool { return r.AppID == chaintest.AppID(4) })
	if i < 0 {
		t.Fatalf("dashboard was not started: %+v", result)
	}
	if r := w.sent[i]; !r.Partial || r.Weight != 7 || r.Variables["mode"] != "full" {
		t.Errorf("dashboard was started with %+v", r)
	}
	if s := result.Started[1]; s.Step != "dashboard" || s.App != chaintest.AppID(4) || s.Run != result.Run || s.Attempt != 1 ||
		s.Reload == "" {
		t.Errorf("Started = %+v", s)
	}
}

func TestHandleRefusesForgedDeliveries(t *testing.T) {
	t.Parallel()
	body := eventBody(t, "reload-finished")
	signature := qlik.Sign(secret, []byte(body))
	tests := map[string]struct{ body, secret, signature string }{
		"no signature":      {body, secret, ""},
		"another secret":    {body, secret, qlik.Sign("x"+secret[1:], []byte(body))},
		"another body":      {body + " ", secret, signature},
		"no hexadecimal":    {body, secret, "forged"},
		"cut off":           {body, secret, signature[:32]},
		"no signing secret": {body, "", qlik.Sign("", []byte(body))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, nightly())
			e := w.engine(w.execution())
			e.SigningSecret = chain.SigningSecret{Current: tt.secret}
			result, err := e.Handle(t.Context(), "invocation", []byte(tt.body), tt.signature)
			if err != nil || result.Outcome != engine.OutcomeRefused || result.Refusal != engine.RefusalSignature || result.EventID != "" {
				t.Errorf("Handle() = %+v, %v, want refused for the signature", result, err)
			}
			if w.requests != 0 || len(w.store.Items()) > 0 {
				t.Errorf("%d reloads were asked for, %d items written", w.requests, len(w.store.Items()))
			}
		})
	}
}

// TestHandleAcceptsTheFormerSecret: while the signing secret is being changed, deliveries signed with either are accepted; afterwards the
// previous one is refused.
func TestHandleAcceptsTheFormerSecret(t *testing.T) {
	t.Parallel()
	body := []byte(eventBody(t, "reload-finished"))
	w := newWorld(t, 1, nightly())
	e := w.engine(w.execution())
	former := "y" + secret[1:]
	e.SigningSecret = chain.SigningSecret{Current: secret, Previous: former, PreviousUntil: w.clock.Now().Add(time.Hour)}
	for _, signed := range []string{secret, former} {
		if result, err := e.Handle(t.Context(), "invocation", body, qlik.Sign(signed, body)); err != nil ||
			result.Outcome == engine.OutcomeRefused {
			t.Errorf("Handle() = %+v, %v, want it accepted", result, err)
		}
	}
	e.SigningSecret.PreviousUntil = w.clock.Now()
	if result, err := e.Handle(t.Context(), "invocation", body, qlik.Sign(former, body)); err != nil ||
		result.Refusal != engine.RefusalSignature {
		t.Errorf("Handle() = %+v, %v, want the former secret refused", result, err)
	}
}

// TestHandleLeavesNoTimeToGuess: without enough time for a request and its record, nothing is asked for, and a timer is set.
func TestHandleLeavesNoTimeToGuess(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, nightly())
	ctx, cancel := contextWithin(t, 900)
	defer cancel()
	body := eventBody(t, "reload-finished")
	result, err := w.engine(w.execution()).Handle(ctx, "invocation", []byte(body), qlik.Sign(secret, []byte(body)))
	if err != nil || len(result.Failed) != 2 || !strings.Contains(result.Failed[0].Error, "no time was left") || len(w.timers) != 2 {
		t.Errorf("Handle() = %+v, %v, with the timers %v", result, err, w.timers)
	}
	if w.requests != 0 {
		t.Errorf("%d reloads were asked for", w.requests)
	}
	if woken := w.nextTimer(); len(woken.Started) != 1 {
		t.Errorf("the timer: %+v", woken)
	}
}

func TestWakeRefusesAnUnknownKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, nightly())
	if result, err := w.engine(w.execution()).Wake(t.Context(), "invocation", timerOf("dance")); err != nil ||
		result.Outcome != engine.OutcomeRefused {
		t.Errorf("Wake() = %+v, %v", result, err)
	}
	if result, err := w.engine(w.execution()).Wake(t.Context(), "invocation", timerOf("start")); err != nil ||
		result.Outcome != engine.OutcomeNothingDue {
		t.Errorf("Wake() for a start that the table does not know = %+v, %v", result, err)
	}
}

// TestHandleRefusesAnEventThatItMayHaveForgotten: a signed event that was kept must not start the chain with it a month later.
func TestHandleRefusesAnEventThatItMayHaveForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	event := func(at string) string {
		return fmt.Sprintf(`{"id": "e", "type": "com.qlik.v1.reload.finished", "tenantid": %q, "data": {"id": "kept", "appId": %q, "status": "SUCCEEDED", %s}}`,
			tenantID, w.index.Definition().Steps["sales"].App, at)
	}
	old := w.clock.Now().Add(-31 * 24 * time.Hour).Format(time.RFC3339)
	for _, at := range []string{`"creationTime": "` + old + `"}, "x": {"y": 0`, `"x": 0}, "time": "` + old + `", "data2": {"x": 0`} {
		r, err := w.handle(event(at))
		if err != nil || r.Outcome != engine.OutcomeRefused || r.Refusal != engine.RefusalAge || r.Level() != slog.LevelWarn {
			t.Errorf("the event came to %+v, %v", r, err)
		}
	}
	recent := w.clock.Now().Add(-29 * 24 * time.Hour).Format(time.RFC3339)
	if r, err := w.handle(event(`"creationTime": "` + recent + `"`)); err != nil || r.Outcome == engine.OutcomeRefused {
		t.Errorf("an event that the chain would remember came to %+v, %v", r, err)
	}
}

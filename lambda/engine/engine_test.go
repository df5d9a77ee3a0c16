package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

const (
	tenantID = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	secret   = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

func appID(n int) string { return fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", n) }

// eventBody is testdata's event of that name: the app 3 was reloaded with success.
func eventBody(t *testing.T, name string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// nightly is the chain 1, 2 → 3 → 4 (success), 5 (failure), 6 (completion), 7 (disabled).
func nightly() *chain.Definition {
	after := func(c chain.Condition) map[string]chain.Condition { return map[string]chain.Condition{"transform": c} }
	return &chain.Definition{Version: chain.Version, Name: "nightly", Apps: map[string]chain.Step{
		"extract_sales": {ID: appID(1), Enabled: true},
		"extract_hr":    {ID: appID(2), Enabled: true},
		"transform": {ID: appID(3), Enabled: true, After: map[string]chain.Condition{
			"extract_sales": chain.ConditionSuccess, "extract_hr": chain.ConditionSuccess,
		}},
		"dashboard": {
			ID: appID(4), Enabled: true, After: after(chain.ConditionSuccess),
			Partial: true, Weight: 7, Variables: map[string]string{"mode": "full"},
		},
		"fallback": {ID: appID(5), Enabled: true, After: after(chain.ConditionFailure)},
		"audit":    {ID: appID(6), Enabled: true, After: after(chain.ConditionCompletion)},
		"archive":  {ID: appID(7), After: after(chain.ConditionSuccess)},
	}}
}

// fanOut is a chain of one app, the number 3, with n apps after it.
func fanOut(n int) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "fan", Apps: map[string]chain.Step{"root": {ID: appID(3), Enabled: true}}}
	for i := range n {
		d.Apps[fmt.Sprintf("leaf %03d", i)] = chain.Step{
			ID: appID(100 + i), Enabled: true, After: map[string]chain.Condition{"root": chain.ConditionSuccess},
		}
	}
	return d
}

// tenant takes requests for reloads and remembers them.
type tenant struct {
	refusals map[string]error // by app id
	release  chan struct{}    // when set, answers wait until it is closed

	mu       sync.Mutex
	requests []qlik.ReloadRequest
	waiting  int
}

func (f *tenant) StartReload(ctx context.Context, r qlik.ReloadRequest) (*qlik.Reload, error) {
	f.mu.Lock()
	f.requests = append(f.requests, r)
	f.waiting++
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.waiting--
		f.mu.Unlock()
	}()
	if f.release != nil {
		select {
		case <-f.release:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if err := f.refusals[r.AppID]; err != nil {
		return nil, err
	}
	return &qlik.Reload{ID: "reload-of-" + r.AppID, AppID: r.AppID, Status: qlik.StatusQueued}, nil
}

// counts returns how many requests came, and how many of them have no answer yet.
func (f *tenant) counts() (all, waiting int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.requests), f.waiting
}

func newEngine(d *chain.Definition, reloads engine.Starter) *engine.Engine {
	return &engine.Engine{Index: chain.NewIndex(d), TenantID: tenantID, SigningSecret: secret, Reloads: reloads}
}

func handle(ctx context.Context, e *engine.Engine, body string) engine.Result {
	return e.Handle(ctx, []byte(body), qlik.Sign(secret, []byte(body)))
}

func startedSteps(r engine.Result) []string {
	var names []string
	for _, s := range r.Started {
		names = append(names, s.Step)
	}
	return names
}

func heldSteps(r engine.Result) []string {
	var names []string
	for _, h := range r.Held {
		names = append(names, h.Name)
	}
	return names
}

func TestHandleStartsWhatIsDue(t *testing.T) {
	t.Parallel()
	reload := eventBody(t, "reload-finished")
	ended := func(status string) string { return strings.Replace(reload, `"SUCCEEDED"`, `"`+status+`"`, 1) }
	tests := map[string]struct {
		body    string
		started []string
		held    []string
	}{
		"success":        {reload, []string{"audit", "dashboard"}, []string{"archive", "fallback"}},
		"failure":        {ended("FAILED"), []string{"audit", "fallback"}, []string{"archive", "dashboard"}},
		"exceeded limit": {ended("EXCEEDED_LIMIT"), []string{"audit", "fallback"}, []string{"archive", "dashboard"}},
		"canceled":       {ended("CANCELED"), []string{"audit"}, []string{"archive", "dashboard", "fallback"}},
		"upstream":       {strings.ReplaceAll(reload, appID(3), strings.ToUpper(appID(1))), []string{"transform"}, nil},
		"engine event":   {eventBody(t, "app-reload-finished"), []string{"audit", "dashboard"}, []string{"archive", "fallback"}},
		"legacy":         {eventBody(t, "app-reload-finished-legacy"), []string{"audit", "dashboard"}, []string{"archive", "fallback"}},
		"hybrid":         {eventBody(t, "app-reload-finished-hybrid"), []string{"audit", "dashboard"}, []string{"archive", "fallback"}},
		"2020":           {eventBody(t, "app-reload-ended-2020"), []string{"audit", "dashboard"}, []string{"archive", "fallback"}},
		"engine event, failure": {
			strings.Replace(eventBody(t, "app-reload-finished"), `"ok"`, `"error"`, 1),
			[]string{"audit", "fallback"}, []string{"archive", "dashboard"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			qlikCloud := &tenant{}
			result := handle(t.Context(), newEngine(nightly(), qlikCloud), tt.body)
			if result.Outcome != engine.OutcomeStarted || !slices.Equal(startedSteps(result), tt.started) ||
				!slices.Equal(heldSteps(result), tt.held) || len(result.Failed) > 0 {
				t.Errorf("Handle() = %+v, want started %q and held %q", result, tt.started, tt.held)
			}
			if got, _ := qlikCloud.counts(); got != len(tt.started) {
				t.Errorf("%d reloads were asked for, want %d", got, len(tt.started))
			}
		})
	}
}

func TestHandlePassesTheStepOn(t *testing.T) {
	t.Parallel()
	qlikCloud := &tenant{}
	result := handle(t.Context(), newEngine(nightly(), qlikCloud), eventBody(t, "reload-finished"))
	i := slices.IndexFunc(qlikCloud.requests, func(r qlik.ReloadRequest) bool { return r.AppID == appID(4) })
	if i < 0 {
		t.Fatalf("dashboard was not started: %+v", result)
	}
	if r := qlikCloud.requests[i]; !r.Partial || r.Weight != 7 || r.Variables["mode"] != "full" {
		t.Errorf("dashboard was started with %+v", r)
	}
	want := engine.Started{Step: "dashboard", App: appID(4), Reload: "reload-of-" + appID(4)}
	if !slices.Contains(result.Started, want) {
		t.Errorf("Started = %+v, want it to contain %+v", result.Started, want)
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
		"another app":      {strings.ReplaceAll(reload, appID(3), appID(99)), engine.OutcomeNotInChain, "", ""},
		"the last step":    {strings.ReplaceAll(reload, appID(3), appID(4)), engine.OutcomeNothingDue, "", "no step comes after"},
		"the edge differs": {strings.Replace(strings.ReplaceAll(reload, appID(3), appID(1)), "SUCCEEDED", "FAILED", 1), engine.OutcomeNothingDue, "", "held"},
		"a session app":    {session, engine.OutcomeNothingDue, "", "a session app"},
		"another tenant":   {strings.ReplaceAll(reload, tenantID, "other"), engine.OutcomeRefused, engine.RefusalTenant, "of the tenant other"},
		"another type":     {strings.ReplaceAll(reload, "reload.finished", "app.deleted"), engine.OutcomeRefused, engine.RefusalType, "not about the end of a reload"},
		"no JSON":          {`reload=finished`, engine.OutcomeRefused, engine.RefusalBody, "not the JSON"},
		"no app":           {`{"type":"com.qlik.v1.reload.finished","data":{"id":"6a849f7f18ec290e6ceb0001","succeeded":true}}`, engine.OutcomeRefused, engine.RefusalBody, "which app"},
		"no outcome":       {`{"type":"com.qlik.v1.reload.finished","data":{"appId":"` + appID(3) + `"}}`, engine.OutcomeRefused, engine.RefusalBody, "how the reload ended"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			qlikCloud := &tenant{}
			result := handle(t.Context(), newEngine(nightly(), qlikCloud), tt.body)
			if result.Outcome != tt.outcome || result.Refusal != tt.refusal || !strings.Contains(result.Reason, tt.reason) {
				t.Errorf("Handle() = %+v, want %s %s with %q", result, tt.outcome, tt.refusal, tt.reason)
			}
			if got, _ := qlikCloud.counts(); got != 0 || result.Tried {
				t.Errorf("%d reloads were asked for, tried %t", got, result.Tried)
			}
		})
	}
}

func TestHandleRefusesForgedDeliveries(t *testing.T) {
	t.Parallel()
	body := eventBody(t, "reload-finished")
	signature := qlik.Sign(secret, []byte(body))
	tests := map[string]struct{ body, signature string }{
		"no signature":   {body, ""},
		"another secret": {body, qlik.Sign("x"+secret[1:], []byte(body))},
		"another body":   {body + " ", signature},
		"no hexadecimal": {body, "forged"},
		"cut off":        {body, signature[:32]},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			qlikCloud := &tenant{}
			result := newEngine(nightly(), qlikCloud).Handle(t.Context(), []byte(tt.body), tt.signature)
			if result.Outcome != engine.OutcomeRefused || result.Refusal != engine.RefusalSignature || result.EventID != "" {
				t.Errorf("Handle() = %+v, want refused for the signature", result)
			}
			if got, _ := qlikCloud.counts(); got != 0 {
				t.Errorf("%d reloads were asked for", got)
			}
		})
	}
}

func TestHandleWithoutASigningSecretRefusesEverything(t *testing.T) {
	t.Parallel()
	e := newEngine(nightly(), &tenant{})
	e.SigningSecret = ""
	body := []byte(eventBody(t, "reload-finished"))
	if result := e.Handle(t.Context(), body, qlik.Sign("", body)); result.Refusal != engine.RefusalSignature {
		t.Errorf("Handle() = %+v, want refused for the signature", result)
	}
}

func TestHandleReportsWhatCouldNotBeStarted(t *testing.T) {
	t.Parallel()
	forbidden := &qlik.Error{Method: "POST", Status: 403, Code: "RELOADS-003", Title: "Forbidden"}
	pending := &qlik.Error{Method: "POST", Status: 429, Code: "RELOADS-007"}
	limited := &qlik.Error{Method: "POST", Status: 429, Code: "HTTP-429"}
	tests := map[string]struct {
		audit, dashboard      error
		outcome               engine.Outcome
		level                 string
		started, failed, held []string
	}{
		"one of two": {forbidden, nil, engine.OutcomeStarted, "ERROR", []string{"dashboard"}, []string{"audit"}, []string{"archive", "fallback"}},
		"both":       {forbidden, limited, engine.OutcomeError, "ERROR", nil, []string{"audit", "dashboard"}, []string{"archive", "fallback"}},
		"one is pending": {
			nil, fmt.Errorf("wrapped: %w", pending), engine.OutcomeStarted, "WARN",
			[]string{"audit"}, nil, []string{"archive", "dashboard", "fallback"},
		},
		"both are pending":        {pending, pending, engine.OutcomeNothingDue, "WARN", nil, nil, []string{"archive", "audit", "dashboard", "fallback"}},
		"one pending, one failed": {pending, forbidden, engine.OutcomeError, "ERROR", nil, []string{"dashboard"}, []string{"archive", "audit", "fallback"}},
		"none failed":             {nil, nil, engine.OutcomeStarted, "INFO", []string{"audit", "dashboard"}, nil, []string{"archive", "fallback"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			qlikCloud := &tenant{refusals: map[string]error{appID(6): tt.audit, appID(4): tt.dashboard}}
			result := handle(t.Context(), newEngine(nightly(), qlikCloud), eventBody(t, "reload-finished"))
			var failed []string
			for _, f := range result.Failed {
				failed = append(failed, f.Step)
			}
			if result.Outcome != tt.outcome || result.Level().String() != tt.level || !result.Tried {
				t.Errorf("Handle() = %+v at %s, want %s at %s", result, result.Level(), tt.outcome, tt.level)
			}
			if !slices.Equal(startedSteps(result), tt.started) || !slices.Equal(failed, tt.failed) || !slices.Equal(heldSteps(result), tt.held) {
				t.Errorf("Handle() = %+v, want started %q, failed %q, held %q", result, tt.started, tt.failed, tt.held)
			}
			for _, h := range result.Held {
				due := h.Name == "audit" || h.Name == "dashboard"
				if due != strings.HasPrefix(h.Reason, "already pending: ") {
					t.Errorf("%s is held because %q", h.Name, h.Reason)
				}
			}
		})
	}
}

func TestHandleStartsAtMost32AtOnce(t *testing.T) {
	t.Parallel()
	body := eventBody(t, "reload-finished")
	synctest.Test(t, func(t *testing.T) {
		qlikCloud := &tenant{release: make(chan struct{})}
		results := make(chan engine.Result)
		go func() { results <- handle(t.Context(), newEngine(fanOut(100), qlikCloud), body) }()
		synctest.Wait()
		if all, waiting := qlikCloud.counts(); all != 32 || waiting != 32 {
			t.Errorf("%d requests came and %d wait before the first answer, want 32", all, waiting)
		}
		close(qlikCloud.release)
		result := <-results
		if names := startedSteps(result); len(names) != 100 || !slices.IsSorted(names) {
			t.Errorf("%d reloads were started, want 100 in order: %q", len(names), names)
		}
	})
}

func TestHandleEndsWithItsContext(t *testing.T) {
	t.Parallel()
	body := eventBody(t, "reload-finished")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		qlikCloud := &tenant{release: make(chan struct{})}
		result := handle(ctx, newEngine(fanOut(40), qlikCloud), body)
		if result.Outcome != engine.OutcomeError || len(result.Failed) != 40 || !result.Tried {
			t.Errorf("Handle() = %+v, want 40 failures", result)
		}
		if all, _ := qlikCloud.counts(); all != 32 {
			t.Errorf("%d requests were sent, want those 32 that began before the time was over", all)
		}
		if last := result.Failed[39]; !strings.Contains(last.Error, "before Qlik was asked") {
			t.Errorf("the last step failed with %q", last.Error)
		}
		again := handle(ctx, newEngine(fanOut(40), qlikCloud), body)
		if again.Outcome != engine.OutcomeError || again.Tried {
			t.Errorf("Handle() after its time = %+v, want an error without a try", again)
		}
	})
}

// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

const postReload = "POST /api/v1/reloads"

// TestOutage answers 503 to requests for reloads until the clock reaches a time, and answers all other requests normally.
func TestOutage(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c})
	app := tn.AddApp(tenant.App{Name: "a"})
	recovery := night.Add(2 * time.Hour)
	tn.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if strings.HasPrefix(r.URL.Path, "/api/v1/reloads") && c.Now().Before(recovery) {
			return &tenant.Fault{Status: http.StatusServiceUnavailable}
		}
		return nil
	})
	check := func(post, list int) {
		t.Helper()
		if status, body := raw(t, tn, tn.APIKey(), "POST", "/api/v1/reloads", `{"appId":"`+app+`"}`); status != post {
			t.Errorf("POST answered %d %s, want %d", status, body, post)
		}
		if status, body := raw(t, tn, tn.APIKey(), "GET", "/api/v1/reloads?appId="+app, ""); status != list {
			t.Errorf("GET answered %d %s, want %d", status, body, list)
		}
	}
	check(503, 503)
	c.Advance(2*time.Hour - time.Nanosecond)
	check(503, 503)
	if status, _ := raw(t, tn, tn.APIKey(), "GET", "/api/v1/items?resourceType=app", ""); status != http.StatusOK {
		t.Errorf("another service answered %d", status)
	}
	c.Advance(time.Nanosecond)
	check(201, 200)
	if counts := tn.Statuses(postReload); counts[503] != 2 || counts[201] != 1 || len(tn.Reloads()) != 1 {
		t.Errorf("the tenant counted %v and made %d reloads", counts, len(tn.Reloads()))
	}
	if counts := tn.Statuses(""); counts[503] != 4 || counts[200] != 2 || counts[201] != 1 {
		t.Errorf("the tenant counted %v in all", counts)
	}
}

func TestRefusalsThatTestsAskFor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault   tenant.Fault
		status  int
		words   string
		reloads int
	}{
		"unauthorized":    {tenant.Fault{Status: 401}, 401, "HTTP-401", 0},
		"rate limit":      {tenant.Fault{Status: 429, Code: "HTTP-429", RetryAfter: 90}, 429, "HTTP-429", 0},
		"reload's answer": {tenant.Fault{Drop: true, AfterwardsOnly: true}, 0, "", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tn := startTenant(t, tenant.Config{})
			client := keyClient(t, tn)
			app := tn.AddApp(tenant.App{Name: "a"})
			tn.SetFault(func(*http.Request, int) *tenant.Fault { return &test.fault })
			// The client waits until the rate limit ends, unless there is no time for that.
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			_, err := client.StartReload(ctx, qlik.ReloadRequest{AppID: app})
			wantError(t, err, test.status, test.words)
			if counts := tn.Statuses(postReload); counts[test.status] != 1 || len(tn.Reloads()) != test.reloads {
				t.Errorf("the tenant counted %v and made %d reloads, want %d", counts, len(tn.Reloads()), test.reloads)
			}
		})
	}
}

// TestReloadThatEndsBeforeItsAnswer delivers the event first.
func TestReloadThatEndsBeforeItsAnswer(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c})
	client := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a", Duration: time.Minute})
	w := hook("a")
	w.Filter = ""
	var events <-chan received
	w.URL, events = listen(t, http.StatusOK)
	if _, err := client.CreateWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
	tn.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if r.Pattern != postReload {
			return nil
		}
		return &tenant.Fault{Delay: func(ctx context.Context) error {
			c.Advance(time.Hour)
			return tn.Idle(ctx)
		}}
	})
	started, err := client.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
	if err != nil {
		t.Fatal(err)
	}
	if len(events) != 1 || tn.Reloads()[0].Status != "SUCCEEDED" || started.ID != tn.Reloads()[0].ID || started.Status != qlik.StatusQueued {
		t.Errorf("%d events were delivered before the answer %+v", len(events), started)
	}
}

func TestDelayThatFails(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	app := tn.AddApp(tenant.App{Name: "a"})
	tn.SetFault(func(*http.Request, int) *tenant.Fault {
		return &tenant.Fault{Delay: func(context.Context) error { return context.Canceled }}
	})
	_, err := keyClient(t, tn).StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
	wantError(t, err, 0, "EOF")
	if len(tn.Reloads()) != 1 {
		t.Errorf("%d reloads were made, want 1", len(tn.Reloads()))
	}
}

// TestOutsideCalls intercepts the requests of a deployed function to the tenant.
func TestOutsideCalls(t *testing.T) {
	t.Parallel()
	var calls []outside.Call
	verdict := struct{ do, answer bool }{}
	tn := startTenant(t, tenant.Config{Outside: func(call outside.Call, do func()) bool {
		calls = append(calls, call)
		if verdict.do {
			do()
		}
		return verdict.answer
	}})
	function, err := qlik.NewClient(qlik.Config{TenantURL: tn.URL(), Credentials: qlik.Credentials{APIKey: tn.APIKey()},
		UserAgent: "qlik-task-chain/nightly"})
	if err != nil {
		t.Fatal(err)
	}
	app := tn.AddApp(tenant.App{Name: "a"})
	for i, test := range []struct {
		do, answer bool
		reloads    int
	}{{false, false, 0}, {true, false, 1}, {true, true, 2}} {
		verdict.do, verdict.answer = test.do, test.answer
		idle(t, tn)
		_, err := function.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
		if (err == nil) != test.answer || len(tn.Reloads()) != test.reloads {
			t.Errorf("call %d: %v, %d reloads; want %d", i, err, len(tn.Reloads()), test.reloads)
		}
	}
	if _, err := keyClient(t, tn).Me(t.Context()); err != nil {
		t.Error(err)
	}
	want := outside.Call{Function: "qlik-task-chain-nightly", Service: "qlik", Operation: postReload}
	if len(calls) != 3 || calls[0] != want || want.String() != "qlik POST /api/v1/reloads" {
		t.Errorf("the calls were %v", calls)
	}
	if counts := tn.Statuses(postReload); counts[0] != 2 || counts[201] != 1 {
		t.Errorf("the tenant counted %v", counts)
	}
}

// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

func TestReloadLives(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	space := tn.AddSpace("Sales", "shared")
	app := tn.AddApp(tenant.App{Name: "a", SpaceID: space})
	changes := tn.Watch(t.Context())
	request := qlik.ReloadRequest{
		AppID: app, Partial: true, Weight: 7, Variables: map[string]string{"mode": "full"}, ResourceID: "run-1", ResourceType: "api",
	}
	started, err := c.StartReload(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	if started.Status != qlik.StatusQueued || started.AppID != app || started.Type != "external" || started.UserID != tn.UserID() ||
		started.TenantID != tn.ID() || !started.Partial || started.Weight != 7 || started.CreationTime.IsZero() || !started.EndTime.IsZero() {
		t.Errorf("started %+v", started)
	}
	var states []string
	until(t, changes, func(c tenant.Change) bool {
		if c.Reload != nil {
			states = append(states, c.Reload.Status)
		}
		return c.Reload != nil && c.Reload.Status == "SUCCEEDED"
	})
	if got := fmt.Sprint(states); got != "[QUEUED RELOADING SUCCEEDED]" {
		t.Errorf("the reload went %s", got)
	}
	ended, err := c.GetReload(t.Context(), started.ID)
	if err != nil || !ended.Status.Final() || ended.ResourceID != "run-1" || ended.EndTime.Before(ended.StartTime.Time) ||
		ended.StartTime.Before(ended.CreationTime.Time) {
		t.Errorf("ended %+v, %v", ended, err)
	}
	if record := tn.Reloads()[0]; record.Variables["mode"] != "full" || record.AppName != "a" {
		t.Errorf("the tenant recorded %+v", record)
	}
	if _, err := c.GetReload(t.Context(), "6a849f7f18ec290e6ceb0001"); !qlik.IsNotFound(err) {
		t.Errorf("error %v, want not found", err)
	}
}

func TestReloadOutcomes(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a", Outcomes: []string{"FAILED", "EXCEEDED_LIMIT", "CANCELED", "SUCCEEDED"}})
	want := []qlik.Status{qlik.StatusFailed, qlik.StatusExceededLimit, qlik.StatusCanceled, qlik.StatusSucceeded, qlik.StatusSucceeded}
	for i, status := range want {
		started, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
		if err != nil {
			t.Fatal(err)
		}
		idle(t, tn)
		ended, err := c.GetReload(t.Context(), started.ID)
		if err != nil || ended.Status != status || (ended.ErrorMessage != "") != (status == qlik.StatusFailed ||
			status == qlik.StatusExceededLimit) {
			t.Errorf("reload %d ended %+v, %v; want %s", i, ended, err, status)
		}
		log, err := c.ReloadLogTail(t.Context(), app, started.ID, 1000)
		if err != nil || !strings.Contains(string(log), "Execution started.") || !strings.Contains(string(log), ended.ErrorMessage) {
			t.Errorf("the log of reload %d is %q (%v)", i, log, err)
		}
		if tail, err := c.ReloadLogTail(t.Context(), app, started.ID, 7); err != nil || !bytes.HasSuffix(log, tail) || len(tail) != 7 {
			t.Errorf("the end of the log of reload %d is %q (%v)", i, tail, err)
		}
		if ended.Weight != 1 {
			t.Errorf("weight %d in a personal space, want 1", ended.Weight)
		}
	}
	if !tn.SetOutcomes(app, "FAILED") || tn.SetOutcomes("nothing") {
		t.Error("SetOutcomes knows the wrong apps")
	}
	failed, err := c.ListReloads(t.Context(), qlik.ReloadFilter{AppID: app,
		Statuses: []qlik.Status{qlik.StatusFailed, qlik.StatusExceededLimit}})
	if err != nil || len(failed) != 2 || failed[0].Status != qlik.StatusExceededLimit {
		t.Errorf("failed reloads, newest first: %+v, %v", failed, err)
	}
	newest, err := c.ListReloads(t.Context(), qlik.ReloadFilter{AppID: app, Limit: 1})
	if err != nil || len(newest) != 1 || newest[0].ID != tn.Reloads()[4].ID {
		t.Errorf("the newest reload: %+v, %v", newest, err)
	}
}

func TestReloadRefusals(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	locked := tn.AddApp(tenant.App{Name: "locked", NoReload: true})
	many := map[string]string{}
	for i := range 21 {
		many[fmt.Sprint("v", i)] = "x"
	}
	for name, test := range map[string]struct {
		request qlik.ReloadRequest
		status  int
		words   string
	}{
		"no app":          {qlik.ReloadRequest{}, 400, "appId must be a UUID"},
		"weight":          {qlik.ReloadRequest{AppID: app, Weight: 11}, 400, "weight must be from 1 to 10"},
		"variables":       {qlik.ReloadRequest{AppID: app, Variables: many}, 400, "more than 20"},
		"variable's size": {qlik.ReloadRequest{AppID: app, Variables: map[string]string{"a": strings.Repeat("ä", 257)}}, 400, "256 characters"},
		"resourceType":    {qlik.ReloadRequest{AppID: app, ResourceType: "chain"}, 400, "resourceType"},
		"unknown app":     {qlik.ReloadRequest{AppID: "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"}, 403, "RELOADS-003"},
		"no privilege":    {qlik.ReloadRequest{AppID: locked}, 403, "RELOADS-003"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := c.StartReload(t.Context(), test.request)
			wantError(t, err, test.status, test.words)
		})
	}
	if status, _ := raw(t, tn, tn.APIKey(), "POST", "/api/v1/reloads", `{"appId":"`+app+`","wait":1}`); status != http.StatusBadRequest {
		t.Errorf("an unknown member got %d", status)
	}
	for _, query := range []string{"?filter=status", "?filter=status+ne+%22FAILED%22", "?limit=0", "?limit=101", "?sort=appId", "?next=zzz",
		"?prev=0", "?log=true"} {
		if status, body := raw(t, tn, tn.APIKey(), "GET", "/api/v1/reloads"+query, ""); status != http.StatusBadRequest {
			t.Errorf("%s got %d %s", query, status, body)
		}
	}
	_, key := tn.AddUser("Anna")
	anna := newClient(t, tn, qlik.Credentials{APIKey: key})
	_, err := anna.ListReloads(t.Context(), qlik.ReloadFilter{})
	wantError(t, err, 400, "appId is required")
	_, err = anna.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
	wantError(t, err, 403, "RELOADS-003")
}

func TestReloadPending(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		pending               tenant.Pending
		whileQueued, whileRun bool // a second reload is allowed
	}{
		"active": {tenant.PendingActive, false, false},
		"none":   {tenant.PendingNone, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tn := startTenant(t, tenant.Config{Pending: test.pending, QueueDuration: time.Hour})
			c := keyClient(t, tn)
			app := tn.AddApp(tenant.App{Name: "a", Duration: time.Hour})
			other := tn.AddApp(tenant.App{Name: "b", Duration: time.Hour})
			for _, id := range []string{app, other} {
				if _, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: id}); err != nil {
					t.Fatal(err)
				}
			}
			_, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
			if test.whileQueued != (err == nil) {
				t.Errorf("while queued: %v", err)
			}
			if err != nil {
				wantError(t, err, http.StatusTooManyRequests, "RELOADS-010")
			}
			running := startTenant(t, tenant.Config{Pending: test.pending, QueueDuration: time.Nanosecond})
			slow := running.AddApp(tenant.App{Name: "a", Duration: time.Hour})
			changes := running.Watch(t.Context())
			if _, err := running.StartReload(slow); err != nil {
				t.Fatal(err)
			}
			until(t, changes, func(c tenant.Change) bool { return c.Reload != nil && c.Reload.Status == "RELOADING" })
			if _, err := running.StartReload(slow); test.whileRun != (err == nil) {
				t.Errorf("while running: %v", err)
			}
		})
	}
}

func TestReloadCancel(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a", Duration: time.Hour})
	changes := tn.Watch(t.Context())
	started, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
	if err != nil {
		t.Fatal(err)
	}
	until(t, changes, func(c tenant.Change) bool { return c.Reload != nil && c.Reload.Status == "RELOADING" })
	if err := c.CancelReload(t.Context(), started.ID); err != nil {
		t.Fatal(err)
	}
	var states []string
	until(t, changes, func(c tenant.Change) bool {
		states = append(states, c.Reload.Status)
		return c.Reload.Status == "CANCELED"
	})
	if fmt.Sprint(states) != "[CANCELING CANCELED]" {
		t.Errorf("the reload went %v", states)
	}
	wantError(t, c.CancelReload(t.Context(), started.ID), http.StatusConflict, "can no longer be canceled")
	if err := c.CancelReload(t.Context(), "nothing"); !qlik.IsNotFound(err) {
		t.Errorf("error %v, want not found", err)
	}
}

func TestReloadCancelInTheQueue(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{QueueDuration: time.Hour})
	c := keyClient(t, tn)
	started, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: tn.AddApp(tenant.App{Name: "a"})})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CancelReload(t.Context(), started.ID); err != nil {
		t.Fatal(err)
	}
	idle(t, tn)
	if r := tn.Reloads()[0]; r.Status != "CANCELED" || !r.Started.IsZero() {
		t.Errorf("the reload is %+v", r)
	}
}

func TestReloadsPage(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{Pending: tenant.PendingNone})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	for range 205 {
		if _, err := tn.StartReload(app); err != nil {
			t.Fatal(err)
		}
	}
	idle(t, tn)
	all, err := c.ListReloads(t.Context(), qlik.ReloadFilter{AppID: app})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, r := range all {
		seen[r.ID] = true
		if i > 0 && r.CreationTime.After(all[i-1].CreationTime.Time) {
			t.Fatalf("reload %d is newer than the one before", i)
		}
		if r.Type != "hub" || r.UserID == tn.UserID() {
			t.Fatalf("a reload from the hub is %+v", r)
		}
	}
	if len(seen) != 205 || countCalls(tn, "GET /api/v1/reloads") != 3 {
		t.Errorf("%d reloads in %d calls, want 205 in 3", len(seen), countCalls(tn, "GET /api/v1/reloads"))
	}
	few, err := c.ListReloads(t.Context(), qlik.ReloadFilter{AppID: app, Limit: 150})
	if err != nil || len(few) != 150 {
		t.Errorf("%d reloads, %v; want 150", len(few), err)
	}
	status, body := raw(t, tn, tn.APIKey(), "GET", "/api/v1/reloads?limit=2&filter=status+eq+%22FAILED%22+or+status+eq+%22SUCCEEDED%22", "")
	if status != http.StatusOK || !strings.Contains(body, `"next":{"href":"http://127.0.0.1`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	tn.SetFault(func(r *http.Request, count int) *tenant.Fault {
		switch {
		case r.Pattern == "POST /api/v1/reloads" && count == 1:
			return &tenant.Fault{Drop: true, AfterwardsOnly: true}
		case r.Pattern == "GET /api/v1/apps/{id}" && count == 1:
			return &tenant.Fault{Status: 429, RetryAfter: 1}
		case r.Pattern == "GET /api/v1/apps/{id}" && count == 2:
			return &tenant.Fault{Drop: true}
		}
		return nil
	})
	_, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
	wantError(t, err, 0, "got no answer")
	if len(tn.Reloads()) != 1 {
		t.Error("the reload whose answer was lost should exist, once")
	}
	if _, err := c.App(t.Context(), app); err != nil {
		t.Errorf("a read should survive this: %v", err)
	}
	calls := tn.Calls()
	if len(calls) != 4 || calls[0].Path != "/api/v1/reloads" || calls[0].Operation != "POST /api/v1/reloads" || calls[0].Status != 0 {
		t.Errorf("calls %+v", calls)
	}
	tn.SetFault(nil)
	if _, err := c.Me(t.Context()); err != nil {
		t.Error(err)
	}
}

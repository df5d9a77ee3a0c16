// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// night is the time at which the tests with a frozen clock begin.
var night = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC)

func TestReloadOnAStandingClock(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c, QueueDuration: time.Minute})
	app := tn.AddApp(tenant.App{Name: "a", Duration: time.Hour})
	changes := tn.Watch(t.Context())
	if _, err := tn.StartReload(app); err != nil {
		t.Fatal(err)
	}
	check := func(status string, next time.Time) {
		t.Helper()
		idle(t, tn)
		got, waiting := tn.Next()
		if r := tn.Reloads()[0]; r.Status != status || waiting == next.IsZero() || !got.Equal(next) {
			t.Errorf("the reload is %s and goes on at %v, want %s and %v", r.Status, got, status, next)
		}
	}
	check("QUEUED", night.Add(time.Minute))
	c.Advance(time.Minute)
	check("RELOADING", night.Add(61*time.Minute))
	c.Advance(59 * time.Minute)
	check("RELOADING", night.Add(61*time.Minute))
	c.Advance(time.Minute)
	check("SUCCEEDED", time.Time{})
	until(t, changes, func(c tenant.Change) bool { return c.Reload != nil && c.Reload.Status == "SUCCEEDED" })

	r := tn.Reloads()[0]
	if !r.Created.Equal(night) || !r.Started.Equal(night.Add(time.Minute)) || !r.Ended.Equal(night.Add(61*time.Minute)) {
		t.Errorf("the reload's times are %v, %v, %v", r.Created, r.Started, r.Ended)
	}
}

// TestClockMovedFar moves the clock past the end of a reload, which still has its planned times.
func TestClockMovedFar(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c, QueueDuration: time.Minute})
	app := tn.AddApp(tenant.App{Name: "a", Duration: time.Hour})
	if _, err := tn.StartReload(app); err != nil {
		t.Fatal(err)
	}
	c.Advance(24 * time.Hour)
	idle(t, tn)
	if r := tn.Reloads()[0]; r.Status != "SUCCEEDED" || !r.Started.Equal(night.Add(time.Minute)) || !r.Ended.Equal(night.Add(61*time.Minute)) {
		t.Errorf("the reload is %+v", r)
	}
}

func TestCancelOnAStandingClock(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{Clock: clock.NewFrozen(night)})
	client := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	started, err := client.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.CancelReload(t.Context(), started.ID); err != nil {
		t.Fatal(err)
	}
	idle(t, tn)
	if r := tn.Reloads()[0]; r.Status != "CANCELED" || !r.Ended.Equal(night) {
		t.Errorf("the reload is %+v", r)
	}
}

// TestNewestFirst holds for reloads of the same moment.
func TestNewestFirst(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{Clock: clock.NewFrozen(night), Pending: tenant.PendingNone})
	client := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	for range 3 {
		if _, err := client.StartReload(t.Context(), qlik.ReloadRequest{AppID: app}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := client.ListReloads(t.Context(), qlik.ReloadFilter{AppID: app})
	if err != nil || len(list) != 3 {
		t.Fatalf("got %v, %v", list, err)
	}
	for i, r := range tn.Reloads() {
		if list[2-i].ID != r.ID {
			t.Errorf("reload %d is not where it should be", i)
		}
	}
}

func TestRateLimitFollowsTheClock(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c, RateLimits: tenant.DocumentedRateLimits(), Pending: tenant.PendingNone})
	app := tn.AddApp(tenant.App{Name: "a"})
	post := func() int {
		t.Helper()
		status, _ := raw(t, tn, tn.APIKey(), "POST", "/api/v1/reloads", `{"appId":"`+app+`"}`)
		return status
	}
	for range 250 {
		if status := post(); status != 201 {
			t.Fatalf("status %d within the limit", status)
		}
	}
	if status := post(); status != 429 {
		t.Errorf("status %d over the limit", status)
	}
	c.Advance(5*time.Minute - time.Nanosecond)
	if status := post(); status != 429 {
		t.Errorf("status %d at the window's end", status)
	}
	c.Advance(time.Nanosecond)
	if status := post(); status != 201 {
		t.Errorf("status %d in the next window", status)
	}
	if counts := tn.Statuses("POST /api/v1/reloads"); counts[201] != 251 || counts[429] != 2 || len(counts) != 2 {
		t.Errorf("the tenant counted %v", counts)
	}
}

// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

func TestAutomationLives(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]tenant.Config{
		"both paths": {}, "the deprecated one": {WithoutWorkflows: true}, "the new one": {WithoutAutomationsV1: true},
	} {
		tn := startTenant(t, config)
		c := keyClient(t, tn)
		id := tn.AddAutomation(tenant.Automation{Name: "Mail", Outcomes: []string{"finished with warnings"}})
		changes := tn.Watch(t.Context())
		started, err := c.StartAutomation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if started.Status != qlik.AutomationNotStarted || started.ExecutedByID != tn.UserID() || !started.StartTime.IsZero() {
			t.Errorf("%s: started %+v", name, started)
		}
		var states []string
		until(t, changes, func(c tenant.Change) bool {
			if c.AutomationRun == nil {
				return false
			}
			states = append(states, c.AutomationRun.Status)
			return !c.AutomationRun.Stopped.IsZero()
		})
		if got := fmt.Sprintf("%q", states); got != `["not started" "queued" "starting" "running" "finished with warnings"]` {
			t.Errorf("%s: the run went %s", name, got)
		}
		ended, err := c.GetAutomationRun(t.Context(), id, started.ID)
		if err != nil || ended.Status.Outcome() != qlik.StatusSucceeded || !ended.StopTime.After(ended.StartTime.Time) {
			t.Errorf("%s: ended %+v, %v", name, ended, err)
		}
		if _, err := c.GetAutomationRun(t.Context(), id, tn.ID()); !qlik.IsNotFound(err) {
			t.Errorf("%s: error %v, want not found", name, err)
		}
	}
}

func TestAutomationOnAStandingClock(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c, QueueDuration: 3 * time.Minute})
	client := keyClient(t, tn)
	long := tn.AddAutomation(tenant.Automation{Name: "long", Duration: 5 * time.Hour})
	check := func(status string, next time.Duration) {
		t.Helper()
		idle(t, tn)
		runs := tn.AutomationRuns()
		got, waits := tn.Next()
		if r := runs[len(runs)-1]; r.Status != status || waits != (next > 0) || waits && !got.Equal(night.Add(next)) {
			t.Errorf("the run is %s and goes on at %v, want %s and %v", r.Status, got, status, next)
		}
	}
	if _, err := client.StartAutomation(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	check("not started", time.Minute)
	c.Advance(time.Minute)
	check("queued", 2*time.Minute)
	c.Advance(time.Minute)
	check("starting", 3*time.Minute)
	c.Advance(time.Minute)
	check("running", 4*time.Hour+3*time.Minute)
	c.Advance(4 * time.Hour)
	check("exceeded limit", 0)
	if r := tn.AutomationRuns()[0]; !r.Started.Equal(night.Add(3*time.Minute)) || !r.Stopped.Equal(night.Add(4*time.Hour+3*time.Minute)) {
		t.Errorf("the run's times are %v and %v", r.Started, r.Stopped)
	}
	// A clock that moves far passes all stages, each at its planned time.
	if _, err := client.StartAutomation(t.Context(), long); err != nil {
		t.Fatal(err)
	}
	begin := c.Now()
	c.Advance(24 * time.Hour)
	check("exceeded limit", 0)
	if r := tn.AutomationRuns()[1]; !r.Stopped.Equal(begin.Add(4*time.Hour + 3*time.Minute)) {
		t.Errorf("the run stopped at %v", r.Stopped)
	}
}

func TestAutomationStop(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c})
	client := keyClient(t, tn)
	id := tn.AddAutomation(tenant.Automation{Name: "a", Duration: time.Hour})
	for _, into := range []time.Duration{0, time.Minute} { // before it runs, and while it runs
		run, err := client.StartAutomation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		c.Advance(into)
		idle(t, tn)
		if err := client.StopAutomationRun(t.Context(), id, run.ID); err != nil {
			t.Fatal(err)
		}
		idle(t, tn)
		got, err := client.GetAutomationRun(t.Context(), id, run.ID)
		if err != nil || got.Status != qlik.AutomationStopped || !got.StopTime.Equal(c.Now()) || got.StartTime.IsZero() != (into == 0) {
			t.Errorf("got %+v, %v", got, err)
		}
		if err := client.StopAutomationRun(t.Context(), id, run.ID); statusOf(err) != 400 {
			t.Errorf("error %v, want 400 for a run that has ended", err)
		}
	}
}

func statusOf(err error) int {
	var e *qlik.Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

func TestAutomationRunLimits(t *testing.T) {
	t.Parallel()
	for want, config := range map[int]tenant.Config{429: {}, 409: {AutomationLimitConflict: true}} {
		config.Clock, config.AutomationRuns = clock.NewFrozen(night), 3
		tn := startTenant(t, config)
		c := keyClient(t, tn)
		one := tn.AddAutomation(tenant.Automation{Name: "one"})
		many := tn.AddAutomation(tenant.Automation{Name: "many", MaxConcurrentRuns: 5})
		start := func(id string, want int) {
			t.Helper()
			_, err := c.StartAutomation(t.Context(), id)
			var e *qlik.Error
			if statusOf(err) != want || want != 0 && (!errors.As(err, &e) || !e.AtRunLimit() || e.RateLimited()) {
				t.Errorf("error %v, want %d", err, want)
			}
		}
		start(one, 0)
		start(one, want) // of the automation
		start(many, 0)
		start(many, 0)
		start(many, want) // of the tenant
		config.Clock.Advance(time.Hour)
		idle(t, tn)
		start(one, 0)
		if n := len(tn.AutomationRuns()); n != 4 {
			t.Errorf("%d runs, want 4", n)
		}
	}
}

// A run that has not started is last in the list, so only a search by status finds it surely.
func TestListAutomationRuns(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c})
	client := keyClient(t, tn)
	id := tn.AddAutomation(tenant.Automation{Name: "a", Outcomes: []string{"failed", "finished"}})
	other := tn.AddAutomation(tenant.Automation{Name: "b"})
	var ids []string
	for range 3 {
		run, err := client.StartAutomation(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.StartAutomation(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		if ids = append(ids, run.ID); len(ids) < 3 {
			c.Advance(time.Minute)
			idle(t, tn)
		}
	}
	list := func(f qlik.AutomationRunFilter) string {
		t.Helper()
		runs, err := client.ListAutomationRuns(t.Context(), id, f)
		if err != nil {
			t.Fatal(err)
		}
		var found []int
		for _, run := range runs {
			for i, id := range ids {
				if run.ID == id {
					found = append(found, i)
				}
			}
		}
		return fmt.Sprint(found)
	}
	for want, f := range map[string]qlik.AutomationRunFilter{
		"[1 0 2]": {}, "[1]": {Limit: 1}, "[2]": {Statuses: qlik.UnfinishedAutomationRuns()},
		"[0]": {Statuses: []qlik.AutomationStatus{qlik.AutomationFailed, qlik.AutomationStopped}},
	} {
		if got := list(f); got != want {
			t.Errorf("%+v: %s, want %s", f, got, want)
		}
	}
}

func TestAutomationRights(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	space := tn.AddSpace("Sales", "shared")
	anna, annasKey := tn.AddUser("Anna")
	c := newClient(t, tn, qlik.Credentials{APIKey: annasKey})
	hers := tn.AddAutomation(tenant.Automation{Name: "hers", OwnerID: anna, MaxConcurrentRuns: 9})
	private := tn.AddAutomation(tenant.Automation{Name: "private"})
	shared := tn.AddAutomation(tenant.Automation{Name: "shared", SpaceID: space, MaxConcurrentRuns: 9})
	disabled := tn.AddAutomation(tenant.Automation{Name: "disabled", OwnerID: anna, Disabled: true})
	check := func(what, id string, list, start int) {
		t.Helper()
		_, listErr := c.ListAutomationRuns(t.Context(), id, qlik.AutomationRunFilter{})
		_, startErr := c.StartAutomation(t.Context(), id)
		if statusOf(listErr) != list || statusOf(startErr) != start {
			t.Errorf("%s: runs %v, start %v; want %d, %d", what, listErr, startErr, list, start)
		}
	}
	check("her own", hers, 0, 0)
	check("a disabled one", disabled, 0, 403)
	check("another user's", private, 404, 404)
	for role, want := range map[string]int{"operator": 0, "producer": 0, "facilitator": 0, "consumer": 403, "codeveloper": 403} {
		tn.Assign(space, anna, role)
		check(role, shared, want, want)
	}
	tn.Assign(space, anna)
	check("no role", shared, 404, 404)
	// A TenantAdmin sees every personal automation, but runs none of them.
	c = keyClient(t, tn)
	check("an admin", hers, 0, 403)
	items, err := c.Items(t.Context(), qlik.ItemFilter{Type: qlik.ResourceAutomation, Name: "PRIV"})
	if err != nil || len(items) != 1 || items[0].ResourceID != private || items[0].OwnerID != tn.UserID() {
		t.Errorf("got %+v, %v", items, err)
	}
}

func TestAutomationRefusals(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	id := tn.AddAutomation(tenant.Automation{Name: "a"})
	const base = "/api/workflows/automations"
	for request, want := range map[[3]string]int{
		{"POST", base + "/" + id + "/runs", `{"context":"manual"}`}:                                         400,
		{"POST", base + "/" + id + "/runs", `{"context":"api","inputs":{}}`}:                                400,
		{"POST", base + "/" + id + "/runs", ``}:                                                             400,
		{"GET", base + "/" + id + "/runs?limit=201", ``}:                                                    400,
		{"GET", base + "/" + id + "/runs?sort=id", ``}:                                                      400,
		{"GET", base + "/" + id + "/runs?filter=createdAt+eq+%22x%22", ``}:                                  400,
		{"GET", base + "?filter=name+eq+%22a+and+b%22+and+spaceId+eq+%22s%22", ``}:                          200,
		{"GET", base + "?filter=name+eq+%22a%22+or+name+eq+%22b%22", ``}:                                    400,
		{"POST", base + "/" + tn.ID() + "/runs", `{"context":"api"}`}:                                       404,
		{"GET", "/api/scheduling/tasks?resourceId=" + id + "&sort=%2Bname", ``}:                             400,
		{"POST", "/api/v1/di-projects/p/di-tasks/t/runtime/actions/start", ``}:                              404,
		{"POST", "/api/v1/di-projects/p/di-tasks/t/runtime/runs/actions/search", `{"limit":0}`}:             400,
		{"POST", "/api/v1/di-projects/p/di-tasks/t/runtime/runs/actions/search", `{"limit":1,"color":"x"}`}: 400,
	} {
		if status, body := raw(t, tn, tn.APIKey(), request[0], request[1], request[2]); status != want {
			t.Errorf("%v: %d %s, want %d", request, status, body, want)
		}
	}
}

// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

func TestDataTaskLives(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c, QueueDuration: time.Minute})
	client := keyClient(t, tn)
	space := tn.AddSpace("Landing", "data")
	project := tn.AddDataProject(tenant.DataProject{Name: "Sales", SpaceID: space})
	task := tn.AddDataTask(tenant.DataTask{
		ProjectID: project, Name: "Transform", Duration: time.Hour, Outcomes: []string{"FAILED", "COMPLETED"},
	})
	state := func(readiness string, last qlik.RunState) *qlik.DataTaskState {
		t.Helper()
		idle(t, tn)
		got, err := client.GetDataTaskState(t.Context(), project, task)
		if err != nil {
			t.Fatal(err)
		}
		if got.RunReadiness.State != readiness || (got.LastRun == nil) != (last == "") || last != "" && got.LastRun.State != last {
			t.Errorf("the state is %+v with %+v, want %s and %s", got, got.LastRun, readiness, last)
		}
		return got
	}
	state("READY_TO_RUN", "")
	for _, outcome := range []qlik.RunState{qlik.RunFailed, qlik.RunCompleted} {
		before := c.Now()
		if err := client.StartDataTask(t.Context(), project, task); err != nil {
			t.Fatal(err)
		}
		if got := state("ALREADY_RUNNING", qlik.RunStarting); !got.LastRun.StartTime.Equal(before) {
			t.Errorf("the run started at %v, want %v", got.LastRun.StartTime, before)
		}
		if err := client.StartDataTask(t.Context(), project, task); statusOf(err) != 400 {
			t.Errorf("error %v, want 400 for a task that runs", err)
		}
		c.Advance(time.Minute)
		state("ALREADY_RUNNING", qlik.RunRunning)
		c.Advance(time.Hour)
		got := state("READY_TO_RUN", outcome)
		if !got.LastRun.EndTime.Equal(before.Add(61*time.Minute)) || (len(got.LastRun.Errors) > 0) != (outcome == qlik.RunFailed) {
			t.Errorf("the last run is %+v", got.LastRun)
		}
	}
	if runs := tn.DataTaskRuns(); len(runs) != 2 || runs[0].State != "FAILED" || runs[0].UserID != tn.UserID() {
		t.Errorf("the tenant recorded %+v", runs)
	}
}

// A task without an end runs until it is stopped, and keeps nothing from being idle.
func TestDataTasksWithoutAnEnd(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	client := keyClient(t, tn)
	project := tn.AddDataProject(tenant.DataProject{Name: "Sales"})
	for _, d := range []tenant.DataTask{
		{Type: "REPLICATION"}, {Type: "STREAMING_TRANSFORM"}, {Type: "LANDING", CapturesChange: true}, {Type: "TRANSFORM", Duration: time.Hour},
	} {
		d.ProjectID, d.Name = project, d.Type
		id, changes := tn.AddDataTask(d), tn.Watch(t.Context())
		if err := client.StartDataTask(t.Context(), project, id); err != nil {
			t.Fatal(err)
		}
		until(t, changes, func(c tenant.Change) bool { return c.DataTaskRun != nil && c.DataTaskRun.State == "RUNNING" })
		endless := d.Type != "TRANSFORM"
		if endless {
			idle(t, tn)
		}
		state, err := client.GetDataTaskState(t.Context(), project, id)
		if err != nil || state.NeverEnds() != endless {
			t.Errorf("%s: got %+v, %v", d.Type, state, err)
		}
		if err := client.StopDataTask(t.Context(), project, id); err != nil {
			t.Fatal(err)
		}
		until(t, changes, func(c tenant.Change) bool { return c.DataTaskRun != nil && c.DataTaskRun.State == "CANCELED" })
		if err := client.StopDataTask(t.Context(), project, id); statusOf(err) != 400 {
			t.Errorf("%s: error %v, want 400 for a task that does not run", d.Type, err)
		}
	}
}

func TestDataTaskHistory(t *testing.T) {
	t.Parallel()
	c := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: c})
	client := keyClient(t, tn)
	project := tn.AddDataProject(tenant.DataProject{Name: "Sales"})
	task := tn.AddDataTask(tenant.DataTask{ProjectID: project, Name: "a", Outcomes: []string{"COMPLETED", "FAILED", "COMPLETED"}})
	for range 205 {
		if _, err := tn.StartDataTask(project, task); err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Minute)
		idle(t, tn)
	}
	for _, test := range []struct {
		filter qlik.DataTaskRunFilter
		want   int
	}{
		{qlik.DataTaskRunFilter{}, 205}, {qlik.DataTaskRunFilter{Limit: 150}, 150},
		{qlik.DataTaskRunFilter{Statuses: []qlik.RunState{qlik.RunFailed}}, 1},
		{qlik.DataTaskRunFilter{Since: night.Add(200 * time.Minute), Until: c.Now()}, 5},
		{qlik.DataTaskRunFilter{Since: night, Until: night.Add(time.Minute), Statuses: []qlik.RunState{qlik.RunFailed}}, 1},
	} {
		runs, err := client.SearchDataTaskRuns(t.Context(), project, task, test.filter)
		if err != nil || len(runs) != test.want {
			t.Errorf("%+v: %d runs, %v; want %d", test.filter, len(runs), err, test.want)
		}
		for i := range runs[1:] {
			if runs[i].StartTime.Before(runs[i+1].StartTime.Time) {
				t.Errorf("%+v: the runs are not latest first", test.filter)
			}
		}
	}
}

func TestDataTaskRights(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	space := tn.AddSpace("Landing", "data")
	project := tn.AddDataProject(tenant.DataProject{Name: "Sales", SpaceID: space})
	other := tn.AddDataProject(tenant.DataProject{Name: "Others"})
	task := tn.AddDataTask(tenant.DataTask{ProjectID: project, Name: "a", NotRunnable: "not prepared"})
	tn.AddDataTask(tenant.DataTask{ProjectID: other, ID: task, Name: "same id"})
	anna, annasKey := tn.AddUser("Anna")
	c := newClient(t, tn, qlik.Credentials{APIKey: annasKey})
	for role, want := range map[string]int{"operator": 400, "producer": 400, "consumer": 403} {
		tn.Assign(space, anna, role)
		err := c.StartDataTask(t.Context(), project, task)
		if statusOf(err) != want || want == 400 && !strings.Contains(err.Error(), "NOT_RUNNABLE: not prepared") {
			t.Errorf("%s: error %v, want %d", role, err, want)
		}
	}
	projects, err := c.ListDataProjects(t.Context(), "")
	if err != nil || len(projects) != 1 || projects[0].ID != project {
		t.Errorf("Anna sees %+v, %v", projects, err)
	}
	if _, err := c.ListDataTasks(t.Context(), other); !qlik.IsNotFound(err) {
		t.Errorf("error %v, want not found", err)
	}
	tasks, err := keyClient(t, tn).ListDataTasks(t.Context(), other)
	if err != nil || len(tasks) != 1 || tasks[0].Name != "same id" || tasks[0].Type != "TRANSFORM" {
		t.Errorf("got %+v, %v", tasks, err)
	}
	if got, err := c.GetDataTask(t.Context(), project, task); err != nil || got.Name != "a" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// Each kind of run ends with an event, if the tenant's webhooks know it.
func TestRunEvents(t *testing.T) {
	t.Parallel()
	for name, envelope := range map[string]tenant.Envelope{
		"CloudEvents": tenant.EnvelopeCloudEvents, "hybrid": tenant.EnvelopeHybrid, "legacy": tenant.EnvelopeLegacy, "2020": tenant.Envelope2020,
	} {
		tn := startTenant(t, tenant.Config{Envelope: envelope, EventTypes: tenant.RunEventTypes()})
		c := keyClient(t, tn)
		url, deliveries := listen(t, 202)
		types, err := c.EventTypes(t.Context())
		kinds := qlik.Deliverable(types, qlik.LevelTenant, tenant.RunEventTypes()...)
		if err != nil || len(kinds) != 4 {
			t.Fatalf("got %q, %v", kinds, err)
		}
		w := hook("w")
		w.URL, w.EventTypes, w.Filter = url, kinds, ""
		if _, err := c.CreateWebhook(t.Context(), w); err != nil {
			t.Fatal(err)
		}
		space := tn.AddSpace("Sales", "shared")
		automation := tn.AddAutomation(tenant.Automation{Name: "a", SpaceID: space, Outcomes: []string{"exceeded limit"}})
		project := tn.AddDataProject(tenant.DataProject{Name: "p", SpaceID: space})
		task := tn.AddDataTask(tenant.DataTask{ProjectID: project, Name: "d", Outcomes: []string{"COMPLETED", "FAILED", "CANCELED"}})
		if _, err := tn.StartAutomation(automation); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if _, err := tn.StartDataTask(project, task); err != nil {
				t.Fatal(err)
			}
			idle(t, tn)
		}
		if n := len(deliveries); n != 4 {
			t.Fatalf("%s: %d deliveries, want 4", name, n)
		}
		got := map[string]*qlik.Event{}
		for range 4 {
			event, err := qlik.ParseEvent((<-deliveries).body)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if event.SpaceID != space || event.TenantID != tn.ID() {
				t.Errorf("%s: got %+v", name, event)
			}
			got[event.Type] = event
		}
		run := tn.AutomationRuns()[0]
		if e := got[qlik.EventAutomationRunEnded]; e.AutomationID != automation || e.RunID != run.ID || e.Status != qlik.StatusExceededLimit ||
			!e.Started.Equal(run.Started.Truncate(time.Microsecond)) {
			t.Errorf("%s: got %+v of %+v", name, e, run)
		}
		for i, kind := range []string{qlik.EventDataTaskCompleted, qlik.EventDataTaskFailed, qlik.EventDataTaskStopped} {
			if e := got[kind]; e.ProjectID != project || e.TaskID != task || !e.Started.Equal(tn.DataTaskRuns()[i].Started) ||
				(e.ErrorMessage != "") != (kind == qlik.EventDataTaskFailed) {
				t.Errorf("%s: got %+v of %+v", name, e, tn.DataTaskRuns()[i])
			}
		}
	}
}

// By default a tenant's webhooks do not know the new events: that they deliver them is not documented.
func TestRunEventsAreOff(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	types, err := c.EventTypes(t.Context())
	kinds := qlik.Deliverable(types, qlik.LevelUser, append(tenant.RunEventTypes(), qlik.EventReloadFinished)...)
	if err != nil || len(kinds) != 1 {
		t.Errorf("got %q, %v", kinds, err)
	}
	w := hook("w")
	w.EventTypes = tenant.RunEventTypes()[:1]
	if _, err := c.CreateWebhook(t.Context(), w); statusOf(err) != 400 {
		t.Errorf("error %v, want 400", err)
	}
}

// The new operations have faults, limits and crash points as the others.
func TestRunFaults(t *testing.T) {
	t.Parallel()
	var calls []string
	tn := startTenant(t, tenant.Config{
		RateLimits: tenant.RateLimits{Window: time.Hour, Tier2: 1, Scheduling: 1},
		UserFault:  func(call outside.Call) *tenant.Fault { calls = append(calls, call.String()); return nil },
	})
	c := keyClient(t, tn)
	automation := tn.AddAutomation(tenant.Automation{Name: "a"})
	project := tn.AddDataProject(tenant.DataProject{Name: "p"})
	task := tn.AddDataTask(tenant.DataTask{ProjectID: project, Name: "d"})
	tn.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if r.Method == http.MethodPost {
			return &tenant.Fault{Drop: true, AfterwardsOnly: true}
		}
		return nil
	})
	if _, err := c.StartAutomation(t.Context(), automation); err == nil || len(tn.AutomationRuns()) != 1 {
		t.Errorf("%v with %d runs, want a lost answer to a start that happened", err, len(tn.AutomationRuns()))
	}
	tn.SetFault(nil)
	if err := c.StartDataTask(t.Context(), project, task); statusOf(err) != 429 || len(tn.DataTaskRuns()) != 0 {
		t.Errorf("error %v, want 429: starts of both kinds share a limit", err)
	}
	app := tn.AddApp(tenant.App{Name: "x"})
	if _, err := c.ScheduledTasksOf(t.Context(), []string{strings.ToUpper(app)}); err != nil {
		t.Error(err)
	}
	if status, _ := raw(t, tn, tn.APIKey(), "GET", "/api/scheduling/tasks", ""); status != 429 {
		t.Errorf("status %d over the limit", status)
	}
	want := "[qlik POST /api/workflows/automations/{id}/runs qlik POST /api/v1/di-projects/{project}/di-tasks/{task}/runtime/actions/start"
	if got := fmt.Sprint(calls); !strings.HasPrefix(got, want) {
		t.Errorf("the calls are %s, want %s", got, want)
	}
}

func TestScheduledTasks(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "Flow", Usage: "DATAFLOW_PREP"})
	other := tn.AddApp(tenant.App{Name: "Plain"})
	first, err := tn.AddScheduledTask(tenant.ScheduledTask{
		Name: "daily", AppID: app, Enabled: true, Recurrence: "RRULE:FREQ=DAILY;INTERVAL=1", StartAt: "2026-11-30T02:00:00",
		Timezone: "Europe/Zurich",
	})
	if err != nil {
		t.Fatal(err)
	}
	after, err := tn.AddScheduledTask(tenant.ScheduledTask{
		Name: "after", AppID: other, Exclusive: true, Partial: true, Dataset: "d",
		After: []tenant.TaskTrigger{{TaskID: first, Status: "succeeded"}, {TaskID: "x", Status: "any"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	tasks, err := c.ScheduledTasksOf(t.Context(), []string{strings.ToUpper(app)})
	if err != nil || len(tasks) != 1 || tasks[0].ID != first || !tasks[0].Enabled || tasks[0].Metadata.Usage != "DATAFLOW_PREP" ||
		tasks[0].Start.Schedule.Timezone != "Europe/Zurich" || tasks[0].Start.Schedule.Recurrence != "RRULE:FREQ=DAILY;INTERVAL=1" {
		t.Errorf("got %+v, %v", tasks, err)
	}
	tasks, err = c.ScheduledTasksOf(t.Context(), []string{other})
	if err != nil || len(tasks) != 1 {
		t.Fatalf("got %+v, %v", tasks, err)
	}
	task := tasks[0]
	if task.ID != after || len(task.Events) != 3 || task.Events[0].Correlation[0].Value != first || !*task.States[0].Exclusive ||
		len(task.States[0].OnEvents[0].EventRefs) != 3 || !task.States[0].OnEvents[0].Actions[0].Function.Arguments.Partial {
		t.Errorf("got %+v, %v", task, err)
	}
	for range 9 {
		if _, err := tn.AddScheduledTask(tenant.ScheduledTask{AppID: app}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tn.AddScheduledTask(tenant.ScheduledTask{AppID: app}); err == nil {
		t.Error("an app has ten tasks at most")
	}
	got, err := c.App(t.Context(), app)
	if err != nil || got.Attributes.Usage != "DATAFLOW_PREP" {
		t.Errorf("got %+v, %v", got, err)
	}
}

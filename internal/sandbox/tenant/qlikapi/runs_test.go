// SPDX-License-Identifier: MPL-2.0

package qlikapi_test

import (
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// automations records both places of the Automations API. The package has a module for each.
func (r *recorder) automations() error {
	// The two modules name the start of a run differently.
	if err := r.automationsAt("automations", "/api/v1/automations", "QueueAutomationRun"); err != nil {
		return err
	}
	return r.automationsAt("workflows/automations", "/api/workflows/automations", "CreateAutomationRun")
}

func (r *recorder) automationsAt(module, base, start string) error {
	id := r.tenant.AddAutomation(tenant.Automation{Name: "Mail", Outcomes: []string{"finished with warnings"}, MaxConcurrentRuns: 2})
	slow := r.tenant.AddAutomation(tenant.Automation{Name: "Slow", Duration: 1 << 40})
	disabled := r.tenant.AddAutomation(tenant.Automation{Name: "Off", Disabled: true})
	api := map[string]any{"context": "api"}
	ended, err := r.answer(module, answered(start+"HttpResponse"), "POST", base+"/"+id+"/runs", api)
	if err != nil {
		return err
	}
	if err := r.tenant.Idle(r.ctx); err != nil {
		return err
	}
	running, err := r.answer(module, answered(start+"HttpResponse"), "POST", base+"/"+slow+"/runs", api)
	if err != nil {
		return err
	}
	return r.all(module, []exchange{
		{answered("GetAutomationsHttpResponse"), "GET", base + "?limit=1", nil},
		{answered("GetAutomationsHttpResponse"), "GET", base, nil},
		{answered("GetAutomationHttpResponse"), "GET", base + "/" + id, nil},
		{answered("GetAutomationRunHttpResponse"), "GET", fmt.Sprintf("%s/%s/runs/%s", base, id, ended["id"]), nil},
		{answered("GetAutomationRunsHttpResponse"), "GET", base + "/" + id + "/runs", nil},
		{answered("GetAutomationRunsHttpResponse"), "GET", base + "/" + slow + "/runs", nil},
		{answered("StopAutomationRunHttpResponse"), "POST", fmt.Sprintf("%s/%s/runs/%s/actions/stop", base, slow, running["id"]), nil},
		{answered("StopAutomationRunHttpError"), "POST", fmt.Sprintf("%s/%s/runs/%s/actions/stop", base, id, ended["id"]), nil},
		{answered(start + "HttpError"), "POST", base + "/" + disabled + "/runs", api},
		{answered(start + "HttpError"), "POST", base + "/unknown/runs", api},
		{answered("GetAutomationsHttpError"), "GET", base + "?limit=0", nil},
		{answered("GetAutomationHttpError"), "GET", base + "/unknown", nil},
	})
}

// dataTasks records data integration.
func (r *recorder) dataTasks() error {
	const module, base = "di-projects", "/api/v1/di-projects"
	project := r.tenant.AddDataProject(tenant.DataProject{Name: "Sales", SpaceID: r.tenant.AddSpace("Landing", "data")})
	task := r.tenant.AddDataTask(tenant.DataTask{ProjectID: project, Name: "Transform", Outcomes: []string{"FAILED"}})
	landing := r.tenant.AddDataTask(tenant.DataTask{ProjectID: project, Name: "Land", Type: "LANDING", CapturesChange: true})
	one, endless := base+"/"+project+"/di-tasks/"+task, base+"/"+project+"/di-tasks/"+landing
	start := answered("StartDiProjectDiTaskRuntimeHttpResponse")
	if err := r.all(module, []exchange{
		{answered("GetDiProjectsHttpResponse"), "GET", base, nil},
		{answered("GetDiProjectDiTasksHttpResponse"), "GET", base + "/" + project + "/di-tasks", nil},
		{answered("GetDiProjectDiTaskHttpResponse"), "GET", one, nil},
		{answered("GetDiProjectDiTaskRuntimeStateHttpResponse"), "GET", one + "/runtime/state", nil},
		{start, "POST", one + "/runtime/actions/start", nil},
		{start, "POST", endless + "/runtime/actions/start", nil},
	}); err != nil {
		return err
	}
	if err := r.tenant.Idle(r.ctx); err != nil {
		return err
	}
	filter := map[string]any{"field": "STATUS", "operator": "NOT_IN", "value": []string{"RUNNING"}}
	search := map[string]any{"limit": 1, "filters": []any{filter}}
	return r.all(module, []exchange{
		{answered("GetDiProjectDiTaskRuntimeStateHttpResponse"), "GET", one + "/runtime/state", nil},
		{answered("GetDiProjectDiTaskRuntimeStateHttpResponse"), "GET", endless + "/runtime/state", nil},
		{answered("SearchDiProjectDiTaskRuntimeRunsHttpResponse"), "POST", one + "/runtime/runs/actions/search", search},
		{answered("StartDiProjectDiTaskRuntimeHttpError"), "POST", endless + "/runtime/actions/start", nil},
		{answered("StopDiProjectDiTaskRuntimeHttpResponse"), "POST", endless + "/runtime/actions/stop", nil},
		{answered("StopDiProjectDiTaskRuntimeHttpError"), "POST", one + "/runtime/actions/stop", nil},
		{answered("GetDiProjectDiTasksHttpError"), "GET", base + "/unknown/di-tasks", nil},
		{answered("GetDiProjectDiTaskHttpError"), "GET", one + "x", nil},
	})
}

// scheduledTasks records reads of the scheduler's tasks.
func (r *recorder) scheduledTasks() error {
	const module, base = "scheduling/tasks", "/api/scheduling/tasks"
	app := r.tenant.AddApp(tenant.App{Name: "Scheduled"})
	daily, err := r.tenant.AddScheduledTask(tenant.ScheduledTask{
		Name: "daily", AppID: app, Enabled: true, Recurrence: "RRULE:FREQ=DAILY", StartAt: "2026-11-30T02:00:00", Timezone: "UTC",
	})
	if err != nil {
		return err
	}
	after, err := r.tenant.AddScheduledTask(tenant.ScheduledTask{
		Name: "after", AppID: app, After: []tenant.TaskTrigger{{TaskID: daily, Status: "any"}}, Dataset: "d",
	})
	if err != nil {
		return err
	}
	return r.all(module, []exchange{
		{answered("GetTasksHttpResponse"), "GET", base + "?limit=1&resourceId=" + app, nil},
		{answered("GetTasksHttpResponse"), "GET", base + "?filter=resourceId+eq+%22" + app + "%22", nil},
		{answered("GetTaskHttpResponse"), "GET", base + "/" + daily, nil},
		{answered("GetTaskHttpResponse"), "GET", base + "/" + after, nil},
	})
}

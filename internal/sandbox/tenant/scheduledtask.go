// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// mostScheduledTasks is Qlik Cloud's limit for the tasks of an app.
const mostScheduledTasks = 10

// ScheduledTask is a task of Qlik Cloud's own scheduler. The sandbox shows tasks, but does not run them.
type ScheduledTask struct {
	ID         string // a UUID; made up when empty
	Name       string
	AppID      string
	Enabled    bool
	Partial    bool
	Recurrence string // RRULE:FREQ=DAILY;INTERVAL=1; empty for a task that starts after events
	StartAt    string // 2026-11-30T02:00:00, without a zone
	Timezone   string
	After      []TaskTrigger
	Exclusive  bool // one of After is enough
	Dataset    string
}

// TaskTrigger is another task; its end starts a task.
type TaskTrigger struct {
	TaskID string
	Status string // succeeded, failed or any
}

type scheduledTask struct {
	ScheduledTask
	app     *app
	created time.Time
}

// AddScheduledTask adds a task to an app and returns its id.
func (t *Tenant) AddScheduledTask(s ScheduledTask) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, tasks := t.findApp(s.AppID), 0
	for _, other := range t.scheduledTasks {
		if other.AppID == s.AppID {
			tasks++
		}
	}
	switch {
	case a == nil:
		return "", fmt.Errorf("the tenant has no app with the id %q", s.AppID)
	case tasks >= mostScheduledTasks:
		return "", fmt.Errorf("the app %s has %d tasks already", a.Name, tasks)
	}
	if s.ID == "" {
		s.ID = uuid.NewString()
	}
	t.scheduledTasks = append(t.scheduledTasks, &scheduledTask{s, a, t.now()})
	return s.ID, nil
}

var schedulingService = service{traced: true}

func (t *Tenant) handleScheduledTasks(handle func(string, service, tier, handler, ...string)) {
	const base = "/api/scheduling/tasks"
	handle("GET "+base, schedulingService, scheduling, t.listScheduledTasks, "filter", "resourceId", "limit", "page")
}

// answer returns the task as https://qlik.dev/apis/rest/scheduling/tasks/ shows one.
func (s *scheduledTask) answer(t *Tenant) map[string]any {
	events, refs := []any{}, []any{}
	add := func(source, kind string, correlation ...any) {
		name := fmt.Sprintf("event%d", len(events)+1)
		refs = append(refs, name)
		events = append(events, map[string]any{"name": name, "source": source, "type": kind, "correlation": correlation})
	}
	attribute := func(name, value string) any {
		return map[string]any{"contextAttributeName": name, "contextAttributeValue": value}
	}
	for _, after := range s.After {
		add("system-events.task", "com.qlik.v1.task.run.finished", attribute("id", after.TaskID), attribute("status", after.Status))
	}
	if s.Dataset != "" {
		add("dataset.updated", "com.qlik/active-analytics-orch", attribute("datasetId", s.Dataset))
	}
	reload := map[string]any{"name": "app.reload", "functionRef": map[string]any{
		"refName": "app.reload", "arguments": map[string]any{"appId": s.AppID, "partial": s.Partial},
	}}
	task := map[string]any{
		"id": s.ID, "name": s.Name, "description": "", "enabled": s.Enabled, "resourceId": s.AppID, "events": events, "keepActive": false,
		"specVersion": "1.16.0", "version": "1.0.0",
		"states": []any{map[string]any{
			"name": "Reload", "type": "EVENT", "end": true, "exclusive": s.Exclusive,
			"onEvents": []any{map[string]any{"eventRefs": refs, "actions": []any{reload}}},
		}},
		"metadata": map[string]any{
			"createdAt": timestamp(s.created), "updatedAt": timestamp(s.created), "tenantId": t.id, "ownerId": t.ownerOf(s.app).id,
			"spaceId": s.app.SpaceID, "resourceName": s.app.Name, "resourceType": "app", "usage": s.app.Usage,
		},
	}
	if s.Recurrence != "" {
		schedule := map[string]any{"recurrence": s.Recurrence, "startDateTime": s.StartAt}
		if s.Timezone != "" {
			schedule["timezone"] = s.Timezone
		}
		task["start"] = map[string]any{"schedule": schedule}
	}
	return task
}

// listScheduledTasks lists the tasks of the apps that the user can see, or of some apps.
func (t *Tenant) listScheduledTasks(r *request) (*response, error) {
	query := r.URL.Query()
	resource := query.Get("resourceId")
	apps, err := parseFilter(query.Get("filter"), "resourceId")
	if err != nil {
		return nil, badRequest("CHO-001", "the filter cannot be read: %v", err)
	}
	passes := func(s *scheduledTask) bool {
		return (resource == "" || resource == s.AppID) &&
			(apps == nil || slices.ContainsFunc(apps, func(id string) bool { return strings.EqualFold(id, s.AppID) }))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found := []map[string]any{}
	for _, s := range t.scheduledTasks {
		if passes(s) && t.visibleTo(s.app, r.user) {
			found = append(found, s.answer(t))
		}
	}
	p, err := paginateBy(t, r, paging{code: "CHO-001", cursor: "page", byDefault: 20, maximum: 100}, found)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

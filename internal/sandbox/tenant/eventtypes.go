// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"maps"
	"slices"
)

// The types of the events about other runs.
const (
	typeAutomationRunEnded = "com.qlik.v1.automation.run.ended"
	typeDataTaskCompleted  = "com.qlik.v1.di-projects.di-tasks.completed"
	typeDataTaskFailed     = "com.qlik.v1.di-projects.di-tasks.failed"
	typeDataTaskStopped    = "com.qlik.v1.di-projects.di-tasks.stopped"
)

// RunEventTypes returns the event types for the ends of automations' and data tasks' runs, for Config.EventTypes.
func RunEventTypes() []string {
	return []string{typeAutomationRunEnded, typeDataTaskCompleted, typeDataTaskFailed, typeDataTaskStopped}
}

// eventTypes maps the event types that webhooks can deliver to the levels of their webhooks. No event about an app's creation or deletion
// is ever sent.
func (t *Tenant) eventTypes() map[string][]string {
	types := map[string][]string{
		typeReloadFinished:        {levelUser, levelTenant},
		typeAppReloadFinished:     {levelUser, levelTenant},
		"com.qlik.v1.app.created": {levelUser, levelTenant},
		"com.qlik.v1.app.deleted": {levelTenant},
	}
	for _, name := range t.config.EventTypes {
		types[name] = []string{levelUser, levelTenant}
	}
	return types
}

type eventTypeAnswer struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Category    string   `json:"category"`
	Levels      []string `json:"levels"`
}

// listEventTypes lists the event types that webhooks can deliver, in one page.
func (t *Tenant) listEventTypes(*request) (*response, error) {
	types := t.eventTypes()
	var answer struct {
		Data []eventTypeAnswer `json:"data"`
	}
	for _, name := range slices.Sorted(maps.Keys(types)) {
		answer.Data = append(answer.Data, eventTypeAnswer{Name: name, Title: name, Description: name, Category: "sandbox", Levels: types[name]})
	}
	return ok(answer), nil
}

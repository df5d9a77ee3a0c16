// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
)

const (
	scheduledTasksPath = "/api/scheduling/tasks"
	tasksPerPage       = 100
)

// ScheduledTask is a task of Qlik Cloud's own scheduler: it reloads an app by time or after other tasks. Source:
// https://qlik.dev/apis/rest/scheduling/tasks/.
type ScheduledTask struct {
	ID         string `json:"id"` // a UUID
	Name       string `json:"name"`
	Enabled    bool   `json:"enabled"`
	ResourceID string `json:"resourceId"` // of the app
	Start      struct {
		Schedule TaskSchedule `json:"schedule"`
	} `json:"start"`
	Events   []TaskEvent `json:"events"`
	States   []TaskState `json:"states"` // Qlik Cloud allows one
	Metadata struct {
		ResourceName string `json:"resourceName"`
		DisabledCode string `json:"disabledCode"` // why Qlik Cloud or a user disabled it
		Usage        string `json:"usage"`        // as App.Attributes.Usage
	} `json:"metadata"`
}

// TaskSchedule is when a task starts by time. It is empty for a task that starts after events.
type TaskSchedule struct {
	Recurrence    string `json:"recurrence"` // RRULE:FREQ=DAILY;INTERVAL=1 (RFC 5545), perhaps several lines
	StartDateTime string `json:"startDateTime"`
	EndDateTime   string `json:"endDateTime"`
	Timezone      string `json:"timezone"` // UTC if empty
	Interval      string `json:"interval"` // ISO 8601
	Cron          Cron   `json:"cron"`
}

// Cron is a cron expression of a task.
type Cron string

// UnmarshalJSON reads both documented forms: a text, and an object with the expression.
func (c *Cron) UnmarshalJSON(data []byte) error {
	var object struct {
		Expression string `json:"expression"`
	}
	err := textOrObject(data, &object.Expression, &object)
	*c = Cron(object.Expression)
	return err
}

// UnmarshalJSON reads both documented forms: an object, and a text that is the interval.
func (s *TaskSchedule) UnmarshalJSON(data []byte) error {
	*s = TaskSchedule{}
	type plain TaskSchedule
	return textOrObject(data, &s.Interval, (*plain)(s))
}

// TaskEvent is an event that a task waits for.
type TaskEvent struct {
	Name        string `json:"name"`
	Source      string `json:"source"` // system-events.task or dataset.updated
	Correlation []struct {
		Name  string `json:"contextAttributeName"` // id, status, appId, spaceId or datasetId
		Value string `json:"contextAttributeValue"`
	} `json:"correlation"`
}

// TaskState says what a task does when its events have come.
type TaskState struct {
	Exclusive *bool `json:"exclusive"` // one of the events is enough; nil if Qlik Cloud does not say
	OnEvents  []struct {
		EventRefs []string     `json:"eventRefs"` // names of events
		Actions   []TaskAction `json:"actions"`
	} `json:"onEvents"`
}

// TaskAction is what a task runs.
type TaskAction struct {
	Function TaskFunction `json:"functionRef"`
}

// TaskFunction is the function of an action with its arguments.
type TaskFunction struct {
	Name      string `json:"refName"` // app.reload
	Arguments struct {
		AppID   string `json:"appId"`
		Partial bool   `json:"partial"`
	} `json:"arguments"`
}

// UnmarshalJSON reads both documented forms: an object, and a text that is the name.
func (f *TaskFunction) UnmarshalJSON(data []byte) error {
	*f = TaskFunction{}
	type plain TaskFunction
	return textOrObject(data, &f.Name, (*plain)(f))
}

// textOrObject decodes a JSON text into text, and anything else into object.
func textOrObject(data []byte, text *string, object any) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, text)
	}
	return json.Unmarshal(data, object)
}

// ScheduledTasksOf lists the tasks of several apps: 100 tasks at most, those that changed last.
func (c *Client) ScheduledTasksOf(ctx context.Context, appIDs []string) ([]ScheduledTask, error) {
	query := url.Values{"limit": {strconv.Itoa(tasksPerPage)}, "filter": {anyOf("resourceId", appIDs)}}
	return list[ScheduledTask](ctx, c, scheduledTasksPath, query, tasksPerPage)
}

// ExportScheduledTasks lists all tasks that the caller may see, in the form in which Qlik Cloud returns them.
func (c *Client) ExportScheduledTasks(ctx context.Context) ([]json.RawMessage, error) {
	return list[json.RawMessage](ctx, c, scheduledTasksPath, url.Values{"limit": {strconv.Itoa(tasksPerPage)}}, 0)
}

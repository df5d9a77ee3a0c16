// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	testRun     = "d452d100-9b0b-11ec-b199-8323e1031c3e"
	testProject = "68172bbc045ae3756c1ae309"
	testTask    = "bad_storage-lbx4"

	automationData = `"data":{"id":"` + testRun + `","title":"t","status":"finished with warnings","context":"api_sync","testRun":false,` +
		`"billable":false,"createdAt":"2026-11-23T04:10:01.000000Z","startTime":"2026-11-23T04:10:04.000000Z",` +
		`"stopTime":"2026-11-23T04:12:04.500000Z","metrics":{"blocks":[]}}`
	taskMember = `"dataTask":{"id":"` + testTask + `","name":"Bad Storage","type":"LANDING","ownerId":"o","spaceId":"` + testSpace +
		`","projectId":"` + testProject + `"}`
	completedData = `"data":{"endTime":"2026-11-23T04:12:04.5Z",` + taskMember +
		`,"startTime":"2026-11-23T04:10:04Z","startedBy":"u","startMethod":"USER"}`
	failedData = `"data":{"endTime":"2026-11-23T04:12:04.5Z",` + taskMember + `,"startTime":"2026-11-23T04:10:04Z","startedBy":"u",` +
		`"errorDetails":{"code":"QDI-DW","title":"x","source":"y","status":500},"errorMessage":"no tables"}`
	stoppedData = `"data":{` + taskMember + `,"startTime":"2026-11-23T04:10:04Z","stoppedBy":"u","stoppedTime":"2026-11-23T04:12:04.5Z"}`
)

// runData has the data of each kind of event that is not about a reload, as the examples of qlik.dev.
var runData = map[string]string{
	EventAutomationRunEnded: automationData, EventDataTaskCompleted: completedData, EventDataTaskFailed: failedData,
	EventDataTaskStopped: stoppedData,
}

// The form of data integration's events in its own specification: CloudEvents without toplevelresourceid, and extensions that hold no ids.
func dataTaskEvent(kind string) string {
	return fmt.Sprintf(`"id":%q,"type":%q,"source":"com.qlik/data-app-design","specversion":"1.0","time":"2026-11-23T04:12:09Z",`+
		`"tenantid":%q,"userid":"u","extensions":{"actor":{},"updates":[{}]}`, testEvent, kind, testTenant)
}

func TestParseRunEventEnvelopes(t *testing.T) {
	t.Parallel()
	started := time.Date(2026, 11, 23, 4, 10, 4, 0, time.UTC)
	all := Event{
		ID: testEvent, TenantID: testTenant, SpaceID: testSpace, Time: started.Add(125 * time.Second), Started: started,
		Duration: 120500 * time.Millisecond,
	}
	automation := all
	automation.AutomationID, automation.RunID, automation.Created = testApp, testRun, started.Add(-3*time.Second)
	automation.Status = StatusSucceeded
	task := all
	task.ProjectID, task.TaskID = testProject, testTask
	completed, failed, stopped := task, task, task
	completed.Status, failed.Status, stopped.Status = StatusSucceeded, StatusFailed, StatusCanceled
	failed.ErrorMessage = "no tables"
	for kind, want := range map[string]Event{
		EventAutomationRunEnded: automation, EventDataTaskCompleted: completed, EventDataTaskFailed: failed, EventDataTaskStopped: stopped,
	} {
		want.Type = kind
		forms := map[string]string{
			"CloudEvents": cloudEvent(kind), "legacy": legacyEvent(kind), "hybrid": cloudEvent(kind) + "," + legacyEvent(kind),
		}
		if want.TaskID != "" {
			forms["as data integration specifies"] = dataTaskEvent(kind)
		}
		for form, members := range forms {
			got, err := ParseEvent([]byte("{" + members + "," + runData[kind] + "}"))
			if err != nil {
				t.Errorf("%s, %s: %v", kind, form, err)
			} else if *got != want {
				t.Errorf("%s, %s:\ngot  %+v\nwant %+v", kind, form, *got, want)
			}
		}
	}
}

func TestParseRunEventRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want error
	}{
		"no automation": {`{"type":"` + EventAutomationRunEnded + `",` + automationData + `}`, ErrNoAutomation},
		"no run":        {"{" + cloudEvent(EventAutomationRunEnded) + `,"data":{"status":"finished"}}`, ErrNoRun},
		"an app only":   {`{"type":"` + EventAutomationRunEnded + `","data":{"appId":"a","id":"r","status":"finished"}}`, ErrNoAutomation},
		"no status":     {"{" + cloudEvent(EventAutomationRunEnded) + `,"data":{"id":"r"}}`, ErrNoOutcome},
		"no final status": {"{" + cloudEvent(EventAutomationRunEnded) + "," +
			strings.Replace(automationData, "finished with warnings", "must stop", 1) + "}", ErrNoOutcome},
		"a flag is no status": {"{" + cloudEvent(EventAutomationRunEnded) + `,"data":{"id":"r","succeeded":true}}`, ErrNoOutcome},
		"no task":             {"{" + cloudEvent(EventDataTaskCompleted) + `,"data":{"startTime":"2026-11-23T04:10:04Z"}}`, ErrNoTask},
		"a task that is no object": {"{" + cloudEvent(EventDataTaskFailed) + `,"data":{"dataTask":"x","startTime":"2026-11-23T04:10:04Z"}}`,
			ErrNoTask},
		"no project": {"{" + cloudEvent(EventDataTaskCompleted) + "," +
			strings.Replace(completedData, "projectId", "project", 1) + "}", ErrNoTask},
		"no start": {"{" + cloudEvent(EventDataTaskStopped) + `,"data":{` + taskMember + `}}`, ErrNoRun},
		"a start that is no time": {"{" + cloudEvent(EventDataTaskStopped) + "," +
			strings.Replace(stoppedData, "2026-11-23T04:10:04Z", "now", 1) + "}", ErrNoRun},
		"the start of a task": {"{" + cloudEvent("com.qlik.v1.di-projects.di-tasks.started") + "," + completedData + "}", ErrUnknownType},
	}
	for name, test := range tests {
		_, err := ParseEvent([]byte(test.body))
		var typed *EventError
		if !errors.Is(err, test.want) || !errors.As(err, &typed) {
			t.Errorf("%s: error %v, want an EventError with %v", name, err, test.want)
		}
	}
}

func TestParseRunEventOutcome(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]Status{
		"finished": StatusSucceeded, "finished with warnings": StatusSucceeded, "Finished": StatusSucceeded, "failed": StatusFailed,
		"exceeded limit": StatusExceededLimit, "stopped": StatusCanceled, "not started": "", "queued": "", "starting": "", "running": "",
		"must stop": "", "paused": "", "": "",
	} {
		body := "{" + cloudEvent(EventAutomationRunEnded) + `,"data":{"id":"r","status":"` + word + `","isTestRun":true}}`
		got, err := ParseEvent([]byte(body))
		if want == "" && !errors.Is(err, ErrNoOutcome) || want != "" && (err != nil || got.Status != want || !got.TestRun) {
			t.Errorf("%q: %+v, %v; want %q", word, got, err, want)
		}
	}
}

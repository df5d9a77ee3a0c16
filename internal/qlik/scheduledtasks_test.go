// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"strings"
	"testing"
)

// The example of https://qlik.dev/apis/rest/scheduling/tasks/, with a schedule.
const scheduledTask = `{"description":"d","enabled":true,"events":[{"correlation":[
{"contextAttributeName":"id","contextAttributeValue":"t0"},
{"contextAttributeName":"status","contextAttributeValue":"succeeded"}],"name":"event1","source":"system-events.task",
"type":"com.qlik.v1.task.run.finished"}],"id":"t1","keepActive":false,"metadata":{"spaceId":"","usage":"ANALYTICS","ownerId":"o",
"trigger":{"type":4}},"name":"TaskExample","resourceId":"a1","specVersion":"1.16.0","start":{"schedule":{"recurrence":
"RRULE:FREQ=DAILY;INTERVAL=1","startDateTime":"2025-08-31T23:22:27Z","timezone":"Europe/Zurich","cron":{"expression":"0 2 * * *"}}},
"states":[{"end":true,"exclusive":true,"name":"Reload","onEvents":[{"actions":[{"functionRef":{"arguments":{"appId":"a1","partial":true},
"refName":"app.reload"},"name":"app.reload"}],"eventRefs":["event1"]}]}],"version":"1.0.0"}`

func TestScheduledTasks(t *testing.T) {
	t.Parallel()
	short := `{"id":"t2","start":{"schedule":"PT1H"},"states":[{"onEvents":[{"actions":[{"functionRef":"app.reload"}],"eventRefs":[]}]}]}`
	c, requests := transcript(t, map[string]string{
		"GET " + scheduledTasksPath: `{"data":[` + scheduledTask + `,` + short +
			`,{"id":"t3","start":{"schedule":{"cron":"5 4 * * *"}}}]}`,
	})
	tasks, err := c.ScheduledTasksOf(t.Context(), []string{"a1", "a2"})
	if err != nil || len(tasks) != 3 {
		t.Fatalf("got %+v, %v", tasks, err)
	}
	one := &tasks[0]
	schedule, event, state := one.Start.Schedule, one.Events[0], one.States[0]
	if schedule.Recurrence != "RRULE:FREQ=DAILY;INTERVAL=1" || schedule.Timezone != "Europe/Zurich" || schedule.Cron != "0 2 * * *" ||
		event.Correlation[1].Name != "status" || event.Correlation[1].Value != "succeeded" || state.Exclusive == nil || !*state.Exclusive ||
		state.OnEvents[0].EventRefs[0] != event.Name || !one.Enabled || one.ResourceID != "a1" || one.Metadata.Usage != "ANALYTICS" {
		t.Errorf("got %+v", one)
	}
	reload := state.OnEvents[0].Actions[0].Function
	if reload.Name != "app.reload" || reload.Arguments.AppID != "a1" || !reload.Arguments.Partial {
		t.Errorf("got %+v", reload)
	}
	if tasks[1].Start.Schedule.Interval != "PT1H" || tasks[1].States[0].OnEvents[0].Actions[0].Function.Name != "app.reload" ||
		tasks[2].Start.Schedule.Cron != "5 4 * * *" {
		t.Errorf("the short forms: got %+v", tasks[1:])
	}
	exported, err := c.ExportScheduledTasks(t.Context())
	if err != nil || len(exported) != 3 || string(exported[0]) != scheduledTask {
		t.Errorf("exported %s, %v", exported, err)
	}
	if got, want := requests(), "GET /api/scheduling/tasks?filter=resourceId+eq+%22a1%22+or+resourceId+eq+%22a2%22&limit=100\n"+
		"GET /api/scheduling/tasks?limit=100"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDeliverableEvents(t *testing.T) {
	t.Parallel()
	c, requests := transcript(t, map[string]string{
		"GET " + webhooksV1: `{"data":[]}`,
		"GET " + webhooksV1 + "/event-types": `{"data":[{"name":"` + EventReloadFinished + `","levels":["user","tenant"]},
			{"name":"` + EventAutomationRunEnded + `","levels":["tenant"]},{"name":"x"}]}`,
	})
	for level, want := range map[string]string{
		LevelTenant: EventReloadFinished + " " + EventAutomationRunEnded, LevelUser: EventReloadFinished,
	} {
		types, err := c.EventTypes(t.Context())
		got := Deliverable(types, level, EventReloadFinished, EventDataTaskFailed, EventAutomationRunEnded, "x")
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v; want %q", level, got, err, want)
		}
	}
	if got := requests(); !strings.Contains(got, "GET /api/v1/webhooks/event-types") {
		t.Errorf("requests:\n%s", got)
	}
}

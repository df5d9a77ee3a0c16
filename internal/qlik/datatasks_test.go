// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestDataTaskCalls(t *testing.T) {
	t.Parallel()
	const one = dataProjectsPath + "/p1/di-tasks/task-cYSY"
	c, requests := transcript(t, map[string]string{
		"GET " + dataProjectsPath:                  `{"projects":[{"id":"p1","name":"Sales","spaceId":"s1","type":"DATA_PIPELINE"}]}`,
		"GET " + dataProjectsPath + "/p1/di-tasks": `{"dataTasks":[{"id":"task-cYSY","name":"Land","type":"LANDING"}]}`,
		"GET " + one: `{"id":"task-cYSY","type":"TRANSFORM"}`,
		"GET " + one + "/runtime/state": `{"type":"LANDING","runReadiness":{"state":"ALREADY_RUNNING"},"lastRun":{"state":"STOPPING",` +
			`"startTime":"2026-11-23T04:10:04.123Z","cdcStatus":{"latency":"0"},"errors":[{"code":"X","title":"t"}]}}`,
		"POST " + one + "/runtime/actions/start": ``,
		"POST " + one + "/runtime/actions/stop":  ``,
	})
	projects, err := c.ListDataProjects(t.Context(), "s1")
	if err != nil || len(projects) != 1 || projects[0].Name != "Sales" {
		t.Errorf("got %+v, %v", projects, err)
	}
	tasks, err := c.ListDataTasks(t.Context(), "p1")
	if err != nil || len(tasks) != 1 || tasks[0].Type != DataTaskLanding {
		t.Errorf("got %+v, %v", tasks, err)
	}
	task, err := c.GetDataTask(t.Context(), "p1", "task-cYSY")
	if err != nil || task.Type != "TRANSFORM" {
		t.Errorf("got %+v, %v", task, err)
	}
	state, err := c.GetDataTaskState(t.Context(), "p1", "task-cYSY")
	if err != nil {
		t.Fatal(err)
	}
	last := state.LastRun
	if state.RunReadiness.State != AlreadyRunning || last.State.Outcome() != "" || last.Errors[0].Code != "X" ||
		!last.StartTime.Equal(time.Date(2026, 11, 23, 4, 10, 4, 123e6, time.UTC)) || !state.NeverEnds() {
		t.Errorf("got %+v with %+v", state, last)
	}
	if err := c.StartDataTask(t.Context(), "p1", "task-cYSY"); err != nil {
		t.Error(err)
	}
	if err := c.StopDataTask(t.Context(), "p1", "task-cYSY"); err != nil {
		t.Error(err)
	}
	want := `GET /api/v1/di-projects?spaceId=s1
GET /api/v1/di-projects/p1/di-tasks
GET /api/v1/di-projects/p1/di-tasks/task-cYSY
GET /api/v1/di-projects/p1/di-tasks/task-cYSY/runtime/state
POST /api/v1/di-projects/p1/di-tasks/task-cYSY/runtime/actions/start
POST /api/v1/di-projects/p1/di-tasks/task-cYSY/runtime/actions/stop`
	if got := requests(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestSearchDataTaskRunsPages(t *testing.T) {
	t.Parallel()
	var bodies []string
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, string(body))
		if len(bodies)%2 == 1 {
			_, _ = io.WriteString(w, `{"runs":[{"runId":"3","status":"MISFIRED"},{"runId":"2","status":"COMPLETED"}],`+
				`"lastId":"2","nextPageExists":true}`)
			return
		}
		_, _ = io.WriteString(w, `{"runs":[{"runId":"1","status":"FAILED","errorMessage":"e"}],"lastId":"1","nextPageExists":false}`)
	})
	since := time.Date(2026, 11, 23, 5, 0, 0, 0, time.FixedZone("", 3600))
	filter := DataTaskRunFilter{Since: since, Until: since.Add(time.Hour), Statuses: []RunState{RunFailed, RunCompleted}}
	runs, err := c.SearchDataTaskRuns(t.Context(), "p1", "t1", filter)
	if err != nil || len(runs) != 3 || runs[0].Status.Outcome() != StatusFailed || runs[2].ErrorMessage != "e" {
		t.Errorf("got %+v, %v", runs, err)
	}
	const filters = `{"filters":[{"field":"PERIOD","operator":"BETWEEN","value":["2026-11-23T04:00:00Z","2026-11-23T05:00:00Z"]},` +
		`{"field":"STATUS","operator":"IN","value":["FAILED","COMPLETED"]}],`
	if want := filters + `"limit":100}` + "\n" + filters + `"lastId":"2","limit":100}`; strings.Join(bodies, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(bodies, "\n"), want)
	}
	runs, err = c.SearchDataTaskRuns(t.Context(), "p1", "t1", DataTaskRunFilter{Limit: 1})
	if err != nil || len(runs) != 1 || bodies[2] != `{"limit":1}` {
		t.Errorf("got %+v, %v with %s", runs, err, bodies[2])
	}
}

func TestNeverEnds(t *testing.T) {
	t.Parallel()
	for kind, want := range map[DataTaskType]bool{
		"REPLICATION": true, "STREAMING_LAKE_LANDING": true, "STREAMING_TRANSFORM": true, "LANDING": false, "REPLICATE_LANDING": false,
		"TRANSFORM": false, "DATAMART": false, "STORAGE": false,
	} {
		if got := kind.NeverEnds(); got != want {
			t.Errorf("%s: %t", kind, got)
		}
		captures := DataTaskState{Type: kind, LastRun: &DataTaskLastRun{CDCStatus: &struct{}{}}}
		if got := captures.NeverEnds(); got != (want || kind == DataTaskLanding) {
			t.Errorf("%s that captures changes: %t", kind, got)
		}
		if batch := (DataTaskState{Type: kind, LastRun: &DataTaskLastRun{}}); batch.NeverEnds() != want {
			t.Errorf("%s that captures no changes: %t", kind, !want)
		}
	}
}

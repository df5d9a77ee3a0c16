// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const dataProjectsPath = "/api/v1/di-projects"

// DataProject is a project of data integration (Qlik Talend Cloud).
type DataProject struct {
	ID      string `json:"id"` // 24 hex digits
	Name    string `json:"name"`
	SpaceID string `json:"spaceId"`
}

// DataTaskType is the type of a data task. Source: https://qlik.dev/apis/rest/di-projects/.
type DataTaskType string

// The types that matter to chains: a landing may have an end, the others have none.
const (
	DataTaskLanding     DataTaskType = "LANDING"
	DataTaskReplication DataTaskType = "REPLICATION"
	streamingPrefix                  = "STREAMING_"
)

// NeverEnds reports whether tasks of the type run until they are stopped. A landing does so only if it captures changes, which its type
// does not say: see DataTaskState.NeverEnds.
func (t DataTaskType) NeverEnds() bool {
	return t == DataTaskReplication || strings.HasPrefix(string(t), streamingPrefix)
}

// DataTask is a task of a data integration project.
type DataTask struct {
	ID          string       `json:"id"` // task-cYSY, bad_storage-lbx4: unique in its project
	Name        string       `json:"name"`
	Description string       `json:"description"`
	Type        DataTaskType `json:"type"`
	SpaceID     string       `json:"spaceId"`
	OwnerID     string       `json:"ownerId"`
}

// RunState is how far a run of a data task is, in the words of the data integration API.
type RunState string

// The states of a run. MISFIRED, a scheduled run that did not start, occurs in lists only, STOPPING in a task's state only.
const (
	RunStarting  RunState = "STARTING"
	RunRunning   RunState = "RUNNING"
	RunStopping  RunState = "STOPPING"
	RunCompleted RunState = "COMPLETED"
	RunFailed    RunState = "FAILED"
	RunCanceled  RunState = "CANCELED"
	RunMisfired  RunState = "MISFIRED"
)

// Outcome returns the status of a reload that ended in the same way, empty if the run has not ended.
func (s RunState) Outcome() Status {
	switch s {
	case RunCompleted:
		return StatusSucceeded
	case RunFailed, RunMisfired:
		return StatusFailed
	case RunCanceled:
		return StatusCanceled
	default:
		return ""
	}
}

// The answers of Qlik Cloud to the question whether a data task may be started.
const (
	ReadyToRun     = "READY_TO_RUN"
	AlreadyRunning = "ALREADY_RUNNING"
	NotRunnable    = "NOT_RUNNABLE"
)

// DataTaskState is what a data task does now, and how its last run went.
type DataTaskState struct {
	Type         DataTaskType `json:"type"`
	RunReadiness struct {
		State   string `json:"state"` // ReadyToRun, AlreadyRunning or NotRunnable
		Message string `json:"message"`
	} `json:"runReadiness"`
	LastRun *DataTaskLastRun `json:"lastRun"` // nil for a task that never ran
}

// DataTaskLastRun is the current run of a data task, or its last one. It has no id: its start time identifies it.
type DataTaskLastRun struct {
	State     RunState  `json:"state"`
	StartTime Timestamp `json:"startTime"`
	EndTime   Timestamp `json:"endTime"`
	Message   string    `json:"message"`
	Errors    []struct {
		Code   string `json:"code"`
		Title  string `json:"title"`
		Detail string `json:"detail"`
	} `json:"errors"`
	CDCStatus *struct{} `json:"cdcStatus"` // not nil if the task captures changes
}

// NeverEnds reports whether the task runs until it is stopped. It recognizes a landing that captures changes only after its first run.
func (s *DataTaskState) NeverEnds() bool {
	return s.Type.NeverEnds() || s.Type == DataTaskLanding && s.LastRun != nil && s.LastRun.CDCStatus != nil
}

// DataTaskRun is a run in a data task's history.
type DataTaskRun struct {
	ID           string    `json:"runId"`
	Status       RunState  `json:"status"`
	StartTime    Timestamp `json:"startTime"`
	EndTime      Timestamp `json:"endTime"`
	ErrorMessage string    `json:"errorMessage"`
}

// DataTaskRunFilter narrows a data task's history.
type DataTaskRunFilter struct {
	Since, Until time.Time  // the period; all of the history if Since is zero, up to now if Until is zero
	Statuses     []RunState // any of these; empty for all
	Limit        int        // maximum number; 0 for all
}

// ListDataProjects lists the projects of a space, or of all spaces if spaceID is empty. Qlik Cloud answers in one page.
func (c *Client) ListDataProjects(ctx context.Context, spaceID string) ([]DataProject, error) {
	query := url.Values{}
	if spaceID != "" {
		query.Set("spaceId", spaceID)
	}
	var answer struct {
		Projects []DataProject `json:"projects"`
	}
	err := c.do(ctx, request{method: http.MethodGet, path: dataProjectsPath, query: query}, &answer)
	return answer.Projects, err
}

// ListDataTasks lists the tasks of a project. Qlik Cloud answers in one page.
func (c *Client) ListDataTasks(ctx context.Context, projectID string) ([]DataTask, error) {
	var answer struct {
		Tasks []DataTask `json:"dataTasks"`
	}
	err := c.doDataTask(ctx, request{method: http.MethodGet}, &answer, projectID, "di-tasks")
	return answer.Tasks, err
}

// GetDataTask reads one task of a project.
func (c *Client) GetDataTask(ctx context.Context, projectID, taskID string) (*DataTask, error) {
	var task DataTask
	if err := c.doDataTask(ctx, request{method: http.MethodGet}, &task, projectID, "di-tasks", taskID); err != nil {
		return nil, err
	}
	return &task, nil
}

// GetDataTaskState reads whether a task may be started, and how its last run went.
func (c *Client) GetDataTaskState(ctx context.Context, projectID, taskID string) (*DataTaskState, error) {
	var state DataTaskState
	if err := c.doDataTask(ctx, request{method: http.MethodGet}, &state, projectID, "di-tasks", taskID, "runtime", "state"); err != nil {
		return nil, err
	}
	return &state, nil
}

// StartDataTask starts a run of a task. Qlik Cloud answers without an id, and supports no idempotency key. So it sends the request once.
// The caller must know the last run's start time from before, and recognize the new run by a later one.
func (c *Client) StartDataTask(ctx context.Context, projectID, taskID string) error {
	r := request{method: http.MethodPost, once: true}
	return c.doDataTask(ctx, r, nil, projectID, "di-tasks", taskID, "runtime", "actions", "start")
}

// StopDataTask requests the end of the task's current run. The answer comes before the run has ended. It sends the request once: the caller
// decides about a retry, since a later request could stop another run.
func (c *Client) StopDataTask(ctx context.Context, projectID, taskID string) error {
	r := request{method: http.MethodPost, once: true}
	return c.doDataTask(ctx, r, nil, projectID, "di-tasks", taskID, "runtime", "actions", "stop")
}

// runSearch is the body of a search in a task's history.
type runSearch struct {
	Filters []runSearchFilter `json:"filters,omitempty"`
	LastID  string            `json:"lastId,omitempty"`
	Limit   int               `json:"limit"`
}

type runSearchFilter struct {
	Field    string   `json:"field"`
	Operator string   `json:"operator"`
	Value    []string `json:"value"`
}

// SearchDataTaskRuns lists runs from a task's history, in Qlik Cloud's order, which is not documented.
func (c *Client) SearchDataTaskRuns(ctx context.Context, projectID, taskID string, f DataTaskRunFilter) ([]DataTaskRun, error) {
	search := runSearch{Limit: 100}
	if f.Limit > 0 {
		search.Limit = min(f.Limit, search.Limit)
	}
	if !f.Since.IsZero() {
		until := f.Until
		if until.IsZero() {
			until = time.Now()
		}
		search.Filters = append(search.Filters, runSearchFilter{"PERIOD", "BETWEEN", []string{utc(f.Since), utc(until)}})
	}
	if len(f.Statuses) > 0 {
		statuses := make([]string, len(f.Statuses))
		for i, status := range f.Statuses {
			statuses[i] = string(status)
		}
		search.Filters = append(search.Filters, runSearchFilter{"STATUS", "IN", statuses})
	}
	var all []DataTaskRun
	for range maxPages {
		var page struct {
			Runs   []DataTaskRun `json:"runs"`
			LastID string        `json:"lastId"`
			More   bool          `json:"nextPageExists"`
		}
		r := request{method: http.MethodPost, body: search, repeatable: true} // a read
		err := c.doDataTask(ctx, r, &page, projectID, "di-tasks", taskID, "runtime", "runs", "actions", "search")
		if err != nil {
			return nil, err
		}
		all = append(all, page.Runs...)
		if f.Limit > 0 && len(all) >= f.Limit {
			return all[:f.Limit], nil
		}
		if !page.More || page.LastID == "" {
			return all, nil
		}
		search.LastID = page.LastID
	}
	return nil, fmt.Errorf("the history of the data task %s has more than %d pages: its cursor seems to go round in circles", taskID, maxPages)
}

// doDataTask calls a path below a project.
func (c *Client) doDataTask(ctx context.Context, r request, out any, parts ...string) error {
	path, err := join(dataProjectsPath, parts)
	if err != nil {
		return fmt.Errorf("%s of a data task: %w", r.method, err)
	}
	r.path = path
	return c.do(ctx, r, out)
}

func utc(moment time.Time) string { return moment.UTC().Format(time.RFC3339Nano) }

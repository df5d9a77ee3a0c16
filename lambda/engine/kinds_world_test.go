// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// of returns the jobs of a step, newest first.
func (w *world) of(step string) []*reload {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []*reload
	for _, r := range slices.Backward(w.reloads) {
		if r.AppID == step {
			all = append(all, r)
		}
	}
	return all
}

// The outside of the world in the words of automations.

var automationStatus = map[qlik.Status]qlik.AutomationStatus{
	qlik.StatusQueued: qlik.AutomationQueued, qlik.StatusSucceeded: qlik.AutomationFinishedWithWarnings,
	qlik.StatusFailed:        qlik.AutomationFailed,
	qlik.StatusExceededLimit: qlik.AutomationExceededLimit, qlik.StatusCanceled: qlik.AutomationStopped,
}

func (r *reload) automationRun() *qlik.AutomationRun {
	run := &qlik.AutomationRun{
		ID: r.ID, Status: automationStatus[r.Status], CreatedAt: r.CreationTime, StartTime: r.CreationTime, StopTime: r.EndTime,
	}
	if r.ErrorMessage != "" {
		run.Errors = []string{r.ErrorMessage}
	}
	if run.Context = "api"; r.Type != "external" {
		run.Context = "editor"
	}
	return run
}

func (x *execution) StartAutomation(_ context.Context, id string) (run *qlik.AutomationRun, err error) {
	err = x.cut(func() error {
		made, err := x.reloadBy(chain.AutomationStep(id), "external")
		if err == nil {
			run = (&reload{Reload: *made}).automationRun()
		}
		return err
	})
	return run, err
}

func (x *execution) GetAutomationRun(ctx context.Context, id, runID string) (*qlik.AutomationRun, error) {
	runs, err := x.ListAutomationRuns(ctx, id, qlik.AutomationRunFilter{})
	for i := range runs {
		if runs[i].ID == runID {
			return &runs[i], err
		}
	}
	if err == nil {
		err = &qlik.Error{Method: "GET", Status: 404}
	}
	return nil, err
}

func (x *execution) ListAutomationRuns(_ context.Context, id string, f qlik.AutomationRunFilter) (runs []qlik.AutomationRun, err error) {
	err = x.cut(func() error {
		for _, r := range x.of(chain.AutomationStep(id)) {
			if run := r.automationRun(); (f.Limit == 0 || len(runs) < f.Limit) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, run.Status)) {
				runs = append(runs, *run)
			}
		}
		return nil
	})
	return runs, err
}

func (x *execution) StopAutomationRun(ctx context.Context, _, runID string) error {
	return x.CancelReload(ctx, runID)
}

// The outside of the world in the words of data tasks. Their runs have no id.

var runState = map[qlik.Status]qlik.RunState{
	qlik.StatusQueued: qlik.RunRunning, qlik.StatusSucceeded: qlik.RunCompleted, qlik.StatusFailed: qlik.RunFailed,
	qlik.StatusExceededLimit: qlik.RunFailed, qlik.StatusCanceled: qlik.RunCanceled,
}

func (x *execution) GetDataTaskState(_ context.Context, project, task string) (state *qlik.DataTaskState, err error) {
	err = x.cut(func() error {
		if x.stateRead != nil {
			x.stateRead()
		}
		state = &qlik.DataTaskState{}
		state.RunReadiness.State = qlik.ReadyToRun
		if runs := x.of(chain.DataTaskStep(project, task)); len(runs) > 0 {
			state.LastRun = &qlik.DataTaskLastRun{State: runState[runs[0].Status], StartTime: runs[0].CreationTime, EndTime: runs[0].EndTime}
			state.LastRun.Message = runs[0].ErrorMessage
			if !runs[0].Status.Final() {
				state.RunReadiness.State = qlik.AlreadyRunning
			}
		}
		if x.notRunnable != "" {
			state.RunReadiness.State, state.RunReadiness.Message = qlik.NotRunnable, x.notRunnable
		}
		return nil
	})
	return state, err
}

func (x *execution) SearchDataTaskRuns(
	_ context.Context, project, task string, f qlik.DataTaskRunFilter,
) (runs []qlik.DataTaskRun, err error) {
	err = x.cut(func() error {
		for _, r := range slices.Backward(x.of(chain.DataTaskStep(project, task))) { // in an order that is not the one of others
			run := qlik.DataTaskRun{ID: r.ID, Status: runState[r.Status], StartTime: r.CreationTime, EndTime: r.EndTime,
				ErrorMessage: r.ErrorMessage}
			if !run.StartTime.Before(f.Since) && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, run.Status)) {
				runs = append(runs, run)
			}
		}
		return nil
	})
	return runs, err
}

func (x *execution) StartDataTask(_ context.Context, project, task string) error {
	return x.cut(func() error {
		step := chain.DataTaskStep(project, task)
		if runs := x.of(step); len(runs) > 0 && !runs[0].Status.Final() {
			return &qlik.Error{Method: "POST", Status: 409}
		}
		if x.dropStarts > 0 {
			x.dropStarts--
			return nil
		}
		_, err := x.reloadBy(step, "external")
		return err
	})
}

func (x *execution) StopDataTask(ctx context.Context, project, task string) error {
	runs := x.of(chain.DataTaskStep(project, task))
	if len(runs) == 0 {
		return &qlik.Error{Method: "POST", Status: 409}
	}
	return x.CancelReload(ctx, runs[0].ID)
}

// recordedID is the id under which the chain's table has a job: Qlik Cloud's, or of a data task's run the time of its start.
func (r *reload) recordedID() string {
	if strings.HasPrefix(r.AppID, "data-task-") {
		return r.AppID + "@" + r.CreationTime.UTC().Format("20060102T150405Z")
	}
	return r.ID
}

// kindEvent is the body of the event for the end of a job that is no reload, nil for a reload.
func (w *world) kindEvent(r *reload) []byte {
	var event map[string]any
	switch id := r.AppID; {
	case strings.HasPrefix(id, "automation-"):
		event = map[string]any{"type": qlik.EventAutomationRunEnded, "toplevelresourceid": strings.TrimPrefix(id, "automation-"),
			"data": map[string]any{"id": r.ID, "status": automationStatus[r.Status], "createdAt": r.CreationTime, "startTime": r.CreationTime,
				"stopTime": r.EndTime}}
	case strings.HasPrefix(id, "data-task-"):
		project, task, _ := strings.Cut(strings.TrimPrefix(id, "data-task-"), "-")
		kind, ended := qlik.EventDataTaskCompleted, "endTime"
		switch r.Status {
		case qlik.StatusFailed, qlik.StatusExceededLimit:
			kind = qlik.EventDataTaskFailed
		case qlik.StatusCanceled:
			kind, ended = qlik.EventDataTaskStopped, "stoppedTime"
		default:
		}
		event = map[string]any{"type": kind, "data": map[string]any{
			"dataTask": map[string]any{"id": task, "projectId": project}, "startTime": r.CreationTime, ended: r.EndTime,
		}}
	default:
		return nil
	}
	event["id"], event["tenantid"], event["time"] = "event-"+r.ID, tenantID, r.EndTime
	body, err := json.Marshal(event)
	if err != nil {
		w.t.Fatal(err)
	}
	return body
}

// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// DataTasks runs data integration tasks in Qlik Cloud. *qlik.Client implements it.
type DataTasks interface {
	GetDataTaskState(ctx context.Context, project, task string) (*qlik.DataTaskState, error)
	SearchDataTaskRuns(ctx context.Context, project, task string, f qlik.DataTaskRunFilter) ([]qlik.DataTaskRun, error)
	StartDataTask(ctx context.Context, project, task string) error
	StopDataTask(ctx context.Context, project, task string) error
}

// dataTaskRuns are the jobs of data tasks. Qlik Cloud starts one without an id in its answer, and its events have none. A task has one run
// at a time, so the time of its start identifies a run. The run of a start is the first one after the latest run before it.
type dataTaskRuns struct{ client DataTasks }

// Before returns what Start needs to know from before the step is claimed. Its error is a *notRunnableError if no later request helps.
func (d dataTaskRuns) Before(ctx context.Context, t chain.Target) (Before, error) {
	state, err := d.client.GetDataTaskState(ctx, t.Project, t.ID)
	if err != nil {
		return Before{}, err
	}
	var before Before
	if state.LastRun != nil {
		before.Last = startOfRun(state.LastRun.StartTime.Time)
	}
	switch state.RunReadiness.State {
	case qlik.AlreadyRunning:
		before.Active = "Qlik Cloud runs the data task already"
	case qlik.NotRunnable: // it is not prepared, or was changed since
		return before, &notRunnableError{state.RunReadiness.Message}
	}
	return before, nil
}

func (d dataTaskRuns) Start(ctx context.Context, s chain.Step) (*Job, error) {
	return &Job{}, d.client.StartDataTask(ctx, s.DataTask.Project, s.DataTask.Task)
}

func (d dataTaskRuns) List(ctx context.Context, t chain.Target, f JobFilter) ([]Job, error) {
	filter := qlik.DataTaskRunFilter{Since: f.Since}
	switch {
	case f.Active:
		filter.Statuses = []qlik.RunState{qlik.RunStarting, qlik.RunRunning, qlik.RunStopping}
	case f.Outcome == chain.OutcomeSuccess:
		filter.Statuses = []qlik.RunState{qlik.RunCompleted}
	case f.Outcome == chain.OutcomeFailure:
		filter.Statuses = []qlik.RunState{qlik.RunFailed}
	case f.Outcome == chain.OutcomeCanceled:
		filter.Statuses = []qlik.RunState{qlik.RunCanceled}
	}
	runs, err := d.client.SearchDataTaskRuns(ctx, t.Project, t.ID, filter)
	if err != nil {
		return nil, err
	}
	var all []Job
	for _, run := range runs {
		if run.Status != qlik.RunMisfired { // it did not start
			job := dataTaskJob(t, run.Status, run.StartTime.Time, run.EndTime.Time)
			job.Error = jobError("", run.ErrorMessage)
			all = append(all, job)
		}
	}
	return newestFirst(all, f.Limit), nil
}

func (d dataTaskRuns) Get(ctx context.Context, t chain.Target, id string, before Before) (*Job, error) {
	state, err := d.client.GetDataTaskState(ctx, t.Project, t.ID)
	if err != nil || state.LastRun == nil {
		return nil, err
	}
	last := dataTaskJob(t, state.LastRun.State, state.LastRun.StartTime.Time, state.LastRun.EndTime.Time)
	last.Error = lastError(state.LastRun)
	if last.ID == id {
		return &last, nil
	}
	if id == "" && !last.Created.After(before.Last) {
		return nil, nil
	}
	// The run of the start may be an earlier one than the last.
	since := before.Last
	if since.IsZero() {
		since = last.Created.Add(-longestSilence)
	}
	runs, err := d.List(ctx, t, JobFilter{Since: since})
	if err != nil {
		return nil, err
	}
	if id != "" {
		return named(runs, id), nil
	}
	first := &last
	for i := range runs { // newest first
		if runs[i].Created.After(before.Last) {
			first = &runs[i]
		}
	}
	return first, nil
}

// lastError returns what Qlik Cloud says of the failure of a task's last run.
func lastError(last *qlik.DataTaskLastRun) *chain.JobError {
	code, messages := "", []string{}
	for _, e := range last.Errors {
		code = cmp.Or(code, e.Code)
		messages = append(messages, cmp.Or(e.Detail, e.Title))
	}
	if len(last.Errors) == 0 && last.State == qlik.RunFailed {
		messages = append(messages, last.Message)
	}
	return jobError(code, messages...)
}

// Cancel stops the task's current run, so it first makes sure that this is the job.
func (d dataTaskRuns) Cancel(ctx context.Context, t chain.Target, id string, before Before) error {
	job, err := d.Get(ctx, t, id, before)
	switch {
	case err != nil:
		return err
	case job == nil && id == "":
		return errNotShown
	case job == nil || job.Status != "":
		return errJobOver
	default:
		return d.client.StopDataTask(ctx, t.Project, t.ID)
	}
}

// errNotShown is the error of a cancellation for a run that was requested just now.
var errNotShown = errors.New("Qlik Cloud does not show the run yet") //nolint:staticcheck // a name

func dataTaskJob(t chain.Target, state qlik.RunState, started, ended time.Time) Job {
	return Job{
		ID: dataTaskRunID(t, started), Status: state.Outcome(), Created: startOfRun(started), Started: started, Ended: ended, Ours: true,
	}
}

// dataTaskRunID returns the id of a data task's run: the same for Qlik Cloud's events and its record.
func dataTaskRunID(t chain.Target, started time.Time) string {
	return chain.DataTaskStep(t.Project, t.ID) + "@" + startOfRun(started).Format("20060102T150405Z")
}

// startOfRun returns the start of a data task's run in whole seconds: events and lists may have different fractions of a second.
func startOfRun(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

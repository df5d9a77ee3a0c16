// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Job is one run of what a step starts: the reload of an app, a run of an automation or of a data task.
type Job struct {
	ID      string          // empty if Qlik Cloud has not named it yet
	Status  qlik.Status     // in the words for reloads, whatever the kind; of a job that has not ended any other
	Created time.Time       // when Qlik Cloud made it
	Started time.Time       // zero if it is not known
	Ended   time.Time       // zero if it is not known
	Ours    bool            // the chain may have requested it
	Partial bool            // a partial reload
	Error   *chain.JobError // why it failed, as Qlik Cloud says it; nil if it does not
}

// end returns the end of a step's job, or false if the job has not ended. The end's time is zero if it is not known.
func (j *Job) end(step string) (reloadEnd, bool) {
	outcome, final := chain.OutcomeOf(string(j.Status))
	end := reloadEnd{
		step: step, event: j.ID, reload: j.ID, at: j.Ended, created: j.Created, outcome: outcome, status: j.Status, ours: j.Ours,
	}
	if !j.Started.IsZero() && !j.Ended.IsZero() {
		end.duration = max(0, j.Ended.Sub(j.Started))
	}
	end.queued, end.failure = queued(j.Created, j.Started), j.Error
	return end, final
}

// JobFilter narrows a list of jobs.
type JobFilter struct {
	Active  bool          // those that have not ended
	Outcome chain.Outcome // those that ended so; empty: any
	Since   time.Time     // those that were made since; a list may have older ones, too
	Limit   int           // most jobs
}

// Jobs starts and finds the jobs of one kind of step. The errors of its methods are Qlik Cloud's (*qlik.Error) unless there was no answer.
type Jobs interface {
	// Start requests a job. Two requests make two jobs.
	Start(ctx context.Context, s chain.Step) (*Job, error)
	// List returns the latest jobs, newest first.
	List(ctx context.Context, t chain.Target, f JobFilter) ([]Job, error)
	// Get returns the job of a start, or nil if there is none yet. id is empty if Qlik Cloud has not named the job at its start.
	Get(ctx context.Context, t chain.Target, id string, before Before) (*Job, error)
	// Cancel requests the end of the job of a start, as Get finds it. The answer comes before it has ended. The error is errJobOver if it has
	// ended already.
	Cancel(ctx context.Context, t chain.Target, id string, before Before) error
}

// Before is what is known before a start. The zero value says nothing.
type Before struct {
	Last   time.Time // when the latest job had started, which identifies it; zero: there was none
	Active string    // why no job can be started now; empty: one can
}

// jobs returns what starts the jobs of a kind.
func (e *Engine) jobs(kind chain.Kind) Jobs {
	switch kind {
	case chain.KindAutomation:
		return automationRuns{e.Automations}
	case chain.KindDataTask:
		return dataTaskRuns{e.DataTasks}
	case chain.KindSignal:
		return signals{}
	default:
		return reloads{e.Reloads}
	}
}

// polled reports whether the engine asks for the end of a job, since no event is sure to report it.
func polled(kind chain.Kind) bool { return kind == chain.KindAutomation || kind == chain.KindDataTask }

// reloads are the jobs of apps.
type reloads struct{ client Reloads }

func (r reloads) Start(ctx context.Context, s chain.Step) (*Job, error) {
	reload, err := r.client.StartReload(ctx, qlik.ReloadRequest{AppID: s.App, Partial: s.Partial, Variables: s.Variables, Weight: s.Weight})
	if err != nil {
		return nil, err
	}
	return jobOfReload(reload), nil
}

func (r reloads) List(ctx context.Context, t chain.Target, f JobFilter) ([]Job, error) {
	filter := qlik.ReloadFilter{AppID: t.ID, Statuses: statusesOf(f.Outcome), Limit: f.Limit}
	if f.Active {
		filter.Statuses = []qlik.Status{qlik.StatusQueued, qlik.StatusReloading, qlik.StatusCanceling}
	}
	list, err := r.client.ListReloads(ctx, filter)
	if err != nil {
		return nil, err
	}
	all := make([]Job, len(list))
	for i := range list {
		all[i] = *jobOfReload(&list[i])
	}
	return all, nil
}

func (r reloads) Get(ctx context.Context, _ chain.Target, id string, _ Before) (*Job, error) {
	reload, err := r.client.GetReload(ctx, id)
	if qlik.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return jobOfReload(reload), nil
}

func (r reloads) Cancel(ctx context.Context, _ chain.Target, id string, _ Before) error {
	return r.client.CancelReload(ctx, id)
}

func jobOfReload(r *qlik.Reload) *Job {
	return &Job{
		ID: r.ID, Status: r.Status, Created: r.CreationTime.Time, Started: r.StartTime.Time, Ended: r.EndTime.Time,
		Ours: r.Type == triggerAPI, Partial: r.Partial, Error: jobError(r.ErrorCode, r.ErrorMessage),
	}
}

// jobError returns what Qlik Cloud says of a failure; nil if that is nothing.
func jobError(code string, messages ...string) *chain.JobError {
	e := &chain.JobError{Code: code, Message: strings.Join(slices.DeleteFunc(messages, func(m string) bool { return m == "" }), "; ")}
	if e.Code == "" && e.Message == "" {
		return nil
	}
	return e
}

// queued returns how long a job was in Qlik Cloud's queue; 0 if that is not known.
func queued(made, started time.Time) time.Duration {
	if made.IsZero() || started.IsZero() {
		return 0
	}
	return max(0, started.Sub(made))
}

// named returns the job with an id, or nil if the list does not have it.
func named(list []Job, id string) *Job {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// errJobOver is the error of a cancellation for a job that has ended.
var errJobOver = errors.New("it has ended")

// notRunnableError reports that Qlik Cloud will not start a job, however often it is asked.
type notRunnableError struct{ reason string }

func (e *notRunnableError) Error() string { return "Qlik Cloud cannot run the data task: " + e.reason }

// signals start nothing: their step is under way until the signal comes.
type signals struct{}

func (signals) Start(context.Context, chain.Step) (*Job, error) { return &Job{}, nil }

func (signals) List(context.Context, chain.Target, JobFilter) ([]Job, error) { return nil, nil }

func (signals) Get(context.Context, chain.Target, string, Before) (*Job, error) { return nil, nil }

func (signals) Cancel(context.Context, chain.Target, string, Before) error { return nil }

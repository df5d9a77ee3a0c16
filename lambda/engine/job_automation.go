// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Automations runs automations in Qlik Cloud. *qlik.Client implements it.
type Automations interface {
	StartAutomation(ctx context.Context, id string) (*qlik.AutomationRun, error)
	GetAutomationRun(ctx context.Context, id, runID string) (*qlik.AutomationRun, error)
	ListAutomationRuns(ctx context.Context, id string, f qlik.AutomationRunFilter) ([]qlik.AutomationRun, error)
	StopAutomationRun(ctx context.Context, id, runID string) error
}

// automationRuns are the jobs of automations.
type automationRuns struct{ client Automations }

func (a automationRuns) Start(ctx context.Context, s chain.Step) (*Job, error) {
	run, err := a.client.StartAutomation(ctx, s.Automation)
	if err != nil {
		return nil, err
	}
	return jobOfRun(run), nil
}

// List asks for the runs that have not ended too: Qlik Cloud sorts runs by their start, and does not document where it puts those that have
// none yet.
func (a automationRuns) List(ctx context.Context, t chain.Target, f JobFilter) ([]Job, error) {
	filters := []qlik.AutomationRunFilter{{Statuses: qlik.UnfinishedAutomationRuns(), Limit: f.Limit}}
	switch {
	case f.Active:
	case f.Outcome != "":
		filters = []qlik.AutomationRunFilter{{Statuses: automationStatuses(f.Outcome), Limit: f.Limit}}
	default:
		filters = append(filters, qlik.AutomationRunFilter{Limit: f.Limit})
	}
	var all []Job
	for _, filter := range filters {
		runs, err := a.client.ListAutomationRuns(ctx, t.ID, filter)
		if err != nil {
			return nil, err
		}
		for i := range runs {
			if job := jobOfRun(&runs[i]); named(all, job.ID) == nil && !runs[i].TestRun {
				all = append(all, *job)
			}
		}
	}
	return newestFirst(all, f.Limit), nil
}

func (a automationRuns) Get(ctx context.Context, t chain.Target, id string, _ Before) (*Job, error) {
	run, err := a.client.GetAutomationRun(ctx, t.ID, id)
	if err != nil {
		return nil, err
	}
	return jobOfRun(run), nil
}

func (a automationRuns) Cancel(ctx context.Context, t chain.Target, id string, _ Before) error {
	return a.client.StopAutomationRun(ctx, t.ID, id)
}

func jobOfRun(r *qlik.AutomationRun) *Job {
	job := &Job{
		ID: r.ID, Status: r.Status.Outcome(), Created: r.CreatedAt.Time, Started: r.StartTime.Time, Ended: r.StopTime.Time,
		Error: jobError("", r.Errors...),
		Ours:  r.Context == "" || strings.HasPrefix(r.Context, "api"), // api, api_sync or api_async
	}
	if job.Created.IsZero() {
		job.Created = job.Started
	}
	return job
}

func automationStatuses(outcome chain.Outcome) []qlik.AutomationStatus {
	switch outcome {
	case chain.OutcomeSuccess:
		return []qlik.AutomationStatus{qlik.AutomationFinished, qlik.AutomationFinishedWithWarnings}
	case chain.OutcomeFailure:
		return []qlik.AutomationStatus{qlik.AutomationFailed, qlik.AutomationExceededLimit}
	default:
		return []qlik.AutomationStatus{qlik.AutomationStopped}
	}
}

// newestFirst sorts jobs, and returns at most limit of them.
func newestFirst(all []Job, limit int) []Job {
	slices.SortStableFunc(all, func(a, b Job) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(b.ID, a.ID)) })
	if limit > 0 && len(all) > limit {
		all = all[:limit]
	}
	return all
}

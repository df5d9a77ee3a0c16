// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// AutomationStatus is the status of an automation's run in the words of the Automations API.
type AutomationStatus string

// The statuses of a run. The first five are not final, the others are. Source: https://qlik.dev/apis/rest/workflows/automations/.
const (
	AutomationNotStarted           AutomationStatus = "not started"
	AutomationQueued               AutomationStatus = "queued"
	AutomationStarting             AutomationStatus = "starting"
	AutomationRunning              AutomationStatus = "running"
	AutomationMustStop             AutomationStatus = "must stop"
	AutomationFinished             AutomationStatus = "finished"
	AutomationFinishedWithWarnings AutomationStatus = "finished with warnings"
	AutomationFailed               AutomationStatus = "failed"
	AutomationExceededLimit        AutomationStatus = "exceeded limit"
	AutomationStopped              AutomationStatus = "stopped"
)

// UnfinishedAutomationRuns returns the statuses of runs that have not ended.
func UnfinishedAutomationRuns() []AutomationStatus {
	return []AutomationStatus{AutomationNotStarted, AutomationQueued, AutomationStarting, AutomationRunning, AutomationMustStop}
}

// Outcome returns the status of a reload that ended in the same way, empty if the run has not ended.
func (s AutomationStatus) Outcome() Status {
	switch AutomationStatus(strings.ToLower(string(s))) {
	case AutomationFinished, AutomationFinishedWithWarnings:
		return StatusSucceeded
	case AutomationFailed:
		return StatusFailed
	case AutomationExceededLimit:
		return StatusExceededLimit
	case AutomationStopped:
		return StatusCanceled
	default:
		return ""
	}
}

// AutomationRun is the record of one run of an automation.
type AutomationRun struct {
	ID           string           `json:"id"` // a UUID
	Status       AutomationStatus `json:"status"`
	Context      string           `json:"context"` // who started it: api_sync, api_async, webhook, editor, test_run, …
	ExecutedByID string           `json:"executedById"`
	CreatedAt    Timestamp        `json:"createdAt"`
	StartTime    Timestamp        `json:"startTime"` // zero until it has started
	StopTime     Timestamp        `json:"stopTime"`
	TestRun      bool             `json:"testRun"` // it does not process everything
	Errors       runErrors        `json:"error"`   // why it failed, each in a sentence; empty if Qlik Cloud does not say
}

// runErrors are the errors of a run. The specification leaves their form open: this reads texts, and objects with a text in one of the
// members that Qlik's errors have elsewhere. It drops other values.
type runErrors []string

// UnmarshalJSON reads a list and drops other values.
func (e *runErrors) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	*e = nil
	if json.Unmarshal(data, &list) != nil {
		return nil //nolint:nilerr // see the type
	}
	for _, one := range list {
		var object struct {
			Message text `json:"message"`
			Detail  text `json:"detail"`
			Title   text `json:"title"`
		}
		var said text
		if json.Unmarshal(one, &said) == nil && said == "" && json.Unmarshal(one, &object) == nil {
			said = text(first(object.Message, object.Detail, object.Title))
		}
		if said != "" {
			*e = append(*e, string(said))
		}
	}
	return nil
}

// AutomationRunFilter narrows a list of runs.
type AutomationRunFilter struct {
	Statuses []AutomationStatus // any of these; empty for all
	Limit    int                // maximum number, latest start first; 0 for all
}

// StartAutomation starts a run of an automation and returns its record. Qlik supports no idempotency key: two calls are two runs. So it
// sends the request once, as StartReload does. After a connection error or a 5xx, the caller must check whether the run exists. AtRunLimit
// is true for the error if too many runs are under way.
func (c *Client) StartAutomation(ctx context.Context, id string) (*AutomationRun, error) {
	var run AutomationRun
	// The specification has one value for a run that a client requests (RunDetailRequestObject).
	body := map[string]string{"context": "api"}
	r := request{method: http.MethodPost, body: body, once: true}
	if err := c.doMoved(ctx, &c.automations, r, &run, id, "runs"); err != nil {
		return nil, err
	}
	if run.ID == "" { // not usable
		url := c.base.JoinPath(*c.automations.known.Load(), id, "runs").String()
		return nil, &Error{Method: http.MethodPost, URL: url, Status: http.StatusCreated, Attempts: 1, Err: errNoRunID}
	}
	return &run, nil
}

var errNoRunID = errors.New("the answer has no id of a run")

// GetAutomationRun reads the record of one run.
func (c *Client) GetAutomationRun(ctx context.Context, id, runID string) (*AutomationRun, error) {
	var run AutomationRun
	if err := c.doMoved(ctx, &c.automations, request{method: http.MethodGet}, &run, id, "runs", runID); err != nil {
		return nil, err
	}
	return &run, nil
}

// ListAutomationRuns lists the runs of an automation, latest start first. The place of a run without a start time is not documented. To
// find it, also list those with the statuses of UnfinishedAutomationRuns.
func (c *Client) ListAutomationRuns(ctx context.Context, id string, f AutomationRunFilter) ([]AutomationRun, error) {
	query := url.Values{"sort": {"-startTime"}, "limit": {pageSize(f.Limit)}}
	if len(f.Statuses) > 0 {
		query.Set("filter", anyOf("status", f.Statuses))
	}
	var runs []AutomationRun
	err := c.withMoved(ctx, &c.automations, func(collection string) error {
		path, err := join(collection, []string{id, "runs"})
		if err != nil {
			return err
		}
		runs, err = list[AutomationRun](ctx, c, path, query, f.Limit)
		return err
	})
	return runs, err
}

// StopAutomationRun requests the end of a run. The answer comes before the run has ended. It sends the request once, because it shares the
// rate limit of starting runs: the caller decides about a retry.
func (c *Client) StopAutomationRun(ctx context.Context, id, runID string) error {
	r := request{method: http.MethodPost, once: true}
	return c.doMoved(ctx, &c.automations, r, nil, id, "runs", runID, "actions", "stop")
}

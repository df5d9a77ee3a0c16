// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Events reports to others what has ended.
type Events interface {
	Put(ctx context.Context, e Event) error
}

// EventType is the subject of an Event.
type EventType string

// The types of events.
const (
	EventStepEnded EventType = "StepEnded" // the last attempt of a step has ended, or could not be started
	EventRunEnded  EventType = "RunEnded"  // each step of a run has settled
)

// EventVersion is the version of an event's form. Members may be added without a new version.
const EventVersion = 1

// Event reports the end of a step in a run, or of a run. Its JSON is a contract with those who receive it. It contains no value of a
// variable, and no text that an operator has written.
type Event struct {
	Type EventType `json:"-"`

	Version  int    `json:"version"` // EventVersion
	ID       string `json:"id"`      // the same for the same end: an event may come twice
	Chain    string `json:"chain"`
	TenantID string `json:"tenant_id"`
	Run      string `json:"run"`
	Cycle    string `json:"cycle"`
	Date     string `json:"date"` // of the cycle

	Step    string        `json:"step,omitempty"` // with the next three for EventStepEnded
	Kind    chain.Kind    `json:"kind,omitempty"`
	Outcome chain.Outcome `json:"outcome,omitempty"`
	Attempt int           `json:"attempt,omitempty"`

	Error *chain.JobError `json:"error,omitempty"` // why its job failed, without any log

	Status    string    `json:"status"` // of a step Qlik Cloud's, empty if it could not be started; of a run a run.Status
	StartedAt time.Time `json:"started_at"`
	EndedAt   time.Time `json:"ended_at"`
	Seconds   float64   `json:"seconds"`
	Counts    *Counts   `json:"counts,omitempty"` // for EventRunEnded
}

// stepsEnded puts an event for each of these attempts that is the last one of its step. It returns false if another execution is doing so.
func (w *work) stepsEnded(ctx context.Context, c *cycle, attempts []startRef, r *report) bool {
	done := true
	for _, ref := range attempts {
		facts := c.facts(ref)
		if w.Events == nil || facts == nil || facts.Result == nil || facts.Result.Attempt != ref.Attempt {
			continue
		}
		end := c.ends[ref]
		step, _ := w.stepOf(ref.Step)
		e := w.newEvent(EventStepEnded, c.runs[ref.Run].RunRecord, ref.Step, fmt.Sprint(ref.Attempt))
		e.Step, e.Kind, e.Outcome, e.Status, e.Attempt = w.nameOf(ref.Step), step.Kind(), end.Outcome, string(end.Status), ref.Attempt
		e.StartedAt, e.EndedAt = end.Started, end.Ended
		if why := w.errorOf(ctx, c, ref); why != nil {
			e.Error = jobError(why.Code, why.Message)
		}
		done = w.put(ctx, e, r) && done
	}
	return done
}

// recheckEvent sets a timer for the event of an attempt: no later execution comes back to its end.
func (w *work) recheckEvent(ctx context.Context, of startRef, cause string) error {
	if w.Events == nil {
		return nil
	}
	return w.recheck(ctx, of, cause)
}

// facts returns what is known of an attempt's step in its run; nil for nothing.
func (c *cycle) facts(ref startRef) *run.Facts {
	if known := c.state.Runs[ref.Run]; known != nil {
		return known.Steps[ref.Step]
	}
	return nil
}

// putRunEnded puts the event of a run's end. It returns false if another execution is doing so.
func (w *work) putRunEnded(ctx context.Context, record RunRecord, r *report) bool {
	if w.Events == nil {
		return true
	}
	e := w.newEvent(EventRunEnded, record)
	e.Status, e.StartedAt, e.EndedAt, e.Counts = string(record.Status), record.At, record.EndedAt, record.Counts
	return w.put(ctx, e, r)
}

// newEvent returns an event of a run. of distinguishes it from the others of its type.
func (w *work) newEvent(kind EventType, record RunRecord, of ...string) Event {
	e := Event{
		Type: kind, Version: EventVersion, Chain: w.Index.Definition().Name, TenantID: w.TenantID, Run: record.ID, Cycle: record.Cycle,
		Date: record.Date,
	}
	e.ID = hashed(strings.Join(append([]string{e.TenantID, e.Chain, string(kind), e.Run}, of...), "\n"))[:32]
	return e
}

// put puts an event on the bus once: see sendOnce.
func (w *work) put(ctx context.Context, e Event, r *report) bool {
	e.Seconds = e.EndedAt.Sub(e.StartedAt).Seconds()
	return w.sendOnce(ctx, message{
		id: "event#" + e.ID, what: fmt.Sprintf("the event %s of the run %s", e.Type, e.Run), content: e,
		send: func(ctx context.Context) error { return w.Events.Put(ctx, e) },
	}, r)
}

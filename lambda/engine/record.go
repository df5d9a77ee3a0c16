// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// RunRecord is a run: the steps at which it began, and everything downstream of them.
type RunRecord struct {
	ID               string    `json:"run"`            // begins with At
	Cycle            string    `json:"cycle"`          // the id of the cycle that it belongs to
	Date             string    `json:"date"`           // of the cycle, as 2026-11-24
	Origin           string    `json:"origin"`         // the steps at which it began, in words
	Only             bool      `json:"only,omitempty"` // it is of its origin alone: nothing follows there
	StartedBy        StartedBy `json:"started_by"`
	By               string    `json:"by,omitempty"`        // who asked, if known
	Reload           string    `json:"reload,omitempty"`    // for StartedByReload; the first start has that of the others
	RerunOf          string    `json:"rerun_of,omitempty"`  // the run that this one repeats
	At               time.Time `json:"at"`                  // when it began
	DefinitionSHA256 string    `json:"definition_sha256"`   // of the chain at that time
	Variables        []string  `json:"variables,omitempty"` // the names of the run's variables, sorted; their values are not shown

	// How it ended; Status is empty before.
	Status  run.Status `json:"status,omitempty"`
	EndedAt time.Time  `json:"ended_at,omitzero"`
	Seconds float64    `json:"seconds,omitempty"` // from At to EndedAt
	Counts  *Counts    `json:"counts,omitempty"`
}

// covers returns which steps the run covers, for people: those at which it began, and what comes after them if nothing else is said.
func (r *RunRecord) covers() string {
	if r.Only {
		return r.Origin + " alone"
	}
	return r.Origin
}

// goesOn reports whether steps of an ended run go on in another one. Then its success says nothing of the night: the other run does.
func (r *RunRecord) goesOn() bool { return r.Counts != nil && r.Counts.Continued > 0 }

// Counts holds how many steps of a run have which status.
type Counts struct {
	Steps     int `json:"steps"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	Canceled  int `json:"canceled"`
	Blocked   int `json:"blocked"`
	Expired   int `json:"expired"`
	Skipped   int `json:"skipped"`   // for other reasons than the two above
	Continued int `json:"continued"` // in another run
}

// StartedBy is the cause of a run.
type StartedBy string

// The causes of a run.
const (
	StartedByReload   StartedBy = "reload"   // a reload that the chain did not start: in the hub, by a task, through the API
	StartedBySignal   StartedBy = "signal"   // a report from outside Qlik Cloud
	StartedBySchedule StartedBy = "schedule" // the chain's, or the step's own
	StartedByRequest  StartedBy = "request"  // POST /start
	StartedByRerun    StartedBy = "rerun"    // POST /runs/{run}/rerun
	StartedByMark     StartedBy = "mark"     // an operator has marked the step as succeeded
)

// starts reports whether the chain starts the first step of such a run, rather than to take an end that was reported.
func (b StartedBy) starts() bool {
	return b != StartedByReload && b != StartedBySignal && b != StartedByMark
}

// Phase is the progress of an attempt on its way to Qlik Cloud.
type Phase string

// The phases of a start.
const (
	PhaseWaiting    Phase = chain.PhaseWaiting // to be tried at DueAt, or when a reload in its way has ended
	PhaseClaimed    Phase = chain.PhaseClaimed // an execution is asking Qlik for the reload
	PhaseStarted    Phase = chain.PhaseStarted // Qlik has the reload
	PhaseEnded      Phase = "ended"            // the reload has ended
	PhaseRefused    Phase = "refused"          // it could not be started, permanently
	PhaseSuperseded Phase = "superseded"       // no longer needed: another run goes on with the step
	PhaseCanceled   Phase = "canceled"         // the run was canceled before it was started
)

// Start is one attempt to reload a step's app in a run: its way to Qlik Cloud, and its record. endDoc holds how it ended.
type Start struct {
	Cycle   string  `json:"cycle"`
	Run     string  `json:"run"`
	Step    string  `json:"step"` // its id in runs: the app's
	Name    string  `json:"name"` // the step's name at that time
	App     string  `json:"app,omitempty"`
	Attempt int     `json:"attempt"`
	Of      int     `json:"of"`               // most attempts
	Causes  []Cause `json:"causes,omitempty"` // none for a step at which the run begins

	Target chain.Target `json:"target"`
	Varied bool         `json:"varied,omitempty"` // its run has variables
	Before time.Time    `json:"before,omitzero"`  // for a data task: when its latest run before this start had begun

	Phase  Phase  `json:"phase"`
	Reason string `json:"reason,omitempty"` // for the phase, in a sentence

	CreatedAt   time.Time `json:"created_at"`
	DueAt       time.Time `json:"due_at"`
	Reload      string    `json:"reload,omitempty"`
	StartedAt   time.Time `json:"started_at,omitzero"`    // when Qlik took the request
	EndedAt     time.Time `json:"ended_at,omitzero"`      // for a start without a reload in Qlik Cloud
	Behind      string    `json:"behind,omitempty"`       // the running reload that it waits behind
	Foreign     bool      `json:"foreign,omitempty"`      // the chain did not start the reload
	TimesParked int       `json:"times_parked,omitempty"` // how often it was parked
	Parked      int       `json:"parked,omitempty"`       // the number of its current parking; 0: it is not parked
	Slot        int       `json:"slot,omitempty"`         // its slot of max_running; 0: none
	GoesOn      string    `json:"goes_on,omitempty"`      // for PhaseSuperseded: the run that goes on with the step
	Queued      bool      `json:"queued,omitempty"`       // it waits for a slot

	Canceled *chain.Operation `json:"canceled,omitempty"` // with its run

	Tries     int       `json:"tries,omitempty"`     // requests that Qlik did not take
	FirstTry  time.Time `json:"first_try,omitzero"`  // when the first of them was sent
	ClaimedAt time.Time `json:"claimed_at,omitzero"` // since when a request may have reached Qlik
	Unsure    bool      `json:"unsure,omitempty"`    // a request may have reached Qlik although no answer said so
	Lease     time.Time `json:"lease,omitzero"`      // until when Owner alone may ask Qlik
	Owner     string    `json:"owner,omitempty"`     // request id of the invocation that claimed it
	Claim     int64     `json:"claim,omitempty"`     // the number of the claim among those of its execution
	Lost      bool      `json:"lost,omitempty"`      // for PhaseRefused: it was due, and counts as failed
}

func (s *Start) ref() startRef {
	return startRef{Cycle: s.Cycle, Run: s.Run, Step: s.Step, Attempt: s.Attempt}
}

// Cause is an upstream that made a step due.
type Cause struct {
	Upstream string `json:"upstream"`
	Run      string `json:"run,omitempty"`    // if it is another run
	Reload   string `json:"reload,omitempty"` // empty: the upstream was skipped
}

// reloadDoc is the known state of one reload of a step's app.
type reloadDoc struct {
	Step    string     `json:"step"`
	Start   *startRef  `json:"start,omitempty"`   // the start that it carries out; none: not known yet
	Waiters []startRef `json:"waiters,omitempty"` // starts to try after its end
	Joined  string     `json:"joined,omitempty"`  // a signal that counts together with others: the id of the report that they make
	Handled bool       `json:"handled,omitempty"` // its end was reported, and everything that follows is safe
}

// runDoc is a run in its cycle.
type runDoc struct {
	RunRecord
	Origins  []string          `json:"origins"` // ids of steps
	Shape    string            `json:"shape"`   // the hash of the chain's shape when the run began
	Canceled bool              `json:"canceled,omitempty"`
	ByHand   bool              `json:"by_hand,omitempty"`
	Schedule string            `json:"schedule,omitempty"` // the schedule that began it
	CycleEnd time.Time         `json:"cycle_end"`
	Values   map[string]string `json:"values,omitempty"` // of the run's variables
	Queued   bool              `json:"queued,omitempty"` // it starts nothing before the previous run of its schedule has ended
	From     time.Time         `json:"from,omitzero"`    // when it was no longer queued
	Overran  bool              `json:"overran,omitempty"`
}

// setVariables sets the variables of a run.
func (d *runDoc) setVariables(variables map[string]string) {
	d.Values, d.Variables = variables, slices.Sorted(maps.Keys(variables))
}

// stepDoc is the decision about a step in a run. Exactly one of At, Passed and Continued is set.
type stepDoc struct {
	Uses      []run.Use `json:"uses,omitempty"`
	At        time.Time `json:"at,omitzero"`      // when it was started
	DueAt     time.Time `json:"due_at,omitzero"`  // for the first attempt
	Parked    bool      `json:"parked,omitempty"` // it became due too often: it does not count as one of its step's starts
	Passed    run.Skip  `json:"passed,omitempty"`
	Reason    string    `json:"reason,omitempty"`  // for Passed: the rest of a sentence about the step
	Missing   []string  `json:"missing,omitempty"` // for run.SkipExpired: the upstreams that the step waited for
	Continued string    `json:"continued,omitempty"`
}

// endDoc is the end of an attempt.
type endDoc struct {
	Reload  string          `json:"reload,omitempty"` // empty: it could not be started
	Status  qlik.Status     `json:"status,omitempty"`
	Outcome chain.Outcome   `json:"outcome"`
	Started time.Time       `json:"started"`
	Ended   time.Time       `json:"ended"`
	Seconds float64         `json:"seconds,omitempty"`
	Queued  float64         `json:"queued_seconds,omitempty"`
	Error   *chain.JobError `json:"error,omitempty"`  // why it failed, if its event or Qlik Cloud's record says it: see errorKey
	Reason  string          `json:"reason,omitempty"` // in a sentence: how its end became known, or why it could not be started
	// Lost reports that no event reported the end. If one still does, it counts as a reload of its own.
	Lost bool      `json:"lost,omitempty"`
	Next time.Time `json:"next,omitzero"` // when the next attempt is due; zero: there is none
}

func (d endDoc) result(ref startRef) *run.Result {
	return &run.Result{
		Step: ref.Step, Run: ref.Run, Reload: d.Reload, Outcome: d.Outcome, Attempt: ref.Attempt, Started: d.Started, Ended: d.Ended,
	}
}

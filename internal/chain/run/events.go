// SPDX-License-Identifier: MPL-2.0

package run

import "time"

// Rules are the parts of the definition that apply in their current form, not as they were when the run began.
type Rules interface {
	Settings
	Limits
	// Guard evaluates a step's guard. reason explains why it is false. If the guard fails with an error, the step is skipped.
	Guard(s *State, r *Run, step string, uses []Use) (pass bool, reason string, err error)
	// Delay returns the time between the moment in which a step is due and its start.
	Delay(step string) time.Duration
	// Retry reports whether a failed attempt is repeated, and after how long.
	Retry(step string, attempt int, r Result) (again bool, after time.Duration)
}

// Event is an event of a chain. Decide accepts every kind in any order, also repeatedly.
type Event interface{ happen(d *decision) }

// Began reports that a run begins. A known run does not begin again.
type Began struct{ Run Run }

// Reloaded reports the end of a reload that the chain did not start. It begins a run at its step. If a step waits for a further attempt, it
// is that attempt instead.
type Reloaded struct {
	Run    Run // to begin: its only origin is the step
	Result Result
}

// Marked reports that an operator marks a step as succeeded: a run begins at it as if it had been reloaded. The reload need not exist, so
// it is never the further attempt of a waiting step. Run.RerunOf is the run in which the operator marks the step.
type Marked struct {
	Run    Run // to begin: its only origin is the step
	Result Result
}

// Looked reports no event: it makes Decide decide what is due, first in this run, if any.
type Looked struct{ Run string }

// Ended reports how an attempt of a step in a run has ended.
type Ended struct{ Result Result }

// Woke reports that the time of a delayed start has come.
type Woke struct {
	Run, Step string
	Attempt   int
}

// CycleEnded reports that the cycle is over.
type CycleEnded struct{}

// Canceled reports that an operator has canceled a run.
type Canceled struct{ Run string }

// Paused reports that an operator has paused the chain.
type Paused struct{}

// Resumed reports that an operator has resumed the chain, or with a step that its parked starts may go.
type Resumed struct{ Step string }

// Effect is an action that an event leads to.
type Effect struct {
	Kind    EffectKind
	Run     string
	Step    string
	Attempt int
	At      time.Time // for EffectWake and EffectWatch
	Status  Status    // for EffectRunEnded
}

// EffectKind is the kind of an action.
type EffectKind string

// The kinds of effects.
const (
	EffectRequest  EffectKind = "request"   // ask Qlik Cloud for the reload
	EffectWake     EffectKind = "wake"      // call with Woke at At
	EffectWatch    EffectKind = "watch"     // call with Overran at At
	EffectCancel   EffectKind = "cancel"    // ask Qlik Cloud to cancel the reload
	EffectParked   EffectKind = "parked"    // report that a start is parked because of max_starts_per_hour
	EffectOverran  EffectKind = "overran"   // report that an attempt, or with an empty step a run, takes longer than max_duration
	EffectRunEnded EffectKind = "run_ended" // record the run's end, and report it
)

// SPDX-License-Identifier: MPL-2.0

package run

import "time"

// Rules are the parts of the definition that count as they are now, not as they were when the run began.
type Rules interface {
	Settings
	Limits
	// Guard asks a step's guard. reason says why it is false. An error is a guard that cannot be asked; the step is skipped then.
	Guard(s *State, r *Run, step string, uses []Use) (pass bool, reason string, err error)
	// Delay is how long after the moment in which a step is due it starts.
	Delay(step string) time.Duration
	// Retry reports whether a failed attempt is followed by another one, and how long after it.
	Retry(step string, attempt int, r Result) (again bool, after time.Duration)
}

// Event is something that happened. Decide takes each kind, in any order, and as often as it comes.
type Event interface{ happen(d *decision) }

// Began says that a run begins. A run that is known already does not begin again.
type Began struct{ Run Run }

// Reloaded says that a reload has ended that the chain did not start. It begins a run at its step, except where it is the further attempt
// of a step that waits for one.
type Reloaded struct {
	Run    Run // to begin: its one origin is the step
	Result Result
}

// Marked says that an operator marks a step as succeeded: a run begins at it as if it had been reloaded. The reload need not exist, so it
// is nothing that a step waits to be tried again with. Run.RerunOf is the run in which the operator marks the step.
type Marked struct {
	Run    Run // to begin: its one origin is the step
	Result Result
}

// Looked says that nothing has happened: what is due is decided, first in this run, if any.
type Looked struct{ Run string }

// Ended says how an attempt of a step in a run has ended.
type Ended struct{ Result Result }

// Woke says that the time of a delayed start has come.
type Woke struct {
	Run, Step string
	Attempt   int
}

// CycleEnded says that the cycle is over.
type CycleEnded struct{}

// Canceled says that an operator has canceled a run.
type Canceled struct{ Run string }

// Paused says that an operator has paused the chain.
type Paused struct{}

// Resumed says that an operator has resumed it, or with a step that its parked starts may go.
type Resumed struct{ Step string }

// Effect is something to be done because of an event.
type Effect struct {
	Kind    EffectKind
	Run     string
	Step    string
	Attempt int
	At      time.Time // of EffectWake and EffectWatch
	Status  Status    // of EffectRunEnded
}

// EffectKind is what is to be done.
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

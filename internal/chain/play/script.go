// SPDX-License-Identifier: MPL-2.0

// Package play plays a chain without Qlik Cloud and AWS. A script provides the events and the ends of reloads. Package run decides what
// follows, as it does for the deployed function. It is pure.
package play

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Script is the input of a play. It refers to steps by their keys in the definition.
type Script struct {
	Definition *chain.Definition
	Events     []Event // in any order
	// Ending returns how the n-th reload of a step ends, counted from 1 over all attempts and runs. nil: each succeeds after a minute.
	Ending func(step string, n int) Ending
	// Carried holds results from before the play, for steps with carry_over: by the step and the upstream, when the upstream ended with the
	// named result.
	Carried map[string]map[string]time.Time
	// Follow makes the play record each change of a step's standing.
	Follow bool
	// Until is the end of the play; zero: when no event is left, and the cycles of all runs have ended.
	Until time.Time
}

// Ending is the end of a reload.
type Ending struct {
	Status   string // of the Reloads API, a final one
	Duration time.Duration
}

// Event is an event from outside the chain.
type Event interface {
	at() time.Time
	happen(p *player) error
}

// Begin begins a run at steps, as a schedule or POST /start does.
type Begin struct {
	At       time.Time
	Steps    []string
	Schedule string // the schedule that begins it, as in run.Run; empty: none
}

// Reload is a reload that the chain does not start. It begins a run when it ends.
type Reload struct {
	At   time.Time
	Step string
}

// Rerun repeats a run in a new one of the same cycle: from a step, or from all failed steps if Step is empty.
type Rerun struct {
	At        time.Time
	Run, Step string
}

// Cancel cancels a run.
type Cancel struct {
	At  time.Time
	Run string
}

// Skip skips a step for the rest of the cycle.
type Skip struct {
	At           time.Time
	Step, Reason string
}

// Mark marks a step of a run as succeeded.
type Mark struct {
	At        time.Time
	Run, Step string
}

// Pause pauses the chain.
type Pause struct{ At time.Time }

// Resume resumes the chain.
type Resume struct{ At time.Time }

// Change applies another definition of the chain.
type Change struct {
	At         time.Time
	Definition *chain.Definition
}

// Play is the result of playing a script.
type Play struct {
	Reloads []Reloaded // in the order in which they start, in the same moment by step
	Runs    []Run      // in the order in which they begin
	Reports []Report   // in the order of time
	Changes []Changed  // likewise, if the script follows them
}

// Changed reports a new standing of a step in a run.
type Changed struct {
	At        time.Time
	Run, Step string
	Standing
}

// Report is a report of the chain, except ends of runs: run.EffectParked or run.EffectOverran.
type Report struct {
	At        time.Time
	Kind      run.EffectKind
	Run, Step string // an empty step: the run as a whole
	Attempt   int
}

// Reloaded is a reload.
type Reloaded struct {
	Step    string // its key
	Run     string
	Attempt int
	ByHand  bool // the chain did not start it
	Start   time.Time
	End     time.Time // zero: it has not ended
	Status  string    // of the Reloads API; empty: it has not ended
	Uses    []Use     // the results that made the step due; none at a step at which its run begins

	id   string
	step string // its id in runs
}

// Use is a result that made a step due.
type Use struct {
	Step string // its key
	Run  string // the run that brought it
}

// Run is a run.
type Run struct {
	ID       string // 1 for the first that became known
	Cycle    run.Cycle
	At       time.Time
	Ended    time.Time // zero: it has not ended
	Origins  []string  // keys of steps, sorted
	ByHand   bool      // it began with a reload that the chain did not start
	Schedule string    // the schedule that began it
	RerunOf  string
	Summary  run.Summary
	Steps    map[string]Standing // by key
}

// Standing is the status of a step in a run.
type Standing struct {
	run.Standing
	Reason string // the recorded reason: the rest of a sentence about the step
}

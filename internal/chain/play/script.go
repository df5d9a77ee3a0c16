// SPDX-License-Identifier: MPL-2.0

// Package play plays a chain without Qlik Cloud and AWS: what begins, and how reloads go, is made up; what follows from it package run
// decides, as it does for the deployed function. It is pure.
package play

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Script is what is to be played. Steps are called by their keys in the definition.
type Script struct {
	Definition *chain.Definition
	Events     []Event // in any order
	// Ending is how the n-th reload of a step goes, from 1, counted over all attempts and runs. nil: each succeeds after a minute.
	Ending func(step string, n int) Ending
	// Carried are results of before the play, for steps with carry_over: by the step, and by the upstream, when it ended as the step asks.
	Carried map[string]map[string]time.Time
	// Follow has the play write down each change of how steps stand.
	Follow bool
	// Until is when the play stops; zero: when nothing is left to happen, and the cycles of all runs have ended.
	Until time.Time
}

// Ending is how a reload goes.
type Ending struct {
	Status   string // of the Reloads API, a final one
	Duration time.Duration
}

// Event is something that happens to the chain from outside.
type Event interface {
	at() time.Time
	happen(p *player) error
}

// Begin begins a run at steps, as a schedule or POST /start does.
type Begin struct {
	At       time.Time
	Steps    []string
	Schedule string // that begins it, as run.Run has it; empty: none
}

// Reload is a reload that the chain does not start. It begins a run when it ends.
type Reload struct {
	At   time.Time
	Step string
}

// Rerun repeats a run in a new one of the same cycle: from a step, or from all failed steps when Step is empty.
type Rerun struct {
	At        time.Time
	Run, Step string
}

// Cancel cancels a run.
type Cancel struct {
	At  time.Time
	Run string
}

// Skip has the chain skip a step for the rest of the cycle.
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

// Resume resumes it.
type Resume struct{ At time.Time }

// Change applies another definition of the chain.
type Change struct {
	At         time.Time
	Definition *chain.Definition
}

// Play is what happened.
type Play struct {
	Reloads []Reloaded // in the order in which they start, those of the same moment by their steps
	Runs    []Run      // in the order in which they begin
	Reports []Report   // in the order of time
	Changes []Changed  // likewise, if the script follows them
}

// Changed says that a step stands otherwise in a run than before.
type Changed struct {
	At        time.Time
	Run, Step string
	Standing
}

// Report is what the chain reports apart from the ends of runs: run.EffectParked or run.EffectOverran.
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
	step string // as runs have it
}

// Use is a result that made a step due.
type Use struct {
	Step string // its key
	Run  string // in which it came
}

// Run is a run.
type Run struct {
	ID       string // 1 for the first that became known
	Cycle    run.Cycle
	At       time.Time
	Ended    time.Time // zero: it has not
	Origins  []string  // keys of steps, sorted
	ByHand   bool      // a reload that the chain did not start began it
	Schedule string    // that began it
	RerunOf  string
	Summary  run.Summary
	Steps    map[string]Standing // by key
}

// Standing is how a step stands in a run.
type Standing struct {
	run.Standing
	Says string // why, as the record has it: the rest of a sentence about the step
}

// SPDX-License-Identifier: MPL-2.0

// Package run decides what a chain does in one cycle. Its input is the known state and an event. Its output is the new state and the
// effects to carry out. It does no I/O, and it reads no clock: the caller passes the time.
//
// A run stores facts only: which steps were started, how they ended, what a guard answered. Everything else is derived from the facts each
// time, for example that a step is blocked or waits for another run. Facts are written once, so their order of arrival does not matter.
package run

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// State is the known state of one cycle.
type State struct {
	Begin, End time.Time       // of the cycle: from Begin on, before End
	Over       bool            // the cycle's end was handled: steps that wait without hope expire
	Paused     bool            // starts that become due are parked
	Runs       map[string]*Run // by id
	// Carried holds the last named results of the upstreams in a step's carry_over, from earlier cycles and within the maximum age.
	Carried map[CarryKey]Result
	Skips   map[string]string // by step: the reason why an operator skips it in this cycle
	Running int               // active starts of other cycles; they count for max_running
	Busy    map[string]bool   // schedules with an active run of another cycle; they count for overlap

	plans *plans      // of the runs; shared by the clones, nil before the first one
	knows *evaluation // set while a decision evaluates a guard: the guard may ask for the state before the step was due
}

// CarryKey identifies an upstream in the carry_over of a step.
type CarryKey struct{ Step, Upstream string }

// Run is one run and its facts.
type Run struct {
	ID      string
	At      time.Time // when it began
	Origins []string  // the steps at which it begins, sorted
	Shape   Shape     // the chain's shape when the run began
	ByHand  bool      // it began with a reload that the chain did not start
	RerunOf string    // the run that this one repeats, if any
	// Schedule is the name of the schedule that began the run, or empty.
	Schedule string

	Steps    map[string]*Facts // of covered steps; steps without a fact have no entry
	Queued   bool              // it starts nothing before the previous run of its schedule has ended
	From     time.Time         // when it was no longer queued; zero: it was never queued
	Overran  bool              // it was reported because it takes longer than max_duration
	Canceled bool
	Ended    Status // empty: not recorded yet
}

// Facts is what is known of one step in one run. Each fact is written once, except that a start passes through its phases.
type Facts struct {
	Uses      []Use // what made the step due; none for an origin
	Start     *Start
	Result    *Result  // after the last attempt
	Passed    Skip     // it did not start when due, or no longer after its delay or a pause; SkipExpired
	Reason    string   // for Passed, unless its kind says enough: the rest of a sentence about the step
	Missing   []string // for SkipExpired: the upstreams that it waited for
	Continued string   // the run that goes on with the step
}

// Start is a step's start in a run, its retries included.
type Start struct {
	Attempt int       // the current one, from 1
	DueAt   time.Time // of the current attempt
	At      time.Time // when the current attempt was requested from Qlik Cloud; zero for a reload that the chain did not start
	Phase   Phase
	Reason  string  // for PhaseParked: why, if not because of the pause; the rest of a sentence after "is parked:"
	Overran bool    // the current attempt was reported because it takes longer than max_duration
	Last    *Result // result of the previous attempt; nil for the first
}

// Phase is the progress of the current attempt of a start.
type Phase string

// The phases.
const (
	PhaseDelayed   Phase = "delayed"   // due at DueAt: a delay, or a further attempt
	PhaseParked    Phase = "parked"    // became due during a pause, or too often within an hour
	PhaseQueued    Phase = "queued"    // waits for max_running
	PhaseRequested Phase = "requested" // requested from Qlik Cloud, or running there
	PhaseSettled   Phase = "settled"   // there is a result
)

// Result is the end of a step in a run.
type Result struct {
	Step    string
	Run     string
	Reload  string // its id
	Outcome chain.Outcome
	Status  string // Qlik Cloud's word for the outcome, as in retry_on
	Attempt int
	Started time.Time // when the reload started: the latest result is the one that started last
	Ended   time.Time
}

// Use identifies a settlement of an upstream that made a step due. Two starts of a step with the same uses are the same start.
type Use struct {
	Step   string
	Run    string
	Reload string // empty: the upstream was skipped there
}

// Skip is the reason why a step does not start in a run.
type Skip string

// The kinds of skips. Only SkipBlocked and SkipExpired need attention.
const (
	SkipNotNeeded Skip = "not_needed" // its condition names another outcome
	SkipGuard     Skip = "guard"      // its guard was false
	SkipDisabled  Skip = "disabled"   // it was disabled or removed when it became due
	SkipOperator  Skip = "operator"   // an operator skips it in this cycle
	SkipBlocked   Skip = "blocked"    // something upstream failed, was canceled, or was itself blocked
	SkipExpired   Skip = "expired"    // what it waited for did not arrive before the cycle's end
	SkipOverlap   Skip = "overlap"    // the previous run of the schedule was active when the run began
)

// passedOver reports whether all_started passes over an upstream with this skip.
func (s Skip) passedOver() bool {
	return s == SkipNotNeeded || s == SkipGuard || s == SkipDisabled || s == SkipOperator
}

// sorted returns the runs in the order in which they began.
func (s *State) sorted() []*Run {
	return slices.SortedFunc(maps.Values(s.Runs), compareRuns)
}

// compareRuns compares runs by the order in which they began.
func compareRuns(a, b *Run) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) }

// facts returns the facts of a step, or empty ones.
func (r *Run) facts(step string) Facts {
	if f := r.Steps[step]; f != nil {
		return *f
	}
	return Facts{}
}

// change returns the facts of a step for a change.
func (r *Run) change(step string) *Facts {
	if r.Steps == nil {
		r.Steps = map[string]*Facts{}
	}
	if r.Steps[step] == nil {
		r.Steps[step] = &Facts{}
	}
	return r.Steps[step]
}

// pass writes that a step does not start.
func (r *Run) pass(step string, kind Skip, reason string) {
	f := r.change(step)
	f.Start, f.Passed, f.Reason = nil, kind, reason
}

// off returns why a step may not start now, regardless of its upstreams; empty: it may.
func (s *State) off(settings Settings, step string) (kind Skip, reason string) {
	if reason, skips := s.Skips[step]; skips {
		return SkipOperator, reason
	}
	if !settings.Enabled(step) {
		return SkipDisabled, "is disabled"
	}
	return "", ""
}

// Cycle returns the cycle of the state, with its date in a time zone.
func (s *State) Cycle(zone *time.Location) Cycle { return cycleOf(s.Begin, s.End, zone) }

// latestSeen returns the latest result of a step among the runs that a run sees.
func (s *State) latestSeen(r *Run, step string) *Result {
	return latest(slices.DeleteFunc(s.sorted(), func(o *Run) bool { return !s.sees(r, o) }), step)
}

// compareEnds compares results by their ends. Results of the same instant are ordered by step.
func compareEnds(a, b *Result) int {
	return cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.Step, b.Step))
}

// latest returns the latest result of a step among the runs that are not canceled: that of the reload that started last.
func latest(runs []*Run, step string) *Result {
	var last *Result
	for _, r := range runs {
		if result := r.facts(step).Result; result != nil && !r.Canceled && (last == nil || compareStarts(result, last) > 0) {
			last = result
		}
	}
	return last
}

// compareStarts compares results by the times at which their reloads started. If these are equal, the ids decide, so that every execution
// has the same order.
func compareStarts(a, b *Result) int {
	return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Reload, b.Reload))
}

// SPDX-License-Identifier: MPL-2.0

// Package run decides what a chain does in one cycle. What is known and what happened go in; what is known then and what is to be done
// come out. It does no I/O, and it reads no clock: the caller passes the time.
//
// A run keeps facts alone: which steps were started, how they ended, what a guard answered. Everything else, such as that a step is
// blocked or waits for another run, is derived from the facts each time. Facts are written once, so their order of arrival does not matter.
package run

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// State is what is known of one cycle.
type State struct {
	Begin, End time.Time       // of the cycle: from Begin on, before End
	Over       bool            // the cycle's end was handled: what waits without hope expires
	Paused     bool            // starts that come due are parked
	Runs       map[string]*Run // by id
	// Carried are the last named results of the upstreams in a step's carry_over, from earlier cycles and still young enough.
	Carried map[CarryKey]Result
	Skips   map[string]string // by step: why an operator skips it in this cycle
	Running int               // the starts of other cycles that Qlik Cloud is asked for or carries out; they count for max_running
	Busy    map[string]bool   // the schedules of which a run of another cycle is under way; they count for overlap

	knows *evaluation // of a decision that asks a guard; a guard may be asked about what was known before the step was due
}

// CarryKey is an upstream in the carry_over of a step.
type CarryKey struct{ Step, Upstream string }

// Run is one run and its facts.
type Run struct {
	ID      string
	At      time.Time // when it began
	Origins []string  // the steps at which it begins, sorted
	Shape   Shape     // of the chain when the run began
	ByHand  bool      // a reload that the chain did not start began it
	RerunOf string    // the run that this one repeats, if any
	// Schedule names the schedule that began the run, or is empty.
	Schedule string

	Steps    map[string]*Facts // of covered steps; those without a fact have none
	Held     bool              // it starts nothing before the previous run of its schedule has ended
	From     time.Time         // when it was no longer held; zero: it was not
	Overran  bool              // it was reported because it takes longer than max_duration
	Canceled bool
	Ended    Status // empty: not recorded yet
}

// Facts are what is known of one step in one run. Each is written once, except that a start takes its way through the phases.
type Facts struct {
	Uses      []Use // what made the step due; none for an origin
	Start     *Start
	Result    *Result  // after the last attempt
	Passed    Skip     // it did not start when due, or no longer when its delay or a pause was over; SkipExpired
	Reason    string   // of Passed, where its kind does not say it: the rest of a sentence about the step
	Missing   []string // of SkipExpired: the upstreams that it waited for
	Continued string   // the run that goes on with the step
}

// Start is a step's start in a run, its retries included.
type Start struct {
	Attempt int       // the current one, from 1
	DueAt   time.Time // of the current attempt
	At      time.Time // when Qlik Cloud was asked for the current attempt; zero for a reload that the chain did not start
	Phase   Phase
	Reason  string  // of PhaseParked: why, where it is not the pause; the rest of a sentence after "is parked:"
	Overran bool    // the current attempt was reported because it takes longer than max_duration
	Last    *Result // of the attempt before; nil for the first
}

// Phase is how far the current attempt of a start has come.
type Phase string

// The phases.
const (
	PhaseDelayed   Phase = "delayed"   // comes due at DueAt: a delay, or a further attempt
	PhaseParked    Phase = "parked"    // came due during a pause, or too often within an hour
	PhaseQueued    Phase = "queued"    // max_running keeps it back
	PhaseRequested Phase = "requested" // Qlik Cloud is asked for it, or carries it out
	PhaseSettled   Phase = "settled"   // there is a result
)

// Result is how a step ended in a run.
type Result struct {
	Step    string
	Run     string
	Reload  string // its id
	Outcome chain.Outcome
	Status  string // Qlik Cloud's word for the outcome, which retry_on knows
	Attempt int
	Started time.Time // when the reload started: of several results the one that started last is the latest
	Ended   time.Time
}

// Use names a settlement of an upstream that made a step due. Two starts of a step with the same uses are the same start.
type Use struct {
	Step   string
	Run    string
	Reload string // empty: the upstream was skipped there
}

// Skip is why a step does not start in a run.
type Skip string

// The kinds of skips. Only SkipBlocked and SkipExpired call for attention.
const (
	SkipNotNeeded Skip = "not_needed" // its condition is another outcome than happened
	SkipGuard     Skip = "guard"      // its guard was false
	SkipDisabled  Skip = "disabled"   // it was disabled or removed when it came due
	SkipOperator  Skip = "operator"   // an operator skips it in this cycle
	SkipBlocked   Skip = "blocked"    // something upstream failed, was canceled, or was itself blocked
	SkipExpired   Skip = "expired"    // what it waited for did not come before the cycle's end
	SkipOverlap   Skip = "overlap"    // the previous run of the schedule was under way when the run began
)

// passedOver reports whether all_started passes over an upstream that was skipped so.
func (s Skip) passedOver() bool {
	return s == SkipNotNeeded || s == SkipGuard || s == SkipDisabled || s == SkipOperator
}

// sorted are the runs in the order in which they began.
func (s *State) sorted() []*Run {
	return slices.SortedFunc(maps.Values(s.Runs), compareRuns)
}

// compareRuns compares runs by the order in which they began.
func compareRuns(a, b *Run) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) }

// facts of a step, empty ones when there are none.
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

// off is why a step may not start now, whatever its upstreams did; empty: it may.
func (s *State) off(settings Settings, step string) (kind Skip, reason string) {
	if reason, skips := s.Skips[step]; skips {
		return SkipOperator, reason
	}
	if !settings.Enabled(step) {
		return SkipDisabled, "is disabled"
	}
	return "", ""
}

// Cycle is the cycle of the state, with the date that it has in a time zone.
func (s *State) Cycle(zone *time.Location) Cycle { return cycleOf(s.Begin, s.End, zone) }

// latestSeen is the latest result of a step among the runs that a run sees.
func (s *State) latestSeen(r *Run, step string) *Result {
	return latest(slices.DeleteFunc(s.sorted(), func(o *Run) bool { return !s.sees(r, o) }), step)
}

// compareEnds compares results by their ends, those of the same instant by their steps.
func compareEnds(a, b *Result) int {
	return cmp.Or(a.Ended.Compare(b.Ended), cmp.Compare(a.Step, b.Step))
}

// latest is the latest result of a step: that of the reload that started last, among those of the runs that are not canceled.
func latest(runs []*Run, step string) *Result {
	var last *Result
	for _, r := range runs {
		if result := r.facts(step).Result; result != nil && !r.Canceled && (last == nil || compareStarts(result, last) > 0) {
			last = result
		}
	}
	return last
}

// compareStarts compares results by the times at which their reloads started. Where these are the same, the ids decide, so that every
// execution comes to the same.
func compareStarts(a, b *Result) int {
	return cmp.Or(a.Started.Compare(b.Started), cmp.Compare(a.Reload, b.Reload))
}

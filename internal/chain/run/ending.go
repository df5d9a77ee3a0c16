// SPDX-License-Identifier: MPL-2.0

package run

import (
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Summary is the overall status of a run.
type Summary struct {
	Status Status // StatusUnderWay, StatusWaiting, or how it ended
	Steps  int    // number of covered steps
	Counts map[Status]int
	Skips  map[Skip]int // reasons of the skipped steps
}

// Summarize returns the overall status of a run.
func (s *State) Summarize(r *Run, settings Settings) Summary {
	e := newEvaluation(s, settings)
	return e.summarize(e.views[r])
}

func (e *evaluation) summarize(v *view) Summary {
	sum := Summary{Steps: len(v.steps), Counts: map[Status]int{}, Skips: map[Skip]int{}}
	for _, n := range v.steps {
		s := e.standing(v, n)
		sum.Counts[s.Status]++
		if s.Status == StatusSkipped {
			sum.Skips[s.Skip]++
		}
	}
	status, over := e.ending(v)
	switch {
	case v.Ended != "":
		sum.Status = v.Ended
	case over:
		sum.Status = status
	case v.Queued:
		sum.Status = StatusQueued
	case sum.Counts[StatusUnderWay]+sum.Counts[StatusDue] == 0 && sum.Counts[StatusWaiting] > 0:
		sum.Status = StatusWaiting
	default:
		sum.Status = StatusUnderWay
	}
	return sum
}

// ending returns how a run ended. It returns false if the run has not ended.
func (e *evaluation) ending(v *view) (Status, bool) {
	if v.Canceled {
		return StatusCanceled, true
	}
	failed, missed, expired := false, false, false
	for _, n := range v.steps {
		s := e.standing(v, n)
		switch {
		case !s.Status.settled():
			return "", false
		case s.Status == StatusFailed:
			failed = true
			missed = missed || !e.recovered(v, n)
		case s.Status == StatusCanceled, s.Status == StatusSkipped && s.Skip == SkipBlocked:
			missed = true
		case s.Status == StatusSkipped && s.Skip == SkipExpired:
			expired = true
		}
	}
	switch {
	case missed || expired && (!v.ByHand || failed):
		return StatusFailed, true
	case failed:
		return StatusRecovered, true
	default:
		return StatusSucceeded, true
	}
}

// keep stores which steps of an ending run are skipped because they may not start. So this does not change when they may start again.
func (e *evaluation) keep(v *view) {
	for _, n := range v.steps {
		s, step := e.standing(v, n), v.names[n]
		kind, reason := e.off(e.settings, step)
		if s.Status == StatusSkipped && kind != "" && s.Skip == kind && v.facts(step).Passed == "" {
			v.pass(step, kind, reason)
		}
	}
}

// recovered reports whether a step that failed has a failure branch that succeeded.
func (e *evaluation) recovered(v *view, failed int) bool {
	for _, n := range v.downstream[failed] {
		if v.conditions[n][slices.Index(v.upstreams[n], failed)] == chain.ConditionFailure && e.standing(v, n).Status == StatusSucceeded {
			return true
		}
	}
	return false
}

// LacksSuccess reports whether a step has not done what it is for, although the chain's rules and its operators wanted it to.
func LacksSuccess(status Status, skip Skip) bool {
	switch status {
	case StatusSucceeded, StatusContinued:
		return false
	case StatusSkipped:
		return skip == SkipBlocked || skip == SkipExpired
	default:
		return true
	}
}

// Decision is when a step was decided in a run.
type Decision struct {
	Run     string    // its id, which begins with the time
	Ended   time.Time // the end of the step's last attempt; zero if it has none
	Failure time.Time // the end of the first attempt that has failed in the run; zero if none has
}

// Saw adds a step of the decision's run: its status, and the end of its last attempt.
func (d *Decision) Saw(status Status, ended time.Time) {
	if status == StatusFailed && (d.Failure.IsZero() || ended.Before(d.Failure)) {
		d.Failure = ended
	}
}

// After reports whether a decision came later: as the attempts have ended, else as the runs have begun. What comes after a failure was
// decided no earlier than that failure.
func (d Decision) After(o Decision) bool {
	switch began := d.Run > o.Run; {
	case d.Ended.IsZero(), d.Ended.Equal(o.Ended):
		return began
	case o.Ended.IsZero():
		return began && !d.Ended.Before(o.Failure)
	default:
		return d.Ended.After(o.Ended)
	}
}

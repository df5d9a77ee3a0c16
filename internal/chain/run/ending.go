// SPDX-License-Identifier: MPL-2.0

package run

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"

// Summary is a run as a whole.
type Summary struct {
	Status Status // StatusUnderWay, StatusWaiting, or how it ended
	Steps  int    // that it covers
	Counts map[Status]int
	Skips  map[Skip]int // of those that were skipped
}

// Summarize returns how a run does as a whole.
func (s *State) Summarize(r *Run, settings Settings) Summary {
	return newEvaluation(s, settings).summarize(r)
}

func (e *evaluation) summarize(r *Run) Summary {
	sum := Summary{Steps: len(e.covers(r)), Counts: map[Status]int{}, Skips: map[Skip]int{}}
	for step := range e.covers(r) {
		s := e.standing(r, step)
		sum.Counts[s.Status]++
		if s.Status == StatusSkipped {
			sum.Skips[s.Skip]++
		}
	}
	status, over := e.ending(r)
	switch {
	case r.Ended != "":
		sum.Status = r.Ended
	case over:
		sum.Status = status
	case r.Held:
		sum.Status = StatusQueued
	case sum.Counts[StatusUnderWay]+sum.Counts[StatusDue] == 0 && sum.Counts[StatusWaiting] > 0:
		sum.Status = StatusWaiting
	default:
		sum.Status = StatusUnderWay
	}
	return sum
}

// ending is how a run ended; false: it has not.
func (e *evaluation) ending(r *Run) (Status, bool) {
	if r.Canceled {
		return StatusCanceled, true
	}
	failed, missed, expired := false, false, false
	for step := range e.covers(r) {
		s := e.standing(r, step)
		switch {
		case !s.Status.settled():
			return "", false
		case s.Status == StatusFailed:
			failed = true
			missed = missed || !e.recovered(r, step)
		case s.Status == StatusCanceled, s.Status == StatusSkipped && s.Skip == SkipBlocked:
			missed = true
		case s.Status == StatusSkipped && s.Skip == SkipExpired:
			expired = true
		}
	}
	switch {
	case missed || expired && (!r.ByHand || failed):
		return StatusFailed, true
	case failed:
		return StatusRecovered, true
	default:
		return StatusSucceeded, true
	}
}

// keep writes down which steps of a run that ends are skipped because they may not start, so that it stays so when they may again.
func (e *evaluation) keep(r *Run) {
	for step := range e.covers(r) {
		s := e.standing(r, step)
		kind, reason := e.off(e.settings, step)
		if s.Status == StatusSkipped && kind != "" && s.Skip == kind && r.facts(step).Passed == "" {
			r.pass(step, kind, reason)
		}
	}
}

// recovered reports whether a step that failed has a failure branch that succeeded.
func (e *evaluation) recovered(r *Run, failed string) bool {
	for step := range e.covers(r) {
		if r.Shape[step].After[failed] == chain.ConditionFailure && e.standing(r, step).Status == StatusSucceeded {
			return true
		}
	}
	return false
}

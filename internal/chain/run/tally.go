// SPDX-License-Identifier: MPL-2.0

package run

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"

// tally counts the statuses of a step's upstreams.
type tally struct {
	named, passed, unsettled int
	kinds                    kinds // why the step would be skipped, from upstreams that settled otherwise
	missed                   kinds // the same without those that all_started passes over or may still pass over
	open                     bool  // a skipped upstream's kind may change
}

// kinds is a set of consequences of skips.
type kinds struct{ notNeeded, blocked, expired bool }

func (k *kinds) add(s Skip) {
	switch s {
	case SkipBlocked:
		k.blocked = true
	case SkipExpired:
		k.expired = true
	default:
		k.notNeeded = true
	}
}

func (t *tally) add(s *Standing, condition chain.Condition) {
	switch {
	case !s.Status.settled():
		t.unsettled++
	case named(s.Status, condition):
		t.named++
	default:
		t.miss(consequence(s, condition), s)
	}
}

func (t *tally) miss(kind Skip, s *Standing) {
	t.kinds.add(kind)
	switch {
	case s.Open:
		t.open = true
	case s.Status == StatusSkipped && s.Skip.passedOver():
		t.passed++
	default:
		t.missed.add(kind)
	}
}

// named reports whether this status is the result that a condition names.
func named(s Status, condition chain.Condition) bool {
	switch s {
	case StatusSucceeded:
		return condition != chain.ConditionFailure
	case StatusFailed:
		return condition != chain.ConditionSuccess
	case StatusCanceled:
		return condition == chain.ConditionCompletion
	default:
		return false
	}
}

// consequence returns why a step is skipped when its upstream settled otherwise than its condition names.
func consequence(s *Standing, condition chain.Condition) Skip {
	switch {
	case s.Status == StatusSkipped && s.Skip.passedOver():
		return SkipNotNeeded
	case s.Status == StatusSkipped:
		return s.Skip
	case condition == chain.ConditionFailure: // it succeeded or was canceled
		return SkipNotNeeded
	default: // it failed or was canceled
		return SkipBlocked
	}
}

// worst returns why a step is skipped. SkipNotNeeded takes precedence, because a step that is not needed cannot be missed.
func (k kinds) worst() Skip {
	switch {
	case k.notNeeded:
		return SkipNotNeeded
	case k.blocked:
		return SkipBlocked
	default:
		return SkipExpired
	}
}

// skipped returns the standing of a skipped step. Its kind is open while an upstream may still settle so that the step is not needed.
func (t *tally) skipped(k kinds) Standing {
	kind := k.worst()
	return Standing{Status: StatusSkipped, Skip: kind, Open: kind != SkipNotNeeded && (t.unsettled > 0 || t.open)}
}

// judge implements the table of wait_for. upstreams is their number, including those outside the run.
func (t *tally) judge(waitFor WaitFor, upstreams int) Standing {
	switch waitFor {
	case WaitForAny:
		switch {
		case t.named > 0:
			return Standing{Status: StatusDue}
		case t.unsettled > 0:
			return Standing{Status: StatusPending}
		default:
			return t.skippedAny()
		}
	case WaitForAllStarted:
		return t.judgeStarted(upstreams)
	case WaitForAllSettled:
		if t.unsettled > 0 {
			return Standing{Status: StatusPending}
		}
		return Standing{Status: StatusDue}
	default:
		switch {
		case t.kinds != (kinds{}):
			return t.skipped(t.kinds)
		case t.unsettled > 0:
			return Standing{Status: StatusPending}
		default:
			return Standing{Status: StatusDue}
		}
	}
}

// skippedAny returns the standing of an any when no upstream has the named result. If one of them is missed, the step is missed.
func (t *tally) skippedAny() Standing {
	switch {
	case t.kinds.blocked:
		return Standing{Status: StatusSkipped, Skip: SkipBlocked, Open: t.open}
	case t.kinds.expired:
		return Standing{Status: StatusSkipped, Skip: SkipExpired, Open: t.open}
	default:
		return Standing{Status: StatusSkipped, Skip: SkipNotNeeded}
	}
}

// judgeStarted implements the row of all_started.
func (t *tally) judgeStarted(upstreams int) Standing {
	switch {
	case t.missed != (kinds{}):
		return t.skipped(t.missed)
	case t.unsettled > 0 || t.open:
		return Standing{Status: StatusPending}
	case t.passed == upstreams:
		return Standing{Status: StatusSkipped, Skip: SkipNotNeeded}
	default:
		return Standing{Status: StatusDue}
	}
}

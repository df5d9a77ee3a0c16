// SPDX-License-Identifier: MPL-2.0

package run

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Words converts the decision's names and times into readable text.
type Words struct {
	Name    func(step string) string // of a step
	Clock   func(t time.Time) string // "02:10", with the date if necessary
	Removed func(step string) bool   // whether the step is no longer in the chain; nil: none was removed
}

// Explain returns a function that explains a step's standing in a run, as the rest of a sentence about the step: "waits for hr: it has no
// result since 18:00". The state must not change meanwhile.
func (s *State) Explain(settings Settings, w Words) func(r *Run, step string) string {
	x := &explanation{newEvaluation(s, settings), w}
	return x.explain
}

type explanation struct {
	*evaluation
	Words
}

func (x *explanation) covered(r *Run, step string) bool {
	_, covered := x.views[r].find(step)
	return covered
}

// stands returns the standing of a step. If the run does not cover it, the standing is empty.
func (x *explanation) stands(r *Run, step string) *Standing {
	if n, covered := x.views[r].find(step); covered {
		return x.standing(x.views[r], n)
	}
	return &Standing{}
}

func (x *explanation) explain(r *Run, step string) string {
	if !x.covered(r, step) {
		return "has no part in this run"
	}
	switch s := x.stands(r, step); s.Status {
	case StatusPending:
		if r.Queued {
			return "starts nothing before the previous run of its schedule has ended"
		}
		return "waits for " + x.names(x.unsettled(r, step)) + " in this run"
	case StatusWaiting:
		return x.waiting(r, s)
	case StatusDue:
		return "is due"
	case StatusUnderWay:
		return x.underWay(r.facts(step).Start)
	case StatusSkipped:
		return x.skipped(r, step, s)
	case StatusContinued:
		if o := x.Runs[s.Continued]; o != nil && x.covered(o, step) && x.stands(o, step).Status == StatusSkipped {
			return fmt.Sprintf("goes on in the run %s, where it %s", s.Continued, x.explain(o, step))
		}
		return "goes on in the run " + s.Continued
	case StatusCanceled:
		if r.facts(step).Result == nil {
			return "did not start before the run was canceled"
		}
		return "was canceled"
	default: // succeeded or failed
		if result := r.facts(step).Result; result != nil && result.Attempt > 1 {
			return fmt.Sprintf("%s in attempt %d", s.Status, result.Attempt)
		}
		return string(s.Status)
	}
}

// unsettled returns the upstreams in the run that have not settled, or that are skipped for a reason that may still change.
func (x *explanation) unsettled(r *Run, step string) (list []string) {
	for _, u := range r.Shape.upstreams(step) {
		if x.covered(r, u) && (!x.stands(r, u).Status.settled() || x.stands(r, u).Open) {
			list = append(list, u)
		}
	}
	return list
}

func (x *explanation) waiting(r *Run, s *Standing) string {
	var parts, missing []string
	for i, u := range s.Waits {
		switch last := x.latestSeen(r, u); {
		case s.behind[i] != "":
			parts = append(parts, fmt.Sprintf("for %s: the run %s brings it", x.Name(u), s.behind[i]))
		case last != nil:
			parts = append(parts, fmt.Sprintf("for %s: it %s in the run %s, where nothing follows it",
				x.Name(u), how(statusOf(last.Outcome)), last.Run))
		default:
			missing = append(missing, u)
		}
	}
	if len(missing) > 0 {
		has := "it has"
		if len(missing) > 1 {
			has = "they have"
		}
		parts = append(parts, fmt.Sprintf("for %s: %s no result since %s", x.names(missing), has, x.Clock(x.Begin)))
	}
	return "waits " + strings.Join(parts, ", and ")
}

func (x *explanation) underWay(s *Start) string {
	attempt := ""
	if s.Attempt > 1 {
		attempt = fmt.Sprintf(" with attempt %d", s.Attempt)
	}
	switch s.Phase {
	case PhaseDelayed:
		if s.Attempt > 1 {
			return fmt.Sprintf("failed in attempt %d and is tried again at %s", s.Attempt-1, x.Clock(s.DueAt))
		}
		return fmt.Sprintf("starts at %s, after its delay", x.Clock(s.DueAt))
	case PhaseQueued:
		return fmt.Sprintf("came due at %s%s and is queued: as many reloads as max_running allows are under way", x.Clock(s.DueAt), attempt)
	case PhaseParked:
		if s.Reason != "" {
			return fmt.Sprintf("came due at %s and is parked: %s", x.Clock(s.DueAt), s.Reason)
		}
		return fmt.Sprintf("came due at %s%s and is parked: the chain is paused", x.Clock(s.DueAt), attempt)
	default:
		return "is under way" + attempt
	}
}

func (x *explanation) skipped(r *Run, step string, s *Standing) string {
	f := r.facts(step)
	switch s.Skip {
	case SkipBlocked:
		return "is blocked: " + x.blocked(r, step)
	case SkipExpired:
		return "expired: " + x.expired(r, step, f)
	case SkipNotNeeded:
		return "is not needed: " + x.notNeeded(r, step)
	case SkipDisabled:
		if x.Removed != nil && x.Removed(step) {
			return "was removed from the chain"
		}
		return "is disabled"
	case SkipOverlap:
		return "is skipped: the previous run of its schedule was under way"
	default: // its guard or an operator
	}
	if f.Reason != "" {
		return f.Reason
	}
	if reason := x.Skips[step]; reason != "" {
		return reason
	}
	return "is skipped: " + string(s.Skip)
}

// blocked explains what blocks a step: an upstream, and what failed before it.
func (x *explanation) blocked(r *Run, step string) string {
	first := x.culprit(r, step)
	root := first
	for root != "" && x.stands(r, root).Status == StatusSkipped {
		root = x.culprit(r, root)
	}
	switch root {
	case "":
		return "something before it did not succeed"
	case first:
		return x.ended(root, x.stands(r, root))
	default:
		return fmt.Sprintf("%s is blocked because %s", x.Name(first), x.ended(root, x.stands(r, root)))
	}
}

// culprit returns the first upstream in the run that blocks a step, or empty.
func (x *explanation) culprit(r *Run, step string) string {
	for _, u := range r.Shape.upstreams(step) {
		s, condition := x.stands(r, u), r.Shape[step].After[u]
		if x.covered(r, u) && s.Status.settled() && !named(s.Status, condition) && consequence(s, condition) == SkipBlocked {
			return u
		}
	}
	return ""
}

// ended describes how an upstream has ended.
func (x *explanation) ended(u string, s *Standing) string { return x.Name(u) + " " + how(s.Status) }

// how describes an end.
func how(s Status) string {
	if s == StatusCanceled {
		return "was canceled"
	}
	return string(s)
}

func (x *explanation) expired(r *Run, step string, f Facts) string {
	if len(f.Missing) > 0 {
		lacks := "no result"
		if slices.ContainsFunc(f.Missing, func(u string) bool { return x.latestSeen(r, u) != nil }) {
			lacks = "no result to start it"
		}
		return fmt.Sprintf("%s had %s by %s", x.names(f.Missing), lacks, x.Clock(x.End))
	}
	for _, u := range r.Shape.upstreams(step) {
		if s := x.stands(r, u); s.Status == StatusSkipped && s.Skip == SkipExpired && x.covered(r, u) {
			return x.Name(u) + " expired"
		}
	}
	return fmt.Sprintf("what it waits for had no result by %s", x.Clock(x.End))
}

// notNeeded explains which upstream makes a step unnecessary.
func (x *explanation) notNeeded(r *Run, step string) string {
	passed := []string{}
	for _, u := range r.Shape.upstreams(step) {
		s, condition := x.stands(r, u), r.Shape[step].After[u]
		if !x.covered(r, u) || !s.Status.settled() || named(s.Status, condition) || consequence(s, condition) != SkipNotNeeded {
			continue
		}
		if s.Status == StatusSkipped {
			passed = append(passed, u)
			continue
		}
		return fmt.Sprintf("starts after %s = %s; %s", x.Name(u), condition, x.ended(u, s))
	}
	if len(passed) == 0 {
		return "everything before it was skipped"
	}
	var parts []string
	for _, u := range passed {
		parts = append(parts, x.Name(u)+" "+x.passedOver(r, u))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

func (x *explanation) passedOver(r *Run, u string) string {
	switch x.stands(r, u).Skip {
	case SkipGuard:
		return "was skipped by its guard"
	case SkipOperator:
		return "was skipped by an operator"
	case SkipDisabled:
		return x.skipped(r, u, x.stands(r, u))
	default:
		return "is not needed"
	}
}

// names formats the names of steps, in their order, for a sentence.
func (x *explanation) names(steps []string) string {
	names := make([]string, 0, len(steps))
	for _, s := range steps {
		names = append(names, x.Name(s))
	}
	slices.Sort(names)
	if last := len(names) - 1; last > 0 {
		return strings.Join(names[:last], ", ") + " and " + names[last]
	}
	return strings.Join(names, "")
}

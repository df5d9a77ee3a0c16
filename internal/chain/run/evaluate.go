// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Status is how a step stands in a run.
type Status string

// How a step stands, and how a run ended.
const (
	StatusPending   Status = "pending"   // an upstream in the run has not settled
	StatusWaiting   Status = "waiting"   // for the result of an upstream outside the run
	StatusDue       Status = "due"       // its condition is met
	StatusUnderWay  Status = "under_way" // started, without a result
	StatusSucceeded Status = "succeeded"
	StatusFailed    Status = "failed"
	StatusCanceled  Status = "canceled"
	StatusSkipped   Status = "skipped"
	StatusContinued Status = "continued" // in another run
	StatusRecovered Status = "recovered" // of a run: what failed has a failure branch that succeeded
	StatusQueued    Status = "queued"    // of a run: it starts nothing before the previous run of its schedule has ended
)

// settled reports whether a step that stands so has come to its end in the run.
func (s Status) settled() bool {
	return s == StatusSucceeded || s == StatusFailed || s == StatusCanceled || s == StatusSkipped || s == StatusContinued
}

// Standing is how a step stands in a run, and why.
type Standing struct {
	Status    Status
	Skip      Skip     // of StatusSkipped
	Open      bool     // of StatusSkipped: an upstream that has not settled may still make the kind SkipNotNeeded
	Waits     []string // of StatusWaiting: the upstreams that it waits for, sorted
	Continued string   // of StatusContinued: the run that goes on with the step

	behind  []string // of StatusWaiting: for each of Waits the run that brings it, or empty
	uses    []Use    // of StatusDue
	goesOn  string   // of StatusDue: the step does not start here, it is to be continued in this run
	passes  Skip     // of StatusDue: the step does not start, it is to be skipped so
	expires bool     // of StatusWaiting: the cycle is over, and what is missing cannot come
}

// missed reports whether a step was skipped in a way that calls for attention.
func (s Standing) missed() bool {
	return s.Status == StatusSkipped && (s.Skip == SkipBlocked || s.Skip == SkipExpired)
}

// Settings are the parts of the definition that count as they are now, not as they were when the run began.
type Settings interface {
	// Enabled reports whether the chain may start the step. A step that was removed is disabled.
	Enabled(step string) bool
}

// evaluation derives how steps stand from the facts of a state, which must not change meanwhile.
type evaluation struct {
	*State
	settings  Settings
	covered   map[*Run]map[string]bool
	heads     map[*Run][]string
	standings map[*Run]map[string]Standing
	within    map[*Run]map[string]Standing
	ways      map[*Run]map[string]prospect
	covering  map[string][]*Run // by step: the runs that cover it
}

func newEvaluation(s *State, settings Settings) *evaluation {
	return &evaluation{
		State: s, settings: settings, covered: map[*Run]map[string]bool{}, heads: map[*Run][]string{},
		standings: map[*Run]map[string]Standing{}, within: map[*Run]map[string]Standing{},
		ways: map[*Run]map[string]prospect{},
	}
}

// Evaluate returns how each covered step stands in each run.
func (s *State) Evaluate(settings Settings) map[string]map[string]Standing {
	e := newEvaluation(s, settings)
	all := make(map[string]map[string]Standing, len(s.Runs))
	for id, r := range s.Runs {
		all[id] = map[string]Standing{}
		for step := range e.covers(r) {
			all[id][step] = e.standing(r, step)
		}
	}
	return all
}

func (e *evaluation) covers(r *Run) map[string]bool {
	if e.covered[r] == nil {
		e.covered[r] = r.Shape.covered(r.Origins)
		e.heads[r] = r.Shape.heads(r.Origins, e.covered[r])
	}
	return e.covered[r]
}

// standing is how a step stands in a run that covers it.
func (e *evaluation) standing(r *Run, step string) Standing {
	return remembered(e.standings, r, step, e.derive)
}

// inRun is how a step without facts would stand if the run were alone: due where only upstreams outside the run are left to look at.
func (e *evaluation) inRun(r *Run, step string) Standing {
	return remembered(e.within, r, step, e.deriveInRun)
}

// remembered derives a thing once. While it is being derived its zero value stands for it: two runs of which one keeps a link that was
// turned round since may ask for each other.
func remembered[T any](known map[*Run]map[string]T, r *Run, step string, derive func(*Run, string) T) T {
	if known[r] == nil {
		known[r] = map[string]T{}
	}
	if t, ok := known[r][step]; ok {
		return t
	}
	var none T
	known[r][step] = none
	t := derive(r, step)
	known[r][step] = t
	return t
}

func (e *evaluation) derive(r *Run, step string) Standing {
	f := r.facts(step)
	switch {
	case f.Result != nil:
		return Standing{Status: statusOf(f.Result.Outcome)}
	case r.Canceled:
		return Standing{Status: StatusCanceled}
	case r.Ended == StatusSkipped:
		return Standing{Status: StatusSkipped, Skip: SkipOverlap}
	case f.Start != nil:
		return Standing{Status: StatusUnderWay}
	case f.Continued != "":
		return Standing{Status: StatusContinued, Continued: f.Continued}
	case f.Passed != "":
		return Standing{Status: StatusSkipped, Skip: f.Passed}
	}
	s := e.inRun(r, step)
	if e.meets(r, step) {
		s = e.meetOutside(r, step)
	}
	if s.missed() && r.Ended == "" { // what is not to start is not missed; a run that has ended stays as it is
		if kind, _ := e.off(e.settings, step); kind != "" {
			return Standing{Status: StatusSkipped, Skip: kind}
		}
	}
	return s
}

// meets reports whether the upstreams in the run would let a step start, and others outside the run count too. An origin starts at once.
func (e *evaluation) meets(r *Run, step string) bool {
	return e.inRun(r, step).Status == StatusDue && r.Shape[step].For != WaitForAny && !slices.Contains(e.heads[r], step) &&
		len(e.outside(r, step)) > 0
}

// waits reports whether a step waits for upstreams outside, or has done so until the event of now: the first run that goes on with it does so
// for all.
func (e *evaluation) waits(r *Run, step string) bool {
	status := e.standing(r, step).Status
	return status == StatusWaiting || status == StatusDue && e.meets(r, step)
}

func statusOf(o chain.Outcome) Status {
	switch o {
	case chain.OutcomeSuccess:
		return StatusSucceeded
	case chain.OutcomeFailure:
		return StatusFailed
	default:
		return StatusCanceled
	}
}

// outside are the upstreams of a step that do not count in the run: those that it does not cover, and those that another run continues.
func (e *evaluation) outside(r *Run, step string) []string {
	return slices.DeleteFunc(r.Shape.upstreams(step), func(u string) bool {
		return e.covers(r)[u] && e.standing(r, u).Status != StatusContinued
	})
}

func (e *evaluation) deriveInRun(r *Run, step string) Standing {
	waits := r.Shape[step]
	if e.covers(r); slices.Contains(e.heads[r], step) {
		if r.Held {
			return Standing{Status: StatusPending}
		}
		return Standing{Status: StatusDue}
	}
	var own []string // upstreams in the run
	continued := ""
	for _, u := range r.Shape.upstreams(step) {
		if !e.covers(r)[u] {
			continue
		}
		if s := e.standing(r, u); s.Status == StatusContinued {
			continued = cmp.Or(continued, s.Continued)
			continue
		}
		own = append(own, u)
	}
	if len(own) == 0 && continued != "" {
		return Standing{Status: StatusContinued, Continued: continued}
	}
	t := newTally()
	for _, u := range own {
		t.add(e.standing(r, u), waits.After[u])
	}
	return t.judge(waits.For, len(waits.After), func() Standing { return e.usesInRun(r, step, own) })
}

// usesInRun is the start that upstreams in the run make due: of any, those that have the named result.
func (e *evaluation) usesInRun(r *Run, step string, own []string) Standing {
	waits := r.Shape[step]
	s := Standing{Status: StatusDue}
	for _, u := range own {
		if waits.For == WaitForAny && !named(e.standing(r, u).Status, waits.After[u]) {
			continue
		}
		use := Use{Step: u, Run: r.ID}
		if result := r.facts(u).Result; result != nil {
			use.Reload = result.Reload
		}
		s.uses = append(s.uses, use)
	}
	return s
}

// tally counts how the upstreams of a step stand.
type tally struct {
	named, passed, unsettled int
	kinds                    map[Skip]bool // why the step would be skipped, by upstreams that settled otherwise
	missed                   map[Skip]bool // likewise without those that all_started passes over or may still pass over
	open                     bool          // a skipped upstream's kind may change
}

func newTally() *tally { return &tally{kinds: map[Skip]bool{}, missed: map[Skip]bool{}} }

func (t *tally) add(s Standing, condition chain.Condition) {
	switch {
	case !s.Status.settled():
		t.unsettled++
	case named(s.Status, condition):
		t.named++
	default:
		t.miss(consequence(s, condition), s)
	}
}

func (t *tally) miss(kind Skip, s Standing) {
	t.kinds[kind] = true
	switch {
	case s.Open:
		t.open = true
	case s.Status == StatusSkipped && s.Skip.passedOver():
		t.passed++
	default:
		t.missed[kind] = true
	}
}

// named reports whether a step that stands so has the result that a condition names.
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

// consequence is why a step is skipped whose upstream settled otherwise than its condition names.
func consequence(s Standing, condition chain.Condition) Skip {
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

// kindOf is why a step is skipped: SkipNotNeeded goes before all, since what is not needed cannot be missed.
func kindOf(kinds map[Skip]bool) Skip {
	for _, kind := range []Skip{SkipNotNeeded, SkipBlocked, SkipExpired} {
		if kinds[kind] {
			return kind
		}
	}
	return SkipNotNeeded
}

// skipped is the standing of a step that is skipped. Its kind is open while an upstream may still settle so that the step is not needed.
func (t *tally) skipped(kinds map[Skip]bool) Standing {
	kind := kindOf(kinds)
	return Standing{Status: StatusSkipped, Skip: kind, Open: kind != SkipNotNeeded && (t.unsettled > 0 || t.open)}
}

// judge is the table of wait_for; upstreams is how many there are, those outside the run too.
func (t *tally) judge(waitFor WaitFor, upstreams int, due func() Standing) Standing {
	switch waitFor {
	case WaitForAny:
		switch {
		case t.named > 0:
			return due()
		case t.unsettled > 0:
			return Standing{Status: StatusPending}
		default:
			return t.skippedAny()
		}
	case WaitForAllStarted:
		return t.judgeStarted(upstreams, due)
	case WaitForAllSettled:
		if t.unsettled > 0 {
			return Standing{Status: StatusPending}
		}
		return due()
	default:
		switch {
		case len(t.kinds) > 0:
			return t.skipped(t.kinds)
		case t.unsettled > 0:
			return Standing{Status: StatusPending}
		default:
			return due()
		}
	}
}

// skippedAny is the standing of an any whose upstreams have all settled otherwise: one that is missed makes it missed.
func (t *tally) skippedAny() Standing {
	for _, kind := range []Skip{SkipBlocked, SkipExpired} {
		if t.kinds[kind] {
			return Standing{Status: StatusSkipped, Skip: kind, Open: t.open}
		}
	}
	return Standing{Status: StatusSkipped, Skip: SkipNotNeeded}
}

// judgeStarted is the row of all_started.
func (t *tally) judgeStarted(upstreams int, due func() Standing) Standing {
	switch {
	case len(t.missed) > 0:
		return t.skipped(t.missed)
	case t.unsettled > 0 || t.open:
		return Standing{Status: StatusPending}
	case t.passed == upstreams:
		return Standing{Status: StatusSkipped, Skip: SkipNotNeeded}
	default:
		return due()
	}
}

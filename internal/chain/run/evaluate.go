// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Status is the status of a step in a run.
type Status string

// The statuses of a step, and of a run that has ended.
const (
	StatusPending   Status = "pending"   // an upstream in the run has not settled
	StatusWaiting   Status = "waiting"   // for the result of an upstream outside the run
	StatusDue       Status = "due"       // its condition is met
	StatusUnderWay  Status = "under_way" // started, without a result
	StatusSucceeded Status = "succeeded"
	StatusFailed    Status = "failed"
	StatusCanceled  Status = "canceled"
	StatusSkipped   Status = "skipped"
	StatusContinued Status = "continued" // another run goes on with it
	StatusRecovered Status = "recovered" // for a run: the failed steps have a failure branch that succeeded
	StatusQueued    Status = "queued"    // for a run: it starts nothing before the previous run of its schedule has ended
)

// settled reports whether a step with this status has settled in the run.
func (s Status) settled() bool {
	return s == StatusSucceeded || s == StatusFailed || s == StatusCanceled || s == StatusSkipped || s == StatusContinued
}

// Standing is the status of a step in a run, with its reason.
type Standing struct {
	Status    Status
	Skip      Skip     // for StatusSkipped
	Open      bool     // for StatusSkipped: an unsettled upstream may still change the kind to SkipNotNeeded
	Waits     []string // for StatusWaiting: the upstreams that it waits for, sorted
	Continued string   // for StatusContinued: the run that goes on with the step

	behind  []string // for StatusWaiting: for each of Waits the run that brings it, or empty
	goesOn  string   // for StatusDue: the step does not start here, but is to be continued in this run
	passes  Skip     // for StatusDue: the step does not start, but is to be skipped for this reason
	expires bool     // for StatusWaiting: the cycle is over, and the missing results cannot come
}

// missed reports whether a step was skipped in a way that needs attention.
func (s Standing) missed() bool {
	return s.Status == StatusSkipped && (s.Skip == SkipBlocked || s.Skip == SkipExpired)
}

// Settings are the parts of the definition that apply in their current form, not as they were when the run began.
type Settings interface {
	// Enabled reports whether the chain may start the step. A removed step is disabled.
	Enabled(step string) bool
}

// evaluation derives the standings of steps from the facts of a state. The state must not change meanwhile.
type evaluation struct {
	*State
	settings Settings
	order    []*view // in the order in which the runs began
	views    map[*Run]*view
	covering map[string][]*view // by step: the runs that cover it
}

// view is a run in an evaluation.
type view struct {
	*Run
	*plan
	late    bool      // the run began after the cycle's end
	derived []derived // by the steps' places in the plan
	offers  []offer   // by number: what the visible runs have of a step; shared by runs of the same shape
}

// derived is what an evaluation derives of a step in a run.
type derived struct {
	standing known[Standing]
	within   known[Standing]
	way      known[way]
	refresh  known[refreshment]
}

// known is a value that is derived once. During its derivation, its zero value is used instead. This matters if one of two runs has an
// older shape with a link in the other direction: then each may ask for the other.
type known[T any] struct {
	begun bool
	value T
}

func newEvaluation(s *State, settings Settings) *evaluation {
	type class struct {
		shape *index
		late  bool
	}
	plans := s.plans
	if plans == nil {
		plans = newPlans()
	}
	e := &evaluation{State: s, settings: settings, order: make([]*view, 0, len(s.Runs)), views: make(map[*Run]*view, len(s.Runs))}
	offers := map[class][]offer{}
	for _, r := range s.sorted() {
		v := &view{Run: r, plan: plans.of(r), late: !r.At.Before(s.End)}
		v.derived = make([]derived, len(v.steps))
		c := class{v.index, v.late}
		if offers[c] == nil {
			offers[c] = make([]offer, len(v.names))
		}
		v.offers = offers[c]
		e.order, e.views[r] = append(e.order, v), v
	}
	return e
}

// Evaluate returns the standing of each covered step in each run.
func (s *State) Evaluate(settings Settings) map[string]map[string]Standing {
	e := newEvaluation(s, settings)
	all := make(map[string]map[string]Standing, len(s.Runs))
	for _, v := range e.order {
		all[v.ID] = e.standingsIn(v)
	}
	return all
}

// EvaluateRun returns the standing of each covered step in one run.
func (s *State) EvaluateRun(settings Settings, r *Run) map[string]Standing {
	e := newEvaluation(s, settings)
	return e.standingsIn(e.views[r])
}

func (e *evaluation) standingsIn(v *view) map[string]Standing {
	all := make(map[string]Standing, len(v.steps))
	for _, n := range v.steps {
		all[v.names[n]] = *e.standing(v, n)
	}
	return all
}

// stands returns the standing of a step in a run. covered is false if the run does not cover it.
func (s *State) stands(settings Settings, r *Run, step string) (stands Standing, covered bool) {
	e := s.knows
	if e == nil {
		e = newEvaluation(s, settings)
	}
	v := e.views[r]
	n, covered := v.find(step)
	if !covered {
		return Standing{}, false
	}
	return *e.standing(v, n), true
}

// standing returns the standing of a covered step in a run.
func (e *evaluation) standing(v *view, n int) *Standing {
	k := &v.derived[v.place[n]].standing
	if !k.begun {
		k.begun = true
		k.value = e.derive(v, n)
	}
	return &k.value
}

// inRun returns the standing of a step without facts as if the run were alone: due if only upstreams outside the run remain to be checked.
func (e *evaluation) inRun(v *view, n int) *Standing {
	k := &v.derived[v.place[n]].within
	if !k.begun {
		k.begun = true
		k.value = e.deriveInRun(v, n)
	}
	return &k.value
}

func (e *evaluation) derive(v *view, n int) Standing {
	f := v.Steps[v.names[n]]
	if f == nil {
		f = &Facts{}
	}
	switch {
	case f.Result != nil:
		return Standing{Status: statusOf(f.Result.Outcome)}
	case v.Canceled:
		return Standing{Status: StatusCanceled}
	case v.Ended == StatusSkipped:
		return Standing{Status: StatusSkipped, Skip: SkipOverlap}
	case f.Start != nil:
		return Standing{Status: StatusUnderWay}
	case f.Continued != "":
		return Standing{Status: StatusContinued, Continued: f.Continued}
	case f.Passed != "":
		return Standing{Status: StatusSkipped, Skip: f.Passed}
	}
	s := *e.inRun(v, n)
	if e.meets(v, n) {
		s = e.meetOutside(v, n)
	}
	if s.missed() && v.Ended == "" { // a step that must not start is not missed; an ended run does not change
		if kind, _ := e.off(e.settings, v.names[n]); kind != "" {
			return Standing{Status: StatusSkipped, Skip: kind}
		}
	}
	return s
}

// meets reports whether the upstreams in the run let a step start, and others outside the run count too. An origin starts at once.
func (e *evaluation) meets(v *view, n int) bool {
	return e.inRun(v, n).Status == StatusDue && v.waitFor[n] != WaitForAny && !v.head[v.place[n]] &&
		slices.ContainsFunc(v.upstreams[n], func(u int) bool { return e.outside(v, u) })
}

// waits reports whether a step waits for upstreams outside, or waited until the current event. The first run that goes on with it does so
// for all.
func (e *evaluation) waits(v *view, n int) bool {
	status := e.standing(v, n).Status
	return status == StatusWaiting || status == StatusDue && e.meets(v, n)
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

// outside reports whether an upstream does not count in the run: the run does not cover it, or another run continues it.
func (e *evaluation) outside(v *view, u int) bool {
	return !v.covers(u) || e.standing(v, u).Status == StatusContinued
}

func (e *evaluation) deriveInRun(v *view, n int) Standing {
	if v.head[v.place[n]] {
		if v.Queued {
			return Standing{Status: StatusPending}
		}
		return Standing{Status: StatusDue}
	}
	t, own, continued := tally{}, 0, ""
	for i, u := range v.upstreams[n] {
		if !v.covers(u) {
			continue
		}
		s := e.standing(v, u)
		if s.Status == StatusContinued {
			continued = cmp.Or(continued, s.Continued)
			continue
		}
		own++
		t.add(s, v.conditions[n][i])
	}
	if own == 0 && continued != "" {
		return Standing{Status: StatusContinued, Continued: continued}
	}
	return t.judge(v.waitFor[n], len(v.upstreams[n]))
}

// usesInRun returns the upstreams in the run that make a step due: for any, those with the named result.
func (e *evaluation) usesInRun(v *view, n int) (uses []Use) {
	if v.head[v.place[n]] {
		return nil
	}
	for i, u := range v.upstreams[n] {
		if e.outside(v, u) || v.waitFor[n] == WaitForAny && !named(e.standing(v, u).Status, v.conditions[n][i]) {
			continue
		}
		use := Use{Step: v.names[u], Run: v.ID}
		if result := v.facts(use.Step).Result; result != nil {
			use.Reload = result.Reload
		}
		uses = append(uses, use)
	}
	return uses
}

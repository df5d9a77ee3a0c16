// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// meetOutside is how a step stands that the upstreams in its run would let start, and that has others outside: these count with their
// latest result in the cycle.
func (e *evaluation) meetOutside(r *Run, step string) Standing {
	waits := r.Shape[step]
	outside := e.outside(r, step)
	m := meeting{e: e, run: r, step: step}
	for _, u := range r.Shape.upstreams(step) {
		if slices.Contains(outside, u) {
			m.meet(u, waits.After[u], waits.For)
		} else {
			m.meetOwn(u, waits.After[u])
		}
	}
	switch {
	case len(m.waits) > 0:
		return m.waiting()
	case m.elsewhere != "":
		return Standing{Status: StatusDue, goesOn: m.elsewhere}
	case m.named == 0 && waits.For == WaitForAllStarted:
		return Standing{Status: StatusDue, passes: SkipNotNeeded}
	default:
		return Standing{Status: StatusDue, uses: m.uses}
	}
}

// meeting gathers what a step makes of its upstreams, in the run and outside.
type meeting struct {
	e    *evaluation
	run  *Run
	step string

	waits     []string // the upstreams that are missing
	behind    []string // for each of them the run that brings it, or empty
	hopeless  bool     // no run is on its way to one of them
	elsewhere string   // the run of a result that is not as named
	named     int
	uses      []Use
}

// meetOwn takes an upstream in the run into account. A later result of it elsewhere counts instead of its result here, not instead of a
// skip.
func (m *meeting) meetOwn(u string, condition chain.Condition) {
	result := m.e.latestFor(m.run, u)
	if result == nil || m.e.standing(m.run, u).Status == StatusSkipped { // it was passed over, or skipped before an all_settled
		m.uses = append(m.uses, Use{Step: u, Run: m.run.ID})
		return
	}
	m.take(u, *result, condition)
}

// meet takes an upstream outside the run into account.
func (m *meeting) meet(u string, condition chain.Condition, waitFor WaitFor) {
	result := m.e.latestFor(m.run, u)
	prospect := m.e.prospectOf(m.run, u)
	switch {
	case prospect.coming != "":
		m.wait(u, prospect.coming, true)
	case result != nil:
		refreshing, hope := m.e.refreshes(m.run, result.Run, m.step)
		if refreshing {
			m.wait(u, result.Run, hope)
			return
		}
		m.take(u, *result, condition)
	default:
		m.meetSkipped(u, prospect.hope, condition, waitFor)
	}
}

// meetSkipped takes an upstream without a result in the cycle into account: the last named result of an earlier cycle counts for a step
// with carry_over, and that it was skipped counts where wait_for asks whether it settled.
func (m *meeting) meetSkipped(u string, hope bool, condition chain.Condition, waitFor WaitFor) {
	if carried, ok := m.e.Carried[CarryKey{m.step, u}]; ok && named(statusOf(carried.Outcome), condition) {
		m.named++
		m.uses = append(m.uses, Use{Step: u, Run: carried.Run, Reload: carried.Reload})
		return
	}
	run, there := m.e.skippedIn(m.run, u)
	switch {
	case run == "" || waitFor == WaitForAll || waitFor == WaitForAllStarted && there.Open:
		m.wait(u, "", hope)
	case waitFor == WaitForAllStarted && there.Skip == SkipBlocked:
		m.elsewhere = cmp.Or(m.elsewhere, run)
	default:
		m.uses = append(m.uses, Use{Step: u, Run: run})
	}
}

func (m *meeting) wait(u, run string, hope bool) {
	m.waits, m.behind = append(m.waits, u), append(m.behind, run)
	m.hopeless = m.hopeless || !hope
}

func (m *meeting) take(u string, result Result, condition chain.Condition) {
	if m.run.Shape[m.step].For != WaitForAllSettled && !named(statusOf(result.Outcome), condition) {
		m.elsewhere = cmp.Or(m.elsewhere, result.Run)
		return
	}
	m.named++
	m.uses = append(m.uses, Use{Step: u, Run: result.Run, Reload: result.Reload})
}

// waiting is the standing of a step that waits. After the cycle's end it is to expire, unless a run is on its way to all that is missing.
// That is written down: a reload that began before the end and is told after it must not let a run go on that has ended.
func (m *meeting) waiting() Standing {
	return Standing{Status: StatusWaiting, Waits: m.waits, behind: m.behind, expires: m.e.Over && m.hopeless}
}

// sees reports whether the facts of another run count for a run. A rerun that begins after the cycle's end is none of the business of those
// that began in it: what has expired stays so. A run that was canceled or skipped counts for no other one.
func (s *State) sees(r, other *Run) bool {
	return r == other || !other.Canceled && other.Ended != StatusSkipped && (other.At.Before(s.End) || !r.At.Before(s.End))
}

// others are the runs other than r that cover a step and of which r sees the facts, in the order in which they began.
func (e *evaluation) others(r *Run, step string) []*Run {
	if e.covering == nil {
		e.covering = map[string][]*Run{}
		for _, o := range e.sorted() {
			for s := range e.covers(o) {
				e.covering[s] = append(e.covering[s], o)
			}
		}
	}
	var others []*Run
	for _, o := range e.covering[step] {
		if o != r && e.sees(r, o) {
			others = append(others, o)
		}
	}
	return others
}

// latestFor is the latest result of a step that a run sees.
func (e *evaluation) latestFor(r *Run, step string) *Result {
	return latest(append(e.others(r, step), r), step)
}

// prospect is what another run may bring. The zero value is nothing.
type prospect struct {
	coming string // the run that is on its way to it: nothing before it waits
	hope   bool   // a run will be, once what it waits for has come
}

// prospectOf is what the runs other than r may bring of a step.
func (e *evaluation) prospectOf(r *Run, step string) prospect {
	return remembered(e.ways, r, step, func(r *Run, step string) (p prospect) {
		for _, o := range e.others(r, step) {
			if !e.standing(o, step).Status.settled() {
				free, hopeful := e.way(o, step)
				if free {
					p.coming = cmp.Or(p.coming, o.ID)
				}
				p.hope = p.hope || free || hopeful
			}
		}
		return p
	})
}

// way reports whether nothing on the way to an unsettled step of a run waits for another run, and whether all that does can hope.
func (e *evaluation) way(r *Run, step string) (free, hopeful bool) {
	free, hopeful = true, true
	seen := map[string]bool{}
	next := []string{step}
	for len(next) > 0 {
		s := next[len(next)-1]
		next = next[:len(next)-1]
		if seen[s] || !e.covers(r)[s] {
			continue
		}
		seen[s] = true
		standing := e.standing(r, s)
		if standing.Status.settled() || standing.Status == StatusUnderWay || standing.Status == StatusDue {
			continue
		}
		if standing.Status == StatusWaiting {
			free = false
			for _, u := range standing.Waits {
				hopeful = hopeful && e.prospectOf(r, u).hope
			}
			continue
		}
		next = append(next, r.Shape.upstreams(s)...)
	}
	return free, hopeful
}

// refreshes reports whether the run of an upstream's result will bring the step more: upstreams of it there have not settled. Then it goes on
// with the step, and a run that would start it now would start it with a part of what is coming.
func (e *evaluation) refreshes(r *Run, id, step string) (refreshing, hope bool) {
	o := e.Runs[id]
	if o == nil || o == r || !e.sees(r, o) || !e.covers(o)[step] {
		return false, false
	}
	f := o.facts(step)
	if f.Result != nil || f.Start != nil || f.Continued != "" || f.Passed != "" && f.Passed != SkipExpired {
		return false, false
	}
	s := e.inRun(o, step)
	expired := f.Passed == SkipExpired || s.Status == StatusSkipped && s.Skip == SkipExpired
	if kind, _ := e.off(e.settings, step); expired && (kind == "" || o.Ended != "" || f.Passed != "") { // an expiry decides nothing anew
		return true, false
	}
	if s.Status != StatusPending {
		return false, false
	}
	_, hope = e.way(o, step)
	return true, hope
}

// skippedIn returns a run that has skipped a step, and how it stands there; empty: none has. That it is blocked goes before all else. An
// expiry is none: it decides nothing anew.
func (e *evaluation) skippedIn(r *Run, step string) (run string, there Standing) {
	for _, o := range e.others(r, step) {
		s := e.standing(o, step)
		if s.Status == StatusSkipped && s.Skip != SkipExpired && (run == "" || s.Skip == SkipBlocked && there.Skip != SkipBlocked) {
			run, there = o.ID, s
		}
	}
	return run, there
}

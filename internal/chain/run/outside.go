// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// meetOutside returns the standing of a step that the upstreams in its run let start and that has others outside. Outside upstreams count
// with their latest result in the cycle.
func (e *evaluation) meetOutside(v *view, n int) Standing {
	m := meeting{e: e, view: v, step: n}
	m.all()
	switch {
	case len(m.waits) > 0:
		return m.waiting()
	case m.elsewhere != "":
		return Standing{Status: StatusDue, goesOn: m.elsewhere}
	case m.counted == 0 && v.waitFor[n] == WaitForAllStarted:
		return Standing{Status: StatusDue, passes: SkipNotNeeded}
	default:
		return Standing{Status: StatusDue}
	}
}

// uses returns what makes a step due.
func (e *evaluation) uses(v *view, n int) []Use {
	if !e.meets(v, n) {
		return e.usesInRun(v, n)
	}
	m := meeting{e: e, view: v, step: n, uses: make([]Use, 0, len(v.upstreams[n]))}
	m.all()
	return m.uses
}

// meeting collects the state of a step's upstreams, in the run and outside.
type meeting struct {
	e *evaluation
	*view
	step int

	waits     []string // the upstreams that are missing
	behind    []string // for each of them the run that brings it, or empty
	hopeless  bool     // no run is on its way to one of them
	elsewhere string   // the run of a result that differs from the named one
	counted   int      // upstreams with a result
	uses      []Use    // nil: not requested
}

func (m *meeting) all() {
	for i, u := range m.upstreams[m.step] {
		if m.e.outside(m.view, u) {
			m.meet(u, m.conditions[m.step][i])
		} else {
			m.meetOwn(u, m.conditions[m.step][i])
		}
	}
}

func (m *meeting) use(u int, run, reload string) {
	if m.uses != nil {
		m.uses = append(m.uses, Use{Step: m.names[u], Run: run, Reload: reload})
	}
}

// meetOwn adds an upstream in the run. A later result of it elsewhere replaces its result here, but not a skip.
func (m *meeting) meetOwn(u int, condition chain.Condition) {
	latest := m.e.latest(m.view, u)
	if latest.result == nil || m.e.standing(m.view, u).Status == StatusSkipped { // it was passed over, or skipped before an all_settled
		m.use(u, m.ID, "")
		return
	}
	m.take(u, latest, condition)
}

// meet adds an upstream outside the run.
func (m *meeting) meet(u int, condition chain.Condition) {
	latest := m.e.latest(m.view, u)
	prospect := m.e.prospect(m.view, u)
	switch {
	case prospect.coming != "":
		m.wait(u, prospect.coming, true)
	case latest.result != nil:
		if fresh := m.e.refreshes(latest.from, m.view, m.step); fresh.coming {
			m.wait(u, latest.result.Run, fresh.hope || prospect.hope)
			return
		}
		m.take(u, latest, condition)
	default:
		m.meetSkipped(u, prospect.hope, condition)
	}
}

// meetSkipped adds an upstream without a result in the cycle. For a step with carry_over, the last named result of an earlier cycle counts.
// If wait_for asks whether the upstream settled, its skip counts, or that it is disabled and has not begun.
func (m *meeting) meetSkipped(u int, hope bool, condition chain.Condition) {
	if len(m.e.Carried) > 0 { // otherwise the look-up would take most of the time
		carried, ok := m.e.Carried[CarryKey{m.names[m.step], m.names[u]}]
		if ok && named(statusOf(carried.Outcome), condition) {
			m.counted++
			m.use(u, carried.Run, carried.Reload)
			return
		}
	}
	waitFor := m.waitFor[m.step]
	found := m.e.skippedIn(m.view, u)
	switch there := found.skip; {
	case waitFor != WaitForAll && m.e.neverBegan(m.view, u):
		m.use(u, "", "")
	case found.from == nil || waitFor == WaitForAll || waitFor == WaitForAllStarted && there.Open:
		m.wait(u, "", hope)
	case waitFor == WaitForAllStarted && there.Skip == SkipBlocked:
		m.differs(u, found.from)
	default:
		m.use(u, found.from.ID, "")
	}
}

// neverBegan reports whether a step is disabled and no run of the cycle has it: nothing is to come of it.
func (e *evaluation) neverBegan(v *view, u int) bool {
	return !e.settings.Enabled(v.names[u]) && len(e.seen(v, u)) == 0
}

func (m *meeting) wait(u int, run string, hope bool) {
	m.waits, m.behind = append(m.waits, m.names[u]), append(m.behind, run)
	m.hopeless = m.hopeless || !hope
}

func (m *meeting) take(u int, latest source, condition chain.Condition) {
	if m.waitFor[m.step] != WaitForAllSettled && !named(statusOf(latest.result.Outcome), condition) {
		m.differs(u, latest.from)
		return
	}
	m.counted++
	m.use(u, latest.result.Run, latest.result.Reload)
}

// differs adds an upstream that a run has brought otherwise than named. That run goes on with the step. If it does not have the step,
// because it is of one step alone or of an older shape, nothing follows there, and the step waits for a further result.
func (m *meeting) differs(u int, from *view) {
	if _, follows := from.like(m.view, m.step); !follows {
		m.wait(u, "", m.e.prospect(m.view, u).hope)
		return
	}
	m.elsewhere = cmp.Or(m.elsewhere, from.ID)
}

// like returns the number in this run of a step of another one. covered is false if this run does not cover it.
func (v *view) like(other *view, step int) (n int, covered bool) {
	if v.index == other.index {
		return step, v.covers(step)
	}
	return v.find(other.names[step])
}

// waiting returns the standing of a waiting step. After the cycle's end the step is to expire, unless a run is on its way to everything
// that is missing. The expiry is stored as a fact. Otherwise a reload that began before the end and is reported after it could revive an
// ended run.
func (m *meeting) waiting() Standing {
	return Standing{Status: StatusWaiting, Waits: m.waits, behind: m.behind, expires: m.e.Over && m.hopeless}
}

// sees reports whether the facts of another run count for a run. A rerun that begins after the cycle's end does not concern the runs that
// began in the cycle: what has expired stays so. A canceled or skipped run counts for no other run.
func (s *State) sees(r, other *Run) bool {
	return r == other || !other.Canceled && other.Ended != StatusSkipped && (other.At.Before(s.End) || !r.At.Before(s.End))
}

// offer is what the runs of the cycle have of a step, for runs that do not have it themselves. It is the same for all runs that see the
// same runs.
type offer struct {
	latest   known[source]
	prospect known[prospect]
	skip     known[source]
}

// source is a run that brought a result of a step, or that skipped it.
type source struct {
	from   *view
	result *Result   // the latest one
	skip   *Standing // the step's standing there
}

// seen returns the runs that cover a step and that a run sees, itself included, in the order in which they began.
func (e *evaluation) seen(v *view, u int) []*view {
	if e.covering == nil {
		e.covering = map[string][]*view{}
		for _, o := range e.order {
			for _, n := range o.steps {
				e.covering[o.names[n]] = append(e.covering[o.names[n]], o)
			}
		}
	}
	seen := make([]*view, 0, len(e.covering[v.names[u]]))
	for _, o := range e.covering[v.names[u]] {
		if !o.Canceled && o.Ended != StatusSkipped && (v.late || !o.late) {
			seen = append(seen, o)
		}
	}
	return seen
}

// latest returns the latest result of a step that a run sees.
func (e *evaluation) latest(v *view, u int) source {
	k := &v.offers[u].latest
	if k.begun {
		return k.value
	}
	k.begun = true
	for _, o := range e.seen(v, u) {
		if result := o.facts(v.names[u]).Result; result != nil && (k.value.result == nil || compareStarts(result, k.value.result) > 0) {
			k.value = source{from: o, result: result}
		}
	}
	return k.value
}

// prospect is what a run may bring. The zero value means nothing.
type prospect struct {
	coming string // the run that is on its way to it: nothing before it waits
	hope   bool   // a run will be on its way once what it waits for has come
}

// prospect returns what other runs may bring of a step that does not count in a run.
func (e *evaluation) prospect(v *view, u int) prospect {
	k := &v.offers[u].prospect
	if k.begun {
		return k.value
	}
	k.begun = true
	var p prospect
	for _, o := range e.seen(v, u) {
		if n := o.number[v.names[u]]; !e.standing(o, n).Status.settled() {
			w := e.way(o, n)
			if w.free {
				p.coming = cmp.Or(p.coming, o.ID)
			}
			p.hope = p.hope || w.free || w.hopeful
		}
	}
	k.value = p
	return p
}

// way describes the way to an unsettled step of a run. free: nothing on it waits for another run. hopeful: everything on it that waits can
// hope.
type way struct{ free, hopeful bool }

func (e *evaluation) way(v *view, n int) way {
	k := &v.derived[v.place[n]].way
	if k.begun {
		return k.value
	}
	k.begun = true
	w := way{free: true, hopeful: true}
	switch s := e.standing(v, n); s.Status {
	case "": // it is being derived: it meets upstreams outside, and hopes for nothing that waits for it
		w = way{}
	case StatusWaiting:
		w.free = false
		for _, u := range s.Waits {
			w.hopeful = w.hopeful && e.prospect(v, v.number[u]).hope
		}
	case StatusPending:
		for _, u := range v.upstreams[n] {
			if v.covers(u) {
				before := e.way(v, u)
				w.free, w.hopeful = w.free && before.free, w.hopeful && before.hopeful
			}
		}
	default: // settled, under way or due
	}
	k.value = w
	return w
}

// refreshment reports whether a run will bring a step more, and whether it can hope to.
type refreshment struct{ coming, hope bool }

// refreshes reports whether the run of an upstream's result will bring a run's step more, because upstreams of it there have not settled.
// Then that run goes on with the step. A run that started the step now would use only a part of what is coming.
func (e *evaluation) refreshes(o, v *view, step int) refreshment {
	n, covered := o.like(v, step)
	if !covered {
		return refreshment{}
	}
	k := &o.derived[o.place[n]].refresh
	if !k.begun {
		k.begun = true
		k.value = e.refresh(o, n)
	}
	return k.value
}

func (e *evaluation) refresh(o *view, n int) refreshment {
	f := o.facts(o.names[n])
	if f.Result != nil || f.Start != nil || f.Continued != "" || f.Passed != "" && f.Passed != SkipExpired {
		return refreshment{}
	}
	s := e.inRun(o, n)
	expired := f.Passed == SkipExpired || s.Status == StatusSkipped && s.Skip == SkipExpired
	if kind, _ := e.off(e.settings, o.names[n]); expired && kind == "" {
		return refreshment{coming: true} // an expiry does not decide anything again
	}
	if s.Status != StatusPending {
		return refreshment{}
	}
	return refreshment{coming: true, hope: e.way(o, n).hopeful} // what waits without hope expires in all runs at once
}

// skippedIn returns a run that has skipped a step, and the step's standing there; its run is nil if none has. A run in which the step is
// blocked takes precedence. An expiry does not count: it does not decide anything again.
func (e *evaluation) skippedIn(v *view, u int) source {
	k := &v.offers[u].skip
	if !k.begun {
		k.begun = true
		var found source
		for _, o := range e.seen(v, u) {
			s := e.standing(o, o.number[v.names[u]])
			if s.Status == StatusSkipped && s.Skip != SkipExpired && (found.from == nil || s.Skip == SkipBlocked && found.skip.Skip != SkipBlocked) {
				found = source{from: o, skip: s}
			}
		}
		k.value = found
	}
	return k.value
}

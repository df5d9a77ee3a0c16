// SPDX-License-Identifier: MPL-2.0

package reference

// Standings computes the standing of every covered step in every run, from the facts alone. The outer key is the run, the inner one the
// step.
func (m *Model) Standings() map[string]map[string]Standing {
	all := map[string]map[string]Standing{}
	for _, r := range m.Runs {
		all[r.ID] = make(map[string]Standing, len(m.Steps))
	}
	for _, s := range m.Steps {
		// The first part uses each run's own upstreams only, because the second part needs these standings of all runs.
		for _, r := range m.Runs {
			if m.covers(r, s, all[r.ID]) {
				all[r.ID][s.Name] = m.byOwn(all, r, s)
			}
		}
		met := make([]Standing, len(m.Runs))
		for i, r := range m.Runs {
			if all[r.ID][s.Name].Meets {
				met[i] = m.meet(all, r, s)
			}
		}
		for i, r := range m.Runs {
			if met[i].Meets {
				all[r.ID][s.Name] = met[i]
			}
		}
	}
	return all
}

// byOwn returns a step's standing by its facts and by its upstreams in the run.
func (m *Model) byOwn(all map[string]map[string]Standing, r Run, s Step) Standing {
	if result := m.result(r.ID, s.Name); result != nil {
		return Standing{Is: result.Outcome}
	}
	if m.stopped(r.ID) {
		return Standing{Is: Canceled}
	}
	if m.ending(r.ID) == RunSkipped {
		return Standing{Is: Skipped, Kind: Overlap}
	}
	if mark := m.mark(r.ID, s.Name); mark != nil {
		return Standing{Is: Continued, In: mark.In}
	}
	if start := m.start(r.ID, s.Name); start != nil {
		switch {
		case start.Parked:
			return Standing{Is: Parked}
		case start.Queued:
			return Standing{Is: Queued}
		}
		return Standing{Is: UnderWay}
	}
	if skip := m.skip(r.ID, s.Name); skip != nil {
		return Standing{Is: Skipped, Kind: skip.Kind}
	}

	var own []Link // The links to upstreams in the run.
	continued, in := 0, ""
	for _, link := range s.After {
		up, covered := all[r.ID][link.From]
		switch {
		case !covered:
		case up.Is == Continued:
			if continued++; in == "" {
				in = up.In
			}
		default:
			own = append(own, link)
		}
	}
	if continued > 0 && len(own) == 0 {
		return Standing{Is: Continued, In: in}
	}
	if len(own) == 0 { // An origin.
		if r.Queued {
			return Standing{Is: Pending}
		}
		return Standing{Is: Due}
	}

	var now Standing
	switch s.WaitFor {
	case Any:
		now = m.any(all, r, s, own)
	case AllStarted:
		now = m.allStarted(all, r, s, own)
	case AllSettled:
		now = m.allSettled(all[r.ID], own)
	default:
		now = m.all(all, r, s, own)
	}
	if now.Is != Due {
		return now
	}
	if s.WaitFor != Any && len(own) < len(s.After) {
		return Standing{Is: Due, Meets: true}
	}
	if s.WaitFor != Any && m.nothingNamed(all[r.ID], s, own) {
		return m.skipped(r, s, NotNeeded, false)
	}
	for _, link := range own {
		now.Uses = append(now.Uses, m.ownUse(r, link.From))
	}
	return now
}

// all: every upstream has the result that its link names. The first upstream with another result skips the step.
func (m *Model) all(all map[string]map[string]Standing, r Run, s Step, own []Link) Standing {
	ups := all[r.ID]
	var violated []string
	settled, closed := true, true
	for _, link := range own {
		up := ups[link.From]
		settled = settled && up.Settled()
		closed = closed && up.Settled() && !up.Open
		if up.Settled() && !met(link, up) {
			violated = append(violated, consequence(link, up))
		}
	}
	if len(violated) > 0 {
		return m.skipped(r, s, worst(violated, NotNeeded, Blocked, Expired), !closed)
	}
	if !settled {
		return Standing{Is: Pending}
	}
	return Standing{Is: Due}
}

// any: the first upstream with the result that its link names starts the step.
func (m *Model) any(all map[string]map[string]Standing, r Run, s Step, own []Link) Standing {
	ups := all[r.ID]
	var violated []string
	settled, closed := true, true
	for _, link := range own {
		up := ups[link.From]
		settled = settled && up.Settled()
		closed = closed && up.Settled() && !up.Open
		if up.Settled() && met(link, up) {
			return Standing{Is: Due}
		}
		if up.Settled() {
			violated = append(violated, consequence(link, up))
		}
	}
	if !settled {
		return Standing{Is: Pending}
	}
	return m.skipped(r, s, worst(violated, Blocked, Expired, NotNeeded), !closed)
}

// allStarted: every upstream that was not passed over has the result that its link names. An upstream with an open kind counts as
// unsettled.
func (m *Model) allStarted(all map[string]map[string]Standing, r Run, s Step, own []Link) Standing {
	ups := all[r.ID]
	var missed []string
	closed := true
	for _, link := range own {
		up := ups[link.From]
		if !up.Settled() || up.Open {
			closed = false
			continue
		}
		if !passedOver(up) && !met(link, up) {
			missed = append(missed, consequence(link, up))
		}
	}
	if len(missed) > 0 {
		return m.skipped(r, s, worst(missed, NotNeeded, Blocked, Expired), !closed)
	}
	if !closed {
		return Standing{Is: Pending}
	}
	return Standing{Is: Due}
}

// allSettled: every upstream has settled, with any result.
func (m *Model) allSettled(ups map[string]Standing, own []Link) Standing {
	for _, link := range own {
		if !ups[link.From].Settled() {
			return Standing{Is: Pending}
		}
	}
	return Standing{Is: Due}
}

// nothingNamed reports whether all upstreams of an all_started step were passed over.
func (m *Model) nothingNamed(ups map[string]Standing, s Step, own []Link) bool {
	for _, link := range own {
		if !passedOver(ups[link.From]) {
			return false
		}
	}
	return s.WaitFor == AllStarted
}

// skipped returns a skip of the kind. The kind is open while an upstream in the run is, unless nothing can change it. A step that must not
// start is not missed while the run is open.
func (m *Model) skipped(r Run, s Step, kind string, open bool) Standing {
	if barred := m.barred(s.Name); barred != "" && (kind == Blocked || kind == Expired) && m.ending(r.ID) == "" {
		return Standing{Is: Skipped, Kind: barred}
	}
	return Standing{Is: Skipped, Kind: kind, Open: open && (kind == Blocked || kind == Expired)}
}

// ownUse returns the use of an upstream in the run.
func (m *Model) ownUse(r Run, up string) Use {
	use := Use{Step: up, Run: r.ID}
	if result := m.result(r.ID, up); result != nil {
		use.Reload = result.Reload
	}
	return use
}

// met reports whether a settled upstream has the result that the link names.
func met(link Link, up Standing) bool {
	switch link.On {
	case Failure:
		return up.Is == Failed
	case Completion:
		return up.Is == Succeeded || up.Is == Failed || up.Is == Canceled
	}
	return up.Is == Succeeded
}

// passedOver reports whether the upstream was skipped for a harmless reason.
func passedOver(up Standing) bool {
	return up.Is == Skipped && !up.Open && (up.Kind == NotNeeded || up.Kind == Guard || up.Kind == Disabled || up.Kind == Operator)
}

// consequence returns what a violated link means for the step after it.
func consequence(link Link, up Standing) string {
	switch {
	case up.Is == Skipped && (up.Kind == Blocked || up.Kind == Expired):
		return up.Kind
	case up.Is == Skipped:
		return NotNeeded
	case link.On == Failure:
		return NotNeeded
	}
	return Blocked
}

// worst returns the first of the kinds, in the order given, that is among those found.
func worst(found []string, order ...string) string {
	for _, kind := range order {
		for _, f := range found {
			if f == kind {
				return kind
			}
		}
	}
	return ""
}

// SPDX-License-Identifier: MPL-2.0

package reference

// meet returns the standing of a step that its upstreams in the run let start and that has upstreams outside the run.
func (m *Model) meet(all map[string]map[string]Standing, r Run, s Step) Standing {
	var (
		uses       []Use
		waits      []string
		behind     []string
		elsewhere  string // The run of the first counted result that differs from the named one.
		onlyPassed = true
	)
	differs := func(run string) {
		if elsewhere == "" {
			elsewhere = run
		}
	}
	wait := func(up, run string) {
		waits, behind = append(waits, up), append(behind, run)
	}
	counts := func(link Link, result Use, is string) {
		onlyPassed = false
		named := s.WaitFor == AllSettled || met(link, Standing{Is: is})
		if _, follows := all[result.Run][s.Name]; !named && !follows {
			wait(link.From, "") // The step does not follow there, so a further result must come.
			return
		}
		uses = append(uses, result)
		if !named {
			differs(result.Run)
		}
	}
	for _, link := range s.After {
		up, covered := all[r.ID][link.From]
		last := m.latest(r, link.From)
		if covered && up.Is != Continued {
			if up.Is == Skipped || last == nil { // Passed over, or settled for all_settled.
				onlyPassed = onlyPassed && up.Is == Skipped
				uses = append(uses, m.ownUse(r, link.From))
				continue
			}
			counts(link, Use{Step: link.From, Run: last.Run, Reload: last.Reload}, last.Outcome)
			continue
		}
		if m.onTheWay(all, r, link.From) {
			wait(link.From, "")
			continue
		}
		if last != nil {
			if m.goesOnItself(all, *m.run(last.Run), s) {
				wait(link.From, last.Run)
			} else {
				counts(link, Use{Step: link.From, Run: last.Run, Reload: last.Reload}, last.Outcome)
			}
			continue
		}
		if carried := m.carried(s.Name, link.From); carried != nil {
			onlyPassed = false
			uses = append(uses, *carried)
			continue
		}
		if s.WaitFor != All && m.Disabled[link.From] && !m.anyRunHas(all, r, link.From) {
			uses = append(uses, Use{Step: link.From})
			continue
		}
		skippedIn := m.skippedIn(all, r, link.From)
		skip := all[skippedIn][link.From]
		switch {
		case skippedIn == "" || s.WaitFor == All:
			wait(link.From, "")
		case s.WaitFor == AllSettled:
			uses = append(uses, Use{Step: link.From, Run: skippedIn})
		case skip.Open:
			wait(link.From, "")
		case skip.Kind == Blocked:
			if _, follows := all[skippedIn][s.Name]; !follows {
				wait(link.From, "")
				continue
			}
			onlyPassed = false
			uses = append(uses, Use{Step: link.From, Run: skippedIn})
			differs(skippedIn)
		default:
			uses = append(uses, Use{Step: link.From, Run: skippedIn})
		}
	}
	switch {
	case len(waits) > 0:
		return Standing{Is: Waiting, WaitsFor: waits, Behind: behind, Meets: true}
	case elsewhere != "":
		return Standing{Is: Due, In: elsewhere, Meets: true}
	case s.WaitFor == AllStarted && onlyPassed:
		return Standing{Is: Due, Kind: NotNeeded, Meets: true}
	}
	return Standing{Is: Due, Uses: uses, Meets: true}
}

// anyRunHas reports whether the run, or one that it sees, covers the step.
func (m *Model) anyRunHas(all map[string]map[string]Standing, r Run, step string) bool {
	_, has := all[r.ID][step]
	for _, other := range m.others(r) {
		if _, covered := all[other.ID][step]; covered {
			has = true
		}
	}
	return has
}

// onTheWay reports whether another run is on its way to the step: the step is unsettled there, and neither it nor what it still needs there
// waits.
func (m *Model) onTheWay(all map[string]map[string]Standing, r Run, step string) bool {
	for _, other := range m.others(r) {
		now, covered := all[other.ID][step]
		if covered && !now.Settled() && !m.waitsIn(all, other, step) {
			return true
		}
	}
	return false
}

// waitsIn reports whether the step waits in the run, or is pending there after one that does. An active step needs nothing more.
func (m *Model) waitsIn(all map[string]map[string]Standing, r Run, step string) bool {
	switch all[r.ID][step].Is {
	case Waiting:
		return true
	case Pending:
		for _, link := range m.step(step).After {
			if m.waitsIn(all, r, link.From) {
				return true
			}
		}
	}
	return false
}

// goesOnItself reports whether the run that brought a result will go on with the step itself, or will expire it.
func (m *Model) goesOnItself(all map[string]map[string]Standing, from Run, s Step) bool {
	now, covered := all[from.ID][s.Name]
	if !covered {
		return false
	}
	return now.Is == Pending || now.Is == Skipped && now.Kind == Expired
}

// skippedIn returns the first other run that skipped the step for another reason than its expiry; first of all one that has it blocked.
func (m *Model) skippedIn(all map[string]map[string]Standing, r Run, step string) string {
	found := ""
	for _, other := range m.others(r) {
		now := all[other.ID][step]
		if now.Is != Skipped || now.Kind == Expired {
			continue
		}
		if found == "" || now.Kind == Blocked && all[found][step].Kind != Blocked {
			found = other.ID
		}
	}
	return found
}

// mayAllCome reports whether everything that a waiting step waits for may still come from other runs: each upstream, or the step itself in
// the run behind which it waits.
func (m *Model) mayAllCome(all map[string]map[string]Standing, r Run, step string, now Standing) bool {
	for i, up := range now.WaitsFor {
		may := now.Behind[i] != "" && m.mayReach(all, *m.run(now.Behind[i]), step)
		for _, other := range m.others(r) {
			may = may || m.mayReach(all, other, up)
		}
		if !may {
			return false
		}
	}
	return true
}

// mayReach reports whether a run may still reach the step: the step is unsettled there. If it or what it still needs there waits, that may
// get everything that it waits for.
func (m *Model) mayReach(all map[string]map[string]Standing, r Run, step string) bool {
	now, covered := all[r.ID][step]
	return covered && !now.Settled() && !m.lost(all, r, step)
}

// lost reports whether the step, or one that it is pending after, waits for what cannot come.
func (m *Model) lost(all map[string]map[string]Standing, r Run, step string) bool {
	now := all[r.ID][step]
	switch now.Is {
	case Waiting:
		return !m.mayAllCome(all, r, step, now)
	case Pending:
		for _, link := range m.step(step).After {
			if m.lost(all, r, link.From) {
				return true
			}
		}
	}
	return false
}

func (m *Model) carried(step, from string) *Use {
	for i := range m.Carries {
		if m.Carries[i].Step == step && m.Carries[i].From == from {
			return &m.Carries[i].Use
		}
	}
	return nil
}

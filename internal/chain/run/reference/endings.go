// SPDX-License-Identifier: MPL-2.0

package reference

// endRuns writes the end of every run that has just ended, given all standings.
func (m *Model) endRuns(all map[string]map[string]Standing) {
	for _, r := range m.Runs {
		if m.ending(r.ID) != "" {
			continue
		}
		if status := m.Status(r.ID, all[r.ID]); status != Running && status != OnlyWaits {
			for _, s := range m.Steps { // What the current settings have skipped stays so.
				now := all[r.ID][s.Name]
				if now.Is == Skipped && (now.Kind == Disabled || now.Kind == Operator) && m.skip(r.ID, s.Name) == nil {
					m.Skips = append(m.Skips, Skip{Run: r.ID, Step: s.Name, Kind: now.Kind})
				}
			}
			m.Ended = append(m.Ended, Ending{Run: r.ID, Status: status})
		}
	}
}

// Status returns the status of a run, or how it ended, given the standings of its steps.
func (m *Model) Status(run string, all map[string]Standing) string {
	if status := m.ending(run); status != "" {
		return status
	}
	if m.stopped(run) {
		return RunCanceled
	}
	var unsettled, moving, waiting, failed, unrepaired, canceled, blocked, expired bool
	for _, s := range m.Steps {
		now, covered := all[s.Name]
		if !covered {
			continue
		}
		switch now.Is {
		case Waiting:
			waiting = true
		case UnderWay, Due, Parked, Queued:
			moving = true
		case Failed:
			failed = true
			unrepaired = unrepaired || !m.repaired(all, s.Name)
		case Canceled:
			canceled = true
		}
		unsettled = unsettled || !now.Settled()
		blocked = blocked || now.Is == Skipped && now.Kind == Blocked
		expired = expired || now.Is == Skipped && now.Kind == Expired
	}
	switch {
	case unsettled && waiting && !moving:
		return OnlyWaits
	case unsettled:
		return Running
	case unrepaired || canceled || blocked:
		return RunFailed
	case expired && (failed || !m.run(run).ByHand):
		return RunFailed
	case failed:
		return RunFixed
	}
	return RunOK
}

// repaired reports whether a failure branch of the step succeeded in the run.
func (m *Model) repaired(all map[string]Standing, step string) bool {
	for _, s := range m.Steps {
		for _, link := range s.After {
			if link.From == step && link.On == Failure && all[s.Name].Is == Succeeded {
				return true
			}
		}
	}
	return false
}

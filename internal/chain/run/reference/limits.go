// SPDX-License-Identifier: MPL-2.0

package reference

import (
	"maps"
	"sort"
)

// Limits delay or queue starts and runs.
type Limits struct {
	AtATime   int               // Reloads that are requested at a time. 0: any number.
	Elsewhere int               // Reloads of other cycles that are requested now.
	PerHour   map[string]int    // Starts of a step within an hour. 0: any number.
	Overlap   map[string]string // By schedule: OverlapQueue or OverlapSkip.
	Busy      map[string]bool   // Schedules with an active run of another cycle.
}

// What happens to a run of a schedule if its previous run is active. By default both are active.
const (
	OverlapQueue = "queue"
	OverlapSkip  = "skip"
)

const hour = int64(3600_000_000_000)

func (l Limits) clone() Limits {
	l.PerHour, l.Overlap, l.Busy = maps.Clone(l.PerHour), maps.Clone(l.Overlap), maps.Clone(l.Busy)
	return l
}

// previousUnderWay reports whether an earlier run of the run's schedule is active: queued itself, or with a start that has no result.
func (m *Model) previousUnderWay(r Run) bool {
	if r.Schedule == "" {
		return false
	}
	if m.Limits.Busy[r.Schedule] {
		return true
	}
	for _, other := range m.Runs {
		if other.Schedule != r.Schedule || other.Begins >= r.Begins || m.stopped(other.ID) || m.ending(other.ID) != "" {
			continue
		}
		if other.Queued {
			return true
		}
		for _, start := range m.Starts {
			if start.Run == other.ID && m.result(start.Run, start.Step) == nil {
				return true
			}
		}
	}
	return false
}

// free releases the first queued run that need not wait any longer.
func (m *Model) free() bool {
	for _, r := range m.inOrder("") {
		if r.Queued && !m.stopped(r.ID) && !m.previousUnderWay(r) {
			m.run(r.ID).Queued = false
			return true
		}
	}
	return false
}

// comeDue returns what happens to a start when its time has come.
func (m *Model) comeDue(start Start) Start {
	start.Due = m.Now
	if m.Paused {
		start.Parked = true
		return start
	}
	if most := m.Limits.PerHour[start.Step]; most > 0 {
		count := 0
		for _, s := range m.Starts {
			if s.Step == start.Step && (s.Queued || !s.Parked && s.Asked > m.Now-hour) {
				count++
			}
		}
		if count >= most {
			start.Parked = true
			m.Reported = append(m.Reported, start.Run+"/"+start.Step)
			return start
		}
	}
	start.Queued = true
	return start
}

// serve requests queued starts, the longest due first. It takes back those of steps that must not start.
func (m *Model) serve() (requests []Request, changed bool) {
	if m.Paused {
		return nil, false
	}
	running := m.Limits.Elsewhere
	var line []Start
	for _, s := range m.Starts {
		switch {
		case s.Queued && !m.stopped(s.Run):
			line = append(line, s)
		case !s.Queued && !s.Parked && m.result(s.Run, s.Step) == nil:
			running++
		}
	}
	sort.SliceStable(line, func(i, j int) bool {
		a, b := line[i], line[j]
		if a.Due != b.Due {
			return a.Due < b.Due
		}
		if a.Run != b.Run {
			return m.run(a.Run).Begins < m.run(b.Run).Begins
		}
		return a.Step < b.Step
	})
	for _, s := range line {
		if m.takeBack(s.Run, s.Step) {
			changed = true
			continue
		}
		if m.Limits.AtATime > 0 && running >= m.Limits.AtATime {
			continue
		}
		running++
		m.start(s.Run, s.Step).Queued = false
		m.start(s.Run, s.Step).Asked = m.Now
		requests = append(requests, Request{Run: s.Run, Step: s.Step})
	}
	return requests, changed
}

// takeBack turns a start into a skip if the step must not start now.
func (m *Model) takeBack(run, step string) bool {
	kind := m.barred(step)
	if kind == "" {
		return false
	}
	m.Skips = append(m.Skips, Skip{Run: run, Step: step, Kind: kind, Uses: m.start(run, step).Uses})
	m.dropStart(run, step)
	return true
}

func (m *Model) dropStart(run, step string) {
	var kept []Start
	for _, s := range m.Starts {
		if s.Run != run || s.Step != step {
			kept = append(kept, s)
		}
	}
	m.Starts = kept
}

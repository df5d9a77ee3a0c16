// SPDX-License-Identifier: MPL-2.0

package reference

import (
	"maps"
	"slices"
)

// Model is one chain and all facts about it, each list in the order in which the facts came.
type Model struct {
	Steps    []Step
	Disabled map[string]bool // Steps that are disabled now.
	Waived   map[string]bool // Steps that an operator skips in this cycle.
	Refuses  map[string]bool // Steps with a guard that is false now.
	Carries  []Carried
	Limits   Limits

	Now      int64    // The time of the event.
	Reported []string // The starts, as "run/step", that were parked because of the limit per hour.
	Paused   bool
	Over     map[string]int64 // When each cycle ended.
	Runs     []Run
	Starts   []Start
	Results  []Result
	Skips    []Skip
	Marks    []Mark
	Ended    []Ending
	Stopped  []string // Canceled runs.
}

// New returns a model of a chain in which nothing has happened.
func New(steps []Step) *Model {
	return &Model{Steps: steps, Disabled: map[string]bool{}, Waived: map[string]bool{}, Refuses: map[string]bool{}, Over: map[string]int64{}}
}

// Clone returns an independent copy.
func (m *Model) Clone() *Model {
	c := *m
	c.Disabled, c.Waived, c.Refuses, c.Over = maps.Clone(m.Disabled), maps.Clone(m.Waived), maps.Clone(m.Refuses), maps.Clone(m.Over)
	c.Limits = m.Limits.clone()
	c.Reported, c.Stopped = slices.Clone(m.Reported), slices.Clone(m.Stopped)
	c.Runs, c.Starts, c.Results = slices.Clone(m.Runs), slices.Clone(m.Starts), slices.Clone(m.Results)
	c.Skips, c.Marks, c.Ended = slices.Clone(m.Skips), slices.Clone(m.Marks), slices.Clone(m.Ended)
	return &c
}

// Begin handles the begin of a run. A known run changes nothing.
func (m *Model) Begin(r Run) []Request {
	if m.run(r.ID) != nil {
		return nil
	}
	if m.previousUnderWay(r) {
		switch m.Limits.Overlap[r.Schedule] {
		case OverlapSkip:
			m.Ended = append(m.Ended, Ending{Run: r.ID, Status: RunSkipped})
		case OverlapQueue:
			r.Queued = true
		}
	}
	m.Runs = append(m.Runs, r)
	return m.settle(r.ID)
}

// Foreign handles a reload that the chain did not start: it begins a run at its step, which has a result at once.
func (m *Model) Foreign(r Run, result Result) []Request {
	if m.run(r.ID) != nil {
		return nil
	}
	r.ByHand = true
	return m.beginWith(r, result)
}

// MarkSucceeded handles an operator who marks a step as succeeded: it begins a run at the step, which has a result at once.
func (m *Model) MarkSucceeded(r Run, result Result) []Request {
	if m.run(r.ID) != nil {
		return nil
	}
	result.Outcome = Succeeded
	return m.beginWith(r, result)
}

func (m *Model) beginWith(r Run, result Result) []Request {
	r.Origins = []string{result.Step}
	m.Runs = append(m.Runs, r)
	result.Run = r.ID
	m.Results = append(m.Results, result)
	return m.settle(r.ID)
}

// Look decides what is due after the settings of steps have changed.
func (m *Model) Look() []Request { return m.settle("") }

// barred returns why the step must not start now, regardless of its upstreams, or nothing.
func (m *Model) barred(step string) string {
	switch {
	case m.Waived[step]:
		return Operator
	case m.Disabled[step]:
		return Disabled
	}
	return ""
}

// End handles the end of a reload that a run started. The first end of a step counts.
func (m *Model) End(result Result) []Request {
	start := m.start(result.Run, result.Step)
	if start == nil || start.Parked || start.Queued || m.result(result.Run, result.Step) != nil {
		return nil
	}
	m.Results = append(m.Results, result)
	return m.settle(result.Run)
}

// Cancel handles the cancellation of a run. A run that has ended stays as it is.
func (m *Model) Cancel(run string) []Request {
	if m.run(run) == nil || m.ending(run) != "" {
		return nil
	}
	m.Stopped = append(m.Stopped, run)
	return m.settle(run)
}

// CycleEnd handles the end of a cycle.
func (m *Model) CycleEnd(cycle string, at int64) []Request {
	if _, known := m.Over[cycle]; known {
		return nil
	}
	m.Over[cycle] = at
	return m.settle("")
}

// Pause parks the starts that become due from now on.
func (m *Model) Pause() { m.Paused = true }

// Resume ends the pause, or with a step releases the starts of that step. Of each step's parked starts, the newest is started. The others
// are continued in it.
func (m *Model) Resume(only string) []Request {
	if only == "" {
		m.Paused = false
	}
	if m.Paused {
		return nil
	}
	for _, s := range m.Steps {
		if only != "" && only != s.Name {
			continue
		}
		var parked []string // The last of these runs began last.
		for _, r := range m.inOrder("") {
			if start := m.start(r.ID, s.Name); start != nil && start.Parked && !m.stopped(r.ID) {
				parked = append(parked, r.ID)
			}
		}
		for i, run := range parked {
			newest := parked[len(parked)-1]
			if i < len(parked)-1 {
				m.Marks = append(m.Marks, Mark{Run: run, Step: s.Name, In: newest, Uses: m.start(run, s.Name).Uses})
				m.dropStart(run, s.Name)
				continue
			}
			if !m.takeBack(run, s.Name) {
				m.start(run, s.Name).Parked, m.start(run, s.Name).Queued = false, true
			}
		}
	}
	return m.settle("")
}

// settle acts until nothing is left to do. The run of the event goes first, then the others in the order in which they began. The first run
// that can go on does what is possible with the known facts. Then everything starts again.
func (m *Model) settle(first string) []Request {
	var requests []Request
	var all map[string]map[string]Standing
	for changed := true; changed; {
		changed = false
		all = m.Standings()
		for _, r := range m.inOrder(first) {
			for _, s := range m.Steps {
				now, covered := all[r.ID][s.Name]
				if !covered || m.stopped(r.ID) || m.ending(r.ID) != "" || r.Queued {
					continue
				}
				changed = m.act(all, r, s, now) || changed
			}
			if changed {
				break
			}
		}
		changed = changed || m.free()
		if !changed {
			var more []Request
			more, changed = m.serve()
			requests = append(requests, more...)
		}
	}
	m.endRuns(all) // What was requested last was active before.
	return requests
}

// act turns the demand of a standing into a fact, and reports whether it added one.
func (m *Model) act(all map[string]map[string]Standing, r Run, s Step, now Standing) bool {
	switch {
	case now.Is == Due && now.In != "" || now.Is == Continued && m.mark(r.ID, s.Name) == nil:
		m.Marks = append(m.Marks, Mark{Run: r.ID, Step: s.Name, In: now.In})
		return true
	case now.Is == Due && now.Kind != "": // Upstreams outside let it be passed over: later ones must not change that.
		m.Skips = append(m.Skips, Skip{Run: r.ID, Step: s.Name, Kind: now.Kind})
		return true
	case now.Is == Waiting && m.over(r) && !m.mayAllCome(all, r, s.Name, now):
		kind := m.barred(s.Name)
		if kind == "" {
			kind = Expired
		}
		m.Skips = append(m.Skips, Skip{Run: r.ID, Step: s.Name, Kind: kind})
		return true
	case now.Is != Due:
		return false
	}
	if other := m.usedBy(r, s.Name, now.Uses); other != "" {
		m.Marks = append(m.Marks, Mark{Run: r.ID, Step: s.Name, In: other})
		return true
	}
	if kind := m.barred(s.Name); kind != "" {
		m.Skips = append(m.Skips, Skip{Run: r.ID, Step: s.Name, Kind: kind})
		return true
	}
	m.continueElsewhere(all, r, s.Name)
	if m.Refuses[s.Name] {
		m.Skips = append(m.Skips, Skip{Run: r.ID, Step: s.Name, Kind: Guard, Uses: now.Uses})
		return true
	}
	m.Starts = append(m.Starts, m.comeDue(Start{Run: r.ID, Step: s.Name, Uses: now.Uses}))
	return true
}

// usedBy returns another run that started the step, took its start back, gave it up or evaluated its guard, with the same results. The
// origins of a run use none.
func (m *Model) usedBy(r Run, step string, uses []Use) string {
	if len(uses) == 0 {
		return ""
	}
	for _, s := range m.Starts {
		if s.Run != r.ID && s.Step == step && same(s.Uses, uses) {
			return s.Run
		}
	}
	for _, s := range m.Skips {
		if s.Run != r.ID && s.Step == step && same(s.Uses, uses) {
			return s.Run
		}
	}
	for _, s := range m.Marks {
		if s.Run != r.ID && s.Step == step && same(s.Uses, uses) {
			return s.Run
		}
	}
	return ""
}

// continueElsewhere marks the step as continued in every other run of the cycle where it waits.
func (m *Model) continueElsewhere(all map[string]map[string]Standing, r Run, step string) {
	for _, other := range m.Runs {
		if other.ID != r.ID && other.Cycle == r.Cycle && !m.stopped(other.ID) && all[other.ID][step].Meets {
			m.Marks = append(m.Marks, Mark{Run: other.ID, Step: step, In: r.ID})
		}
	}
}

func same(a, b []Use) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// SPDX-License-Identifier: MPL-2.0

package reference

import (
	"cmp"
	"slices"
)

func (m *Model) run(id string) *Run {
	for i := range m.Runs {
		if m.Runs[i].ID == id {
			return &m.Runs[i]
		}
	}
	return nil
}

func (m *Model) start(run, step string) *Start {
	for i := range m.Starts {
		if m.Starts[i].Run == run && m.Starts[i].Step == step {
			return &m.Starts[i]
		}
	}
	return nil
}

func (m *Model) result(run, step string) *Result {
	for i := range m.Results {
		if m.Results[i].Run == run && m.Results[i].Step == step {
			return &m.Results[i]
		}
	}
	return nil
}

func (m *Model) skip(run, step string) *Skip {
	for i := range m.Skips {
		if m.Skips[i].Run == run && m.Skips[i].Step == step {
			return &m.Skips[i]
		}
	}
	return nil
}

func (m *Model) mark(run, step string) *Mark {
	for i := range m.Marks {
		if m.Marks[i].Run == run && m.Marks[i].Step == step {
			return &m.Marks[i]
		}
	}
	return nil
}

func (m *Model) stopped(run string) bool {
	for _, id := range m.Stopped {
		if id == run {
			return true
		}
	}
	return false
}

func (m *Model) ending(run string) string {
	for _, e := range m.Ended {
		if e.Run == run {
			return e.Status
		}
	}
	return ""
}

func (m *Model) step(name string) Step {
	for _, s := range m.Steps {
		if s.Name == name {
			return s
		}
	}
	return Step{}
}

// inOrder lists the runs: first the one named, then the others in the order in which they began.
func (m *Model) inOrder(first string) []Run {
	runs := slices.Clone(m.Runs)
	slices.SortStableFunc(runs, func(a, b Run) int {
		switch {
		case a.ID == first && b.ID != first:
			return -1
		case a.ID != first && b.ID == first:
			return 1
		}
		return cmp.Compare(a.Begins, b.Begins)
	})
	return runs
}

// over reports whether the cycle of the run has ended.
func (m *Model) over(r Run) bool {
	_, over := m.Over[r.Cycle]
	return over
}

// late reports whether the run began at or after the end of its cycle.
func (m *Model) late(r Run) bool {
	end, over := m.Over[r.Cycle]
	return over && r.Begins >= end
}

// sees reports whether a run takes another one into account: one of its cycle that did not begin after the cycle's end, unless the run
// itself did. Cancellation of the other run is checked separately.
func (m *Model) sees(r, other Run) bool {
	return r.Cycle == other.Cycle && (m.late(r) || !m.late(other))
}

// others lists the runs that a run sees, without itself and without canceled ones, in the order in which they began.
func (m *Model) others(r Run) []Run {
	var list []Run
	for _, other := range m.inOrder("") {
		if other.ID != r.ID && m.sees(r, other) && !m.stopped(other.ID) && m.ending(other.ID) != RunSkipped {
			list = append(list, other)
		}
	}
	return list
}

// latest returns the result of the reload of the step that started last, among the run itself and the runs that it sees. If several started
// at the same moment, the one with the greatest id counts.
func (m *Model) latest(r Run, step string) *Result {
	var last *Result
	for i := range m.Results {
		from := m.run(m.Results[i].Run)
		if m.Results[i].Step != step || !m.sees(r, *from) || m.stopped(from.ID) {
			continue
		}
		this := &m.Results[i]
		if last == nil || this.Start > last.Start || this.Start == last.Start && this.Reload > last.Reload {
			last = this
		}
	}
	return last
}

// covers reports whether the run covers the step: it is an origin or, unless the run is of its origins alone, follows one that is covered.
func (m *Model) covers(r Run, s Step, ups map[string]Standing) bool {
	if contains(r.Origins, s.Name) {
		return true
	}
	for _, link := range s.After {
		if _, covered := ups[link.From]; covered && !r.Only {
			return true
		}
	}
	return false
}

func contains(list []string, name string) bool {
	for _, n := range list {
		if n == name {
			return true
		}
	}
	return false
}

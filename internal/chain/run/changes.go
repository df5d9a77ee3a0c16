// SPDX-License-Identifier: MPL-2.0

package run

import (
	"maps"
	"reflect"
	"slices"
)

// Change is one new fact, for a caller that stores facts one by one.
type Change struct {
	Kind ChangeKind
	Run  string // empty for ChangeCycleOver
	Step string // for ChangeFacts
	// Before and After are the facts of ChangeFacts. Before is nil for a step that had none.
	Before, After *Facts
}

// ChangeKind is the kind of a new fact.
type ChangeKind string

// The kinds of changes.
const (
	ChangeBegun     ChangeKind = "begun"      // a run has begun
	ChangeCanceled  ChangeKind = "canceled"   // an operator has canceled it
	ChangeFacts     ChangeKind = "facts"      // more is known about a step in a run
	ChangeRun       ChangeKind = "run"        // a run is no longer queued, or was reported because it takes long
	ChangeEnded     ChangeKind = "ended"      // a run has ended
	ChangeCycleOver ChangeKind = "cycle_over" // the cycle's end was handled
)

// Since returns what is new since a Clone: for each run by its id that it began, new facts of its steps by their ids, and that it ended.
// The end of the cycle comes last. The pause is not part of the cycle.
func (s *State) Since(before *State) []Change {
	var changes []Change
	for _, id := range slices.Sorted(maps.Keys(s.Runs)) {
		r, was := s.Runs[id], before.Runs[id]
		if was == nil {
			was = &Run{Queued: r.Queued, From: r.From, Overran: r.Overran}
			changes = append(changes, Change{Kind: ChangeBegun, Run: id})
		}
		if r.Queued != was.Queued || !r.From.Equal(was.From) || r.Overran != was.Overran {
			changes = append(changes, Change{Kind: ChangeRun, Run: id})
		}
		if r.Canceled && !was.Canceled {
			changes = append(changes, Change{Kind: ChangeCanceled, Run: id})
		}
		for _, step := range slices.Sorted(maps.Keys(r.Steps)) {
			if !reflect.DeepEqual(r.Steps[step], was.Steps[step]) {
				changes = append(changes, Change{Kind: ChangeFacts, Run: id, Step: step, Before: was.Steps[step], After: r.Steps[step]})
			}
		}
		if r.Ended != was.Ended {
			changes = append(changes, Change{Kind: ChangeEnded, Run: id})
		}
	}
	if s.Over && !before.Over {
		changes = append(changes, Change{Kind: ChangeCycleOver})
	}
	return changes
}

// Clone returns a copy that shares nothing that Decide changes. The shapes of runs must not change, here or there.
func (s *State) Clone() *State {
	if s.plans == nil {
		s.plans = newPlans()
	}
	c := *s
	c.Carried, c.Skips, c.Busy = maps.Clone(s.Carried), maps.Clone(s.Skips), maps.Clone(s.Busy)
	c.Runs = make(map[string]*Run, len(s.Runs))
	for id, r := range s.Runs {
		copied := *r
		copied.Steps = make(map[string]*Facts, len(r.Steps))
		for step, f := range r.Steps {
			facts := *f
			if f.Start != nil {
				start := *f.Start
				facts.Start = &start
			}
			copied.Steps[step] = &facts
		}
		c.Runs[id] = &copied
	}
	return &c
}

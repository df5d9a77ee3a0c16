// SPDX-License-Identifier: MPL-2.0

package run

import (
	"maps"
	"slices"
)

// Behind returns which steps of a run do not start because of others. The key is a step that failed, was canceled or has expired by itself;
// the value holds the steps that are blocked or have expired because of it, sorted. A step may stand behind several.
func (s *State) Behind(settings Settings, r *Run) map[string][]string {
	x := &explanation{evaluation: newEvaluation(s, settings)}
	behind := map[string][]string{}
	for _, n := range x.views[r].steps {
		step := x.views[r].names[n]
		if !x.stands(r, step).missed() {
			continue
		}
		causes := map[string]bool{}
		x.causes(r, step, causes, map[string]bool{})
		for _, cause := range slices.Sorted(maps.Keys(causes)) {
			if cause != step {
				behind[cause] = append(behind[cause], step)
			}
		}
	}
	for _, steps := range behind {
		slices.Sort(steps)
	}
	return behind
}

// causes collects what a missed step stands behind: itself if nothing in the run is to blame.
func (x *explanation) causes(r *Run, step string, found, seen map[string]bool) {
	if seen[step] {
		return
	}
	seen[step] = true
	own, blamed := x.stands(r, step), false
	for _, u := range r.Shape.upstreams(step) {
		s, condition := x.stands(r, u), r.Shape[step].After[u]
		if !x.covered(r, u) || !s.Status.settled() || s.Status == StatusContinued || named(s.Status, condition) ||
			consequence(s, condition) != own.Skip {
			continue
		}
		blamed = true
		if s.Status == StatusSkipped {
			x.causes(r, u, found, seen)
		} else {
			found[u] = true
		}
	}
	if !blamed {
		found[step] = true
	}
}

// missingOutside returns the upstreams outside the run for which a pending step will wait as well, as it is now.
func (x *explanation) missingOutside(v *view, n int) []string {
	if v.waitFor[n] == WaitForAny || v.head[v.place[n]] {
		return nil
	}
	m := meeting{e: x.evaluation, view: v, step: n}
	for i, u := range v.upstreams[n] {
		if x.outside(v, u) {
			m.meet(u, v.conditions[n][i])
		}
	}
	return m.waits
}

// Missing returns the upstreams for which a step has not started yet: those that a pending or waiting step of a run waits for, sorted.
func (s *State) Missing(settings Settings, r *Run) map[string][]string {
	x := &explanation{evaluation: newEvaluation(s, settings)}
	missing := map[string][]string{}
	for _, n := range x.views[r].steps {
		step := x.views[r].names[n]
		switch stands := x.stands(r, step); stands.Status {
		case StatusPending:
			missing[step] = append(x.unsettled(r, step), x.missingOutside(x.views[r], n)...)
		case StatusWaiting:
			missing[step] = slices.Clone(stands.Waits)
		default:
			continue
		}
		slices.Sort(missing[step])
	}
	return missing
}

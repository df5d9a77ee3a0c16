// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// cycleStep identifies a step in a cycle. A step that is renamed stays the same.
type cycleStep struct{ cycle, id string }

// stepInRun is a step in a run.
type stepInRun struct {
	run  *RunSteps
	step *StepRecord
}

// decisions hold what the runs of each cycle have decided of each step, the newest run first.
type decisions map[cycleStep][]stepInRun

// decisionsOf collects what was decided at a time; zero: at any time. A canceled run counts for no other run.
func decisionsOf(runs []RunSteps, at time.Time) decisions {
	all := decisions{}
	for i := range runs {
		r := &runs[i]
		if r.Status == run.StatusCanceled {
			continue
		}
		for j := range r.Steps {
			s := &r.Steps[j]
			switch {
			case !at.IsZero() && s.EndedAt.After(at):
			case s.Status == run.StatusSucceeded, s.Status == run.StatusFailed, s.Status == run.StatusSkipped:
				key := cycleStep{r.Cycle, s.id}
				all[key] = append(all[key], stepInRun{r, s})
			}
		}
	}
	return all
}

// later returns the newest later decision of a step that lacks success in a run. good reports whether the step no longer lacks it.
func (all decisions) later(r *RunSteps, s *StepRecord) (by stepInRun, good bool) {
	for _, o := range all[cycleStep{r.Cycle, s.id}] {
		if o.run != r && decisionOf(o.run, o.step).After(decisionOf(r, s)) {
			return o, !run.LacksSuccess(o.step.Status, o.step.Skip) && (s.Status != run.StatusFailed || o.step.Status == run.StatusSucceeded)
		}
	}
	return by, false
}

// decisionOf returns when a step was decided in a run.
func decisionOf(r *RunSteps, s *StepRecord) run.Decision {
	d := run.Decision{Run: r.ID, Ended: s.EndedAt}
	for i := range r.Steps {
		d.Saw(r.Steps[i].Status, r.Steps[i].EndedAt)
	}
	return d
}

// doneLater reports whether a step that lacks success in a run has got it later.
func (all decisions) doneLater(r *RunSteps, step string) bool {
	i := slices.IndexFunc(r.Steps, func(s StepRecord) bool { return s.Step == step })
	if i < 0 {
		return false
	}
	_, good := all.later(r, &r.Steps[i])
	return good
}

// repaired reports whether later runs have repaired a run that failed.
func (all decisions) repaired(r *RunSteps) bool {
	if r.Status != run.StatusFailed {
		return false
	}
	return !slices.ContainsFunc(r.Steps, func(s StepRecord) bool {
		_, good := all.later(r, &s)
		return run.LacksSuccess(s.Status, s.Skip) && !good
	})
}

// leaves reports whether a blocked step is still to be repeated, although what has failed is repaired.
func (all decisions) leaves(r *RunSteps, blocked *StepRecord) bool {
	if _, good := all.later(r, blocked); good {
		return false
	}
	repaired := false
	for i := range r.Steps {
		s := &r.Steps[i]
		if s.Status != run.StatusFailed {
			continue
		}
		if _, good := all.later(r, s); good {
			repaired = true
		} else if s.Blocked > len(s.Blocks) || slices.Contains(s.Blocks, blocked.Step) { // which says so itself
			return false
		}
	}
	return repaired
}

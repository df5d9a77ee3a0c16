// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// repair knows what became of the steps of a run in the other runs of its cycle. An operator who repeats a run does not want to start
// again what another run has done, or is doing.
type repair struct {
	*work
	c      *cycle
	of     *RunSteps
	all    decisions
	stands map[string]map[string]run.Standing
}

func (w *work) repairOf(c *cycle, stands map[string]map[string]run.Standing, of string) *repair {
	p := &repair{work: w, c: c, stands: stands}
	runs := make([]RunSteps, 0, len(stands))
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(stands))) {
		r := RunSteps{RunRecord: c.runs[id].RunRecord}
		if c.state.Runs[id].Canceled {
			r.Status = run.StatusCanceled
		}
		for step, s := range stands[id] {
			record := StepRecord{Step: w.nameOf(step), Status: s.Status, Skip: s.Skip, id: step}
			if f := c.state.Runs[id].Steps[step]; f != nil && f.Result != nil {
				record.EndedAt = f.Result.Ended
			}
			r.Steps = append(r.Steps, record)
		}
		runs = append(runs, r)
	}
	p.all = decisionsOf(runs, time.Time{}) // the clock of Qlik Cloud may be ahead of this one
	p.of = &runs[slices.IndexFunc(runs, func(r RunSteps) bool { return r.ID == of })]
	return p
}

// elsewhere is another run that has done the work of a step, or that is doing it.
type elsewhere struct {
	run      string // empty: there is none
	underWay bool
	repeated bool // a step that has succeeded before
}

// reason returns the rest of a sentence about the step.
func (e elsewhere) reason() string {
	switch {
	case e.underWay:
		return "is under way in the run " + e.run
	case e.repeated:
		return "was repeated by the run " + e.run
	default:
		return "was repaired by the run " + e.run
	}
}

// step returns a step of the run, or nil if the run does not cover it.
func (p *repair) step(id string) *StepRecord {
	if i := slices.IndexFunc(p.of.Steps, func(s StepRecord) bool { return s.id == id }); i >= 0 {
		return &p.of.Steps[i]
	}
	return nil
}

// done returns where the work of a step that lacks success in the run was done later, or is being done. Events have whole seconds, so
// nothing says which of two ends in one second came later: then the failure may be the later one, and is repeated.
func (p *repair) done(id string) elsewhere {
	if s := p.step(id); s != nil {
		second := func(s *StepRecord) time.Time { return s.EndedAt.Truncate(time.Second) }
		if by, good := p.all.later(p.of, s); good && !second(by.step).Equal(second(s)) {
			return elsewhere{run: by.run.ID}
		}
	}
	return elsewhere{run: p.underWay(id), underWay: true}
}

// underWay returns another run that has a step under way. A step that only waits counts in a run that repeats this one: what such a run
// waits for comes from this one, too.
func (p *repair) underWay(id string) string {
	for _, other := range slices.Sorted(maps.Keys(p.stands)) {
		if other == p.of.ID || p.c.state.Runs[other].Canceled {
			continue
		}
		repeats := p.c.runs[other].RerunOf == p.of.ID
		switch p.stands[other][id].Status {
		case run.StatusUnderWay, run.StatusDue:
			return other
		case run.StatusPending:
			if repeats || p.goesOn(other) {
				return other
			}
		case run.StatusWaiting:
			if repeats {
				return other
			}
		default:
		}
	}
	return ""
}

// goesOn reports whether a step of a run is under way.
func (p *repair) goesOn(id string) bool {
	for _, s := range p.stands[id] {
		if s.Status == run.StatusUnderWay || s.Status == run.StatusDue {
			return true
		}
	}
	return false
}

// missed reports whether the cycle has not brought what a step is for: the latest decision is that it failed, or is blocked. A step that
// has expired was missed too, but for a reason that no repetition of what comes before it changes.
func (p *repair) missed(id string) (missed, failed bool) {
	s := p.step(id)
	if s == nil || p.underWay(id) != "" {
		return false, false
	}
	if by, _ := p.all.later(p.of, s); by.step != nil {
		s = by.step
	}
	failed = s.Status == run.StatusFailed
	return failed || s.Skip == run.SkipBlocked, failed
}

// plan is how a run is repeated.
type plan struct {
	origins []string // at which the new run begins
	leftOut []NotStarted
	again   []NotStarted // origins that have succeeded since
	by      elsewhere    // of the first step that is left out
	step    string       // that step
}

// planAll returns how all the failed steps of a run are repeated: at those that no other run has repaired, or is repairing. If a step
// after a repaired one has failed in its place, the new run begins there. If it is still blocked, it begins at the repaired step.
func (p *repair) planAll(failed []string) (all plan) {
	behind := p.c.state.Behind(p.rules(), p.c.state.Runs[p.of.ID])
	for _, f := range failed {
		by := p.done(f)
		if by.run == "" {
			all.origins = append(all.origins, f)
			continue
		}
		var next []string
		blocked := ""
		for _, id := range behind[f] {
			switch missed, failed := p.missed(id); {
			case failed && p.rules().Enabled(id):
				next = append(next, id)
			case missed:
				blocked = cmp.Or(blocked, id)
			}
		}
		if blocked != "" && len(next) == 0 && !by.underWay {
			all.origins = append(all.origins, f)
			all.again = append(all.again, NotStarted{p.nameOf(f), by.reason() + ", but " + p.nameOf(blocked) + " is still blocked"})
			continue
		}
		all.origins = append(all.origins, next...)
		if all.leftOut = append(all.leftOut, NotStarted{p.nameOf(f), by.reason()}); len(all.leftOut) == 1 {
			all.by, all.step = by, f
		}
	}
	slices.Sort(all.origins)
	all.origins = slices.Compact(all.origins)
	return all
}

// repeated returns where a step and what comes after it in the run was done later, or is being done. A success in the run itself is
// repeated only by a run that an operator has begun for that.
func (p *repair) repeated(id string) (by elsewhere, whole bool) {
	switch s := p.step(id); {
	case s != nil && run.LacksSuccess(s.Status, s.Skip):
		by = p.done(id)
	default:
		by = elsewhere{run: p.repeatedSuccess(id), repeated: true}
	}
	if by.run == "" || by.underWay {
		return by, by.underWay && by.run != ""
	}
	for other := range downstream(p.c.state.Runs[p.of.ID].Shape, id) {
		if missed, _ := p.missed(other); missed {
			return by, false
		}
	}
	return by, true
}

// repeatedSuccess returns the run that repeats this one and in which a step has succeeded; empty: there is none.
func (p *repair) repeatedSuccess(id string) string {
	for _, s := range p.all[cycleStep{p.of.Cycle, id}] {
		if s.run.RerunOf == p.of.ID && s.step.Status == run.StatusSucceeded {
			return s.run.ID
		}
	}
	return ""
}

// downstream returns the steps that come after one, directly or not.
func downstream(shape run.Shape, of string) map[string]bool {
	all := map[string]bool{}
	for next := []string{of}; len(next) > 0; {
		step := next[0]
		next = next[1:]
		for other, waits := range shape {
			if _, follows := waits.After[step]; follows && !all[other] {
				all[other] = true
				next = append(next, other)
			}
		}
	}
	return all
}

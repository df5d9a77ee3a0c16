// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// CheckDeadline checks whether everything that a deadline expects is done, and sends a notice if it is not. Its error is that of Handle. It
// ignores a deadline that the chain no longer has.
func (e *Engine) CheckDeadline(ctx context.Context, invocation string, check chain.DeadlineCheck) (Result, error) {
	r := &report{result: Result{Deadline: check.Deadline}}
	all := e.Index.Definition().Deadlines()
	i := slices.IndexFunc(all, func(d chain.Deadline) bool { return d.Key() == check.Deadline })
	if i < 0 {
		r.result.Outcome, r.result.Reason = OutcomeNothingDue, "the chain no longer expects anything by this time"
		return r.result, nil
	}
	w := &work{Engine: e, owner: invocation}
	c, err := w.load(ctx, w.cycleAt(w.lastScheduled(check.Time)).ID())
	if err != nil {
		return r.conclude(err), err
	}
	r.result.Outcome = OutcomeInTime
	late, err := w.unfinished(ctx, c, all[i], check.Time)
	if err != nil {
		return r.conclude(err), err
	}
	if r.result.Late = late; len(late) > 0 {
		if operation := w.paused(); operation != nil {
			paused := Unfinished{Reason: "The chain is paused since " + w.clock(operation.At, w.Now()) + " by " + operation.By}
			r.result.Late = append([]Unfinished{paused}, r.result.Late...)
		}
		r.result.Outcome = OutcomeLate
		n := lateNotice(check.Time, r.result.Late)
		n.zone, n.id = all[i].Zone(), fmt.Sprintf("%s#%s#%s", NoticeLate, check.Deadline, check.Time.UTC().Format(time.RFC3339))
		w.notify(ctx, n, r)
	}
	return r.conclude(nil), nil
}

// unfinished returns what is late in a cycle, by name. For a deadline of the whole chain, it checks each enabled step that a run covers or
// that a schedule should have begun. A step is done if its last settlement succeeded, or was skipped without being missed.
func (w *work) unfinished(ctx context.Context, c *cycle, d chain.Deadline, by time.Time) ([]Unfinished, error) {
	waiting, err := w.waiting(ctx, c)
	if err != nil {
		return nil, err
	}
	expected := w.expected(c, by)
	wanted := map[string]bool{}
	for _, name := range d.Steps {
		step, _ := w.step(name)
		wanted[name] = step.Enabled
	}
	if d.Chain {
		for name, step := range w.Index.Definition().Steps {
			wanted[name] = wanted[name] || step.Enabled
		}
	}
	stands := c.state.Evaluate(w.rules())
	explain := c.state.Explain(w.rules(), w.words())
	var all []Unfinished
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		step, _ := w.step(name)
		id := step.ID(name)
		last := ""
		for _, in := range slices.Sorted(maps.Keys(stands)) {
			if s, covered := stands[in][id]; covered && s.Status != run.StatusContinued && s.Skip != run.SkipOverlap {
				last = in
			}
		}
		switch s := stands[last][id]; {
		case last == "" && expected[id] && len(step.After) > 0: // causes are reported first
			all = append(all, Unfinished{Step: name, Reason: "has not started; it comes after " + slices.Min(slices.Collect(maps.Keys(step.After)))})
		case last == "" && expected[id]:
			all = append(all, Unfinished{Step: name, Reason: "has not started since " + w.clock(c.Begin, w.Now())})
		case last == "", s.Status == run.StatusSucceeded, s.Status == run.StatusSkipped && s.Skip != run.SkipBlocked && s.Skip != run.SkipExpired:
		default:
			reason := waiting[startRef{Run: last, Step: id}]
			if reason == "" {
				reason = explain(c.state.Runs[last], id)
			}
			all = append(all, Unfinished{Step: name, Run: last, Reason: reason})
		}
	}
	return all, nil
}

// waiting returns why due starts of a cycle have no reload yet, by run and step. It adds what else they wait for to the facts.
func (w *work) waiting(ctx context.Context, c *cycle) (map[startRef]string, error) {
	var refs []startRef
	for _, ref := range w.active.Load().open {
		if ref.Cycle == c.id {
			refs = append(refs, ref)
		}
	}
	starts, err := w.starts(ctx, refs)
	if err != nil {
		return nil, err
	}
	waiting := map[startRef]string{}
	for _, s := range starts {
		if in := c.state.Runs[s.doc.Run]; in != nil {
			w.phase(in.Steps[s.doc.Step], &s.doc)
		}
		if reason := s.doc.waits(); reason != "" {
			waiting[startRef{Run: s.doc.Run, Step: s.doc.Step}] = reason
		}
	}
	return waiting, nil
}

// expected returns the steps that a run should cover by a time: steps that a schedule starts in the cycle by then, or steps that only start
// by hand. It adds the steps after them, except after a failure.
func (w *work) expected(c *cycle, by time.Time) map[string]bool {
	d := w.Index.Definition()
	expected := map[string]bool{}
	var include func(name string)
	include = func(name string) {
		if id := d.StepID(name); d.Steps[name].Enabled && !expected[id] {
			expected[id] = true
			for _, l := range w.Index.Downstream(name) {
				if l.Condition != chain.ConditionFailure {
					include(l.To)
				}
			}
		}
	}
	for name, step := range d.Steps {
		schedule := cmp.Or(step.Schedule, d.Schedule)
		if len(step.After) == 0 && (schedule == nil || w.beginsWithin(schedule, c.Begin, by)) {
			include(name)
		}
	}
	return expected
}

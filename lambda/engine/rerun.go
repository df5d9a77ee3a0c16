// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Rerun begins a new run in the cycle of an earlier one: at one of its steps, or at all of its failed steps if step is empty. id is the
// same for every repetition of a request. Its error and result are those of Handle. It refuses an unknown run or step, and a step that is
// active in the earlier run.
func (e *Engine) Rerun(ctx context.Context, invocation, id, of, step string, operation chain.Operation) (Result, error) {
	r := &report{result: Result{Step: step, Run: of}}
	w := &work{Engine: e, owner: invocation}
	err := w.rerun(ctx, "rerun#"+of+"#"+step+"#"+id, of, step, operation, r)
	return r.conclude(err), err
}

func (w *work) rerun(ctx context.Context, id, of, name string, operation chain.Operation, r *report) error {
	before, c, err := w.earlier(ctx, of, r)
	if err != nil || before == nil {
		return err
	}
	doc := w.repetition(c, before, "", runID(operation.At, id), StartedByRerun, operation)
	audit := w.repeats(OperationRecord{Operation: operation, Kind: chain.OperationRerun, Run: of, Step: name}, id, doc.ID)
	h := &happening{
		cycle: doc.Cycle, begun: &doc, known: w.begun(doc.ID, r), event: func(*cycle) run.Event { return run.Began{Run: w.runOf(doc)} },
	}
	return w.repeat(ctx, c, h, audit, func(c *cycle) (refusal Refusal, reason string) {
		doc.Origins, refusal, reason = w.mayRerun(c, of, name)
		doc.Origin = w.listed(doc.Origins)
		return refusal, reason
	}, r)
}

// earlier reads a run that is to be repeated, and its cycle. It refuses an unknown run.
func (w *work) earlier(ctx context.Context, id string, r *report) (*RunRecord, *cycle, error) {
	found, c, err := w.runAndCycle(ctx, id)
	if err == nil && found == nil {
		r.refuse(RefusalRun, fmt.Sprintf("the chain knows no run %q", id))
	}
	return found, c, err
}

// repeat begins a run that repeats an earlier one, once, with further writes. may returns what prevents it, based on the state at the time
// of writing. It is not called for a run that has already begun.
func (w *work) repeat(ctx context.Context, c *cycle, h *happening, besides []Write, may func(c *cycle) (Refusal, string), r *report) error {
	of := h.begun.RerunOf
	h.may = func(c *cycle) bool {
		if known, begun := c.runs[h.begun.ID]; begun {
			*h.begun = known.runDoc
			return true
		}
		if refusal, reason := may(c); refusal != "" {
			r.refuse(refusal, reason)
			r.result.Run, r.result.Attempt = of, 0
			return false
		}
		h.beside = append(slices.Clone(besides), w.oneMore(c, of))
		return true
	}
	if !h.may(c) {
		return nil
	}
	return w.beginOnce(ctx, h, r)
}

// oneMore writes the number of a run that repeats another one. If two begin at the same moment, the second finds the number taken, and sees
// the first.
func (w *work) oneMore(c *cycle, of string) Write {
	number := 1
	for _, r := range c.runs {
		if r.RerunOf == of {
			number++
		}
	}
	return Write{Key: repeatedKey(of, number), Doc: w.Now(), Expires: w.expires()}
}

// mayRerun returns the steps at which a repeating run begins, or what prevents it.
func (w *work) mayRerun(c *cycle, of, name string) (origins []string, refusal Refusal, reason string) {
	stands := c.state.Evaluate(w.rules())
	if name == "" {
		if origins = c.state.Failed(w.rules(), of); len(origins) == 0 {
			return nil, RefusalOver, "no step of the run has failed that the chain may start"
		}
		for _, origin := range origins {
			if in := repeatedBy(c, stands, of, origin); in != "" {
				return nil, RefusalUnderWay, w.nameOf(origin) + " is under way in the run " + in + ", which repeats this one"
			}
		}
		return origins, "", ""
	}
	step, known := w.step(name)
	in := repeatedBy(c, stands, of, run.StepID(step))
	switch {
	case !known:
		return nil, RefusalStep, fmt.Sprintf("the chain has no step %q", name)
	case !step.Enabled:
		return nil, RefusalUnderWay, "the step is disabled in the chain's definition"
	case stands[of][run.StepID(step)].Status == run.StatusUnderWay:
		return nil, RefusalUnderWay, name + " is under way in this run"
	case in != "":
		return nil, RefusalUnderWay, name + " is under way in the run " + in + ", which repeats this one"
	}
	return []string{run.StepID(step)}, "", ""
}

// repeatedBy returns a run that repeats another one and has not settled a step yet; empty: there is none.
func repeatedBy(c *cycle, stands map[string]map[string]run.Standing, of, step string) string {
	for _, id := range slices.Sorted(maps.Keys(stands)) {
		switch stands[id][step].Status {
		case run.StatusUnderWay, run.StatusDue, run.StatusPending, run.StatusWaiting:
			if c.runs[id].RerunOf == of {
				return id
			}
		default:
		}
	}
	return ""
}

// runAndCycle reads a run and its cycle. It returns nil if there is no run with this id.
func (w *work) runAndCycle(ctx context.Context, id string) (*RunRecord, *cycle, error) {
	var found stored[RunRecord]
	err := w.beside(ctx, func() (err error) { found, err = load[RunRecord](ctx, w.Store, listKey(id)); return err })
	if err != nil || found.version == 0 {
		return nil, nil, err
	}
	c, err := w.load(ctx, found.doc.Cycle)
	if err != nil {
		return nil, nil, err
	}
	if _, known := c.runs[id]; !known { // its facts have expired
		return nil, nil, nil
	}
	return &found.doc, c, nil
}

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

// Mark makes a step of a run count as succeeded although its reload did not succeed: an operator has done its work by other means. It
// begins a new run at the step, in the cycle of the earlier run. In it, the step succeeds at once. id is the same for every repetition of a
// request. Its error and result are those of Handle. It refuses an unknown run or step, and an active step.
func (e *Engine) Mark(ctx context.Context, invocation, id, of, step string, operation chain.Operation) (Result, error) {
	r := &report{result: Result{Step: step, Run: of}}
	w := &work{Engine: e, owner: invocation}
	err := w.mark(ctx, "mark#"+of+"#"+step+"#"+id, of, step, operation, r)
	return r.conclude(err), err
}

func (w *work) mark(ctx context.Context, id, of, name string, operation chain.Operation, r *report) error {
	before, c, err := w.earlier(ctx, of, r)
	if err != nil || before == nil {
		return err
	}
	step, known := w.step(name)
	if !known {
		r.refuse(RefusalStep, fmt.Sprintf("the chain has no step %q", name))
		return nil
	}
	origin := step.ID(name)
	doc := w.repetition(c, before, origin, runID(operation.At, id), StartedByMark, operation)
	end := reloadEnd{
		step: origin, event: "mark-" + doc.ID, at: operation.At, created: operation.At, outcome: chain.OutcomeSuccess,
		how: "was marked as succeeded " + w.given(operation),
	}
	written := w.repeats(OperationRecord{Operation: operation, Kind: chain.OperationMark, Run: of, Step: name}, id, doc.ID)
	ref := startRef{Cycle: doc.Cycle, Run: doc.ID, Step: origin, Attempt: 1}
	h := &happening{
		cycle: doc.Cycle, begun: &doc, end: &end, ends: []startRef{ref}, reason: end.how, known: w.begun(doc.ID, r),
		event: func(*cycle) run.Event {
			return run.Marked{Run: w.runOf(doc), Result: end.result(ref)}
		},
	}
	return w.repeat(ctx, c, h, written, func(c *cycle) (Refusal, string) { return w.mayMark(c, of, name, origin) }, r)
}

// mayMark returns what prevents a mark of a step in a run.
func (w *work) mayMark(c *cycle, of, name, origin string) (refusal Refusal, reason string) {
	switch c.state.EvaluateRun(w.rules(), c.state.Runs[of])[origin].Status {
	case "":
		return RefusalStep, fmt.Sprintf("the step %q has no part in the run", name)
	case run.StatusUnderWay:
		return RefusalUnderWay, name + " is under way in this run"
	case run.StatusPending, run.StatusWaiting, run.StatusDue: // it starts anyway
		return RefusalUnderWay, name + " has not settled in this run"
	case run.StatusSucceeded:
		return RefusalOver, name + " has succeeded in this run"
	default:
	}
	for _, id := range slices.Sorted(maps.Keys(c.runs)) {
		if r := c.runs[id]; r.RerunOf == of && r.StartedBy == StartedByMark && slices.Contains(r.Origins, origin) {
			return RefusalOver, name + " was marked already: the run " + id + " goes on with what comes after it"
		}
	}
	return "", ""
}

// repetition returns a new run in the cycle of an earlier one.
func (w *work) repetition(c *cycle, of *RunRecord, origin, id string, by StartedBy, operation chain.Operation) runDoc {
	doc := w.newRun(c.Cycle, []string{origin}, id, operation.At, by)
	doc.Cycle, doc.Date, doc.RerunOf, doc.By = of.Cycle, of.Date, of.ID, operation.By
	doc.setVariables(c.runs[of.ID].Values)
	return doc
}

// repeats returns the writes, made with a new run, that record what was done with the earlier one.
func (w *work) repeats(o OperationRecord, id, by string) []Write {
	return append(w.audit(o, id), Write{Key: rerunKey(o.Run, by), Doc: o.At, Expires: w.kept()})
}

// Skip skips a step in a cycle: the steps after it ignore it, as if it were disabled. of is the cycle's id or date. If it is empty, Skip
// takes the cycle of the next schedule of the chain or a step, or else the current cycle. It can be repeated. Its error and result are
// those of Handle.
func (e *Engine) Skip(ctx context.Context, invocation, id, step, of string, operation chain.Operation) (Result, error) {
	r := &report{result: Result{Step: step}}
	w := &work{Engine: e, owner: invocation}
	err := w.skip(ctx, "skip#"+step+"#"+id, step, of, operation, r)
	return r.conclude(err), err
}

func (w *work) skip(ctx context.Context, id, name, of string, operation chain.Operation, r *report) error {
	step, known := w.step(name)
	if !known {
		r.refuse(RefusalStep, fmt.Sprintf("the chain has no step %q", name))
		return nil
	}
	in := w.cycleAt(w.nextScheduled(operation.At))
	if of != "" {
		found, err := w.namedCycle(of)
		if err != nil {
			r.refuse(RefusalCycle, err.Error())
			return nil
		}
		in = found
	}
	r.result.Cycle = in.ID()
	write := Write{Key: skipKey(in.ID(), step.ID(name)), Doc: operation, Expires: newer(in.End, w.Now()).Add(w.memory())}
	record := OperationRecord{Operation: operation, Kind: chain.OperationSkip, Step: name, Cycle: in.ID()}
	return w.drives(ctx, &happening{
		cycle: in.ID(), beside: append(w.audit(record, id), write),
		always: true, event: func(*cycle) run.Event { return run.Looked{} },
		known: func(c *cycle) bool { _, known := c.state.Skips[step.ID(name)]; return known },
	}, r)
}

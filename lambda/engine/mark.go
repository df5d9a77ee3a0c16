// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Mark makes a step of a run count as succeeded although its reload did not succeed: an operator has done its work by other means. It
// begins a new run at the step, in the cycle of the earlier run. In it, the step succeeds at once. Its error and result are those of
// Handle. It refuses an unknown run or step, an active step, and one that another run has repaired or is repairing.
func (e *Engine) Mark(ctx context.Context, invocation string, of Repeat) (Result, error) {
	r := &report{result: Result{Step: of.Step, Run: of.Run}}
	w := &work{Engine: e, owner: invocation}
	err := w.mark(ctx, "mark#"+of.Run+"#"+of.Step+"#"+of.ID, of, r)
	return r.conclude(err), err
}

func (w *work) mark(ctx context.Context, id string, of Repeat, r *report) error {
	before, c, err := w.earlier(ctx, of.Run, r)
	if err != nil || before == nil {
		return err
	}
	step, known := w.step(of.Step)
	if !known {
		r.refuse(RefusalStep, fmt.Sprintf("the chain has no step %q", of.Step))
		return nil
	}
	origin := step.ID(of.Step)
	doc := w.repetition(c, before, origin, runID(of.At, id), StartedByMark, of.Operation)
	end := reloadEnd{
		step: origin, event: "mark-" + doc.ID, at: of.At, created: of.At, outcome: chain.OutcomeSuccess,
		how: "was marked as succeeded " + w.given(of.Operation),
	}
	written := w.repeats(OperationRecord{Operation: of.Operation, Kind: chain.OperationMark, Run: of.Run, Step: of.Step}, id, doc.ID)
	ref := startRef{Cycle: doc.Cycle, Run: doc.ID, Step: origin, Attempt: 1}
	h := &happening{
		cycle: doc.Cycle, begun: &doc, end: &end, ends: []startRef{ref}, reason: end.how, known: w.begun(doc.ID, r),
		event: func(*cycle) run.Event {
			return run.Marked{Run: w.runOf(doc), Result: end.result(ref)}
		},
	}
	return w.repeat(ctx, c, h, written, func(c *cycle) prevented { return w.mayMark(c, of, origin) }, r)
}

// mayMark returns what prevents a mark of a step in a run.
func (w *work) mayMark(c *cycle, of Repeat, origin string) prevented {
	stands := c.state.Evaluate(w.rules())
	switch stands[of.Run][origin].Status {
	case "":
		return prevented{refusal: RefusalStep, reason: fmt.Sprintf("the step %q has no part in the run", of.Step)}
	case run.StatusUnderWay:
		return prevented{refusal: RefusalUnderWay, reason: of.Step + " is under way in this run"}
	case run.StatusPending, run.StatusWaiting, run.StatusDue: // it starts anyway
		return prevented{refusal: RefusalUnderWay, reason: of.Step + " has not settled in this run"}
	case run.StatusSucceeded:
		return prevented{refusal: RefusalOver, reason: of.Step + " has succeeded in this run"}
	default:
	}
	for _, id := range slices.Sorted(maps.Keys(c.runs)) {
		if r := c.runs[id]; r.RerunOf == of.Run && r.StartedBy == StartedByMark && slices.Contains(r.Origins, origin) {
			return prevented{RefusalOver, of.Step + " was marked already: the run " + id + " goes on with what comes after it", id}
		}
	}
	if of.Again {
		return prevented{}
	}
	p := w.repairOf(c, stands, of.Run)
	if by, whole := p.repeated(origin); whole {
		return p.instead(origin, by)
	}
	return prevented{}
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
	r.result.Cycle, r.result.Date = in.ID(), in.Date.Format(time.DateOnly)
	write := Write{Key: skipKey(in.ID(), step.ID(name)), Doc: operation, Expires: newer(in.End, w.Now()).Add(w.memory())}
	record := OperationRecord{Operation: operation, Kind: chain.OperationSkip, Step: name, Cycle: in.ID()}
	looked := false
	return w.drives(ctx, &happening{
		cycle: in.ID(), beside: append(w.audit(record, id), write),
		always: true, event: func(*cycle) run.Event { return run.Looked{} },
		known: func(c *cycle) bool {
			_, known := c.state.Skips[step.ID(name)]
			r.result.Already = r.result.Already || known && !looked // later, it knows what this request has written
			looked = true
			return known
		},
	}, r)
}

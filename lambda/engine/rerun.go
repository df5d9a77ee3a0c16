// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Rerun starts a step once more in a run that there is, and what comes after it follows as ever. id is the same for the same request, however
// often it comes. Its error and result are those of Handle. What the chain or its record does not know is refused, a step that is under way in
// the run, and a run that was canceled.
func (e *Engine) Rerun(ctx context.Context, invocation, id, run, step string, order chain.Order) (Result, error) {
	r := &report{result: Result{Step: step, Run: run}}
	w := &work{Engine: e, owner: invocation}
	err := w.rerun(ctx, "rerun#"+run+"#"+step+"#"+id, run, step, order, r)
	return r.conclude(err), err
}

func (w *work) rerun(ctx context.Context, id, run, name string, order chain.Order, r *report) error {
	step, known := w.step(name)
	if !known {
		r.refuse(RefusalStep, fmt.Sprintf("the chain has no step %q", name))
		return nil
	}
	r.result.AppID = step.App
	for range maxConflicts {
		var view *RunView
		var guard, begun stored[startRef]
		err := w.beside(ctx, func() (err error) {
			// Before the run: a start that comes after this look makes the write fail.
			if guard, err = load[startRef](ctx, w.Store, rerunKey(run, name)); err != nil {
				return err
			}
			if view, err = w.Run(ctx, run); err != nil {
				return err
			}
			begun, err = load[startRef](ctx, w.Store, beginningKey(hashed(id)))
			return err
		})
		if err != nil {
			return err
		}
		if begun.version > 0 {
			return w.repeat(ctx, begun.doc, r)
		}
		if view == nil {
			r.refuse(RefusalRun, fmt.Sprintf("the chain knows no run %q", run))
			return nil
		}
		last, refusal, reason := w.mayRerun(view, name, step)
		if refusal != "" {
			r.refuse(refusal, reason)
			return nil
		}
		start := w.startAgain(view, last, name, id, order)
		err = w.writeRerun(ctx, id, guard, start)
		if err == nil {
			r.result.Attempt = start.Attempt
			_, err = w.proceed(ctx, stored[Start]{key: start.ref().key(), version: 1, doc: *start}, false, r)
			return err
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
		// The same request has come twice, or somebody else asks for the same step: the next look tells which.
	}
	return fmt.Errorf("others were faster %d times to start %s again", maxConflicts, name)
}

// mayRerun returns the step's latest start in the run, if there is one, or what stands against another.
func (w *work) mayRerun(view *RunView, name string, step chain.Step) (last *StartView, refusal Refusal, reason string) {
	if order, canceled := w.orders.Load().canceled[view.ID]; canceled {
		return nil, RefusalCanceled, "the run was canceled " + w.given(order)
	}
	if !step.Enabled {
		return nil, RefusalUnderWay, "the step is disabled in the chain's definition"
	}
	for i := range view.Starts {
		s := &view.Starts[i]
		if s.Step != name {
			continue
		}
		switch s.Phase {
		case PhaseWaiting, PhaseClaimed, PhaseStarted:
			return nil, RefusalUnderWay, fmt.Sprintf("attempt %d of %s is %s in this run", s.Attempt, name, s.Phase)
		default:
			last = s
		}
	}
	return last, "", ""
}

// startAgain is the start that somebody has asked for. It has no causes, and the attempts of a new one.
func (w *work) startAgain(view *RunView, last *StartView, name, id string, order chain.Order) *Start {
	s := w.origin(view.ID, name, id)
	s.Runs[0].Origin = view.Origin
	if last != nil {
		s.Depth, s.Runs = max(s.Depth, last.depth), last.runs
	}
	s.Phase, s.CreatedAt, s.DueAt, s.Asked = PhaseWaiting, order.At, w.past(order.At), &order
	return s
}

func (w *work) writeRerun(ctx context.Context, id string, guard stored[startRef], s *Start) error {
	ref := s.ref()
	guard.doc = ref
	audit := w.audit(Operation{Order: *s.Asked, Operation: chain.OperationRerun, Run: ref.Run, Step: ref.Step}, id)
	return write(ctx, w.Store, append(audit,
		Write{Key: beginningKey(hashed(id)), Doc: ref, Expires: w.expires()},
		guard.write(w.expires()),
		Write{Key: ref.key(), Doc: s, Expires: w.expires()},
		Write{Key: ref.openKey(), Doc: ref, Expires: w.expires()})...)
}

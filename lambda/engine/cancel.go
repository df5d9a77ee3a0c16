// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Canceled reports what a cancellation did with a start.
type Canceled struct {
	Step    string `json:"step"`
	Attempt int    `json:"attempt"`
	Reload  string `json:"reload,omitempty"`
	How     string `json:"how"` // the rest of a sentence about the step
}

// Cancel ends a run. Waiting starts are not started, Qlik Cloud cancels the reloads that the chain has started, and their ends start
// nothing. Cancel can be repeated, and finishes what an earlier call left. Its error and result are those of Handle. It refuses an unknown
// run and a run that is over.
func (e *Engine) Cancel(ctx context.Context, invocation, id, run string, operation chain.Operation) (Result, error) {
	r := &report{result: Result{Run: run}}
	w := &work{Engine: e, owner: invocation}
	err := w.cancel(ctx, id, run, operation, r)
	return r.conclude(err), err
}

func (w *work) cancel(ctx context.Context, id, of string, operation chain.Operation, r *report) error {
	for conflicts := range maxConflicts {
		record, c, err := w.runAndCycle(ctx, of)
		if err != nil {
			return err
		}
		if record == nil {
			r.refuse(RefusalRun, fmt.Sprintf("the chain knows no run %q", of))
			return nil
		}
		first, again := w.active.Load().canceled[of]
		if !again && c.runs[of].Status != "" {
			r.refuse(RefusalOver, "the run is over")
			return nil
		}
		timer := chain.Timer{Kind: chain.TimerCancel, Cycle: record.Cycle, Run: of, Due: w.Now().Add(recheckDelay)}
		if err := w.setTimer(ctx, timerName("cancel", of, w.Now().UTC().Format("150405")), timer); err != nil {
			return err
		}
		if r.result.Already = again; again {
			operation = first
		} else {
			audit := w.audit(OperationRecord{Operation: operation, Kind: chain.OperationCancel, Run: of}, id)
			doc := c.runs[of]
			doc.Canceled = true
			err = write(ctx, w.Store, append(audit,
				Write{Key: canceledKey(of), Doc: operation, Expires: w.expires()},
				Write{Key: runInCycle(c.id, of), Doc: doc.runDoc, Version: doc.version, Expires: w.expires()})...) // unless the run ends at this moment
		}
		if err == nil {
			r.result.Outcome = OutcomeCanceled
			return w.stopAll(ctx, record.Cycle, of, operation, r)
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if err := errors.Join(Backoff(ctx, conflicts), w.readActive(ctx)); err != nil {
			return err
		}
	}
	return fmt.Errorf("cannot change the run %s: gave up after %d write conflicts", of, maxConflicts)
}

// stopAll stops every start of a run, and releases the runs that waited for it.
func (w *work) stopAll(ctx context.Context, in, of string, operation chain.Operation, r *report) error {
	if err := w.readActive(ctx); err != nil {
		return err
	}
	var refs []startRef
	for _, ref := range w.active.Load().open {
		if ref.Run == of {
			refs = append(refs, ref)
		}
	}
	if _, err := parallel(len(refs), func(i int) (bool, error) { return true, w.stop(ctx, refs[i].key(), operation, r) }); err != nil {
		return err
	}
	if err := w.drives(ctx, &happening{cycle: in, event: func(*cycle) run.Event { return run.Looked{} }}, r); err != nil {
		return err
	}
	_, err := w.releaseQueued(ctx, r)
	return err
}

// stop stops a start that has not ended.
func (w *work) stop(ctx context.Context, key Key, operation chain.Operation, r *report) error {
	for range maxConflicts {
		start, err := load[Start](ctx, w.Store, key)
		if err != nil {
			return err
		}
		s := &start.doc
		switch {
		case s.Phase == PhaseStarted:
			return w.cancelReload(ctx, start, operation, r)
		case s.Phase == PhaseWaiting && !s.Unsure:
			err = w.abandon(ctx, start, operation, r)
		case s.Phase == PhaseWaiting || s.Phase == PhaseClaimed:
			// Qlik Cloud may have the request. The execution with the claim finds this when it records the reload, and cancels it.
			if s.Canceled == nil {
				s.Canceled = &operation
				if err = write(ctx, w.Store, start.write(w.expires())); err == nil {
					start.version++
				}
			}
			if err == nil && s.Phase == PhaseClaimed && s.Lease.After(w.Now()) {
				r.cancel(s, "is being asked for in this moment; its reload is canceled when Qlik Cloud has it")
				return nil
			}
			if err == nil {
				_, err = w.advance(ctx, start, true, r)
			}
		default:
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("cannot change the start %s: gave up after %d write conflicts", key.SK, maxConflicts)
}

// abandon ends a start that has no reload in Qlik Cloud.
func (w *work) abandon(ctx context.Context, start stored[Start], operation chain.Operation, r *report) error {
	s := &start.doc
	s.Phase, s.Reason, s.EndedAt, s.Canceled = PhaseCanceled, "the run was canceled "+w.given(operation), w.Now(), &operation
	free := append(w.freeSlot(s), s.unpark()...)
	s.Unsure, s.Owner, s.Lease = false, "", time.Time{}
	err := write(ctx, w.Store, append(free, start.write(w.expires()), Write{Key: s.ref().openKey(), Delete: true})...)
	if err == nil {
		r.cancel(s, "does not start: "+s.Reason)
	}
	return err
}

// canceledBy explains in a sentence why a reload is canceled: with its run, or because it takes too long itself.
func (w *work) canceledBy(of string, operation chain.Operation) string {
	if _, canceled := w.active.Load().canceled[of]; !canceled {
		return "it takes longer than it may (" + operation.Reason + ")"
	}
	return "the run was canceled " + w.given(operation)
}

// cancelReload asks Qlik Cloud to cancel a reload that the chain has started.
func (w *work) cancelReload(ctx context.Context, start stored[Start], operation chain.Operation, r *report) error {
	s := &start.doc
	if s.Foreign {
		r.cancel(s, "goes on: the chain did not start its reload; nothing follows from its end")
		return nil
	}
	if w.limited.Load() {
		r.fail(s.Name, s.App, errors.New("Qlik Cloud's rate limit was reached; it is tried again in a minute")) //nolint:staticcheck // a name
		return nil
	}
	if s.Target.Kind == chain.KindSignal {
		return w.cancelSignal(ctx, s, operation, r)
	}
	err := w.jobs(s.Target.Kind).Cancel(ctx, s.Target, s.Reload, Before{Last: s.Before})
	what := "its " + s.Target.Kind.Run()
	var refusal *qlik.Error
	switch {
	case err == nil:
		r.cancel(s, "Qlik Cloud was asked to cancel "+what)
	case errors.Is(err, errJobOver),
		errors.As(err, &refusal) && (refusal.Status == http.StatusConflict || refusal.Status == http.StatusNotFound):
		r.cancel(s, what+" has ended already, or is being canceled")
	default:
		if refusal != nil && refusal.RateLimited() {
			w.limited.Store(true)
		}
		r.fail(s.Name, s.App, fmt.Errorf("%s %s could not be canceled: %w", what, s.Reload, err))
		return nil
	}
	_, err = change(ctx, w.Store, start.key, w.expires(), func(s *Start) bool {
		if s.Canceled != nil {
			return false
		}
		s.Canceled = &operation
		if s.Phase == PhaseStarted {
			s.Reason = "is being canceled: " + w.canceledBy(s.Run, operation)
		}
		return true
	})
	return err
}

// wakeCancel cancels what an earlier cancellation of a run left, and what was started at the same moment.
func (w *work) wakeCancel(ctx context.Context, t chain.Timer, r *report) error {
	operation, canceled := w.active.Load().canceled[t.Run]
	if !canceled {
		return nil
	}
	r.result.Outcome = OutcomeCanceled
	if err := w.stopAll(ctx, t.Cycle, t.Run, operation, r); err != nil {
		return err
	}
	if _, err := w.takeUp(ctx, t.Cycle, r); err != nil {
		return err
	}
	if failed := r.result.Failed; len(failed) > 0 {
		return errors.New(failed[0].Error)
	}
	return nil
}

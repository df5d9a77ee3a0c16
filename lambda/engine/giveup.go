// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// lose gives up a start that was due: its step has failed.
func (w *work) lose(ctx context.Context, start stored[Start], reason string, r *report) (bool, error) {
	start.doc.Lost = true
	return w.giveUp(ctx, start, reason, r)
}

// giveUp ends a start without a reload in Qlik Cloud, and handles what follows. It returns false if another execution has changed the start
// in the meantime: it gave up the start too, or it had not broken off after all.
func (w *work) giveUp(ctx context.Context, start stored[Start], reason string, r *report) (bool, error) {
	s := &start.doc
	s.Phase, s.Reason, s.EndedAt = PhaseRefused, reason, w.Now()
	free := w.freeSlot(s)
	err := write(ctx, w.Store, slices.Concat(free, s.unpark(), []Write{start.write(w.expires())})...)
	if errors.Is(err, ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.giveUp(s.Name, s.App, errors.New(reason))
	safe, err := w.givenUp(ctx, s, r)
	if err != nil || len(free) == 0 {
		return safe, err
	}
	released, err := w.releaseQueued(ctx, r)
	return safe && released, err
}

// givenUp handles what follows from a start that was given up.
func (w *work) givenUp(ctx context.Context, s *Start, r *report) (bool, error) {
	ref := s.ref()
	if !s.Lost { // its step was disabled or removed
		decided := true
		safe, err := w.drive(ctx, &happening{cycle: s.Cycle, event: func(c *cycle) run.Event {
			if start := c.start(ref.Run, ref.Step); start != nil {
				start.Phase, start.DueAt = run.PhaseDelayed, w.Now()
			}
			decided = c.state.Runs[ref.Run] != nil && !c.state.Runs[ref.Run].Canceled
			return run.Woke{Run: ref.Run, Step: ref.Step, Attempt: ref.Attempt}
		}}, r)
		if err == nil && !decided { // the run was canceled in the meantime: nothing follows, and nothing else closes the attempt
			err = write(ctx, w.Store, Write{Key: ref.openKey(), Delete: true})
		}
		return safe, err
	}
	return w.failStart(ctx, s, reloadEnd{
		step: s.Step, event: fmt.Sprintf("none-%s-%02d", s.Run, s.Attempt), at: s.EndedAt, created: s.EndedAt, outcome: chain.OutcomeFailure,
		how: s.Reason,
	}, r)
}

// failStart handles what follows from a start that has failed without the end of a reload. The execution that writes the failure reports
// it.
func (w *work) failStart(ctx context.Context, s *Start, end reloadEnd, r *report) (bool, error) {
	ref := s.ref()
	if err := w.recheckEvent(ctx, ref, end.event); err != nil {
		return false, err
	}
	h := w.ownEnd(end, ref)
	safe, err := w.drive(ctx, h, r)
	if h.written {
		failed := w.failed(ref, end)
		failed.Reason = end.how
		r.lose(failed)
	}
	return safe, err
}

// skipStart ends a waiting start of a step that an operator has skipped in the meantime.
func (w *work) skipStart(ctx context.Context, start stored[Start], r *report) (bool, error) {
	s := &start.doc
	s.Phase, s.Reason, s.EndedAt, s.Queued = PhaseRefused, "an operator has skipped the step before its start", w.Now(), false
	unparked := s.unpark()
	err := write(ctx, w.Store, append(unparked, start.write(w.expires()))...)
	if errors.Is(err, ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.notStarted(s.Name, s.Reason)
	return w.givenUp(ctx, s, r)
}

// skipped reports whether an operator has skipped the step of a start in its cycle.
func (w *work) skipped(ctx context.Context, s *Start) (bool, error) {
	operation, err := load[chain.Operation](ctx, w.Store, skipKey(s.Cycle, s.Step))
	return operation.version > 0, err
}

// superseded ends a start because another run goes on with its step.
func (w *work) superseded(ctx context.Context, start stored[Start], by, reason string, r *report) (bool, error) {
	s := &start.doc
	s.Phase, s.Reason, s.GoesOn, s.EndedAt = PhaseSuperseded, reason, by, w.Now()
	free := append(w.freeSlot(s), s.unpark()...)
	err := write(ctx, w.Store, append(free, start.write(w.expires()))...)
	if errors.Is(err, ErrConflict) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	r.notStarted(s.Name, reason)
	return w.wentOn(ctx, s, r)
}

// wentOn handles what follows from a start if another run goes on with its step.
func (w *work) wentOn(ctx context.Context, s *Start, r *report) (bool, error) {
	return w.drive(ctx, &happening{cycle: s.Cycle, event: func(*cycle) run.Event {
		return run.WentOn{Run: s.Run, Step: s.Step, In: s.GoesOn}
	}}, r)
}

// lastStands writes that a failed attempt was the last one: its step was disabled while the next attempt waited.
func (w *work) lastStands(c *cycle, last startRef, then *run.Facts) group {
	next := last
	next.Attempt = then.Start.Attempt
	doc := c.ends[last]
	doc.Next = time.Time{}
	return group{writes: []Write{{Key: last.endKey(), Doc: doc, Always: true, Expires: w.expires()}, {Key: next.openKey(), Delete: true}}}
}

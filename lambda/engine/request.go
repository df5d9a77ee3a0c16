// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// requestReload requests the reload of a start from Qlik Cloud. This execution has claimed the start.
func (w *work) requestReload(ctx context.Context, start stored[Start], r *report) (bool, error) {
	s := &start.doc
	if err := w.mayRequest(ctx); err != nil && !s.Unsure {
		// It was claimed together with others, and one of them met a reason not to ask Qlik Cloud for this one either.
		if errors.Is(err, errLimited) {
			return w.putOff(ctx, start, "", r)
		}
		return w.later(ctx, start, err, r)
	}
	inTime, cancel := context.WithTimeout(ctx, s.Lease.Sub(w.Now())*3/4)
	defer cancel()
	if s.Unsure {
		found, err := w.find(inTime, s)
		if err != nil {
			return w.later(ctx, start, err, r)
		}
		if found != nil {
			return w.found(ctx, start, found, r)
		}
		if stopped, safe, err := w.applyOperations(ctx, &start, r); stopped {
			return safe, err
		}
	}
	step, _ := w.stepOf(s.Step)
	reload, err := w.Reloads.StartReload(inTime, qlik.ReloadRequest{
		AppID: step.App, Partial: step.Partial, Variables: step.Variables, Weight: step.Weight,
	})
	if err == nil {
		return w.recorded(ctx, start, reload, "", r)
	}
	return w.refused(ctx, inTime, start, err, r)
}

// applyOperations applies the operators' operations to a start if Qlik Cloud has no reload for it.
func (w *work) applyOperations(ctx context.Context, start *stored[Start], r *report) (stopped, safe bool, err error) {
	ref, parked := start.doc.ref(), false
	if operation := w.canceled(&start.doc); operation != nil {
		err = w.abandon(ctx, *start, *operation, r)
	} else if w.paused() == nil {
		return false, false, nil
	} else if parked, err = w.parkStart(ctx, start, r); err == nil && !parked {
		safe, err = w.advance(ctx, *start, true, r)
		return true, safe, err
	}
	if errors.Is(err, ErrConflict) {
		safe, err = w.look(ctx, ref, "", r)
		return true, safe, err
	}
	return true, err == nil, err
}

// found takes over a reload that an earlier request made. If the reload has already ended, its event may be lost. So found handles the end
// at once. If the event comes later, it changes nothing.
func (w *work) found(ctx context.Context, start stored[Start], reload *qlik.Reload, r *report) (bool, error) {
	safe, err := w.recorded(ctx, start, reload, "an execution that was cut off, or got no answer, had started it", r)
	end, final := endOf(start.doc.Step, reload)
	if err != nil || !safe || !final {
		return safe, err
	}
	err = w.handleUnreportedEnd(ctx, end, r)
	return err == nil, err
}

// handleUnreportedEnd handles an end from Qlik's own record that no event reported, while another change is in progress.
func (w *work) handleUnreportedEnd(ctx context.Context, end reloadEnd, r *report) error {
	if end.at.IsZero() {
		end.at = w.Now()
	}
	end.how = w.withoutEvent(end.at)
	inner := &report{}
	err := w.handleReloadEnd(ctx, end, inner)
	r.take(inner)
	return err
}

// find searches for the reload that an earlier request made.
func (w *work) find(ctx context.Context, s *Start) (*qlik.Reload, error) {
	reloads, err := w.Reloads.ListReloads(ctx, qlik.ReloadFilter{AppID: s.App, Limit: 20})
	if err != nil {
		return nil, err
	}
	var found *qlik.Reload
	for i := range reloads { // newest first
		r := &reloads[i]
		made := reloadEnd{created: r.CreationTime.Time, at: r.CreationTime.Time}
		if r.Type != triggerAPI || !s.mayHave(made) {
			continue
		}
		known, err := load[reloadDoc](ctx, w.Store, reloadKey(r.ID))
		if err != nil {
			return nil, err
		}
		if known.doc.Start == nil || *known.doc.Start == s.ref() {
			found = r
		}
	}
	return found, nil
}

// recorded writes which reload carries out a start. how says so if another request made it.
func (w *work) recorded(ctx context.Context, start stored[Start], reload *qlik.Reload, how string, r *report) (bool, error) {
	ref := start.doc.ref()
	known := stored[reloadDoc]{key: reloadKey(reload.ID)} // nothing is known yet of a reload that was just made
	var err error
	for i := range maxConflicts {
		if i > 0 || how != "" {
			if known, err = load[reloadDoc](ctx, w.Store, known.key); err != nil {
				return false, err
			}
		}
		s := &start.doc
		if known.doc.Start != nil && *known.doc.Start != ref {
			// Its end was reported in the meantime and counted as that of a reload that the chain had not started: that run has continued.
			// Or the other start asked for it after this one was claimed: then the reload does what this one would do.
			return w.superseded(ctx, start, known.doc.Start.Run, "the reload that was found for it is that of the run "+known.doc.Start.Run, r)
		}
		var writes []Write
		if s.Phase == PhaseClaimed || s.Phase == PhaseWaiting {
			at := reload.CreationTime.Time
			if at.IsZero() {
				at = w.Now()
			}
			writes = w.adopt(&start, reload.ID, at)
			s.Reason = how
			writes[0].Doc = *s
		}
		if known.doc.Start == nil {
			known.doc.Step, known.doc.Start = s.Step, &ref
			writes = append(writes, known.write(w.expires()))
		}
		if len(writes) > 0 {
			err = write(ctx, w.Store, writes...)
		}
		if err == nil {
			if len(writes) > 0 && writes[0].Key == start.key {
				start.version++
			}
			if err := w.watch(ctx, ref, s.StartedAt); err != nil {
				return false, err
			}
			r.start(Started{Step: s.Name, App: s.App, Run: s.Run, Attempt: s.Attempt, Reload: reload.ID, How: how}, w.Now())
			if operation := w.canceled(s); operation != nil && s.Phase == PhaseStarted { // in the meantime
				return true, w.cancelReload(ctx, start, *operation, r)
			}
			return true, nil
		}
		if !errors.Is(err, ErrConflict) {
			return false, err
		}
		// The event of this reload may have arrived in the meantime and found the claim.
		if start, err = load[Start](ctx, w.Store, start.key); err != nil {
			return false, err
		}
	}
	return false, fmt.Errorf("cannot record the reload %s: gave up after %d write conflicts", reload.ID, maxConflicts)
}

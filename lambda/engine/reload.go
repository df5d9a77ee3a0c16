// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// reloadEnd is what an event reports: a reload of a step's app has ended.
type reloadEnd struct {
	step     string // its id in runs
	event    string // the reload's id, or the event's if it does not name the reload
	reload   string // empty if the event does not name it
	at       time.Time
	created  time.Time // zero if the event does not contain it
	duration time.Duration
	queued   time.Duration   // in Qlik Cloud's queue, before that; 0 if it is not known
	failure  *chain.JobError // why it failed, in Qlik Cloud's words; nil if they are not known
	outcome  chain.Outcome
	status   qlik.Status
	ours     bool   // the engine may have requested this reload
	lost     bool   // no event or record has reported it
	ignored  string // why it does not count as the step's, unless it belongs to a start; empty: it counts
	how      string // how it became known without an event

	variables map[string]string        // of the run that it begins; with them, it settles no start
	requested bool                     // a request reports it, which is not repeated if the execution breaks off
	audit     func(run string) []Write // records the request, once; nil: nothing does
}

// began returns when the reload started, if known. Otherwise it returns when it was made, or ended.
func (end *reloadEnd) began() time.Time {
	if end.duration == 0 && !end.created.IsZero() {
		return end.created
	}
	return end.at.Add(-end.duration)
}

func (end *reloadEnd) doc() endDoc {
	return endDoc{
		Reload: end.event, Status: end.status, Outcome: end.outcome, Started: end.began(), Ended: end.at,
		Seconds: end.duration.Seconds(), Reason: end.how,
		Queued: end.queued.Seconds(), Lost: end.lost,
	}
}

func (end *reloadEnd) result(ref startRef) run.Result {
	return run.Result{
		Step: end.step, Run: ref.Run, Reload: end.event, Outcome: end.outcome, Status: string(end.status), Attempt: ref.Attempt,
		Started: end.began(), Ended: end.at,
	}
}

// handleReloadEnd handles the end of a reload until everything that follows is safe: done, or put off with a timer set.
func (w *work) handleReloadEnd(ctx context.Context, end reloadEnd, r *report) error {
	for conflicts := range maxConflicts {
		var known stored[reloadDoc]
		err := w.beside(ctx, func() (err error) { known, err = load[reloadDoc](ctx, w.Store, reloadKey(end.event)); return err })
		if err != nil {
			return err
		}
		switch {
		case known.doc.Handled:
			r.result.Outcome = OutcomeRepeated
			if ref := known.doc.Start; ref != nil {
				r.result.Run, r.result.Attempt = ref.Run, ref.Attempt
			}
			// The execution that this one repeats may have claimed a queued start, and another copy of the event does not know of it.
			_, err := w.releaseQueued(ctx, r)
			return err
		case known.doc.Start == nil && end.ignored != "":
			r.result.Outcome, r.result.Reason = OutcomeNothingDue, end.ignored
			return nil
		}
		err = w.handle(ctx, end, known, r)
		if !errors.Is(err, ErrConflict) {
			return err
		}
		// Another execution has changed the state of the reload. Repeating is harmless: every write below is conditional.
		if err := errors.Join(Backoff(ctx, conflicts), w.readActive(ctx)); err != nil {
			return err
		}
	}
	return fmt.Errorf("cannot record the end of the reload %s: gave up after %d write conflicts", end.event, maxConflicts)
}

// handle handles an end for the first time, and records that.
func (w *work) handle(ctx context.Context, end reloadEnd, known stored[reloadDoc], r *report) error {
	h, err := w.happened(ctx, end, &known)
	if err != nil {
		return err
	}
	if end.audit != nil && len(h.beside) > 0 { // the end is not recorded yet
		h.beside = append(h.beside, end.audit(known.doc.Start.Run)...)
	}
	r.result.Run, r.result.Attempt = known.doc.Start.Run, known.doc.Start.Attempt
	if end.requested {
		if err := w.recheck(ctx, *known.doc.Start, end.event); err != nil {
			return err
		}
	}
	safe, err := w.drive(ctx, h, r)
	r.result.Run, r.result.Attempt = known.doc.Start.Run, known.doc.Start.Attempt // it may be the end of another one, reported before
	if err != nil || !safe {
		return w.leaveEnd(ctx, *known.doc.Start, end, err, r)
	}
	safe, err = parallel(len(known.doc.Waiters), func(i int) (bool, error) { return w.look(ctx, known.doc.Waiters[i], end.event, r) })
	if err != nil || !safe {
		return w.leaveEnd(ctx, *known.doc.Start, end, err, r)
	}
	if safe, err = w.releaseQueued(ctx, r); err != nil || !safe {
		return w.leaveEnd(ctx, *known.doc.Start, end, err, r)
	}
	if h.written && len(h.beside) > 0 {
		known.version++
	}
	known.doc.Handled = true
	if err := write(ctx, w.Store, known.write(w.expires())); err != nil {
		return err
	}
	switch {
	case end.outcome == chain.OutcomeSuccess:
		r.finish()
	case end.outcome == chain.OutcomeFailure && h.final:
		r.lose(w.failed(*known.doc.Start, end))
	}
	return nil
}

// leaveEnd leaves what follows from an end to another execution, which has claimed it. If that one breaks off, its repetition may not come
// back to it: it may have reached it by way of a start of its own. So a timer does. If two executions leave work to each other, neither
// marks the end as handled, which is harmless.
func (w *work) leaveEnd(ctx context.Context, of startRef, end reloadEnd, err error, r *report) error {
	if err != nil {
		return err
	}
	r.left = true
	return w.recheck(ctx, of, end.event)
}

// failed returns the record of a step that has failed for good.
func (w *work) failed(ref startRef, end reloadEnd) FailedStep {
	step, _ := w.stepOf(ref.Step)
	failed := FailedStep{
		Step: w.nameOf(ref.Step), App: step.App, Run: ref.Run, Attempt: ref.Attempt, Of: max(ref.Attempt, step.Retry.Attempts()),
		Reload: end.reload, Status: end.status,
	}
	if known, ok := w.errors.Load(ref); ok {
		e := known.(*chain.JobError) //nolint:forcetypeassert // nothing else is stored
		failed.Error = jobError(e.Code, e.Message)
	}
	return failed
}

// happened finds out which start a reload carries out, and what that means for its cycle. A reload that the chain did not start begins a
// run, or is the attempt that a step waits for.
func (w *work) happened(ctx context.Context, end reloadEnd, known *stored[reloadDoc]) (*happening, error) {
	if ref := known.doc.Start; ref != nil {
		lost := false
		if !slices.Contains(w.active.Load().open, *ref) {
			reported, err := load[endDoc](ctx, w.Store, ref.endKey())
			if err != nil {
				return nil, err
			}
			lost = reported.doc.Lost
		}
		if !lost {
			return w.ownEnd(end, *ref), nil
		}
		known.doc.Start = nil // what follows from that start is decided; this now counts as a reload that the chain did not start
	}
	open, err := w.openOf(ctx, end.step)
	if err != nil {
		return nil, err
	}
	known.doc.Step = end.step
	open = slices.DeleteFunc(open, func(s stored[Start]) bool { // what a signal reports goes on elsewhere
		return s.doc.Target.Kind == chain.KindSignal && w.canceled(&s.doc) != nil
	})
	own := ownOf(open, end)
	if own == nil {
		own = awaitingSignal(open, end)
	}
	if own != nil {
		if len(end.variables) > 0 {
			return nil, errJoins
		}
		ref := own.doc.ref()
		known.doc.Start = &ref
		h := w.ownEnd(end, ref)
		h.beside = append(w.adopt(own, end.event, end.began()), known.write(w.expires()))
		if stale := h.stale; own.doc.Target.Kind == chain.KindSignal { // nothing says which of two signals a start waits for
			h.stale = func(c *cycle) bool { // in this moment another one has settled the start, or its run was canceled: this is not its end
				other, ended := c.ends[ref]
				canceled := c.state.Runs[ref.Run] != nil && c.state.Runs[ref.Run].Canceled
				return stale(c) || canceled || ended && other.Reload != end.event
			}
		}
		return h, nil
	}
	if end.outcome == chain.OutcomeSuccess && len(end.variables) == 0 {
		if next := w.awaiting(open, end); next != nil {
			ref := next.doc.ref()
			known.doc.Start = &ref
			next.doc.Foreign = true
			h := w.ownEnd(end, ref)
			h.beside = append(w.adopt(next, end.event, end.began()), known.write(w.expires()))
			h.stale = func(c *cycle) bool { return c.state.Runs[ref.Run] != nil && c.state.Runs[ref.Run].Canceled } // in this moment
			return h, nil
		}
	}
	return w.foreign(end, known), nil
}

// ownEnd returns the event for the end of an attempt of a start.
func (w *work) ownEnd(end reloadEnd, ref startRef) *happening {
	return &happening{
		cycle: ref.Cycle, end: &end, ends: []startRef{ref},
		event: func(*cycle) run.Event { return run.Ended{Result: end.result(ref)} },
		known: func(c *cycle) bool { _, known := c.ends[ref]; return known },
		stale: func(c *cycle) bool { return c.ends[ref].Lost && !end.lost }, // in this moment
	}
}

// foreign returns the event for the end of a reload that the chain did not start. All of it derives from the event, so that every execution
// makes the same run from the same reload.
func (w *work) foreign(end reloadEnd, known *stored[reloadDoc]) *happening {
	at := w.past(end.began())
	of := w.cycleAt(at)
	doc := w.newRun(of, []string{end.step}, runID(at, end.event), at, StartedByReload)
	doc.Reload, doc.ByHand = end.event, true
	doc.setVariables(end.variables)
	reason := "the chain did not start it"
	if step, _ := w.stepOf(end.step); step.Kind() == chain.KindSignal {
		doc.StartedBy, doc.ByHand, reason = StartedBySignal, false, end.how
	}
	ref := startRef{Cycle: of.ID(), Run: doc.ID, Step: end.step, Attempt: 1}
	known.doc.Start = &ref
	return &happening{
		cycle: of.ID(), end: &end, ends: []startRef{ref}, begun: &doc, reason: reason, beside: []Write{known.write(w.expires())},
		event: func(*cycle) run.Event { return run.Reloaded{Run: w.runOf(doc), Result: end.result(ref)} },
		known: func(c *cycle) bool { _, known := c.runs[doc.ID]; return known },
		may: func(c *cycle) bool {
			if _, begun := c.runs[doc.ID]; begun {
				return true
			}
			twin := c.twin(end)
			if twin != nil {
				known.doc.Start = twin
			}
			return twin == nil
		},
	}
}

// sameEnd is the maximum difference between the times of one reload's end in two events, one with the reload's id and one without.
const sameEnd = time.Minute

// twin returns the attempt that already has the same end from another event: only one of the two events has the reload's id. It returns nil
// if there is none.
func (c *cycle) twin(end reloadEnd) *startRef {
	for ref, other := range c.ends {
		if ref.Step == end.step && other.Outcome == end.outcome && other.Ended.Sub(end.at).Abs() <= sameEnd &&
			strings.HasPrefix(other.Reload, eventPrefix) != (end.reload == "") {
			return &ref
		}
	}
	return nil
}

// eventPrefix begins the ids of reloads that an event did not name.
const eventPrefix = "event:"

// clockSkew is how much earlier than its claim a reload may seem to have been made: Qlik's timestamps may have whole seconds, and its clock
// is not ours.
const clockSkew = 5 * time.Second

// latestRequest is how long after the end of its claim a request may still reach Qlik Cloud, clock differences included.
const latestRequest = 2 * time.Minute

// ownOf returns the start that a reload carries out although no record says so yet: it ended before the answer to its request arrived, or
// the execution that asked for it broke off. An event that does not name its reload belongs to the oldest start that has one. The run of a
// data task belongs to the start that knew of the latest run before it.
func ownOf(open []stored[Start], end reloadEnd) *stored[Start] {
	if !end.ours {
		return nil
	}
	var own *stored[Start]
	for i := range open {
		s := &open[i].doc
		requested := s.Phase == PhaseClaimed || s.Phase == PhaseWaiting && s.Unsure
		if end.reload == "" || s.Reload == "" {
			requested = requested || s.Phase == PhaseStarted
		}
		if requested && !s.ClaimedAt.IsZero() && s.mayHave(end) && (own == nil || s.Before.After(own.doc.Before)) {
			own = &open[i]
		}
	}
	return own
}

// mayHave reports whether a job may have been requested for this start: it was created while the claim lasted. The run of a data task is
// the first after the latest one before, and a signal may come at any time.
func (s *Start) mayHave(end reloadEnd) bool {
	switch {
	case !s.Before.IsZero():
		return end.created.After(s.Before)
	case s.Target.Kind == chain.KindDataTask, s.Target.Kind == chain.KindSignal:
		return !end.created.Before(s.ClaimedAt.Add(-clockSkew))
	case end.created.IsZero(): // only its end is known
		return !end.at.Before(s.ClaimedAt.Add(-clockSkew))
	}
	return !end.created.Before(s.ClaimedAt.Add(-clockSkew)) && (s.Lease.IsZero() || !end.created.After(s.Lease.Add(latestRequest)))
}

// awaiting returns the newest further attempt of a step that waits for its time. A reload that ended with success in the meantime is that
// attempt.
func (w *work) awaiting(open []stored[Start], end reloadEnd) *stored[Start] {
	var newest *stored[Start]
	for i := range open {
		s := &open[i].doc
		waits := s.Phase == PhaseWaiting && s.Attempt > 1 && !s.Unsure && w.canceled(s) == nil && !s.CreatedAt.After(end.at)
		if waits && (newest == nil || s.Run > newest.doc.Run) {
			newest = &open[i]
		}
	}
	return newest
}

// awaitingSignal returns the start that came due first of those that wait for a signal and are parked, or queued for max_running. A signal
// starts nothing, so its report settles the step all the same.
func awaitingSignal(open []stored[Start], end reloadEnd) *stored[Start] {
	var first *stored[Start]
	for i := range open {
		s := &open[i].doc
		waits := s.Target.Kind == chain.KindSignal && s.Phase == PhaseWaiting && !end.created.Before(s.CreatedAt.Add(-clockSkew))
		if waits && (first == nil || s.CreatedAt.Before(first.doc.CreatedAt)) {
			first = &open[i]
		}
	}
	return first
}

// adopt returns the writes that assign a reload to a start. The caller writes the reload's own item together with them.
func (w *work) adopt(start *stored[Start], reload string, at time.Time) []Write {
	unparked := start.doc.unpark()
	start.doc.Phase, start.doc.Unsure, start.doc.Behind, start.doc.Reason = PhaseStarted, false, "", ""
	if start.doc.Reload == "" { // otherwise the engine's event, which does not name the reload
		start.doc.Reload = reload
	}
	if start.doc.StartedAt.IsZero() {
		start.doc.StartedAt = at
	}
	return append([]Write{start.write(w.expires())}, unparked...)
}

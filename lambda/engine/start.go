// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// zero is how long a wait may still be for its time to count as come: timers keep to the minute, and clocks differ.
const zero = time.Second

// create writes a start unless it exists, and with it what says how it came about, and sees to it. One that may be asked for at once is
// claimed in the same write.
func (w *work) create(ctx context.Context, s Start, edges []Write, r *report) (bool, error) {
	ref := s.ref()
	start := stored[Start]{key: ref.key(), doc: s}
	if w.ready(ctx, &s) {
		w.take(ctx, &start.doc)
	}
	err := write(ctx, w.Store, append(edges, start.write(w.expires()), Write{Key: ref.openKey(), Doc: ref, Expires: w.expires()})...)
	switch {
	case err == nil && start.doc.Phase == PhaseClaimed:
		start.version++
		return w.ask(ctx, start, r)
	case err == nil:
		start.version++
		return w.proceed(ctx, start, false, r)
	case !errors.Is(err, ErrConflict):
		return false, err
	}
	if err := w.writeEdges(ctx, edges); err != nil {
		return false, err
	}
	there, err := load[Start](ctx, w.Store, start.key)
	switch {
	case err != nil:
		return false, err
	case there.version > 0 && there.doc.claimedLike(&start.doc):
		return w.ask(ctx, there, r) // it was written, and the answer lost
	case there.version > 0:
		return w.proceed(ctx, there, false, r)
	default:
		return w.create(ctx, s, nil, r) // an execution that was cut off had written the edges
	}
}

// ready tells whether Qlik may be asked for a new start at once.
func (w *work) ready(ctx context.Context, s *Start) bool {
	step, known := w.stepOf(s)
	return known && step.Enabled && s.DueAt.Sub(w.Now()) <= zero && w.canceled(s) == nil && w.paused() == nil && w.mayAsk(ctx) == nil
}

// wakeStart sees to a start whose timer has come.
func (w *work) wakeStart(ctx context.Context, t chain.Timer, r *report) error {
	ref := startRef{Run: t.Run, Step: t.Step, ID: t.Start, Attempt: t.Attempt}
	var start stored[Start]
	err := w.beside(ctx, func() (err error) { start, err = load[Start](ctx, w.Store, ref.key()); return err })
	if err != nil {
		return err
	}
	if start.version == 0 {
		r.result.Reason = "the chain's table does not know this start any more"
		return nil
	}
	r.result.AppID, r.result.Attempt = start.doc.App, start.doc.Attempt
	_, err = w.proceed(ctx, start, !t.Due.Before(start.doc.DueAt), r)
	return err
}

// look sees to a start that exists already; ended is the reload that has ended, behind which it may wait.
func (w *work) look(ctx context.Context, ref startRef, ended string, r *report) (bool, error) {
	start, err := load[Start](ctx, w.Store, ref.key())
	if err != nil || start.version == 0 {
		return err == nil, err
	}
	return w.proceed(ctx, start, ended != "" && start.doc.Behind == ended, r)
}

// proceed takes a start as far as it can go. now says that its time has come, whatever the clock says. It returns true when the start is
// in safe hands: Qlik has it or has refused it, or a timer will come for it. It returns false when another execution is at it.
func (w *work) proceed(ctx context.Context, start stored[Start], now bool, r *report) (bool, error) {
	for range maxConflicts {
		s := &start.doc
		switch s.Phase {
		case PhaseWaiting:
			if order := w.canceled(s); order != nil && !s.Unsure {
				err := w.abandon(ctx, start, *order, r)
				if !errors.Is(err, ErrConflict) {
					return err == nil, err
				}
				if start, err = load[Start](ctx, w.Store, start.key); err != nil {
					return false, err
				}
				continue
			}
			if !now && s.DueAt.Sub(w.Now()) > zero {
				r.later(s.Step, s.Reason)
				return true, w.setStartTimer(ctx, s)
			}
		case PhaseClaimed:
			if left := s.Lease.Sub(w.Now()); left > 0 {
				return w.leave(s, left, r)
			}
			s.Unsure = true // whoever claimed it was cut off, perhaps after Qlik had been asked
		default:
			r.hold(s.Step, s.done())
			return !s.Lost || w.tellLost(ctx, s, r), nil // whoever gave it up may have been cut off before he told
		}
		if step, known := w.stepOf(s); !known || !step.Enabled {
			_, err := w.giveUp(ctx, start, "the step was disabled or removed from the chain before its start", r)
			return true, err
		}
		if s.Phase == PhaseWaiting && !s.Unsure && w.paused() != nil {
			held, err := w.holdStart(ctx, &start, r)
			if errors.Is(err, ErrConflict) {
				if start, err = load[Start](ctx, w.Store, start.key); err != nil {
					return false, err
				}
				continue
			}
			if err != nil || held {
				return err == nil, err
			}
		}
		err := w.mayAsk(ctx)
		if errors.Is(err, errLimited) {
			return w.putOff(ctx, start, "", r)
		}
		if err != nil {
			return w.later(ctx, start, err, r)
		}
		err = w.claim(ctx, &start)
		if err == nil {
			return w.ask(ctx, start, r)
		}
		if !errors.Is(err, ErrConflict) {
			return false, err
		}
		claimed := *s
		if start, err = load[Start](ctx, w.Store, start.key); err != nil {
			return false, err
		}
		if start.doc.claimedLike(&claimed) {
			return w.ask(ctx, start, r) // the claim was written, and the answer lost
		}
	}
	return false, fmt.Errorf("others were faster %d times to claim the start of %s", maxConflicts, start.doc.Step)
}

// done says what has become of a start that needs nothing more, as the rest of a sentence about the step.
func (s *Start) done() string {
	if s.Phase == PhaseStarted || s.Phase == PhaseEnded {
		return "was started already, by the reload " + s.Reload
	}
	return s.Reason
}

// leave is for a start that another execution has claimed: that one sees to it, or Lambda repeats the event that it is at. When this is
// that repetition the event must come once more, since the claim has not run out yet.
func (w *work) leave(s *Start, left time.Duration, r *report) (bool, error) {
	if s.Owner == w.owner {
		return false, fmt.Errorf("the start of %s was claimed by an execution that was cut off; its claim runs out in %s", s.Step, left.Round(time.Millisecond))
	}
	r.hold(s.Step, "another execution is starting it")
	return false, nil
}

// How long a claim lasts: as long as a request to Qlik may take, and a quarter more for one that was sent in the last moment to get
// there.
const (
	longestClaim  = 20 * time.Second
	shortestClaim = time.Second
)

// timeLeft tells whether a request could still be sent and its answer recorded.
func (w *work) timeLeft(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) >= shortestClaim
}

// mayAsk returns what keeps this invocation from asking Qlik for another reload.
func (w *work) mayAsk(ctx context.Context) error {
	switch {
	case w.limited.Load():
		return errLimited
	case w.failures.Load() >= tooManyFailures:
		return errNotAsked
	case !w.timeLeft(ctx):
		return errNoTime
	default:
		return nil
	}
}

// tooManyFailures is how many requests of one invocation Qlik has to leave without an answer, or to fail, for the invocation to ask no
// more: a large fan-out would spend all of its time on waiting for answers, and have none left to set timers.
const tooManyFailures = 4

var (
	errLimited  = errors.New("Qlik Cloud takes no more requests in this minute")                                 //nolint:staticcheck // a name
	errNotAsked = errors.New("Qlik Cloud has failed several other requests in this moment, so it was not asked") //nolint:staticcheck // a name
	errNoTime   = errors.New("no time was left to ask Qlik Cloud")
)

// stepOf is the step of a start, also when it was given another name meanwhile.
func (w *work) stepOf(s *Start) (chain.Step, bool) {
	if step, known := w.step(s.Step); known {
		return step, true
	}
	name, known := w.Index.StepOf(s.App)
	if !known {
		return chain.Step{}, false
	}
	return w.step(name)
}

// claim makes this execution the only one that may ask Qlik for the reload until the lease ends.
func (w *work) claim(ctx context.Context, start *stored[Start]) error {
	w.take(ctx, &start.doc)
	if err := write(ctx, w.Store, start.write(w.expires())); err != nil {
		return err
	}
	start.version++
	return nil
}

// take is claim but for the write.
func (w *work) take(ctx context.Context, s *Start) {
	now, lease := w.Now(), longestClaim
	if deadline, ok := ctx.Deadline(); ok {
		lease = min(lease, time.Until(deadline))
	}
	s.Phase, s.Owner, s.Lease, s.Held = PhaseClaimed, w.owner, now.Add(lease), 0
	if s.FirstTry.IsZero() {
		s.FirstTry = now
	}
	if !s.Unsure {
		s.ClaimedAt = now
	}
}

// claimedLike tells whether a start is claimed, and by the same execution at the same time as another one.
func (s *Start) claimedLike(other *Start) bool {
	return s.Phase == PhaseClaimed && other.Phase == PhaseClaimed && s.Owner == other.Owner && s.Lease.Equal(other.Lease)
}

// ask asks Qlik for the reload of a start that was claimed by this execution.
func (w *work) ask(ctx context.Context, start stored[Start], r *report) (bool, error) {
	s := &start.doc
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
		if stopped, safe, err := w.ordered(ctx, &start, r); stopped {
			return safe, err
		}
	}
	step, _ := w.stepOf(s)
	reload, err := w.Reloads.StartReload(inTime, qlik.ReloadRequest{
		AppID: step.ID, Partial: step.Partial, Variables: step.Variables, Weight: step.Weight,
	})
	if err == nil {
		return w.recorded(ctx, start, reload, "", r)
	}
	return w.refused(ctx, inTime, start, err, r)
}

// ordered obeys the orders for a start of which Qlik, as it turned out, has no reload.
func (w *work) ordered(ctx context.Context, start *stored[Start], r *report) (stopped, safe bool, err error) {
	ref, held := start.doc.ref(), false
	if order := w.canceled(&start.doc); order != nil {
		err = w.abandon(ctx, *start, *order, r)
	} else if w.paused() == nil {
		return false, false, nil
	} else if held, err = w.holdStart(ctx, start, r); err == nil && !held {
		safe, err = w.proceed(ctx, *start, true, r)
		return true, safe, err
	}
	if errors.Is(err, ErrConflict) {
		safe, err = w.look(ctx, ref, "", r)
		return true, safe, err
	}
	return true, err == nil, err
}

// found takes over a reload that an earlier request has made. When it has ended already, its event may be lost: what follows is seen to
// at once, and the event, should it come, changes nothing.
func (w *work) found(ctx context.Context, start stored[Start], reload *qlik.Reload, r *report) (bool, error) {
	safe, err := w.recorded(ctx, start, reload, "an execution that was cut off, or got no answer, had started it", r)
	end, final := endOf(start.doc.Step, reload)
	if err != nil || !safe || !final {
		return safe, err
	}
	if end.at.IsZero() {
		end.at = w.Now()
	}
	end.how = w.withoutEvent(end.at)
	follow := &report{}
	err = w.ended(ctx, end, follow)
	r.take(follow)
	return err == nil, err
}

// find looks for the reload that an earlier request has made.
func (w *work) find(ctx context.Context, s *Start) (*qlik.Reload, error) {
	reloads, err := w.Reloads.ListReloads(ctx, qlik.ReloadFilter{AppID: s.App, Limit: 20})
	if err != nil {
		return nil, err
	}
	var found *qlik.Reload
	for i := range reloads { // the newest first
		r := &reloads[i]
		if r.Type != triggerAPI || r.CreationTime.Before(s.ClaimedAt.Add(-clockSkew)) {
			continue
		}
		known, err := load[reloadDoc](ctx, w.Store, reloadKey(r.ID))
		if err != nil {
			return nil, err
		}
		if len(known.doc.Starts) == 0 || known.doc.Starts[0] == s.ref() {
			found = r
		}
	}
	return found, nil
}

// recorded writes which reload carries a start out. how says so when it was not this request that made it.
func (w *work) recorded(ctx context.Context, start stored[Start], reload *qlik.Reload, how string, r *report) (bool, error) {
	ref := start.doc.ref()
	known := stored[reloadDoc]{key: reloadKey(reload.ID)} // of a reload that was just made nothing is known
	var err error
	for i := range maxConflicts {
		if i > 0 || how != "" {
			if known, err = load[reloadDoc](ctx, w.Store, known.key); err != nil {
				return false, err
			}
		}
		s := &start.doc
		var writes []Write
		switch {
		case s.Phase == PhaseClaimed && known.doc.Handled:
			// Its end was told meanwhile, and taken for that of a reload that somebody else had started: the chain has gone on.
			s.Phase, s.Reload, s.Reason = PhaseEnded, reload.ID, "its reload had ended before it was known to be this one's"
			writes = []Write{start.write(w.expires()), {Key: ref.openKey(), Delete: true}}
		case s.Phase == PhaseClaimed || s.Phase == PhaseWaiting:
			at := reload.CreationTime.Time
			if at.IsZero() {
				at = w.Now()
			}
			writes = w.adopt(&start, reload.ID, at)
			s.Reason, s.Foreign = how, how == queuedByOther && len(known.doc.Starts) == 0
			writes[0].Doc = *s
			fallthrough
		default:
			known.doc.Step = s.Step
			if !slices.Contains(known.doc.Starts, ref) {
				known.doc.Starts = append(known.doc.Starts, ref)
				writes = append(writes, known.write(w.expires()))
			}
		}
		if len(writes) > 0 {
			err = write(ctx, w.Store, writes...)
		}
		if err == nil {
			r.start(Started{Step: s.Step, App: s.App, Run: s.Run, Attempt: s.Attempt, Reload: reload.ID, How: how}, w.Now())
			if order := w.canceled(s); order != nil && s.Phase == PhaseStarted { // meanwhile
				return true, w.cancelReload(ctx, start, *order, r)
			}
			return true, nil
		}
		if !errors.Is(err, ErrConflict) {
			return false, err
		}
		// The event of this very reload may have come meanwhile and found the claim.
		if start, err = load[Start](ctx, w.Store, start.key); err != nil {
			return false, err
		}
	}
	return false, fmt.Errorf("others were faster %d times to record the reload %s", maxConflicts, reload.ID)
}

// giveUp ends a start for good. done is false when another execution has changed it meanwhile.
func (w *work) giveUp(ctx context.Context, start stored[Start], reason string, r *report) (done bool, err error) {
	s := &start.doc
	s.Phase, s.Reason, s.EndedAt = PhaseRefused, reason, w.Now()
	err = write(ctx, w.Store, start.write(w.expires()), Write{Key: s.ref().openKey(), Delete: true})
	if errors.Is(err, ErrConflict) {
		return false, nil // an execution that came to the same end, or one that was not cut off after all
	}
	if err == nil {
		r.giveUp(s.Step, s.App, errors.New(reason))
	}
	return err == nil, err
}

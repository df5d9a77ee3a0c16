// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// zero is the remaining wait that counts as over: timers have a resolution of one minute, and clocks differ.
const zero = time.Second

// ready reports whether Qlik Cloud may be asked for a new start at once.
func (w *work) ready(ctx context.Context, s *Start) bool {
	step, known := w.stepOf(s.Step)
	return known && step.Enabled && s.Target.Kind != chain.KindDataTask && // which is prepared first
		w.Index.Definition().MaxRunning == 0 && s.DueAt.Sub(w.Now()) <= zero &&
		w.canceled(s) == nil && w.paused() == nil && w.mayRequest(ctx) == nil
}

// wakeStart handles the timer of a start.
func (w *work) wakeStart(ctx context.Context, t chain.Timer, r *report) error {
	ref := startRef{Cycle: t.Cycle, Run: t.Run, Step: t.Step, Attempt: t.Attempt}
	var start stored[Start]
	err := w.beside(ctx, func() (err error) { start, err = load[Start](ctx, w.Store, ref.key()); return err })
	if err != nil {
		return err
	}
	if start.version == 0 {
		r.result.Reason = "the chain's table no longer has this start"
		return nil
	}
	r.result.AppID, r.result.Attempt = start.doc.App, start.doc.Attempt
	if w.staysParked(&start.doc) { // the timer has come before
		r.later(start.doc.Name, start.doc.Reason)
		return nil
	}
	_, err = w.advance(ctx, start, !t.Due.Before(start.doc.DueAt), r)
	return err
}

// look handles an existing start. ended is the reload that has ended, behind which the start may wait.
func (w *work) look(ctx context.Context, ref startRef, ended string, r *report) (bool, error) {
	start, err := load[Start](ctx, w.Store, ref.key())
	if err != nil || start.version == 0 {
		return err == nil, err
	}
	return w.advance(ctx, start, ended != "" && start.doc.Behind == ended, r)
}

// advance takes a start forward as far as possible. If now is set, the start is due, whatever the clock says. It returns true if the start
// is safe: Qlik Cloud has accepted or refused it, or a timer is set for it. It returns false if another execution is working on it.
func (w *work) advance(ctx context.Context, start stored[Start], now bool, r *report) (bool, error) {
	for range maxConflicts {
		s := &start.doc
		switch s.Phase {
		case PhaseWaiting:
			if operation := w.canceled(s); operation != nil && !s.Unsure {
				err := w.abandon(ctx, start, *operation, r)
				if !errors.Is(err, ErrConflict) {
					return err == nil, err
				}
				if start, err = load[Start](ctx, w.Store, start.key); err != nil {
					return false, err
				}
				continue
			}
			if !now && s.DueAt.Sub(w.Now()) > zero {
				r.later(s.Name, s.Reason)
				return true, w.setStartTimer(ctx, s)
			}
		case PhaseClaimed:
			if left := s.Lease.Sub(w.Now()); left > 0 {
				return w.leave(s, left, r)
			}
			s.Unsure = true // the execution that claimed it was cut off, perhaps after it had asked Qlik Cloud
		default:
			r.notStarted(s.Name, s.done())
			switch s.Phase { // the execution that ended it may have broken off
			case PhaseRefused:
				return w.givenUp(ctx, s, r)
			case PhaseSuperseded:
				return w.wentOn(ctx, s, r)
			default:
			}
			return true, nil
		}
		if step, known := w.stepOf(s.Step); !known || !step.Enabled {
			return w.giveUp(ctx, start, "the step was disabled or removed from the chain before its start", r)
		}
		if s.Phase == PhaseWaiting && !s.Unsure && w.paused() != nil {
			parked, err := w.parkStart(ctx, &start, r)
			if errors.Is(err, ErrConflict) {
				if start, err = load[Start](ctx, w.Store, start.key); err != nil {
					return false, err
				}
				continue
			}
			if err != nil || parked {
				return err == nil, err
			}
		}
		if s.Phase == PhaseWaiting && !s.Unsure {
			skipped, err := w.skipped(ctx, s)
			if err != nil {
				return false, err
			}
			if skipped {
				return w.skipStart(ctx, start, r)
			}
			parked, err := w.parkOften(ctx, &start, r)
			if errors.Is(err, ErrConflict) {
				if start, err = load[Start](ctx, w.Store, start.key); err != nil {
					return false, err
				}
				continue
			}
			if err != nil || parked {
				return err == nil, err
			}
		}
		err := w.mayRequest(ctx)
		if errors.Is(err, errLimited) {
			return w.putOff(ctx, start, "", r)
		}
		if err != nil {
			return w.later(ctx, start, err, r)
		}
		if !s.Unsure {
			if stopped, safe, err := w.prepare(ctx, &start, r); stopped {
				return safe, err
			}
		}
		err = w.claim(ctx, &start)
		if err == nil {
			return w.requestReload(ctx, start, r)
		}
		if errors.Is(err, errNoSlot) {
			return w.queue(ctx, start, r)
		}
		if !errors.Is(err, ErrConflict) {
			return false, err
		}
		if err := w.readActive(ctx); err != nil { // the slot may have been taken
			return false, err
		}
		claimed := *s
		if start, err = load[Start](ctx, w.Store, start.key); err != nil {
			return false, err
		}
		if start.doc.claimedLike(&claimed) {
			return w.requestReload(ctx, start, r) // the claim was written, and the answer lost
		}
	}
	return false, fmt.Errorf("cannot claim the start of %s: gave up after %d write conflicts", start.doc.Name, maxConflicts)
}

// done describes the result of a start that needs nothing more, as the rest of a sentence about the step.
func (s *Start) done() string {
	if s.Phase == PhaseStarted || s.Phase == PhaseEnded {
		return "was started already, by the reload " + s.Reload
	}
	return s.Reason
}

// leave handles a start that another execution has claimed. That execution finishes it, or Lambda repeats its event. If this execution is
// that repetition, the event must come once more, because the claim has not expired yet.
func (w *work) leave(s *Start, left time.Duration, r *report) (bool, error) {
	lease, mine := w.claimed.Load(s.ref())
	if mine && s.Owner == w.owner && s.Lease.Equal(lease.(time.Time)) { //nolint:forcetypeassert // nothing else is stored
		return true, nil // this execution is already working on it, in parallel
	}
	if s.Owner == w.owner {
		return false, fmt.Errorf("the start of %s was claimed by an execution that was cut off; its claim runs out in %s",
			s.Name, left.Round(time.Millisecond))
	}
	r.notStarted(s.Name, "another execution is starting it")
	return false, nil
}

// How long a claim lasts: as long as a request to Qlik may take, plus a quarter for the arrival of a request that was sent at the last
// moment.
const (
	longestClaim  = 20 * time.Second
	shortestClaim = time.Second
)

// timeLeft reports whether there is time to send a request and to record its answer.
func (w *work) timeLeft(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return !ok || time.Until(deadline) >= shortestClaim
}

// mayRequest returns what prevents this invocation from requesting another reload.
func (w *work) mayRequest(ctx context.Context) error {
	switch {
	case w.limited.Load():
		return errLimited
	case w.failures.Load() >= tooManyFailures:
		return errNotRequested
	case !w.timeLeft(ctx):
		return errNoTime
	default:
		return nil
	}
}

// tooManyFailures is the number of failed or unanswered requests after which an invocation stops asking Qlik. Otherwise a large fan-out
// would spend all of its time on waiting, and have none left to set timers.
const tooManyFailures = 4

//nolint:staticcheck // Qlik Cloud is a name
var (
	errLimited      = errors.New("Qlik Cloud takes no more requests in this minute")
	errNotRequested = errors.New("Qlik Cloud has failed several other requests in this moment, so it was not asked")
	errNoTime       = errors.New("no time was left to ask Qlik Cloud")
)

// prepare notes the latest run of a data task before its start is claimed: the run of the start is the next one. It returns true if the
// task cannot be started now.
func (w *work) prepare(ctx context.Context, start *stored[Start], r *report) (stopped, safe bool, err error) {
	s := &start.doc
	if s.Target.Kind != chain.KindDataTask {
		return false, false, nil
	}
	before, err := dataTaskRuns{w.DataTasks}.Before(ctx, s.Target)
	var never *notRunnableError
	switch {
	case errors.As(err, &never), refusedForGood(err):
		safe, err = w.lose(ctx, *start, err.Error(), r)
	case err != nil:
		safe, err = w.later(ctx, *start, err, r)
	case before.Active != "":
		reason := before.Active + "; it starts after that"
		safe, err = w.sleep(ctx, *start, wake{at: w.Now().Add(backoff(s.Tries + 1)), reason: reason}, r)
	default:
		s.Before = before.Last
		return false, false, nil
	}
	return true, safe, err
}

// claim makes this execution the only one that may ask Qlik for the reload until the lease ends.
func (w *work) claim(ctx context.Context, start *stored[Start]) error {
	slot, err := w.slot(&start.doc)
	if err != nil {
		return err
	}
	w.take(ctx, &start.doc)
	if err := write(ctx, w.Store, append(slot, start.write(w.expires()))...); err != nil {
		return err
	}
	start.version++
	return nil
}

// take prepares a claim without writing it.
func (w *work) take(ctx context.Context, s *Start) {
	now, lease := w.Now(), longestClaim
	if deadline, ok := ctx.Deadline(); ok {
		lease = min(lease, time.Until(deadline))
	}
	s.Phase, s.Owner, s.Lease, s.Claim, s.Parked = PhaseClaimed, w.owner, now.Add(lease), w.claims.Add(1), 0
	w.claimed.Store(s.ref(), s.Lease)
	if s.FirstTry.IsZero() {
		s.FirstTry = now
	}
	if !s.Unsure {
		s.ClaimedAt = now
	}
}

// claimedLike reports whether a start has the same claim as another one. Two claims of one execution at the same moment differ in their
// number.
func (s *Start) claimedLike(other *Start) bool {
	return s.Phase == PhaseClaimed && other.Phase == PhaseClaimed && s.Owner == other.Owner && s.Lease.Equal(other.Lease) &&
		s.Claim == other.Claim
}

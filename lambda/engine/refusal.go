// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// tryFor is how long the engine tries a start before it gives up.
const tryFor = 24 * time.Hour

// frequencyQuota is the code of Reloads for an app that was reloaded too often. Source: Qlik's OpenAPI of the Reloads API.
const frequencyQuota = "RELOADS-013"

// refused decides what follows if Qlik refused a request for a reload.
func (w *work) refused(ctx, inTime context.Context, start stored[Start], err error, r *report) (bool, error) {
	var refusal *qlik.Error
	if rejected(err) {
		r.reject()
	}
	if !errors.As(err, &refusal) || errors.Is(err, qlik.ErrToken) { // a 4xx of the token endpoint does not concern the reload
		w.failures.Add(1)
		return w.later(ctx, start, err, r)
	}
	switch {
	case refusal.Code == frequencyQuota, refusal.Status == http.StatusUnauthorized:
		return w.later(ctx, start, err, r)
	case start.doc.Target.Kind != chain.KindApp && refusal.AtRunLimit():
		at := w.Now().Add(max(refusal.RetryAfter, backoff(start.doc.Tries+1)))
		return w.sleep(ctx, start, wake{at: at, reason: "too many runs are under way: " + err.Error()}, r)
	case refusal.Pending():
		return w.pending(ctx, inTime, start, err, r)
	case refusal.Status == http.StatusTooManyRequests:
		w.after(refusal.RetryAfter)
		w.limited.Store(true)
		return w.putOff(ctx, start, err.Error(), r)
	case refusal.Status >= 400 && refusal.Status < 500 && refusal.Status != http.StatusRequestTimeout:
		return w.lose(ctx, start, err.Error(), r)
	default: // no answer, an incomplete one, or a 5xx: Qlik may have made the reload
		w.failures.Add(1)
		start.doc.Unsure = true
		return w.later(ctx, start, err, r)
	}
}

// rejected reports whether Qlik Cloud refused the credentials, for the request or for a token. A 403 is different: Qlik Cloud knows the
// user, but the user may not reload this app.
func rejected(err error) bool {
	var refusal *qlik.Error
	if !errors.As(err, &refusal) {
		return false
	}
	return refusal.Status == http.StatusUnauthorized || errors.Is(err, qlik.ErrToken) && refusal.Status >= 400 && refusal.Status < 500 &&
		refusal.Status != http.StatusTooManyRequests && refusal.Status != http.StatusRequestTimeout
}

// pending handles an app that already has a reload: the start waits until that reload has ended. A queued reload cannot serve this start
// either: Qlik Cloud does not show the variables of its request.
func (w *work) pending(ctx, inTime context.Context, start stored[Start], refusal error, r *report) (bool, error) {
	active, err := w.jobs(start.doc.Target.Kind).List(inTime, start.doc.Target, JobFilter{Active: true, Limit: 10})
	if err != nil {
		return w.later(ctx, start, err, r)
	}
	switch {
	case len(active) > 0:
		return w.behind(ctx, start, active[0].ID, r)
	case start.doc.Tries < 2: // it has just ended
		return w.sleep(ctx, start, wake{at: w.Now().Add(time.Minute), reason: refusal.Error()}, r)
	default: // the code has another meaning
		return w.later(ctx, start, refusal, r)
	}
}

// behind delays a start until a running reload of its app has ended. The event of that end resumes it. The timer is for the case that the
// event does not arrive.
func (w *work) behind(ctx context.Context, start stored[Start], running string, r *report) (bool, error) {
	ref := start.doc.ref()
	over := false
	_, err := change(ctx, w.Store, reloadKey(running), w.expires(), func(r *reloadDoc) bool {
		over = r.Handled
		if over || slices.Contains(r.Waiters, ref) {
			return false
		}
		r.Step, r.Waiters = ref.Step, append(r.Waiters, ref)
		return true
	})
	if err != nil {
		return false, err
	}
	wait := backoff(start.doc.Tries + 3)
	if over {
		wait = time.Minute
	}
	return w.sleep(ctx, start, wake{
		at: w.Now().Add(wait), behind: running, reason: "starts when the reload " + running + " of the app, which was there already, has ended",
	}, r)
}

// later schedules another try of a start after a failure, each time after a longer wait.
func (w *work) later(ctx context.Context, start stored[Start], err error, r *report) (bool, error) {
	at := w.Now().Add(backoff(start.doc.Tries + 1))
	return w.sleep(ctx, start, wake{at: at, failure: err, reason: err.Error()}, r)
}

// backoff returns the wait after a number of tries: 1, 2, 4, 8 and then 15 minutes.
func backoff(tries int) time.Duration {
	return min(time.Minute<<min(tries-1, 10), 15*time.Minute)
}

// wake is the time of a start's next try, and the reason for the wait.
type wake struct {
	at      time.Time
	reason  string
	behind  string // when this reload ends, it is tried too
	failure error  // nil if nothing failed
}

// sleep releases the claim and sets a timer.
func (w *work) sleep(ctx context.Context, start stored[Start], wake wake, r *report) (bool, error) {
	s := &start.doc
	if s.FirstTry.IsZero() {
		s.FirstTry = w.Now()
	}
	if tried := w.Now().Sub(s.FirstTry); tried > tryFor {
		reason := fmt.Sprintf("given up after %d tries in %s: %s", s.Tries+1, chain.FormatDuration(tried.Round(time.Minute)), wake.reason)
		return w.lose(ctx, start, reason, r)
	}
	s.Phase, s.DueAt, s.Reason, s.Behind, s.Owner, s.Parked = PhaseWaiting, wake.at, wake.reason, wake.behind, "", 0
	if !s.Unsure { // otherwise it limits when a reload was made that may be this one's
		s.Lease = time.Time{}
	}
	s.Tries++
	free := w.freeSlot(s)
	err := write(ctx, w.Store, append(free, start.write(w.expires()))...)
	if errors.Is(err, ErrConflict) {
		// The event of a reload that was made after all has arrived and found the claim.
		return w.look(ctx, s.ref(), "", r)
	}
	if err != nil {
		return false, err
	}
	if wake.failure != nil {
		r.fail(s.Name, s.App, fmt.Errorf("%w; it is tried again at %s", wake.failure, w.clock(wake.at, w.Now())))
	} else {
		r.later(s.Name, wake.reason)
	}
	if err := w.setStartTimer(ctx, s); err != nil || len(free) == 0 || !w.releasing.CompareAndSwap(false, true) {
		return err == nil, err
	}
	defer w.releasing.Store(false)
	return w.releaseQueued(ctx, r) // once: if Qlik Cloud refuses one start, it may refuse all
}

// startsPerMinute is how many put-off starts are tried in one minute. Qlik allows a user 50 requests for reloads in a minute
// (https://qlik.dev/apis/rest/rate-limiting/). The rest is for starts that are not put off.
const startsPerMinute = 40

// after stores how long Qlik asks to wait.
func (w *work) after(wait time.Duration) {
	w.notBefore(w.Now().Add(max(wait, time.Second)).Truncate(time.Minute).Add(time.Minute))
}

// notBefore stores the latest minute that was found to be the first with room.
func (w *work) notBefore(slot time.Time) {
	for {
		latest := w.latestSlot.Load()
		if slot.Unix() <= latest || w.latestSlot.CompareAndSwap(latest, slot.Unix()) {
			return
		}
	}
}

// putOff delays a start because of Qlik's rate limit, to the next minute that has room. All executions count in the same table, so that
// starts that were refused together do not return together.
func (w *work) putOff(ctx context.Context, start stored[Start], reason string, r *report) (bool, error) {
	slot := time.Unix(w.latestSlot.Load(), 0)
	for {
		n, err := w.Store.Count(ctx, rateKey(slot), slot.Add(time.Hour))
		if err != nil {
			return false, fmt.Errorf("counting the starts of %s: %w", slot.UTC().Format(time.TimeOnly), err)
		}
		if n <= startsPerMinute {
			break
		}
		slot = slot.Add(time.Minute)
	}
	w.notBefore(slot)
	if reason == "" {
		reason = "Qlik's rate limit was reached; it starts at " + w.clock(slot, w.Now())
	}
	return w.sleep(ctx, start, wake{at: slot, reason: reason}, r)
}

// setStartTimer sets the timer for a due start. Its name belongs to this wait, so repeating has no effect.
func (w *work) setStartTimer(ctx context.Context, s *Start) error {
	return w.setTimer(ctx, timerName(s.Run, s.Step, fmt.Sprintf("%02d-%03d", s.Attempt, s.Tries)), chain.Timer{
		Kind: chain.TimerStart, Cycle: s.Cycle, Run: s.Run, Step: s.Step, Attempt: s.Attempt, Due: s.DueAt,
	})
}

func (w *work) setTimer(ctx context.Context, name string, t chain.Timer) error {
	t.Source = chain.TimerSource
	if err := w.Timers.Set(ctx, name, t); err != nil {
		return fmt.Errorf("setting the timer %s: %w", name, err)
	}
	return nil
}

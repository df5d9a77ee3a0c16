// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Sweep compares Qlik Cloud's own record with the chain's. It is necessary because a webhook's event arrives at most once, and not at all
// while the webhook is disabled.
type Sweep struct {
	Webhook string        // its id; empty: only the reloads are checked
	Enable  bool          // enable the webhook again if Qlik Cloud, or a user, has disabled it
	Reloads bool          // check the list of reloads: events have the same ids as the list
	MaxAge  time.Duration // the end of an older reload starts nothing
}

// Limits of a sweep. Qlik allows a user 1,000 reading requests a minute (https://qlik.dev/apis/rest/rate-limiting).
const (
	sweepLists    = 250 // number of apps to list reloads of; the others come with the next sweeps
	sweepParallel = 8
	sweepEnds     = 200 // number of missed ends to handle
	sweepFirst    = 20  // number of reloads of an app to request
	sweepMost     = 200 // the same, if the first request does not go back far enough
)

// Assumptions of a sweep.
const (
	// grace is how long an event may take to arrive: later ends are left to their events.
	grace = 2 * time.Minute
	// overlap is how much of the time before the last sweep is checked again: clocks differ, and lists may be late.
	overlap = 5 * time.Minute
	// longestReload is the longest time between a reload's creation and its end: 6 hours in the queue and 3 of running
	// (https://qlik.dev/manage/analytics-applications/).
	longestReload = 9 * time.Hour
)

// sweepDoc stores the progress of the sweeps.
type sweepDoc struct {
	At         time.Time            `json:"at"`
	Compared   map[string]time.Time `json:"compared"`            // by step: the end of the compared time
	Deliveries time.Time            `json:"deliveries,omitzero"` // likewise for failed deliveries
	Webhook    *WebhookHealth       `json:"webhook,omitempty"`
}

// Recovered is the end of a reload that a sweep has found and that no event had reported.
type Recovered struct {
	Step   string    `json:"step"`
	Reload string    `json:"reload"`
	At     time.Time `json:"at"` // of the end
	Run    string    `json:"run"`
	TooOld bool      `json:"too_old,omitempty"` // it was recorded, and has started nothing
}

// missed is the end of a reload that a sweep must handle.
type missed struct {
	reloadEnd
	list string // the step of the list that has it; empty for a failed delivery
}

// Sweep handles the ends of reloads that no event has reported, each once. Its error is that of Handle. The result names what Qlik Cloud
// did not answer this time. The next sweep asks again.
func (e *Engine) Sweep(ctx context.Context, invocation string, s Sweep) (Result, error) {
	r := &report{}
	w := &work{Engine: e, owner: invocation}
	err := w.sweep(ctx, s, r)
	result := r.conclude(err)
	switch {
	case err != nil:
	case len(r.troubles) > 0:
		result.Outcome, result.Reason = OutcomeError, errors.Join(r.troubles...).Error()
	case len(result.Recovered) > 0:
		result.Outcome = OutcomeRecovered
	default:
		result.Outcome, result.Reason = OutcomeNothingMissed, ""
	}
	return result, err
}

func (w *work) sweep(ctx context.Context, s Sweep, r *report) error {
	now := w.Now()
	swept, err := load[sweepDoc](ctx, w.Store, sweepKey)
	if err != nil {
		return err
	}
	looking, stop := half(ctx)
	defer stop()
	var found []missed
	deliveries, compared := swept.doc.Deliveries, maps.Clone(swept.doc.Compared)
	if s.Webhook != "" {
		found = w.failedDeliveries(looking, s, &swept.doc, r)
	}
	if s.Reloads {
		var listed []missed
		listed, compared = w.compare(looking, swept.doc.Compared, r)
		found = append(found, listed...)
	}
	slices.SortStableFunc(found, func(a, b missed) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.event, b.event)) })
	left, err := w.recover(ctx, s, found, r)
	err = errors.Join(err, w.tidy(ctx, swept.doc.At, r))
	for _, m := range left { // the next sweep handles them
		if m.list == "" {
			swept.doc.Deliveries = deliveries
		} else if before, known := swept.doc.Compared[m.list]; known {
			compared[m.list] = before
		}
	}
	swept.doc.At, swept.doc.Compared = now, compared
	saved := write(ctx, w.Store, swept.write(w.expires()))
	if errors.Is(saved, ErrConflict) { // a concurrent sweep: what it has compared need not be compared again
		saved = nil
	}
	return errors.Join(err, saved)
}

// half returns a context with half of the remaining time.
func half(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithTimeout(ctx, time.Until(deadline)/2)
	}
	return context.WithCancel(ctx)
}

// recover handles the ends, the earliest first, and returns those that it did not reach.
func (w *work) recover(ctx context.Context, s Sweep, found []missed, r *report) (left []missed, err error) {
	done := map[string]bool{}
	count := 0
	for i, m := range found {
		if done[m.event] {
			continue
		}
		if count >= sweepEnds || !w.timeLeft(ctx) {
			r.trouble(fmt.Errorf("%d ends of reloads are left to the next sweep", len(found)-i))
			return append(left, found[i:]...), nil
		}
		if age := w.Now().Sub(m.at); s.MaxAge > 0 && age > s.MaxAge {
			done[m.event] = true
			if unknown, err := w.tooOld(ctx, m, age, r); err != nil {
				return append(left, found[i:]...), err
			} else if unknown {
				count++
			}
			continue
		}
		m.how = w.withoutEvent(m.at)
		one := &report{}
		if err := w.handleReloadEnd(ctx, m.reloadEnd, one); err != nil {
			return append(left, found[i:]...), err
		}
		done[m.event] = true
		if one.left {
			left = append(left, m)
		}
		if one.result.Outcome == OutcomeRepeated || one.result.Run == "" && m.ignored != "" {
			continue
		}
		count++
		r.recovered(Recovered{Step: w.nameOf(m.step), Reload: m.event, At: m.at, Run: one.result.Run})
		r.take(one)
	}
	return left, nil
}

// tooOld reports an end that is too old to start anything, unless it was handled. It does not mark the end as handled. If its event comes
// again, for example after POST /redrive, it counts.
func (w *work) tooOld(ctx context.Context, m missed, age time.Duration, r *report) (unknown bool, err error) {
	known, err := load[reloadDoc](ctx, w.Store, reloadKey(m.event))
	if err != nil || known.doc.Handled || known.doc.Start == nil && m.ignored != "" {
		return false, err
	}
	r.recovered(Recovered{Step: w.nameOf(m.step), Reload: m.event, At: m.at, TooOld: true})
	r.notStarted(w.nameOf(m.step), fmt.Sprintf("ended at %s without an event; a sweep found it %s later, too late to go on",
		w.clock(m.at, w.Now()), chain.FormatDuration(age.Round(time.Minute))))
	return true, nil
}

// withoutEvent explains how the end of a reload became known now.
func (w *work) withoutEvent(end time.Time) string {
	return "no event reported its end; a sweep found it in Qlik Cloud at " + w.clock(w.Now(), end)
}

// compare lists the reloads of the apps that were checked longest ago. It returns the ends since then, and the end of the compared time for
// each app.
func (w *work) compare(ctx context.Context, before map[string]time.Time, r *report) ([]missed, map[string]time.Time) {
	until := w.Now().Add(-grace)
	compared := map[string]time.Time{}
	var steps []string
	for name, step := range w.Index.Definition().Steps {
		if step.Kind() == chain.KindSignal { // Qlik Cloud knows nothing of it
			continue
		}
		id := step.ID(name)
		at, known := before[id]
		if !known { // what ended before the step was in the chain does not belong to the chain
			compared[id] = w.Now().Add(overlap)
			continue
		}
		compared[id] = at
		steps = append(steps, name)
	}
	at := func(name string) time.Time { return before[w.Index.Definition().StepID(name)] }
	slices.SortFunc(steps, func(a, b string) int { return cmp.Or(at(a).Compare(at(b)), cmp.Compare(a, b)) })
	steps = steps[:min(len(steps), sweepLists)]

	found, errs := make([][]missed, len(steps)), make([]error, len(steps))
	var limited atomic.Bool
	_, _ = parallelBy(sweepParallel, len(steps), func(i int) (bool, error) { // each has an error of its own
		if limited.Load() {
			errs[i] = errNotCompared
			return true, nil
		}
		found[i], errs[i] = w.ends(ctx, steps[i], at(steps[i]).Add(-overlap), until)
		var refusal *qlik.Error
		if errors.As(errs[i], &refusal) && refusal.RateLimited() {
			limited.Store(true)
		}
		return true, nil
	})
	var all []missed
	for i, name := range steps {
		id := w.Index.Definition().StepID(name)
		if errs[i] == nil || refusedForGood(errs[i]) { // an app without access does not delay the others
			compared[id] = newer(before[id], until)
		}
		all = append(all, found[i]...)
	}
	if first := slices.IndexFunc(errs, func(err error) bool { return err != nil && !errors.Is(err, errNotCompared) }); first >= 0 {
		count := 0
		for _, err := range errs {
			if err != nil {
				count++
			}
		}
		r.trouble(fmt.Errorf("the reloads of %d of %d apps could not be listed, the first of them those of %s: %w",
			count, len(steps), steps[first], errs[first]))
	}
	return all, compared
}

var errNotCompared = errors.New("they were not requested, because Qlik Cloud's rate limiter had refused others")

func newer(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// refusedForGood reports whether another request is useless: the app is gone, or these credentials cannot see it.
func refusedForGood(err error) bool {
	var refusal *qlik.Error
	return errors.As(err, &refusal) && (refusal.Status == 403 || refusal.Status == 404)
}

// ends lists the ends of a step's reloads after from and not after until.
func (w *work) ends(ctx context.Context, name string, from, until time.Time) ([]missed, error) {
	step, _ := w.step(name)
	var all []Job
	for _, limit := range []int{sweepFirst, sweepMost} {
		var err error
		all, err = w.jobs(step.Kind()).List(ctx, step.Target(), JobFilter{Since: from.Add(-longestReload), Limit: limit})
		if err != nil {
			return nil, err
		}
		// They are sorted by creation. A reload that was created longer ago than a reload can take has ended by then.
		if len(all) < limit || all[len(all)-1].Created.Before(from.Add(-longestReload)) {
			break
		}
	}
	var found []missed
	for i := range all {
		end, final := all[i].end(step.ID(name))
		if end.at.IsZero() {
			end.at = end.created
		}
		end.ignored = counts(step, false, all[i].Partial)
		if final && end.at.After(from) && !end.at.After(until) {
			found = append(found, missed{reloadEnd: end, list: step.ID(name)})
		}
	}
	return found, nil
}

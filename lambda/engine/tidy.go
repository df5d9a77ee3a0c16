// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// longestSilence is how long after its start a reload counts as failed if Qlik Cloud does not report its end. It is longer than the 6 hours
// in the queue and the 3 hours of running that Qlik Cloud allows (https://qlik.dev/manage/analytics-applications/).
const longestSilence = 12 * time.Hour

// overdue is how long after its time a start is taken up if its timer did not fire.
const overdue = 5 * time.Minute

// tidy finishes what broken-off executions that are not repeated may have left: starts that are claimed or overdue, reloads with an end
// that no event reports, and the ends of cycles since the last sweep.
func (w *work) tidy(ctx context.Context, since time.Time, r *report) error {
	if err := w.readActive(ctx); err != nil {
		return err
	}
	starts, err := w.starts(ctx, w.active.Load().open)
	if err != nil {
		return err
	}
	if _, err := parallel(len(starts), func(i int) (bool, error) { return w.tidyStart(ctx, starts[i], r) }); err != nil {
		return err
	}
	if slices.ContainsFunc(starts, w.leftParked) {
		if _, err := w.releaseLeft(ctx, r); err != nil {
			return err
		}
	}
	if w.waitsForSignals() {
		if err := w.tidyQuiet(ctx, r); err != nil {
			return err
		}
	}
	now := w.cycleAt(w.Now())
	if since.IsZero() || since.Before(now.Begin.Add(-run.Week)) {
		since = now.Begin.Add(-time.Second)
	}
	for c := w.cycleAt(since.Add(-overlap - time.Hour)); !c.Begin.After(now.Begin); c = w.cycleAt(c.End) {
		if err := w.tidyCycle(ctx, c, r); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) tidyStart(ctx context.Context, start stored[Start], r *report) (bool, error) {
	s := &start.doc
	now := w.Now()
	switch {
	case s.Phase == PhaseStarted && now.Sub(s.StartedAt) > longestSilence:
		silent := "Qlik Cloud has not reported its end"
		if s.Target.Kind == chain.KindSignal {
			silent = "no signal has come"
		}
		return w.failStart(ctx, s, reloadEnd{
			step: s.Step, event: "lost-" + cmp.Or(s.Reload, fmt.Sprintf("%s-%02d", s.Run, s.Attempt)), reload: s.Reload, at: now,
			outcome: chain.OutcomeFailure, lost: true,
			created: s.StartedAt.Add(-clockSkew), // so that its end counts as later if it is reported
			how:     fmt.Sprintf("is lost: %s for %s", silent, chain.FormatDuration(longestSilence)),
		}, r)
	case s.Phase == PhaseStarted:
		if _, known := w.stepOf(s.Step); !known {
			return w.tidyRemoved(ctx, s, r)
		}
		return true, nil
	case s.Parked != 0: // see tidy
		return true, nil
	case s.Phase == PhaseClaimed && s.Lease.After(now), s.Phase == PhaseWaiting && now.Sub(s.DueAt) < overdue:
		return true, nil
	default:
		return w.advance(ctx, start, s.Phase == PhaseWaiting, r)
	}
}

// tidyRemoved checks whether a reload of a removed step has ended. The events of its app no longer belong to the chain, but the run goes on
// with it. A signal of a removed step no longer comes.
func (w *work) tidyRemoved(ctx context.Context, s *Start, r *report) (bool, error) {
	if s.Target.Kind == chain.KindSignal {
		err := w.endSignal(ctx, s, "removed", "waits no longer: the step was removed from the chain or renamed", r)
		return err == nil, err
	}
	job, err := w.jobs(s.Target.Kind).Get(ctx, s.Target, s.Reload, Before{Last: s.Before})
	if err != nil {
		r.trouble(fmt.Errorf("the %s of the removed step %s could not be read: %w", s.Target.Kind.Run(), s.Name, err))
		return true, nil
	}
	if job == nil {
		return true, nil
	}
	end, final := job.end(s.Step)
	if !final {
		return true, nil
	}
	if err = w.recheckEvent(ctx, s.ref(), end.event); err == nil {
		err = w.handleUnreportedEnd(ctx, end, r)
	}
	return err == nil, err
}

// tidyCycle checks a cycle once more, and handles its end.
func (w *work) tidyCycle(ctx context.Context, c run.Cycle, r *report) error {
	if !w.Now().Before(c.End) {
		found, err := w.load(ctx, c.ID())
		if err != nil {
			return err
		}
		for _, known := range found.runs {
			if known.Status == "" && !found.state.Over && !w.Now().Before(closes(found.Cycle)) {
				return w.wakeCycle(ctx, chain.Timer{Kind: chain.TimerCycle, Cycle: c.ID(), Due: w.Now()}, r)
			}
		}
		return nil
	}
	return w.drives(ctx, &happening{cycle: c.ID(), event: func(*cycle) run.Event { return run.Looked{} }}, r)
}

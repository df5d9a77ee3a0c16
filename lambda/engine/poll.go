// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// The waits between two questions for the end of a job: the first, and the longest. Each is twice as long as the one before.
const (
	firstPoll   = 10 * time.Second
	longestPoll = 5 * time.Minute
)

// poll sets the timer of the next question for the end of a start's job, after a number of them. An event may report the end before. Qlik
// Cloud reports the ends of reloads reliably, so they are not asked for.
func (w *work) poll(ctx context.Context, s *Start, asked int) error {
	if !polled(s.Target.Kind) {
		return nil
	}
	wait := longestPoll
	if asked < 5 { // 10, 20, 40, 80 and 160 seconds; EventBridge Scheduler keeps the minute, so the first ones come later
		wait = firstPoll << asked
	}
	return w.setTimer(ctx, timerName("poll", s.Run, s.Step, strconv.Itoa(s.Attempt), strconv.Itoa(asked)), chain.Timer{
		Kind: chain.TimerPoll, Cycle: s.Cycle, Run: s.Run, Step: s.Step, Attempt: s.Attempt, Due: w.Now().Add(wait), Asked: asked + 1,
	})
}

// over reports whether a start needs no further question: its end is handled, or it has no job. The execution that wrote the end may have
// broken off before everything that follows was safe.
func (w *work) over(ctx context.Context, start stored[Start]) (bool, error) {
	s := &start.doc
	if start.version == 0 || s.Phase == PhaseRefused || s.Phase == PhaseSuperseded || s.Phase == PhaseCanceled {
		return true, nil
	}
	end, err := load[endDoc](ctx, w.Store, s.ref().endKey())
	if err != nil || end.version == 0 || end.doc.Lost {
		return end.doc.Lost, err
	}
	known, err := load[reloadDoc](ctx, w.Store, reloadKey(end.doc.Reload))
	return known.doc.Handled, err
}

// taken reports whether a job carries out another start. Two starts of a data task that knew of the same latest run cannot distinguish
// their runs: the first end that is reported is that of the first run.
func (w *work) taken(ctx context.Context, s *Start, job *Job) (bool, error) {
	if s.Target.Kind != chain.KindDataTask || s.Reload != "" {
		return false, nil
	}
	known, err := load[reloadDoc](ctx, w.Store, reloadKey(job.ID))
	return known.doc.Start != nil && *known.doc.Start != s.ref(), err
}

// requestAnew takes a start forward after its job turned out to be that of another one: its own is a later one, or was never made.
func (w *work) requestAnew(ctx context.Context, start stored[Start], job *Job, r *report) (bool, error) {
	s := &start.doc
	s.Phase, s.Unsure, s.Before, s.DueAt = PhaseWaiting, true, job.Created, w.Now()
	err := write(ctx, w.Store, start.write(w.expires()))
	if err == nil || errors.Is(err, ErrConflict) {
		return w.look(ctx, s.ref(), "", r)
	}
	return false, err
}

// wakePoll asks Qlik Cloud whether the job of a start has ended, and handles its end.
func (w *work) wakePoll(ctx context.Context, t chain.Timer, r *report) error {
	ref := startRef{Cycle: t.Cycle, Run: t.Run, Step: t.Step, Attempt: t.Attempt}
	start, err := load[Start](ctx, w.Store, ref.key())
	if err != nil {
		return err
	}
	s := &start.doc
	r.result.Attempt = s.Attempt
	over, err := w.over(ctx, start)
	if err != nil {
		return err
	}
	if over {
		r.result.Reason = "nothing is under way for this start"
		return nil
	}
	if err := w.poll(ctx, s, t.Asked); err != nil { // first: whatever happens now, it is asked again
		return err
	}
	if s.Phase != PhaseStarted { // the execution that started it was cut off before it could record that
		if s.Phase == PhaseClaimed && s.Lease.After(w.Now()) || s.Phase == PhaseWaiting && s.DueAt.After(w.Now()) {
			r.later(s.Name, "is being started")
			return nil
		}
		_, err := w.advance(ctx, start, true, r)
		return err
	}
	job, err := w.jobs(s.Target.Kind).Get(ctx, s.Target, s.Reload, Before{Last: s.Before})
	if err != nil {
		r.fail(s.Name, s.App, fmt.Errorf("Qlik Cloud did not say how it is: %w", err)) //nolint:staticcheck // a name
		return nil
	}
	if job == nil {
		r.later(s.Name, "has been requested, and Qlik Cloud does not show its run yet")
		return nil
	}
	if taken, err := w.taken(ctx, s, job); err != nil || taken {
		if err == nil {
			_, err = w.requestAnew(ctx, start, job, r)
		}
		return err
	}
	end, final := job.end(s.Step)
	if !final {
		r.later(s.Name, "is under way")
		return nil
	}
	end.how = "Qlik Cloud was asked for its end"
	if end.at.IsZero() {
		end.at = w.Now()
	}
	return w.handleReloadEnd(ctx, end, r)
}

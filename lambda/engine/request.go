// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
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
		if stopped, safe, err := w.lookBefore(ctx, inTime, &start, r); stopped {
			return safe, err
		}
	}
	step, err := w.stepIn(inTime, s)
	if err != nil {
		return w.later(ctx, start, err, r)
	}
	job, err := w.jobs(s.Target.Kind).Start(inTime, step)
	if err == nil {
		return w.recorded(ctx, start, job, "", r)
	}
	return w.refused(ctx, inTime, start, err, r)
}

// lookBefore searches for the job that an earlier request of a start made. It returns true if this execution must not request one.
func (w *work) lookBefore(ctx, inTime context.Context, start *stored[Start], r *report) (stopped, safe bool, err error) {
	s := &start.doc
	found, err := w.find(inTime, s)
	if err != nil {
		safe, err = w.later(ctx, *start, err, r)
		return true, safe, err
	}
	if found != nil {
		safe, err = w.found(ctx, *start, found, r)
		return true, safe, err
	}
	if stopped, safe, err = w.applyOperations(ctx, start, r); stopped {
		return true, safe, err
	}
	knew := s.Before
	if stopped, safe, err = w.prepare(inTime, start, r); stopped {
		return true, safe, err
	}
	late := s.Before.After(knew)
	if s.Before = knew; late { // the earlier request may have made it
		safe, err = w.sleep(ctx, *start, wake{at: w.Now().Add(time.Minute), reason: "the data task has just run, perhaps for this start"}, r)
	}
	return late, safe, err
}

// stepIn returns the step of a start, with the variables that its reload has in its run.
func (w *work) stepIn(ctx context.Context, s *Start) (chain.Step, error) {
	step, _ := w.stepOf(s.Step)
	if s.Target.Kind != chain.KindApp || !s.Varied && !step.NamesRun() {
		return step, nil
	}
	doc, err := load[runDoc](ctx, w.Store, runInCycle(s.Cycle, s.Run))
	step.Variables = step.VariablesIn(chain.RunValues{ID: s.Run, Cycle: doc.doc.Date, Origin: doc.doc.Origin}, doc.doc.Values)
	return step, err
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

// found takes over a job that an earlier request made. If it has already ended, its event may be lost. So found handles the end at once. If
// the event comes later, it changes nothing.
func (w *work) found(ctx context.Context, start stored[Start], job *Job, r *report) (bool, error) {
	safe, err := w.recorded(ctx, start, job, "an execution that was cut off, or got no answer, had started it", r)
	end, final := job.end(start.doc.Step)
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

// find searches for the job that an earlier request made. Of a data task, it is the first run after the latest one before the start that
// belongs to no other start: find notes the others in s.Before.
func (w *work) find(ctx context.Context, s *Start) (*Job, error) {
	if s.Target.Kind == chain.KindDataTask {
		return w.findRun(ctx, s)
	}
	all, err := w.jobs(s.Target.Kind).List(ctx, s.Target, JobFilter{Since: s.ClaimedAt.Add(-overlap), Limit: 20})
	if err != nil {
		return nil, err
	}
	var found *Job
	for i := range all { // newest first
		job := &all[i]
		if !job.Ours || !s.mayHave(reloadEnd{created: job.Created, at: job.Created}) {
			continue
		}
		known, err := load[reloadDoc](ctx, w.Store, reloadKey(job.ID))
		if err != nil {
			return nil, err
		}
		if known.doc.Start == nil || *known.doc.Start == s.ref() {
			found = job
		}
	}
	return found, nil
}

// findRun is find for a data task. It asks for the task's state: the history may be late.
func (w *work) findRun(ctx context.Context, s *Start) (*Job, error) {
	for {
		job, err := w.jobs(s.Target.Kind).Get(ctx, s.Target, "", Before{Last: s.Before})
		if err != nil || job == nil || !s.mayHave(reloadEnd{created: job.Created, at: job.Created}) {
			return nil, err
		}
		taken, err := w.taken(ctx, s, job)
		if err != nil || !taken {
			return job, err
		}
		s.Before = job.Created
	}
}

// reportStart reports a start that Qlik Cloud has taken. A signal starts nothing.
func (w *work) reportStart(s *Start, job, how string, r *report) {
	if s.Target.Kind == chain.KindSignal {
		r.later(s.Name, WaitsForSignal)
		return
	}
	r.start(Started{Step: s.Name, App: s.App, Run: s.Run, Attempt: s.Attempt, Reload: job, How: how}, w.Now())
}

// recorded writes which job carries out a start. how says so if another request made it.
func (w *work) recorded(ctx context.Context, start stored[Start], job *Job, how string, r *report) (bool, error) {
	ref := start.doc.ref()
	if err := w.poll(ctx, &start.doc, 0); err != nil { // before the record: no later execution would set the timer
		return false, err
	}
	known := stored[reloadDoc]{key: reloadKey(job.ID)} // nothing is known yet of a job that was just made
	var err error
	for i := range maxConflicts {
		if job.ID != "" && (i > 0 || how != "") {
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
			at := job.Created
			if at.IsZero() {
				at = w.Now()
			}
			writes = w.adopt(&start, job.ID, at)
			s.Reason = how
			writes[0].Doc = *s
		}
		if known.doc.Start == nil && job.ID != "" {
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
			w.reportStart(s, job.ID, how, r)
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
	return false, fmt.Errorf("cannot record the %s %s of %s: gave up after %d write conflicts",
		start.doc.Target.Kind.Run(), job.ID, start.doc.Name, maxConflicts)
}

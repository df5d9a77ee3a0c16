// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// finishRuns does what remains besides starts if nothing is left to decide. It records the runs that have ended, and sets the timer of the
// cycle's end if a step waits. again reports that the end of a run was recorded, on which other runs may depend. safe is false while
// another execution is sending the notice of an end.
func (w *work) finishRuns(ctx context.Context, c *cycle, before *run.State, r *report) (again, safe bool, err error) {
	waiting := false
	safe = true
	for _, id := range slices.Sorted(maps.Keys(c.state.Runs)) {
		known := c.state.Runs[id]
		switch {
		case known.Ended != "" && before.Runs[id] != nil && before.Runs[id].Ended == "":
			ended, err := w.finish(ctx, c, known, r)
			if err != nil {
				return false, false, err
			}
			again, safe = again || ended, safe && ended
		case known.Ended == "":
			sum := c.state.Summarize(known, w.rules())
			waiting = waiting || sum.Counts[run.StatusWaiting] > 0
			if sum.Status == run.StatusWaiting && (sum.Counts[run.StatusFailed] > 0 || sum.Skips[run.SkipBlocked] > 0) {
				// It may wait until the cycle's end, but its failure is already known.
				safe = w.notifyEnd(ctx, c, known, run.StatusFailed, r) && safe
			}
		}
	}
	if waiting && c.unknown { // of what it waits for
		at := w.Now().Add(recheckDelay).Truncate(time.Minute).Add(time.Minute)
		timer := chain.Timer{Kind: chain.TimerLook, Cycle: c.id, Due: at}
		if err := w.setTimer(ctx, timerName("carried", c.id, at.UTC().Format("20060102T1504")), timer); err != nil {
			return false, false, err
		}
	}
	due := closes(c.Cycle)
	if again || !waiting || !c.timer.Before(due) || c.state.Over {
		return again, safe, nil
	}
	name := timerName("cycle", c.id)
	if !c.timer.IsZero() { // of a shorter cycle: the chain's cycles have changed
		name = timerName("cycle", c.id, due.UTC().Format("20060102T1504"))
	}
	if soonest := w.Now().Add(time.Minute); due.Before(soonest) {
		due = soonest
	}
	if err := w.setTimer(ctx, name, chain.Timer{Kind: chain.TimerCycle, Cycle: c.id, Due: due}); err != nil {
		return false, false, err
	}
	err = write(ctx, w.Store, Write{Key: cycleTimerKey(c.id), Doc: due, Always: true, Expires: w.expires()})
	return false, safe, err
}

// closes returns when a cycle's end is handled: up to an hour after it. By then Qlik Cloud has reported a reload that the chain did not
// start and that began before the end.
func closes(c run.Cycle) time.Time {
	return c.End.Add(min(time.Hour, c.End.Sub(c.Begin)/4))
}

// standingsDoc stores the status of steps when a run ended. A later calculation would use the chain's then current definition.
type standingsDoc map[string]StepRecord

// standingsPerItem is how many steps one such item contains, so that it stays small with the longest names.
const standingsPerItem = 100

// finish sends the notice and the event of a run's end and then records the end: an execution that is cut off between the two is repeated.
// It returns false if another execution is sending one of them. That one records the end, so that the end is not recorded before they are
// sent.
func (w *work) finish(ctx context.Context, c *cycle, ended *run.Run, r *report) (bool, error) {
	doc := c.runs[ended.ID]
	if !w.notifyEnd(ctx, c, ended, ended.Ended, r) {
		return false, nil
	}
	sum := c.state.Summarize(ended, w.rules())
	doc.Status, doc.EndedAt = ended.Ended, w.Now()
	doc.Seconds, doc.Counts = doc.EndedAt.Sub(doc.At).Seconds(), countsOf(sum)
	if !w.putRunEnded(ctx, doc.RunRecord, r) {
		return false, nil
	}
	writes := []Write{
		{Key: runInCycle(c.id, ended.ID), Doc: doc.runDoc, Version: doc.version, Expires: w.expires()},
		{Key: listKey(ended.ID), Doc: doc.RunRecord, Always: true, Expires: w.kept()},
	}
	for records := range slices.Chunk(w.stepRecords(c, ended), standingsPerItem) {
		standings := standingsDoc{}
		for _, s := range records {
			standings[s.id] = s
		}
		writes = append(writes, Write{Key: standingsKey(ended.ID, len(writes)-1), Doc: standings, Always: true, Expires: w.kept()})
	}
	if doc.Queued { // it was canceled while it was queued
		writes = append(writes, Write{Key: queuedKey(ended.ID), Delete: true})
	}
	if err := write(ctx, w.Store, writes...); err != nil {
		return false, err
	}
	r.runEnded(doc.RunRecord)
	return true, nil
}

func countsOf(sum run.Summary) *Counts {
	n := &Counts{
		Steps: sum.Steps, Succeeded: sum.Counts[run.StatusSucceeded], Failed: sum.Counts[run.StatusFailed],
		Canceled: sum.Counts[run.StatusCanceled], Continued: sum.Counts[run.StatusContinued],
		Blocked: sum.Skips[run.SkipBlocked], Expired: sum.Skips[run.SkipExpired],
	}
	n.Skipped = sum.Counts[run.StatusSkipped] - n.Blocked - n.Expired
	return n
}

// wakeCycle handles the end of a cycle: steps that still wait expire.
func (w *work) wakeCycle(ctx context.Context, t chain.Timer, r *report) error {
	c, err := w.load(ctx, t.Cycle)
	if err != nil {
		return err
	}
	if due := closes(c.Cycle); due.Sub(t.Due) > time.Minute { // the chain's cycles have changed since the timer was set
		name := timerName("cycle", c.id, due.UTC().Format("20060102T1504"))
		return w.setTimer(ctx, name, chain.Timer{Kind: chain.TimerCycle, Cycle: c.id, Due: due})
	}
	if !c.state.Over {
		err = write(ctx, w.Store, Write{Key: overKey(t.Cycle), Doc: w.Now(), Version: c.over.version, Expires: w.expires()})
		if err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
		r.result.expired = err == nil
	}
	_, err = w.drive(ctx, &happening{
		cycle: t.Cycle,
		event: func(*cycle) run.Event { return run.CycleEnded{} },
		known: func(*cycle) bool { return !r.result.expired },
	}, r)
	return err
}

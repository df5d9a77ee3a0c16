// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// changes holds the writes of a decision. The writes of a group succeed together or not at all. The groups keep their order.
type changes struct {
	writes []group
	event  bool                 // the first group is the event's own
	stored bool                 // at least the first group was written
	shape  string               // the hash of the shape with which a run begins; empty: none begins
	watch  map[string]time.Time // since when the duration of runs counts
}

type group struct {
	writes []Write
	start  *stored[Start] // the start that the group makes
}

// changes compares the state of a cycle with the state before the decision. It does not include the end of a run: see settle.
func (w *work) changes(ctx context.Context, c *cycle, before *run.State, h *happening) *changes {
	all := &changes{watch: map[string]time.Time{}}
	var event group
	var others, starts, marks []group
	for _, change := range c.state.Since(before) {
		r := c.state.Runs[change.Run]
		switch change.Kind {
		case run.ChangeBegun:
			event.writes = append(event.writes, w.beginning(h, r)...)
			if all.shape = h.begun.Shape; !r.Queued && r.Ended == "" {
				all.watch[r.ID] = r.At
			}
		case run.ChangeFacts:
			step, now, then := change.Step, change.After, cmp.Or(change.Before, &run.Facts{})
			switch {
			case now.Result != nil && then.Start != nil && now.Result.Attempt < then.Start.Attempt:
				last := startRef{Cycle: c.id, Run: r.ID, Step: step, Attempt: now.Result.Attempt}
				h.ends, others = append(h.ends, last), append(others, w.lastStands(c, last, then))
			case attemptEnded(now, then):
				ending := w.ending(ctx, c, h, r, step, then)
				event.writes, event.start = append(event.writes, ending.writes...), ending.start
			case now.Start != nil && then.Start != nil: // it has already been requested
			case now.Start != nil:
				starts = append(starts, w.starting(ctx, c, h, r, step))
			case now.Continued != "" && newStart(c.state.Runs[now.Continued], before, step):
				marks = append(marks, group{writes: []Write{w.stepWrite(c, r, step)}})
			default:
				others = append(others, group{writes: w.passing(c, r, step, then)})
			}
		case run.ChangeRun:
			doc := c.runs[r.ID]
			let := doc.Queued && !r.Queued
			doc.Queued, doc.From, doc.Overran = r.Queued, r.From, r.Overran
			g := group{writes: []Write{{Key: runInCycle(c.id, r.ID), Doc: doc.runDoc, Version: doc.version, Expires: w.expires()}}}
			if !let {
				others = append(others, g)
				continue
			}
			all.watch[r.ID] = r.From
			g.writes = append(g.writes, Write{Key: queuedKey(r.ID), Delete: true})
			marks = append(marks, g) // last: while it is queued, other executions check whether it may start
		case run.ChangeCanceled, run.ChangeEnded, run.ChangeCycleOver: // written before, or by settle
		}
	}
	if len(event.writes) > 0 || h.always && !h.written && (h.known == nil || !h.known(c)) {
		event.writes = append(event.writes, h.beside...)
		all.writes, all.event = append(all.writes, event), true
	}
	all.writes = slices.Concat(all.writes, others, starts, marks)
	return all
}

// attemptEnded reports whether the facts of a step contain a new end of an attempt.
func attemptEnded(now, then *run.Facts) bool {
	attempt := 1
	if then.Start != nil {
		attempt = then.Start.Attempt
	}
	return now.Result != nil && then.Result == nil || now.Start != nil && now.Start.Attempt > attempt
}

// newStart reports whether a run has started a step that it had not started before.
func newStart(r *run.Run, before *run.State, step string) bool {
	if r == nil {
		return false
	}
	was := before.Runs[r.ID]
	f := r.Steps[step]
	if f == nil || f.Start == nil && f.Passed == "" {
		return false
	}
	return was == nil || was.Steps[step] == nil || was.Steps[step].Start == nil && was.Steps[step].Passed == ""
}

// beginning writes a new run.
func (w *work) beginning(h *happening, r *run.Run) []Write {
	doc := *h.begun
	doc.ID, doc.Queued = r.ID, r.Queued
	if r.Ended == run.StatusSkipped { // the previous run of its schedule is active; settle records any other end
		doc.Status, doc.EndedAt, doc.Counts = r.Ended, w.Now(), &Counts{}
		h.reported = &doc.RunRecord
	}
	writes := w.shapeWrite(doc.Shape)
	if r.Queued {
		queued := queuedRun{Cycle: h.cycle, Run: r.ID, Schedule: doc.Schedule}
		writes = append(writes, Write{Key: queuedKey(r.ID), Doc: queued, Expires: w.expires()})
	}
	return append([]Write{
		{Key: runInCycle(h.cycle, r.ID), Doc: doc, Expires: w.expires()},
		{Key: listKey(r.ID), Doc: doc.RunRecord, Expires: w.kept()},
	}, writes...)
}

// stepWrite returns the write of the decision about a step.
func (w *work) stepWrite(c *cycle, r *run.Run, step string) Write {
	f := r.Steps[step]
	doc := stepDoc{Uses: f.Uses, Passed: f.Passed, Reason: f.Reason, Missing: f.Missing, Continued: f.Continued}
	if f.Start != nil {
		doc.At, doc.DueAt, doc.Parked = w.Now(), f.Start.DueAt, f.Start.Phase == run.PhaseParked
	}
	key := stepKey(c.id, r.ID, step)
	return Write{Key: key, Doc: doc, Version: c.steps[key], Expires: w.expires()}
}

// passing returns the writes for a step that does not start in a run. They give up its start if there is one.
func (w *work) passing(c *cycle, r *run.Run, step string, then *run.Facts) []Write {
	writes := []Write{w.stepWrite(c, r, step)}
	if then.Start != nil {
		ref := startRef{Cycle: c.id, Run: r.ID, Step: step, Attempt: then.Start.Attempt}
		writes = append(writes, Write{Key: ref.openKey(), Delete: true})
	}
	return writes
}

// starting writes the start of a step. It claims the start in the same write if Qlik Cloud may be asked for it at once.
func (w *work) starting(ctx context.Context, c *cycle, h *happening, r *run.Run, step string) group {
	f := r.Steps[step]
	s := w.newStart(c, r, step, 1)
	s.CreatedAt, s.DueAt = w.Now(), f.Start.DueAt
	if h.begun != nil && h.begun.ID == r.ID { // the cycle does not have it yet
		s.Varied = s.Target.Kind == chain.KindApp && len(h.begun.Variables) > 0
		if len(f.Uses) == 0 {
			s.Reason = h.reason
		}
	}
	if wait := f.Start.DueAt.Sub(w.Now()); wait > zero {
		s.Reason = "starts at " + w.clock(f.Start.DueAt, w.Now())
	}
	var g group
	if f.Start.Phase == run.PhaseParked {
		g = w.parkedGroup(s, f.Start.Reason)
	} else {
		g = w.startGroup(ctx, s)
	}
	g.writes = append(g.writes, w.stepWrite(c, r, step))
	if len(f.Uses) > 0 {
		g.writes = append(g.writes, Write{Key: usesKey(c.id, step, hashOf(f.Uses)), Doc: r.ID, Expires: w.expires()})
	}
	return g
}

// startGroup returns the writes of an attempt that is due.
func (w *work) startGroup(ctx context.Context, s Start) group {
	if w.ready(ctx, &s) {
		w.take(ctx, &s)
	}
	ref := s.ref()
	return group{
		start: &stored[Start]{key: ref.key(), version: 1, doc: s},
		writes: []Write{
			{Key: ref.key(), Doc: s, Expires: w.expires()},
			{Key: ref.openKey(), Doc: ref, Expires: w.expires()},
		},
	}
}

// hashOf returns a hash that differs for different lists of results.
func hashOf(uses []run.Use) string {
	sum := sha256.New()
	for _, u := range uses {
		_, _ = fmt.Fprintf(sum, "%s#%s#%s\n", u.Step, u.Run, u.Reload) // writing to a hash never fails
	}
	return hex.EncodeToString(sum.Sum(nil))[:32]
}

// newStart returns an attempt of a step in a run.
func (w *work) newStart(c *cycle, r *run.Run, id string, attempt int) Start {
	step, known := w.stepOf(id)
	s := Start{
		Cycle: c.id, Run: r.ID, Step: id, Name: w.nameOf(id), Attempt: attempt,
		Of:    max(attempt, step.Retry.Attempts()),
		Phase: PhaseWaiting,
	}
	if s.Target = step.Target(); !known {
		s.Target = chain.Target{Kind: chain.KindApp, ID: id} // its start is given up
	}
	if s.Target.Kind == chain.KindApp {
		s.App, s.Varied = s.Target.ID, len(c.runs[r.ID].Variables) > 0
	}
	if f := r.Steps[id]; f != nil {
		for _, u := range f.Uses[:min(len(f.Uses), maxCauses)] {
			cause := Cause{Upstream: w.nameOf(u.Step), Reload: u.Reload}
			if u.Run != r.ID {
				cause.Run = u.Run
			}
			s.Causes = append(s.Causes, cause)
		}
	}
	return s
}

// maxCauses is the maximum number of causes in the record of a start: an item must not grow with the number of upstreams.
const maxCauses = 50

// ending writes the end of an attempt, and the next one.
func (w *work) ending(ctx context.Context, c *cycle, h *happening, r *run.Run, step string, then *run.Facts) group {
	f := r.Steps[step]
	ref := startRef{Cycle: c.id, Run: r.ID, Step: step, Attempt: f.Start.Attempt}
	doc := h.end.doc()
	if doc.Outcome == chain.OutcomeFailure {
		doc.Error = cleaned(h.end.failure, w.variablesOf(c, ref))
	}
	if f.Result == nil {
		ref.Attempt--
		doc.Next = f.Start.DueAt
	}
	h.final = f.Result != nil
	g := group{writes: []Write{{Key: ref.endKey(), Doc: doc, Expires: w.expires()}, {Key: ref.openKey(), Delete: true}}}
	g.writes = append(g.writes, w.slotOf(ref)...)
	if h.final && !r.Canceled { // otherwise it does not count
		g.writes = append(g.writes, w.carryWrite(c, ref, doc)...)
	}
	if then.Start == nil { // the reload began the run
		s := w.newStart(c, r, step, ref.Attempt)
		s.Phase, s.Reload, s.Foreign, s.Reason = PhaseStarted, h.end.reload, true, h.reason
		s.CreatedAt, s.DueAt, s.StartedAt = doc.Started, doc.Started, doc.Started
		g.writes = append(g.writes, w.stepWrite(c, r, step), Write{Key: ref.key(), Doc: s, Expires: w.expires()})
	}
	if f.Result == nil {
		s := w.newStart(c, r, step, f.Start.Attempt)
		s.CreatedAt, s.DueAt = w.Now(), f.Start.DueAt
		s.Reason = fmt.Sprintf("attempt %d of %d failed; the next one comes at %s", ref.Attempt, s.Of, w.clock(s.DueAt, doc.Ended))
		next := w.startGroup(ctx, s)
		g.writes, g.start = append(g.writes, next.writes...), next.start
	}
	return g
}

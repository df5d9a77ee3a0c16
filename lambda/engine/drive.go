// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// happening is an event in a cycle.
type happening struct {
	cycle string
	event func(c *cycle) run.Event // the event for the decision; it may set in the state how far a start has come
	known func(c *cycle) bool      // whether an execution that may have broken off has already handled it; nil: none has

	begun  *runDoc             // of an event that may begin a run
	end    *reloadEnd          // of an event that is the end of an attempt
	ends   []startRef          // the attempts that end with it, or become the last ones of their steps
	reason string              // of the first start of a run, in a sentence
	beside []Write             // written together with the event itself
	always bool                // also if the decision changes nothing
	stale  func(c *cycle) bool // whether the planned writes are out of date; nil: they are not
	may    func(c *cycle) bool // whether it may still happen at the time of writing; nil: it may

	queued   bool       // it concerns a queued run of another cycle
	reported *RunRecord // a run that ended when it began

	effects []run.Effect // of the event
	went    []run.WentOn // starts that another run has made with the same results
	written bool         // this execution has written the event
	final   bool         // no attempt follows the one that has ended
}

// drive handles an event. It loads the cycle, decides, and writes the decision on the condition that no other execution has decided it.
// Then it has Qlik Cloud asked for the starts. It repeats this until there is nothing to decide: of two concurrent executions, the later
// one sees what both have written. safe is false if another execution is working on a start; then that one finishes it.
func (w *work) drive(ctx context.Context, h *happening, r *report) (safe bool, err error) {
	safe = true
	repeated, taken := false, false // an execution that broke off may have left something; it was taken up
	met := false                    // another execution has written something in the meantime
	for round := range maxConflicts {
		c, err := w.load(ctx, h.cycle)
		if err != nil {
			return false, err
		}
		if h.begun != nil && h.begun.CycleEnd.After(c.End) { // the chain's cycles are longer now than those of the earlier runs
			c.lasts(h.begun.CycleEnd)
		}
		repeated = repeated || !h.written && h.known != nil && h.known(c)
		if h.may != nil && !h.written && !h.may(c) {
			return true, nil
		}
		if h.stale != nil && !h.written && h.stale(c) {
			return false, ErrConflict
		}
		event := h.event(c)
		before := c.state.Clone()
		for _, went := range h.went {
			run.Decide(c.state, driverRules{w.rules()}, w.Now(), went)
		}
		effects := run.Decide(c.state, driverRules{w.rules()}, w.Now(), event)
		if round == 0 {
			h.effects = effects
		}
		changes := w.changes(ctx, c, before, h)
		if len(changes.writes) == 0 && repeated && !taken { // before the last look: what is not open then has its end in the cycle
			ok, err := w.takeUp(ctx, w.leftIn(h), r)
			if taken, safe = true, safe && ok; err != nil {
				return false, err
			}
			continue
		}
		if len(changes.writes) == 0 {
			w.lookUpErrors(ctx, c, h.ends, r)
			safe = w.stepsEnded(ctx, c, h.ends, r) && safe
			again, notified, err := w.finishRuns(ctx, c, before, r)
			conflict := errors.Is(err, ErrConflict)
			if conflict { // the run may have been canceled
				err = w.readActive(ctx)
			}
			if err != nil {
				return false, err
			}
			if met = met || conflict; again || conflict {
				continue
			}
			if err := w.letQueuedGo(ctx, h, r); err != nil {
				return false, err
			}
			others, err := w.seeToOthers(ctx, h, repeated || met, r)
			return safe && notified && others, err
		}
		for id, from := range changes.watch {
			if err := w.watch(ctx, startRef{Cycle: h.cycle, Run: id}, from); err != nil {
				return false, err
			}
		}
		starts, err := changes.store(ctx, w)
		conflict := errors.Is(err, ErrConflict)
		h.written = h.written || changes.event && (err == nil || changes.stored)
		if conflict && changes.event && !h.written && len(h.beside) > 0 { // it may be that nothing but the event's own writes is out of date
			return false, err
		}
		if err != nil && !conflict {
			return false, err
		}
		if h.written && h.reported != nil {
			r.runEnded(*h.reported)
			h.reported = nil
		}
		done, err := parallel(len(starts), func(i int) (bool, error) { return w.carryOut(ctx, starts[i], r) })
		if safe = safe && done; err != nil {
			return false, err
		}
		if met = met || conflict; conflict {
			went, err := w.used(ctx, c, changes)
			if err := errors.Join(err, Backoff(ctx, round)); err != nil {
				return false, err
			}
			h.went = append(h.went, went...)
		}
	}
	return false, fmt.Errorf("cannot decide what follows in the cycle %s: gave up after %d write conflicts", h.cycle, maxConflicts)
}

// used finds those starts of a refused write that another run has made with the same results and that no longer show. A pause parked such a
// start, and a newer run went on with its step.
func (w *work) used(ctx context.Context, c *cycle, refused *changes) ([]run.WentOn, error) {
	var went []run.WentOn
	for _, g := range refused.writes {
		if g.start == nil {
			continue
		}
		s := &g.start.doc
		for _, write := range g.writes {
			if !strings.HasPrefix(write.PK, usesPrefix) {
				continue
			}
			by, err := load[string](ctx, w.Store, write.Key)
			if err != nil {
				return nil, err
			}
			other := c.state.Runs[by.doc]
			if by.version == 0 || by.doc == s.Run || other == nil || other.Steps[s.Step] == nil || other.Steps[s.Step].Continued == "" {
				continue
			}
			went = append(went, run.WentOn{Run: s.Run, Step: s.Step, In: by.doc})
		}
	}
	return went, nil
}

// carryOut has Qlik Cloud asked for a start that was written, or sets its timer.
func (w *work) carryOut(ctx context.Context, start stored[Start], r *report) (bool, error) {
	switch {
	case start.doc.Parked != 0:
		w.notifyParked(ctx, &start.doc, r)
		return true, nil
	case start.doc.Phase == PhaseClaimed:
		return w.requestReload(ctx, start, r)
	}
	return w.advance(ctx, start, false, r)
}

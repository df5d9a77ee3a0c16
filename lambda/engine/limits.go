// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// driverRules holds the rules of the definition without max_running. Which start goes next also depends on Qlik Cloud's answers. So slots
// in the table enforce that limit.
type driverRules struct{ *run.Current }

// MaxRunning implements run.Limits.
func (driverRules) MaxRunning() int { return 0 }

func slotKey(number int) Key { return Key{chain.NowPK, slotPrefix + strconv.Itoa(number)} }

// errNoSlot reports that max_running starts are active.
var errNoSlot = errors.New("as many starts as max_running allows are under way")

// slot returns the write that takes a free slot of max_running for a start. It fails with errNoSlot, also if others are queued: what came
// due first goes first.
func (w *work) slot(s *Start) ([]Write, error) {
	most := w.Index.Definition().MaxRunning
	if most == 0 || s.Slot != 0 || s.Target.Kind == chain.KindSignal { // a signal starts nothing
		return nil, nil
	}
	if w.active.Load().inLine && !s.Queued {
		return nil, errNoSlot
	}
	taken := w.active.Load().slots
	for number := 1; number <= most; number++ {
		if _, there := taken[number]; !there {
			s.Slot, s.Queued = number, false
			return []Write{{Key: slotKey(number), Doc: s.ref(), Expires: w.expires()}}, nil
		}
	}
	return nil, errNoSlot
}

// freeSlot returns the write that frees the slot of a start.
func (w *work) freeSlot(s *Start) []Write {
	if s.Slot == 0 {
		return nil
	}
	number := s.Slot
	s.Slot = 0
	return []Write{{Key: slotKey(number), Delete: true}}
}

// slotOf returns the write that frees the slot of an attempt.
func (w *work) slotOf(ref startRef) []Write {
	for number, holder := range w.active.Load().slots {
		if holder == ref {
			return []Write{{Key: slotKey(number), Delete: true}}
		}
	}
	return nil
}

// queue makes a start wait for a slot, and then checks again. A slot may have become free in the meantime, and the execution that freed it
// found nothing queued. Or a slot is free for those that came due before.
func (w *work) queue(ctx context.Context, start stored[Start], r *report) (bool, error) {
	s := &start.doc
	before := s.Queued
	if !before {
		s.Queued, s.Reason = true, fmt.Sprintf("waits, since %d starts are under way (max_running)", w.Index.Definition().MaxRunning)
		s.Phase, s.Owner, s.Lease = PhaseWaiting, "", time.Time{}
		open := Write{Key: s.ref().openKey(), Doc: openDoc{startRef: s.ref(), Queued: true}, Always: true, Expires: w.expires()}
		err := write(ctx, w.Store, start.write(w.expires()), open)
		if errors.Is(err, ErrConflict) {
			return w.look(ctx, s.ref(), "", r)
		}
		if err != nil {
			return false, err
		}
	}
	if err := w.readActive(ctx); err != nil {
		return false, err
	}
	if len(w.active.Load().slots) >= w.Index.Definition().MaxRunning {
		r.later(s.Name, s.Reason)
		if before { // the execution that this one repeats may have claimed a slot for another start
			return w.slotsTaken(ctx, r)
		}
		return true, nil
	}
	safe, err := w.releaseQueued(ctx, r)
	if err != nil {
		return false, err
	}
	now, err := load[Start](ctx, w.Store, start.key)
	if err == nil && now.doc.Queued {
		r.later(s.Name, s.Reason)
	}
	return safe, err
}

// releaseQueued releases starts that wait for a slot, in the order in which they became due, until the slots run out.
func (w *work) releaseQueued(ctx context.Context, r *report) (bool, error) {
	most := w.Index.Definition().MaxRunning
	if most == 0 {
		return true, nil
	}
	if err := w.readActive(ctx); err != nil {
		return false, err
	}
	if len(w.active.Load().slots) >= most {
		return w.slotsTaken(ctx, r)
	}
	starts, err := w.starts(ctx, w.active.Load().open)
	if err != nil {
		return false, err
	}
	starts = slices.DeleteFunc(starts, func(s stored[Start]) bool {
		// Left by an execution that broke off before it found no slot.
		left := s.doc.Tries == 0 && s.doc.Parked == 0 && !s.doc.DueAt.After(w.Now())
		return s.doc.Phase != PhaseWaiting || !s.doc.Queued && !left
	})
	slices.SortFunc(starts, func(a, b stored[Start]) int {
		return cmp.Or(a.doc.DueAt.Compare(b.doc.DueAt), cmp.Compare(a.doc.Run, b.doc.Run), cmp.Compare(a.doc.Step, b.doc.Step))
	})
	safe := true
	for _, start := range starts[:min(len(starts), most-len(w.active.Load().slots))] {
		ok, err := w.advance(ctx, start, true, r)
		if err != nil {
			return false, err
		}
		safe = safe && ok
	}
	if !safe || len(starts) == 0 {
		return safe, nil
	}
	// Another execution, also one of the same event, may have taken the slot for another start, and may break off.
	if err := w.readActive(ctx); err != nil {
		return false, err
	}
	return w.slotsTaken(ctx, r)
}

// slotsTaken checks whether the starts with slots are active. The execution that claimed one may have broken off. Then nothing else
// releases the next start.
func (w *work) slotsTaken(ctx context.Context, r *report) (bool, error) {
	holders, err := w.starts(ctx, slices.Collect(maps.Values(w.active.Load().slots)))
	if err != nil {
		return false, err
	}
	safe := true
	for _, holder := range holders {
		if _, mine := w.claimed.Load(holder.doc.ref()); holder.doc.Phase != PhaseClaimed || mine && holder.doc.Owner == w.owner {
			continue
		}
		ok, err := w.advance(ctx, holder, false, r)
		if err != nil {
			return false, err
		}
		safe = safe && ok
	}
	return safe, nil
}

// parkedReason begins the reason of a start that became due too often.
const parkedReason = "is parked: "

// parkedGroup writes a start that became due too often. POST /resume releases it.
func (w *work) parkedGroup(s Start, reason string) group {
	s.TimesParked, s.Parked, s.Reason = 1, 1, parkedReason+reason
	ref := s.ref()
	item := parkedDoc{startRef: ref, Number: s.Parked, At: w.Now()}
	return group{
		start: &stored[Start]{key: ref.key(), version: 1, doc: s},
		writes: []Write{
			{Key: ref.key(), Doc: s}, // none of these expires: it may be parked for long
			{Key: ref.openKey(), Doc: ref},
			{Key: item.key(), Doc: item},
		},
	}
}

// parkOften parks a start at the end of its delay if its step was started often enough within the hour. A start without a delay was parked
// in the decision.
func (w *work) parkOften(ctx context.Context, start *stored[Start], r *report) (parked bool, err error) {
	s := &start.doc
	if s.Attempt > 1 || s.Tries > 0 || s.TimesParked > 0 || s.Queued || s.DueAt.Sub(s.CreatedAt) <= zero {
		return false, nil
	}
	c, err := w.load(ctx, s.Cycle)
	if err != nil {
		return false, err
	}
	if c.start(s.Run, s.Step) == nil {
		return false, nil
	}
	known := c.state.Runs[s.Run]
	for _, other := range c.state.Runs { // those after this one do not count, even if their delays are over
		if o := c.start(other.ID, s.Step); o != nil && cmp.Or(o.At.Compare(s.DueAt), cmp.Compare(other.ID, s.Run)) >= 0 {
			o.At = time.Time{}
		}
	}
	known.Steps[s.Step].Start.Phase = run.PhaseDelayed
	run.Decide(c.state, driverRules{w.rules()}, w.Now(), run.Woke{Run: s.Run, Step: s.Step, Attempt: s.Attempt})
	f := known.Steps[s.Step]
	if f.Start == nil || f.Start.Phase != run.PhaseParked {
		return false, nil
	}
	s.TimesParked, s.Parked, s.Reason = 1, 1, parkedReason+f.Start.Reason
	item := parkedDoc{startRef: s.ref(), Number: s.Parked, At: w.Now()}
	err = write(ctx, w.Store, start.write(time.Time{}), w.stepWrite(c, known, s.Step), Write{Key: item.key(), Doc: item})
	if err != nil {
		return false, err
	}
	start.version++
	w.notifyParked(ctx, s, r)
	return true, nil
}

// notifyParked sends the notice of a start that was parked.
func (w *work) notifyParked(ctx context.Context, s *Start, r *report) {
	r.later(s.Name, s.Reason)
	w.notify(ctx, Notice{
		Kind: NoticeParked, At: w.Now(), Run: s.Run, Steps: []Unfinished{{Step: s.Name, Run: s.Run, Reason: s.Reason}},
		id: string(NoticeParked) + "#" + s.Run + "#" + s.Step,
	}, r)
}

// watch sets the timer for the moment when an attempt, or with an empty step a run, reaches its limit.
func (w *work) watch(ctx context.Context, ref startRef, from time.Time) error {
	most, _ := w.rules().MaxDuration(ref.Step)
	if most == 0 {
		return nil
	}
	due := from.Add(most)
	// The timer that leads to this one still has its name: EventBridge Scheduler deletes a schedule shortly after it has invoked its
	// target.
	name := timerName("overran", ref.Run, ref.Step, strconv.Itoa(ref.Attempt), due.UTC().Format("20060102T150405"))
	return w.setTimer(ctx, name, chain.Timer{
		Kind: chain.TimerOverran, Cycle: ref.Cycle, Run: ref.Run, Step: ref.Step, Attempt: ref.Attempt, Due: due,
	})
}

// wakeOverran handles an attempt, or a run, that takes longer than it may.
func (w *work) wakeOverran(ctx context.Context, t chain.Timer, r *report) error {
	ref := startRef{Cycle: t.Cycle, Run: t.Run, Step: t.Step, Attempt: t.Attempt}
	var start stored[Start]
	err := w.beside(ctx, func() (err error) {
		if t.Step != "" {
			start, err = load[Start](ctx, w.Store, ref.key())
		}
		return err
	})
	if err != nil {
		return err
	}
	again := false
	h := &happening{cycle: t.Cycle, event: func(c *cycle) run.Event {
		if known := c.state.Runs[t.Run]; t.Step == "" && known != nil && !again {
			// The execution that wrote this may have broken off before it sent the notice.
			known.Overran, again = false, true
		}
		if known := c.start(t.Run, t.Step); t.Step != "" && known != nil {
			if start.doc.Phase == PhaseStarted && c.state.Runs[t.Run].Steps[t.Step].Result == nil {
				known.Phase, known.At = run.PhaseRequested, start.doc.StartedAt
			} else {
				known.Phase = run.PhaseSettled
			}
		}
		return run.Overran{Run: t.Run, Step: t.Step, Attempt: t.Attempt}
	}}
	if err := w.drives(ctx, h, r); err != nil {
		return err
	}
	if err := w.carryOutOverran(ctx, h, t, start, r); err != nil {
		return err
	}
	if failed := r.result.Failed; len(failed) > 0 { // to cancel a reload: without an error, nothing would retry it
		return errors.New(failed[0].Error)
	}
	return nil
}

// carryOutOverran carries out the decision about an attempt, or a run, that takes longer than it may.
func (w *work) carryOutOverran(ctx context.Context, h *happening, t chain.Timer, start stored[Start], r *report) error {
	ref := startRef{Cycle: t.Cycle, Run: t.Run, Step: t.Step, Attempt: t.Attempt}
	most, then := w.rules().MaxDuration(t.Step)
	for _, effect := range h.effects {
		switch effect.Kind {
		case run.EffectWatch: // max_duration was raised
			if err := w.watch(ctx, ref, effect.At.Add(-most)); err != nil {
				return err
			}
		case run.EffectOverran:
			if err := w.overran(ctx, t, start, most, then, r); err != nil {
				return err
			}
		default:
		}
	}
	return nil
}

// overran sends the notice of an attempt, or a run, that takes too long, and cancels it if the rule says so.
func (w *work) overran(ctx context.Context, t chain.Timer, start stored[Start], most time.Duration, then run.OnExceeded, r *report) error {
	reason := "takes longer than " + chain.FormatDuration(most) + " (max_duration)"
	operation := chain.Operation{At: w.Now(), By: "the chain", Reason: "max_duration of " + chain.FormatDuration(most)}
	late := Unfinished{Run: t.Run, Reason: reason}
	if t.Step != "" {
		late.Step = w.nameOf(t.Step)
	} else {
		late.Reason = "the run " + reason
	}
	r.result.Late = append(r.result.Late, late)
	r.result.Outcome = OutcomeLate
	w.notify(ctx, Notice{
		Kind: NoticeOverran, At: w.Now(), Run: t.Run, Steps: []Unfinished{late},
		id: fmt.Sprintf("%s#%s#%s#%d", NoticeOverran, t.Run, t.Step, t.Attempt),
	}, r)
	switch {
	case then != run.OnExceededCancel:
		return nil
	case t.Step == "":
		return w.cancel(ctx, "max_duration", t.Run, operation, r)
	default:
		return w.cancelReload(ctx, start, operation, r)
	}
}

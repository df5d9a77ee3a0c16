// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// driverRules are the rules of the definition but max_running: which start goes next depends on Qlik Cloud's answers too, so slots in the table
// keep to it.
type driverRules struct{ *run.Current }

// MaxRunning implements run.Limits.
func (driverRules) MaxRunning() int { return 0 }

func slotKey(number int) Key { return Key{chain.NowPK, slotPrefix + strconv.Itoa(number)} }

// errNoSlot says that as many starts as max_running allows are under way.
var errNoSlot = errors.New("as many starts as max_running allows are under way")

// slot takes a free slot of max_running for a start, as a write. It fails with errNoSlot.
func (w *work) slot(s *Start) ([]Write, error) {
	most := w.Index.Definition().MaxRunning
	if most == 0 || s.Slot != 0 {
		return nil, nil
	}
	taken := w.orders.Load().slots
	for number := 1; number <= most; number++ {
		if _, there := taken[number]; !there {
			s.Slot, s.Queued = number, false
			return []Write{{Key: slotKey(number), Doc: s.ref(), Expires: w.expires()}}, nil
		}
	}
	return nil, errNoSlot
}

// freeSlot gives the slot of a start back, as a write.
func (w *work) freeSlot(s *Start) []Write {
	if s.Slot == 0 {
		return nil
	}
	number := s.Slot
	s.Slot = 0
	return []Write{{Key: slotKey(number), Delete: true}}
}

// slotOf gives the slot back that an attempt has.
func (w *work) slotOf(ref startRef) []Write {
	for number, holder := range w.orders.Load().slots {
		if holder == ref {
			return []Write{{Key: slotKey(number), Delete: true}}
		}
	}
	return nil
}

// queue lets a start wait for a slot. Then it looks again: a slot may have become free meanwhile, and its former holder have found nothing queued.
func (w *work) queue(ctx context.Context, start stored[Start], r *report) (bool, error) {
	s := &start.doc
	if !s.Queued {
		s.Queued, s.Reason = true, fmt.Sprintf("waits, since %d starts are under way (max_running)", w.Index.Definition().MaxRunning)
		s.Phase, s.Owner, s.Lease = PhaseWaiting, "", time.Time{}
		err := write(ctx, w.Store, start.write(w.expires()))
		if errors.Is(err, ErrConflict) {
			return w.look(ctx, s.ref(), "", r)
		}
		if err != nil {
			return false, err
		}
		start.version++
	}
	if err := w.readOrders(ctx); err != nil {
		return false, err
	}
	if len(w.orders.Load().slots) < w.Index.Definition().MaxRunning {
		return w.proceed(ctx, start, true, r)
	}
	r.later(s.Name, s.Reason)
	return true, nil
}

// releaseQueued lets the starts go that wait for a slot, those that came due first before the others, as far as there are slots.
func (w *work) releaseQueued(ctx context.Context, r *report) (bool, error) {
	most := w.Index.Definition().MaxRunning
	if most == 0 {
		return true, nil
	}
	if err := w.readOrders(ctx); err != nil {
		return false, err
	}
	if len(w.orders.Load().slots) >= most {
		return true, nil
	}
	starts, err := w.starts(ctx, w.orders.Load().open)
	if err != nil {
		return false, err
	}
	starts = slices.DeleteFunc(starts, func(s stored[Start]) bool { return !s.doc.Queued || s.doc.Phase != PhaseWaiting })
	slices.SortFunc(starts, func(a, b stored[Start]) int {
		return cmp.Or(a.doc.DueAt.Compare(b.doc.DueAt), cmp.Compare(a.doc.Run, b.doc.Run), cmp.Compare(a.doc.Step, b.doc.Step))
	})
	safe := true
	for _, start := range starts[:min(len(starts), most-len(w.orders.Load().slots))] {
		ok, err := w.proceed(ctx, start, true, r)
		if err != nil {
			return false, err
		}
		safe = safe && ok
	}
	return safe, nil
}

// parked begins the reason of a start that was parked.
const parked = "is parked: "

// parkedGroup writes a start that came due too often. POST /resume lets it go.
func (w *work) parkedGroup(s Start, reason string) group {
	s.Holds, s.Held, s.Reason = 1, 1, parked+reason
	ref := s.ref()
	held := heldDoc{startRef: ref, Hold: s.Held}
	return group{
		start: &stored[Start]{key: ref.key(), version: 1, doc: s},
		writes: []Write{
			{Key: ref.key(), Doc: s}, // none of these is forgotten: it may be parked for long
			{Key: ref.openKey(), Doc: ref},
			{Key: held.key(), Doc: held},
		},
	}
}

// tellParked tells people of a start that was parked.
func (w *work) tellParked(ctx context.Context, s *Start, r *report) {
	r.later(s.Name, s.Reason)
	w.notify(ctx, Notice{
		Kind: NoticeParked, At: w.Now(), Run: s.Run, Steps: []Unfinished{{Step: s.Name, Run: s.Run, Reason: s.Reason}},
		id: string(NoticeParked) + "#" + s.Run + "#" + s.Step,
	}, r)
}

// busy are the schedules of which a run of another cycle is under way, as far as that matters.
func (w *work) busy(ctx context.Context, cycle string) (map[string]bool, error) {
	if w.rules().Overlap("") == run.OverlapAllow {
		return nil, nil
	}
	others := map[Key]bool{}
	for _, ref := range w.orders.Load().open {
		if ref.Cycle != cycle {
			others[runInCycle(ref.Cycle, ref.Run)] = true
		}
	}
	busy := map[string]bool{}
	for key := range others {
		other, err := load[runDoc](ctx, w.Store, key)
		if err != nil {
			return nil, err
		}
		if other.doc.Schedule != "" && other.doc.Status == "" {
			busy[other.doc.Schedule] = true
		}
	}
	return busy, nil
}

// watch has the engine look when an attempt, or with an empty step a run, has taken as long as it may.
func (w *work) watch(ctx context.Context, ref startRef, from time.Time) error {
	most, _ := w.rules().MaxDuration(ref.Step)
	if most == 0 {
		return nil
	}
	return w.setTimer(ctx, timerName("overran", ref.Run, ref.Step, strconv.Itoa(ref.Attempt)), chain.Timer{
		Kind: chain.TimerOverran, Cycle: ref.Cycle, Run: ref.Run, Step: ref.Step, Attempt: ref.Attempt, Due: from.Add(most),
	})
}

// wakeOverran sees to an attempt, or a run, that takes longer than it may.
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
	h := &happening{cycle: t.Cycle, event: func(c *cycle) run.Event {
		if known := c.state.Runs[t.Run]; t.Step != "" && known != nil && known.Steps[t.Step] != nil && known.Steps[t.Step].Start != nil {
			if start.doc.Phase == PhaseStarted && known.Steps[t.Step].Result == nil {
				known.Steps[t.Step].Start.Phase, known.Steps[t.Step].Start.At = run.PhaseRequested, start.doc.StartedAt
			} else {
				known.Steps[t.Step].Start.Phase = run.PhaseSettled
			}
		}
		return run.Overran{Run: t.Run, Step: t.Step, Attempt: t.Attempt}
	}}
	if err := w.drives(ctx, h, r); err != nil {
		return err
	}
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

// overran tells people of an attempt, or a run, that takes too long, and cancels it if that is the rule.
func (w *work) overran(ctx context.Context, t chain.Timer, start stored[Start], most time.Duration, then run.OnExceeded, r *report) error {
	reason := "takes longer than " + chain.FormatDuration(most) + " (max_duration)"
	order := chain.Order{At: w.Now(), By: "the chain", Reason: "max_duration of " + chain.FormatDuration(most)}
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
		return w.cancel(ctx, "max_duration", t.Run, order, r)
	default:
		return w.cancelReload(ctx, start, order, r)
	}
}

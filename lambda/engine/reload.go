// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// reloadEnd is what an event tells: a reload of a step's app has ended.
type reloadEnd struct {
	step     string
	event    string // the reload's id, or the event's where it does not name the reload
	reload   string // empty when the event does not name it
	at       time.Time
	created  time.Time // zero when the event does not say
	duration time.Duration
	outcome  chain.Outcome
	status   qlik.Status
	ours     bool   // it may be a reload that the engine asked for
	how      string // it came to be known, when no event told
	tooOld   string // why nothing follows from it any more; empty: it does
}

// endOf is what Qlik's own record of a reload tells; false: it has not ended. at is zero when the record does not say when it did.
func endOf(step string, reload *qlik.Reload) (reloadEnd, bool) {
	outcome, final := chain.OutcomeOf(string(reload.Status))
	end := reloadEnd{
		step: step, event: reload.ID, reload: reload.ID, at: reload.EndTime.Time, created: reload.CreationTime.Time,
		outcome: outcome, status: reload.Status, ours: reload.Type == triggerAPI,
	}
	if !reload.StartTime.IsZero() && !reload.EndTime.IsZero() {
		end.duration = max(0, reload.EndTime.Sub(reload.StartTime.Time))
	}
	return end, final
}

// ended does all that follows from the end of a reload, until it is in safe hands: done, or put off with a timer set.
func (w *work) ended(ctx context.Context, end reloadEnd, r *report) error {
	for range maxConflicts {
		var reload stored[reloadDoc]
		var starts []Start
		err := w.beside(ctx, func() (err error) { reload, starts, err = w.identify(ctx, end, r); return err })
		if err != nil {
			return err
		}
		if reload.doc.Handled {
			r.result.Outcome = OutcomeRepeated
			return nil
		}
		begun := starts != nil
		if !begun {
			if starts, err = w.endStarts(ctx, end, reload.doc.Starts); err != nil {
				return err
			}
		}
		r.result.Run = starts[0].Run
		safe, err := w.follow(ctx, end, starts, reload.doc.Waiters, r)
		if err != nil || !safe { // when two executions leave something to each other, nobody calls it handled: that does no harm
			r.left = err == nil
			return err
		}
		failed := w.failedFor(end, starts)
		if failed != nil && !w.notify(ctx, w.failure(*failed, end.event), r) { // before it counts as handled: an execution that is cut off is repeated
			r.left = true
			return nil
		}
		reload.doc.Handled = true
		err = write(ctx, w.Store, reload.write(w.expires()))
		if err == nil {
			switch {
			case failed != nil:
				r.lose(*failed)
			case end.outcome == chain.OutcomeSuccess:
				r.finish()
			}
			if begun { // it was never open
				return nil
			}
			_, err = parallel(len(starts), func(i int) (bool, error) {
				return true, write(ctx, w.Store, Write{Key: starts[i].ref().openKey(), Delete: true})
			})
			return err
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
		// Somebody has joined the reload meanwhile: for what was done it is done again without effect.
	}
	return fmt.Errorf("others were faster %d times to change what is known of the reload %s", maxConflicts, end.event)
}

// identify finds out which starts a reload carried out. One that the engine did not ask for begins a run: its first start is returned, and has
// ended already.
func (w *work) identify(ctx context.Context, end reloadEnd, r *report) (stored[reloadDoc], []Start, error) {
	for range maxConflicts {
		reload, err := load[reloadDoc](ctx, w.Store, reloadKey(end.event))
		if err != nil || len(reload.doc.Starts) > 0 {
			return reload, nil, err
		}
		reload.doc.Step = end.step
		open, err := w.open(ctx, end.step)
		if err != nil {
			return reload, nil, err
		}
		var writes []Write
		var begun []Start
		if own := ownOf(open, end); own != nil {
			reload.doc.Starts = []startRef{own.doc.ref()}
			writes = w.adopt(own, end.event, end.at.Add(-end.duration))
		} else {
			first := w.firstStart(end)
			begun, reload.doc.Starts = []Start{*first}, []startRef{first.ref()}
			writes = append(w.record(RunRecord{ID: first.Run, Origin: end.step, StartedBy: StartedByReload, Reload: end.event, At: end.at}),
				Write{Key: first.ref().key(), Doc: first, Expires: w.expires()})
			if err := w.supersede(ctx, end, open, first.Run, r); err != nil {
				return reload, nil, err
			}
		}
		err = write(ctx, w.Store, append(writes, reload.write(w.expires()))...)
		if err == nil {
			reload.version++
			return reload, begun, nil
		}
		if !errors.Is(err, ErrConflict) {
			return reload, nil, err
		}
	}
	return stored[reloadDoc]{}, nil, fmt.Errorf("others were faster %d times to find out whose reload %s is", maxConflicts, end.event)
}

// open returns a step's starts whose reloads have not ended.
func (w *work) open(ctx context.Context, step string) ([]stored[Start], error) {
	items, err := w.Store.Query(ctx, Query{PK: openPK(step)})
	if err != nil {
		return nil, fmt.Errorf("listing the open starts of %s in the chain's table: %w", step, err)
	}
	var open []stored[Start]
	for _, item := range items {
		var ref startRef
		if err := decode(&item, &ref); err != nil {
			return nil, err
		}
		start, err := load[Start](ctx, w.Store, ref.key())
		if err != nil {
			return nil, err
		}
		if start.version > 0 {
			open = append(open, start)
		}
	}
	slices.SortFunc(open, func(a, b stored[Start]) int { return a.doc.ClaimedAt.Compare(b.doc.ClaimedAt) })
	return open, nil
}

// clockSkew is how much earlier than a claim a reload that follows from it may seem to have been made: Qlik's timestamps may have
// whole seconds, and its clock is not ours.
const clockSkew = 5 * time.Second

// ownOf returns the start that a reload carries out although nothing says so yet: it ended before the answer to its request came, or
// the execution that asked for it was cut off. An event that does not name its reload is of the oldest start that has one.
func ownOf(open []stored[Start], end reloadEnd) *stored[Start] {
	if !end.ours {
		return nil
	}
	for i := range open {
		s := &open[i].doc
		asked := s.Phase == PhaseClaimed || s.Phase == PhaseWaiting && s.Unsure
		if end.reload == "" {
			asked = asked || s.Phase == PhaseStarted
		}
		if asked && !s.ClaimedAt.IsZero() && !madeBefore(end, s.ClaimedAt) {
			return &open[i]
		}
	}
	return nil
}

// madeBefore tells whether a reload was asked for before t. Where the event does not say when it was, its end must do.
func madeBefore(end reloadEnd, t time.Time) bool {
	made := end.created
	if made.IsZero() {
		made = end.at
	}
	return made.Before(t.Add(-clockSkew))
}

// adopt writes that a start has this reload. The caller writes the reload's own item with it.
func (w *work) adopt(start *stored[Start], reload string, at time.Time) []Write {
	start.doc.Phase, start.doc.Unsure, start.doc.Behind, start.doc.Reason, start.doc.Held = PhaseStarted, false, "", "", 0
	if start.doc.Reload == "" { // else the engine's event, which does not name the reload
		start.doc.Reload = reload
	}
	if start.doc.StartedAt.IsZero() {
		start.doc.StartedAt = at
	}
	return []Write{start.write(w.expires())}
}

// firstStart is that of the run of a reload that the engine did not ask for. Everything in it derives from the event, so that whoever is
// told of the same reload makes the same run.
func (w *work) firstStart(end reloadEnd) *Start {
	first := w.origin(runID(end.at, end.event), end.step, end.event)
	started := end.at.Add(-end.duration)
	first.Reason, first.Reload, first.Foreign = "somebody else started it", end.event, true
	first.CreatedAt, first.DueAt, first.StartedAt = started, started, started
	first.end(end)
	return first
}

// end writes into a start how its reload has ended.
func (s *Start) end(end reloadEnd) {
	s.Phase, s.EndedAt, s.Status, s.Seconds = PhaseEnded, end.at, end.status, end.duration.Seconds()
	if end.how != "" {
		s.Reason = end.how
	}
}

// supersede gives up the further attempts that wait when somebody has reloaded the app with success meanwhile.
func (w *work) supersede(ctx context.Context, end reloadEnd, open []stored[Start], run string, r *report) error {
	if end.outcome != chain.OutcomeSuccess {
		return nil
	}
	for _, start := range open {
		if start.doc.Phase != PhaseWaiting || start.doc.Attempt == 1 || start.doc.Unsure || start.doc.CreatedAt.After(end.at) {
			continue
		}
		start.doc.Phase, start.doc.EndedAt = PhaseSuperseded, end.at
		start.doc.Reason = "somebody else reloaded the app with success meanwhile; the chain went on in the run " + run
		err := write(ctx, w.Store, start.write(w.expires()), Write{Key: start.doc.ref().openKey(), Delete: true})
		if err != nil && !errors.Is(err, ErrConflict) {
			return err
		}
		r.hold(start.doc.Step, start.doc.Reason)
	}
	return nil
}

// endStarts writes into the starts how their reload has ended, and returns them.
func (w *work) endStarts(ctx context.Context, end reloadEnd, refs []startRef) ([]Start, error) {
	starts := make([]Start, len(refs))
	for i, ref := range refs {
		s, err := change(ctx, w.Store, ref.key(), w.expires(), func(s *Start) bool {
			if s.Phase == PhaseEnded {
				return false
			}
			if s.ID == "" { // the table has forgotten it
				s.Step, s.ID, s.Attempt, s.Run, s.Runs, s.Depth = ref.Step, ref.ID, ref.Attempt, ref.Run, []chain.RunRef{{ID: ref.Run, Origin: ref.Step}}, 1
			}
			s.end(end)
			return true
		})
		if err != nil {
			return nil, err
		}
		starts[i] = s.doc
	}
	return starts, nil
}

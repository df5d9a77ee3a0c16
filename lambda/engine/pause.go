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

// A pause parks starts. Events, joins and the record continue. One write parks a due start and adds an item for it. Then the execution
// reads the orders again. An execution that resumes first removes the order and then looks for these items. So either it finds the start,
// or the start finds that nothing parks it.

// heldDoc identifies a start that a pause holds.
type heldDoc struct {
	startRef
	Hold int `json:"hold"` // the number of the start's hold, so that an item of an earlier hold has no effect
}

func (h heldDoc) key() Key {
	return Key{heldPK, fmt.Sprintf("%s#%s#%02d#%d", h.Run, h.Step, h.Attempt, h.Hold)}
}

// Pause holds all starts until Resume. A chain that is already paused keeps its first order. Pause returns the order that applies. id is
// the same for every repetition of a request: an old request does not pause the chain again after a resume.
func (e *Engine) Pause(ctx context.Context, id string, order chain.Order) (chain.Order, error) {
	w := &work{Engine: e}
	audit := w.audit(Operation{Order: order, Operation: chain.OperationPause}, id)
	for range maxConflicts {
		err := write(ctx, w.Store, append(audit, Write{Key: pausedKey(), Doc: order})...)
		if !errors.Is(err, ErrConflict) {
			return order, err
		}
		first, err := load[chain.Order](ctx, w.Store, pausedKey())
		if err != nil || first.version > 0 {
			return first.doc, err
		}
		if done, err := load[Operation](ctx, w.Store, audit[0].Key); err != nil || done.version > 0 {
			return order, err
		}
	}
	return order, fmt.Errorf("cannot pause or resume the chain: gave up after %d write conflicts", maxConflicts)
}

// lookAgain is the delay after which the engine checks for unfinished work of an order: the execution that carried it out may have broken
// off.
const lookAgain = time.Minute

// Resume releases the starts that a pause holds. It can be repeated, and finishes what an earlier call left. Its error and result are those
// of Handle.
func (e *Engine) Resume(ctx context.Context, invocation, id string, order chain.Order) (Result, error) {
	r := &report{result: Result{Reason: "nothing was held"}}
	w := &work{Engine: e, owner: invocation}
	err := w.resume(ctx, id, order, r)
	return r.conclude(err), err
}

func (w *work) resume(ctx context.Context, id string, order chain.Order, r *report) error {
	if err := w.readOrders(ctx); err != nil {
		return err
	}
	writes := w.audit(Operation{Order: order, Operation: chain.OperationResume}, id)
	waits := w.paused() != nil
	if waits {
		writes = append(writes, Write{Key: pausedKey(), Delete: true})
	} else { // starts that became due too often may still be parked
		held, err := w.Store.Query(ctx, Query{PK: heldPK, AtMost: 1})
		if err != nil {
			return fmt.Errorf("listing the held starts in the chain's table: %w", err)
		}
		waits = len(held) > 0
	}
	if waits {
		timer := chain.Timer{Kind: chain.TimerRelease, Due: w.Now().Add(lookAgain)}
		name := timerName("release", order.At.UTC().Format("20060102T150405"), strconv.Itoa(order.At.Nanosecond()/1e6))
		if err := w.setTimer(ctx, name, timer); err != nil {
			return err
		}
		err := write(ctx, w.Store, writes...)
		if err != nil && !errors.Is(err, ErrConflict) { // a conflict: the same request has already done it
			return err
		}
	}
	_, err := w.release(ctx, r)
	return err
}

// release releases parked starts, unless the chain is paused. Of the starts of one step, only the newest goes. Its run goes on with the
// step for the others. It returns false if another execution is working on one of them.
func (w *work) release(ctx context.Context, r *report) (bool, error) {
	items, err := w.Store.Query(ctx, Query{PK: heldPK})
	if err != nil {
		return false, fmt.Errorf("listing the held starts in the chain's table: %w", err)
	}
	held := make([]heldDoc, len(items))
	goes := make([]bool, len(items)) // still held: an item remains if its start was canceled, or replaced by a reload by hand
	_, err = parallel(len(items), func(i int) (bool, error) {
		if err := decode(&items[i], &held[i]); err != nil {
			return false, err
		}
		start, err := load[Start](ctx, w.Store, held[i].startRef.key())
		goes[i] = start.doc.Held == held[i].Hold && w.canceled(&start.doc) == nil
		return true, err
	})
	if err != nil {
		return false, err
	}
	newest := map[string]string{} // by step: the latest run
	for i := range held {
		if goes[i] {
			newest[held[i].Step] = max(newest[held[i].Step], held[i].Run)
		}
	}
	return parallel(len(held), func(i int) (bool, error) { return w.releaseOne(ctx, held[i], newest[held[i].Step], r) })
}

func (w *work) releaseOne(ctx context.Context, held heldDoc, newest string, r *report) (bool, error) {
	if err := w.readOrders(ctx); err != nil { // an operator may pause the chain again before the last start has gone on
		return false, err
	}
	if w.paused() != nil {
		return true, nil
	}
	start, err := load[Start](ctx, w.Store, held.startRef.key())
	if err != nil {
		return false, err
	}
	if start.doc.Holds == held.Hold { // otherwise a later pause holds it
		// It is no longer parked. Perhaps an execution that resumed broke off here.
		var safe bool
		if start.doc.Held == held.Hold && held.Run < newest {
			safe, err = w.superseded(ctx, start, newest, "the run "+newest+" goes on with the step", r)
		} else {
			safe, err = w.proceed(ctx, start, start.doc.Held == held.Hold, r)
		}
		if err != nil || !safe {
			return safe, err
		}
		if start, err = load[Start](ctx, w.Store, start.key); err != nil || start.doc.Held == held.Hold {
			return err == nil, err
		}
	}
	return true, write(ctx, w.Store, Write{Key: held.key(), Delete: true})
}

// wakeRelease finishes what a broken-off resume may have left.
func (w *work) wakeRelease(ctx context.Context, r *report) error {
	r.result.Reason = "nothing is held any more"
	safe, err := w.release(ctx, r)
	if err == nil && safe {
		safe, err = w.takeUp(ctx, "", r)
	}
	if err == nil && !safe {
		err = errors.New("a start that was held is claimed by another execution")
	}
	return err
}

// unhold removes a pause's hold on a start. It returns the write.
func (s *Start) unhold() []Write {
	if s.Held == 0 {
		return nil
	}
	held := heldDoc{startRef: s.ref(), Hold: s.Held}
	s.Held = 0
	return []Write{{Key: held.key(), Delete: true}}
}

// holdStart holds a due start while the chain is paused. held is false if the chain is no longer paused.
func (w *work) holdStart(ctx context.Context, start *stored[Start], r *report) (held bool, err error) {
	s := &start.doc
	if s.Held == 0 {
		s.Holds++
		s.Phase, s.Held, s.Unsure, s.Behind, s.Owner, s.Lease = PhaseWaiting, s.Holds, false, "", "", time.Time{}
		s.Reason = "the chain was paused " + w.given(*w.paused())
		doc := heldDoc{startRef: s.ref(), Hold: s.Held}
		// Neither expires: a pause may be long.
		if err := write(ctx, w.Store, append(w.freeSlot(s), start.write(time.Time{}), Write{Key: doc.key(), Doc: doc})...); err != nil {
			return false, err
		}
		start.version++
	}
	if err := w.readOrders(ctx); err != nil {
		return false, err
	}
	if w.paused() == nil {
		return false, nil
	}
	r.later(s.Name, s.Reason)
	return true, nil
}

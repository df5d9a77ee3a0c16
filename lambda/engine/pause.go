// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// A pause parks starts. Events, joins and the record continue. One write parks a due start and adds an item for it. Then the execution
// reads the operations again. An execution that resumes first removes the operation and then looks for these items. So either it finds the
// start, or the start finds that nothing parks it.

// parkedDoc identifies a parked start.
type parkedDoc struct {
	startRef
	Number int       `json:"number"` // how often the start was parked, so that an item of an earlier time has no effect
	At     time.Time `json:"at"`     // when it was parked
}

func (h parkedDoc) key() Key {
	return Key{parkedPK, fmt.Sprintf("%s#%s#%02d#%d", h.Run, h.Step, h.Attempt, h.Number)}
}

// Pause parks all starts until Resume. A chain that is already paused keeps its first operation. Pause returns the one that applies. id is
// the same for every repetition of a request: an old request does not pause the chain again after a resume.
func (e *Engine) Pause(ctx context.Context, id string, operation chain.Operation) (chain.Operation, error) {
	w := &work{Engine: e}
	audit := w.audit(OperationRecord{Operation: operation, Kind: chain.OperationPause}, id)
	for range maxConflicts {
		err := write(ctx, w.Store, append(audit, Write{Key: pausedKey(), Doc: operation})...)
		if !errors.Is(err, ErrConflict) {
			return operation, err
		}
		first, err := load[chain.Operation](ctx, w.Store, pausedKey())
		if err != nil || first.version > 0 {
			return first.doc, err
		}
		if done, err := load[OperationRecord](ctx, w.Store, audit[0].Key); err != nil || done.version > 0 {
			return operation, err
		}
	}
	return operation, fmt.Errorf("cannot pause or resume the chain: gave up after %d write conflicts", maxConflicts)
}

// recheckDelay is the delay after which the engine checks for unfinished work of an operation: the execution that carried it out may have
// broken off.
const recheckDelay = time.Minute

// Resume releases the parked starts. It can be repeated, and finishes what an earlier call left. Its error and result are those
// of Handle.
func (e *Engine) Resume(ctx context.Context, invocation, id string, operation chain.Operation) (Result, error) {
	r := &report{result: Result{Reason: "nothing was parked"}}
	w := &work{Engine: e, owner: invocation}
	err := w.resume(ctx, id, operation, r)
	return r.conclude(err), err
}

func (w *work) resume(ctx context.Context, id string, operation chain.Operation, r *report) error {
	if err := w.readActive(ctx); err != nil {
		return err
	}
	writes := w.audit(OperationRecord{Operation: operation, Kind: chain.OperationResume}, id)
	waits := w.paused() != nil
	r.result.Already = !waits
	if waits {
		writes = append(writes, Write{Key: pausedKey(), Delete: true})
	} else { // starts that became due too often may still be parked
		parked, err := w.Store.Query(ctx, Query{PK: parkedPK, AtMost: 1})
		if err != nil {
			return fmt.Errorf("listing the parked starts in the chain's table: %w", err)
		}
		waits = len(parked) > 0
	}
	if waits {
		timer := chain.Timer{Kind: chain.TimerRelease, Due: w.Now().Add(recheckDelay)}
		name := timerName("release", operation.At.UTC().Format("20060102T150405"), strconv.Itoa(operation.At.Nanosecond()/1e6))
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
// step for the others, and that is written first: an execution that repeats this one does not see them as the newest. It returns false if
// another execution is working on one of them.
func (w *work) release(ctx context.Context, r *report) (bool, error) {
	return w.releaseThose(ctx, func(parkedDoc, *Start) bool { return true }, r)
}

// releaseLeft releases those parked starts that a resume should have released.
func (w *work) releaseLeft(ctx context.Context, r *report) (bool, error) {
	return w.releaseThose(ctx, func(_ parkedDoc, s *Start) bool { return !w.staysParked(s) }, r)
}

func (w *work) releaseThose(ctx context.Context, may func(p parkedDoc, s *Start) bool, r *report) (bool, error) {
	items, err := w.Store.Query(ctx, Query{PK: parkedPK})
	if err != nil {
		return false, fmt.Errorf("listing the parked starts in the chain's table: %w", err)
	}
	parked := make([]parkedDoc, len(items))
	goes, stays := make([]bool, len(items)), make([]bool, len(items))
	_, err = parallel(len(items), func(i int) (bool, error) {
		if err := decode(&items[i], &parked[i]); err != nil {
			return false, err
		}
		start, err := load[Start](ctx, w.Store, parked[i].startRef.key())
		stays[i] = !may(parked[i], &start.doc)
		// still parked: an item remains if its start was canceled
		goes[i] = !stays[i] && start.doc.Parked == parked[i].Number && w.canceled(&start.doc) == nil
		return true, err
	})
	if err != nil {
		return false, err
	}
	newest := map[string]string{} // by step: the latest run
	for i := range parked {
		if goes[i] {
			newest[parked[i].Step] = max(newest[parked[i].Step], parked[i].Run)
		}
	}
	safe := true
	for _, last := range []bool{false, true} {
		var those []parkedDoc
		for i := range parked {
			if !stays[i] && last == (parked[i].Run == newest[parked[i].Step]) {
				those = append(those, parked[i])
			}
		}
		done, err := parallel(len(those), func(i int) (bool, error) { return w.releaseOne(ctx, those[i], newest[those[i].Step], r) })
		if safe = safe && done; err != nil {
			return false, err
		}
	}
	return safe, nil
}

func (w *work) releaseOne(ctx context.Context, parked parkedDoc, newest string, r *report) (bool, error) {
	if err := w.readActive(ctx); err != nil { // an operator may pause the chain again before the last start has gone on
		return false, err
	}
	if w.paused() != nil {
		return true, nil
	}
	start, err := load[Start](ctx, w.Store, parked.startRef.key())
	if err != nil {
		return false, err
	}
	if start.doc.TimesParked == parked.Number { // otherwise a later pause parks it
		// It is no longer parked. Perhaps an execution that resumed broke off here.
		var safe bool
		if start.doc.Parked == parked.Number && parked.Run < newest {
			safe, err = w.superseded(ctx, start, newest, "the run "+newest+" goes on with the step", r)
		} else {
			safe, err = w.advance(ctx, start, start.doc.Parked == parked.Number, r)
		}
		if err != nil || !safe {
			return safe, err
		}
		if start, err = load[Start](ctx, w.Store, start.key); err != nil || start.doc.Parked == parked.Number {
			return err == nil, err
		}
	}
	return true, write(ctx, w.Store, Write{Key: parked.key(), Delete: true})
}

// wakeRelease finishes what a broken-off resume may have left. What became due too often since then stays parked.
func (w *work) wakeRelease(ctx context.Context, t chain.Timer, r *report) error {
	r.result.Reason = "nothing is parked any longer"
	if err := w.readActive(ctx); err != nil {
		return err
	}
	resumed := t.Due.Add(-recheckDelay)
	safe, err := w.releaseThose(ctx, func(p parkedDoc, s *Start) bool { return !p.At.After(resumed) || !w.staysParked(s) }, r)
	if err == nil && safe {
		safe, err = w.takeUp(ctx, "", r)
	}
	if err == nil && !safe {
		err = errors.New("a parked start is claimed by another execution")
	}
	return err
}

// unpark ends the parking of a start. It returns the write.
func (s *Start) unpark() []Write {
	if s.Parked == 0 {
		return nil
	}
	parked := parkedDoc{startRef: s.ref(), Number: s.Parked}
	s.Parked = 0
	return []Write{{Key: parked.key(), Delete: true}}
}

// staysParked reports whether a start is parked, and may be: the chain is paused, or the start became due too often. An execution may have
// broken off after it had parked a start that a resume at the same moment did not find.
func (w *work) staysParked(s *Start) bool {
	return s.Parked != 0 && (w.paused() != nil || strings.HasPrefix(s.Reason, parkedReason))
}

// leftParked reports whether a start is parked and should not be: the execution that resumed the chain broke off.
func (w *work) leftParked(s stored[Start]) bool { return s.doc.Parked != 0 && !w.staysParked(&s.doc) }

// parkStart parks a due start while the chain is paused. parked is false if the chain is no longer paused.
func (w *work) parkStart(ctx context.Context, start *stored[Start], r *report) (parked bool, err error) {
	s := &start.doc
	if s.Parked == 0 {
		s.TimesParked++
		s.Phase, s.Parked, s.Unsure, s.Behind, s.Owner, s.Lease = PhaseWaiting, s.TimesParked, false, "", "", time.Time{}
		s.Reason = "the chain was paused " + w.given(*w.paused())
		doc := parkedDoc{startRef: s.ref(), Number: s.Parked, At: w.Now()}
		// Neither expires: a pause may be long.
		if err := write(ctx, w.Store, append(w.freeSlot(s), start.write(time.Time{}), Write{Key: doc.key(), Doc: doc})...); err != nil {
			return false, err
		}
		start.version++
	}
	if err := w.readActive(ctx); err != nil {
		return false, err
	}
	if w.paused() == nil {
		return false, nil
	}
	r.later(s.Name, s.Reason)
	return true, nil
}

// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// active holds the operations that still apply, and the attempts that have not ended. One query reads both.
type active struct {
	paused   *chain.Operation
	canceled map[string]chain.Operation // by run
	open     []startRef
	slots    map[int]startRef // slots of max_running in use
	inLine   bool             // a start has been queued for a slot and has none
	queued   []queuedRun      // waiting until their schedule's previous run has ended, the earliest first
}

// openDoc is the item of an attempt that has not ended.
type openDoc struct {
	startRef
	Queued bool `json:"queued,omitempty"` // it has been queued for a slot of max_running
}

// beside reads the active items while do runs its own reads. They then apply to the whole invocation, except for a parked start.
func (w *work) beside(ctx context.Context, do func() error) error {
	if w.active.Load() != nil {
		return do()
	}
	var reading sync.WaitGroup
	var failed error
	reading.Go(func() { failed = w.readActive(ctx) })
	err := do()
	reading.Wait()
	return errors.Join(err, failed)
}

func (w *work) readActive(ctx context.Context) error {
	read, err := w.loadActive(ctx)
	if err == nil {
		w.active.Store(read)
	}
	return err
}

func (e *Engine) loadActive(ctx context.Context) (*active, error) {
	items, err := e.Store.Query(ctx, Query{PK: chain.NowPK})
	if err != nil {
		return nil, fmt.Errorf("reading the operations from the chain's table: %w", err)
	}
	read, queued := &active{canceled: map[string]chain.Operation{}, slots: map[int]startRef{}}, map[startRef]bool{}
	for i := range items {
		id, canceled := strings.CutPrefix(items[i].SK, canceledPrefix)
		switch {
		case strings.HasPrefix(items[i].SK, chain.OpenSKPrefix):
			var one openDoc
			if err := decode(&items[i], &one); err != nil {
				return nil, err
			}
			read.open = append(read.open, one.startRef)
			if one.Queued {
				queued[one.startRef] = true
			}
		case strings.HasPrefix(items[i].SK, queuedPrefix):
			var one queuedRun
			if err := decode(&items[i], &one); err != nil {
				return nil, err
			}
			read.queued = append(read.queued, one)
		case strings.HasPrefix(items[i].SK, slotPrefix):
			var ref startRef
			if err := decode(&items[i], &ref); err != nil {
				return nil, err
			}
			number, err := strconv.Atoi(strings.TrimPrefix(items[i].SK, slotPrefix))
			if err != nil {
				return nil, fmt.Errorf("the chain's table has an item %s %s: %w", items[i].PK, items[i].SK, err)
			}
			read.slots[number] = ref
		case canceled || items[i].Key == pausedKey():
			var operation chain.Operation
			if err := decode(&items[i], &operation); err != nil {
				return nil, err
			}
			if canceled {
				read.canceled[id] = operation
			} else {
				read.paused = &operation
			}
		}
	}
	for _, ref := range read.slots {
		delete(queued, ref)
	}
	read.inLine = len(queued) > 0
	return read, nil
}

// paused returns the operation that parks all starts, or nil.
func (w *work) paused() *chain.Operation {
	if o := w.active.Load(); o != nil {
		return o.paused
	}
	return nil
}

// canceled returns the operation that cancels the start, or nil.
func (w *work) canceled(s *Start) *chain.Operation {
	if s.Canceled != nil {
		return s.Canceled
	}
	if o := w.active.Load(); o != nil {
		if operation, ok := o.canceled[s.Run]; ok {
			return &operation
		}
	}
	return nil
}

// given describes the time, the caller and the reason of an operation, as the rest of a sentence.
func (e *Engine) given(o chain.Operation) string {
	said := "at " + e.clock(o.At, e.Now()) + " by " + o.By
	if o.Reason != "" {
		said += " (" + o.Reason + ")"
	}
	return said
}

// openOf returns a step's attempts that have not ended, the oldest claim first.
func (w *work) openOf(ctx context.Context, step string) ([]stored[Start], error) {
	var refs []startRef
	for _, ref := range w.active.Load().open {
		if ref.Step == step {
			refs = append(refs, ref)
		}
	}
	return w.starts(ctx, refs)
}

// starts reads the existing ones of the starts, the oldest claim first.
func (w *work) starts(ctx context.Context, refs []startRef) ([]stored[Start], error) {
	found := make([]stored[Start], len(refs))
	_, err := parallel(len(refs), func(i int) (bool, error) {
		var err error
		found[i], err = load[Start](ctx, w.Store, refs[i].key())
		return true, err
	})
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(s stored[Start]) bool { return s.version == 0 })
	slices.SortStableFunc(found, func(a, b stored[Start]) int { return a.doc.ClaimedAt.Compare(b.doc.ClaimedAt) })
	return found, nil
}

// takeUp handles the starts of a cycle that an execution may have left when it broke off. An empty cycle means all.
func (w *work) takeUp(ctx context.Context, cycle string, r *report) (bool, error) {
	if err := w.readActive(ctx); err != nil {
		return false, err
	}
	open := w.active.Load().open
	if cycle != "" {
		open = slices.DeleteFunc(slices.Clone(open), func(ref startRef) bool { return ref.Cycle != cycle })
	}
	starts, err := w.starts(ctx, open)
	if err != nil {
		return false, err
	}
	safe, err := parallel(len(starts), func(i int) (bool, error) {
		if s := &starts[i].doc; s.Phase == PhaseStarted || s.Parked != 0 {
			return true, nil
		}
		return w.advance(ctx, starts[i], false, r)
	})
	if err != nil || !slices.ContainsFunc(starts, w.leftParked) {
		return safe, err
	}
	released, err := w.releaseLeft(ctx, r)
	return safe && released, err
}

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

// orders holds the operators' orders that still apply, and the attempts that have not ended. One query reads both.
type orders struct {
	paused   *chain.Order
	canceled map[string]chain.Order // by run
	open     []startRef
	slots    map[int]startRef // slots of max_running in use
	queued   []queuedRun      // held until their schedule's previous run has ended, the earliest first
}

// beside reads the orders while do runs its own reads. The orders then apply to the whole invocation, except for a start that they hold.
func (w *work) beside(ctx context.Context, do func() error) error {
	if w.orders.Load() != nil {
		return do()
	}
	var reading sync.WaitGroup
	var failed error
	reading.Go(func() { failed = w.readOrders(ctx) })
	err := do()
	reading.Wait()
	return errors.Join(err, failed)
}

func (w *work) readOrders(ctx context.Context) error {
	read, err := w.Engine.orders(ctx)
	if err == nil {
		w.orders.Store(read)
	}
	return err
}

func (e *Engine) orders(ctx context.Context) (*orders, error) {
	items, err := e.Store.Query(ctx, Query{PK: chain.NowPK})
	if err != nil {
		return nil, fmt.Errorf("reading the orders from the chain's table: %w", err)
	}
	read := &orders{canceled: map[string]chain.Order{}, slots: map[int]startRef{}}
	for i := range items {
		id, canceled := strings.CutPrefix(items[i].SK, canceledPrefix)
		switch {
		case strings.HasPrefix(items[i].SK, chain.OpenSKPrefix):
			var ref startRef
			if err := decode(&items[i], &ref); err != nil {
				return nil, err
			}
			read.open = append(read.open, ref)
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
			var order chain.Order
			if err := decode(&items[i], &order); err != nil {
				return nil, err
			}
			if canceled {
				read.canceled[id] = order
			} else {
				read.paused = &order
			}
		}
	}
	return read, nil
}

// paused returns the order that holds all starts, or nil.
func (w *work) paused() *chain.Order {
	if o := w.orders.Load(); o != nil {
		return o.paused
	}
	return nil
}

// canceled returns the order that cancels the start, or nil.
func (w *work) canceled(s *Start) *chain.Order {
	if s.Canceled != nil {
		return s.Canceled
	}
	if o := w.orders.Load(); o != nil {
		if order, ok := o.canceled[s.Run]; ok {
			return &order
		}
	}
	return nil
}

// given describes the time, the caller and the reason of an order, as the rest of a sentence.
func (e *Engine) given(o chain.Order) string {
	said := "at " + e.clock(o.At, e.Now()) + " by " + o.By
	if o.Reason != "" {
		said += " (" + o.Reason + ")"
	}
	return said
}

// openOf returns a step's attempts that have not ended, the oldest claim first.
func (w *work) openOf(ctx context.Context, step string) ([]stored[Start], error) {
	var refs []startRef
	for _, ref := range w.orders.Load().open {
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
	if err := w.readOrders(ctx); err != nil {
		return false, err
	}
	open := w.orders.Load().open
	if cycle != "" {
		open = slices.DeleteFunc(slices.Clone(open), func(ref startRef) bool { return ref.Cycle != cycle })
	}
	starts, err := w.starts(ctx, open)
	if err != nil {
		return false, err
	}
	return parallel(len(starts), func(i int) (bool, error) {
		if starts[i].doc.Phase == PhaseStarted || starts[i].doc.Held != 0 {
			return true, nil
		}
		return w.proceed(ctx, starts[i], false, r)
	})
}

// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// orders are what people have told the chain to do, and not taken back.
type orders struct {
	paused   *chain.Order
	canceled map[string]chain.Order // by run
}

// beside reads the orders while do reads what it needs itself. Once read, they count for the whole invocation, but for a start that they hold.
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
	items, err := e.Store.Query(ctx, Query{PK: chain.OrdersPK})
	if err != nil {
		return nil, fmt.Errorf("reading the orders from the chain's table: %w", err)
	}
	read := &orders{canceled: map[string]chain.Order{}}
	for i := range items {
		var order chain.Order
		if err := decode(&items[i], &order); err != nil {
			return nil, err
		}
		if items[i].Key == pausedKey() {
			read.paused = &order
		} else if run, ok := strings.CutPrefix(items[i].SK, canceledPrefix); ok {
			read.canceled[run] = order
		}
	}
	return read, nil
}

// paused is the order that holds all starts, or nil.
func (w *work) paused() *chain.Order {
	if o := w.orders.Load(); o != nil {
		return o.paused
	}
	return nil
}

// canceled is the order that the start is not to go on, or nil.
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

// given says when, by whom and why an order was given, as the rest of a sentence.
func (e *Engine) given(o chain.Order) string {
	said := "at " + e.clock(o.At, e.Now()) + " by " + o.By
	if o.Reason != "" {
		said += " (" + o.Reason + ")"
	}
	return said
}

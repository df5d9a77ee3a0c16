// SPDX-License-Identifier: MPL-2.0

// Package delivery delivers what is due, by a clock that tests move: the occurrences of schedules, and the events of rules.
package delivery

import (
	"context"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
)

// Config configures a runner of a service's items.
type Config[T any] struct {
	Lock  sync.Locker // the service's lock: it guards the waiting items
	Clock *clock.Clock

	// Earliest returns the item that is due first, and when; false if none is waiting. The runner holds the lock.
	Earliest func() (item T, due time.Time, waits bool)
	// Take prepares an item for its delivery; nil: nothing is to prepare. The runner holds the lock.
	Take func(item T)
	// Deliver delivers an item once. It returns the time of the next attempt, or zero if the delivery is complete.
	Deliver func(ctx context.Context, item T) (retryAt time.Time)
	// Finish records the result of Deliver. The runner holds the lock.
	Finish func(item T, retryAt time.Time)
}

// Runner delivers items one after the other, in the order in which they are due. It is safe for concurrent use. Call Close when done.
type Runner[T any] struct {
	config Config[T]
	stop   context.CancelFunc
	ended  chan struct{} // closed when the runner has ended

	// Guarded by Config.Lock.
	delivering bool
	wake       context.CancelFunc // makes the runner check again
	changed    chan struct{}      // closed and replaced when the runner is woken or has delivered an item
}

// Start starts a runner.
func Start[T any](config Config[T]) *Runner[T] {
	ctx, stop := context.WithCancel(context.Background()) //nolint:gosec // Close calls it
	r := &Runner[T]{config: config, stop: stop, ended: make(chan struct{}), wake: func() {}, changed: make(chan struct{})}
	go r.run(ctx)
	return r
}

// Close ends the runner. It returns when the runner has ended.
func (r *Runner[T]) Close() error {
	r.stop()
	<-r.ended
	return nil
}

// Notify wakes the runner, and the goroutines that wait for it, after a change of the waiting items. The caller holds the lock.
func (r *Runner[T]) Notify() {
	r.wake()
	close(r.changed)
	r.changed = make(chan struct{})
}

func (r *Runner[T]) run(ctx context.Context) {
	defer close(r.ended)
	for ctx.Err() == nil {
		if item, due := r.await(ctx); due {
			r.finish(item, r.config.Deliver(ctx, item))
		}
	}
}

// await waits until an item is due and returns it. It returns false after a change, or if ctx has ended.
func (r *Runner[T]) await(ctx context.Context) (item T, due bool) {
	r.config.Lock.Lock()
	item, at, waits := r.config.Earliest()
	if waits && !at.After(r.config.Clock.Now()) {
		defer r.config.Lock.Unlock()
		r.delivering = true
		if r.config.Take != nil {
			r.config.Take(item)
		}
		return item, true
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	r.wake = cancel
	r.config.Lock.Unlock()
	if waits {
		r.config.Clock.Wait(waiting, at)
	} else {
		<-waiting.Done()
	}
	return item, false
}

func (r *Runner[T]) finish(item T, retryAt time.Time) {
	r.config.Lock.Lock()
	defer r.config.Lock.Unlock()
	r.delivering = false
	r.config.Finish(item, retryAt)
	r.Notify()
}

// Idle waits until every item that is due by the Clock is delivered or waits for a retry. It returns ctx's error, or context.Canceled if
// the runner is closed. A function that was invoked may still be running in Lambda.
func (r *Runner[T]) Idle(ctx context.Context) error {
	for {
		r.config.Lock.Lock()
		_, due, waits := r.config.Earliest()
		idle := !r.delivering && (!waits || due.After(r.config.Clock.Now()))
		changed := r.changed
		r.config.Lock.Unlock()
		if idle {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ended:
			return context.Canceled
		}
	}
}

// Next returns the time at which the next item is due by the Clock; false if none is waiting.
func (r *Runner[T]) Next() (time.Time, bool) {
	r.config.Lock.Lock()
	defer r.config.Lock.Unlock()
	_, due, waits := r.config.Earliest()
	if !waits {
		return time.Time{}, false
	}
	return due, true
}

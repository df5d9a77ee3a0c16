// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
)

// activity tracks the running invocations, and those that wait for the clock to be retried.
type activity struct {
	clock *clock.Clock

	mu      sync.Mutex
	begun   int // that have begun so far
	running int
	waiting map[*waiter]struct{}
	changed chan struct{}   // closed and replaced when an invocation ends or begins to wait
	ctx     context.Context //nolint:containedctx // of all invocations: they outlive the calls that made them
	stop    context.CancelFunc
}

type waiter struct{ until time.Time }

func newActivity(c *clock.Clock) *activity {
	a := &activity{clock: c, waiting: map[*waiter]struct{}{}, changed: make(chan struct{})}
	a.ctx, a.stop = context.WithCancel(context.Background())
	return a
}

// begin counts a running invocation. It returns the invocation's context, and false after stop was called.
func (a *activity) begin() (context.Context, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ctx.Err() != nil {
		return nil, false
	}
	a.begun++
	a.running++
	return a.ctx, true
}

// end ends the count that begin started.
func (a *activity) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.running--
	a.announce()
}

// announce wakes the goroutines that wait for a change. The caller holds mu.
func (a *activity) announce() {
	close(a.changed)
	a.changed = make(chan struct{})
}

// waitUntil counts a running invocation as waiting until the clock reaches t. It returns false if ctx ends first.
func (a *activity) waitUntil(ctx context.Context, t time.Time) bool {
	p := &waiter{until: t}
	a.mu.Lock()
	a.running--
	a.waiting[p] = struct{}{}
	a.announce()
	a.mu.Unlock()
	reached := a.clock.Wait(ctx, t)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun++
	a.running++
	delete(a.waiting, p)
	return reached
}

// next returns the time at which the first waiting invocation continues.
func (a *activity) next() (first time.Time, found bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for p := range a.waiting {
		if !found || p.until.Before(first) {
			first, found = p.until, true
		}
	}
	return first, found
}

// atMost waits until at most n invocations run and no waiting one is due. If ctx ends first, it returns ctx's error.
func (a *activity) atMost(ctx context.Context, n int) error {
	return a.await(ctx, func() bool {
		now := a.clock.Now()
		for p := range a.waiting {
			if !p.until.After(now) {
				return false
			}
		}
		return a.running <= n
	})
}

// over waits until no invocation runs or waits.
func (a *activity) over(ctx context.Context) error {
	return a.await(ctx, func() bool { return a.running == 0 && len(a.waiting) == 0 })
}

func (a *activity) await(ctx context.Context, reached func() bool) error {
	for {
		a.mu.Lock()
		done, changed := reached(), a.changed
		a.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"context"
	"slices"
	"time"
)

// Change is a reload or another run that has a new status, or a delivery that ended. One of them is set.
type Change struct {
	Reload        *Reload
	AutomationRun *AutomationRun
	DataTaskRun   *DataTaskRun
	Delivery      *Delivery
}

// announce records a change and wakes all waiting goroutines. The caller holds mu.
func (t *Tenant) announce(c Change) {
	t.changes = append(t.changes, c)
	close(t.changed)
	t.changed = make(chan struct{})
}

// Watch returns a channel with every change from now on, in order. A slow receiver loses no changes. The channel is closed when ctx ends or
// the tenant is closed.
func (t *Tenant) Watch(ctx context.Context) <-chan Change {
	out := make(chan Change)
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := len(t.changes)
	running := t.background(func() {
		defer close(out)
		for {
			t.mu.Lock()
			fresh, changed := slices.Clone(t.changes[seen:]), t.changed
			t.mu.Unlock()
			for _, c := range fresh {
				select {
				case out <- c:
				case <-ctx.Done():
					return
				case <-t.ctx.Done():
					return
				}
			}
			seen += len(fresh)
			select {
			case <-changed:
			case <-ctx.Done():
				return
			case <-t.ctx.Done():
				return
			}
		}
	})
	if !running {
		close(out)
	}
	return out
}

// Idle waits until no reload and no other run that has an end is running and no delivery is unanswered. On a frozen clock, it does not wait
// for what waits for the clock: see Next. It does not wait for work that a receiver starts after its answer to a delivery.
func (t *Tenant) Idle(ctx context.Context) error {
	for {
		t.mu.Lock()
		busy, changed := t.busy(), t.changed
		t.mu.Unlock()
		if !busy {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		case <-t.ctx.Done():
			return context.Canceled
		}
	}
}

// busy reports whether a reload, another run that has an end, or a delivery is in progress. The caller holds mu.
func (t *Tenant) busy() bool {
	if t.underWay > 0 {
		return true
	}
	next, found := t.next()
	return found && (!t.config.Clock.Stands() || !next.After(t.now()))
}

// Next returns the time by the clock at which the next reload, or another run, goes on or ends; false if none waits.
func (t *Tenant) Next() (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.next()
}

func (t *Tenant) next() (first time.Time, found bool) {
	earlier := func(due time.Time) {
		if !found || due.Before(first) {
			first, found = due, true
		}
	}
	for _, r := range t.reloads {
		if !r.final() {
			earlier(r.due)
		}
	}
	for _, l := range t.lives {
		if l.waits() {
			earlier(l.due)
		}
	}
	return first, found
}

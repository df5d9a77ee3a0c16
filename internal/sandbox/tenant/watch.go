// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"context"
	"slices"
	"time"
)

// Change is a reload that has a new status, or a delivery that ended. One of the two is set.
type Change struct {
	Reload   *Reload
	Delivery *Delivery
}

// announce notes a change and wakes up all who wait. The caller holds mu.
func (t *Tenant) announce(c Change) {
	t.changes = append(t.changes, c)
	close(t.changed)
	t.changed = make(chan struct{})
}

// Watch sends every change from now on, in order and without loss however slow the receiver is, until ctx ends or the tenant is
// closed; then it closes the channel.
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

// Idle waits until no reload is on its way and no delivery unanswered. On a clock that stands, what waits for the clock to be
// moved does not count: see Next. What a receiver starts after it has answered a delivery may come later.
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

// busy reports whether anything is under way. The caller holds mu.
func (t *Tenant) busy() bool {
	if t.underWay > 0 {
		return true
	}
	next, found := t.next()
	return found && (!t.config.Clock.Stands() || !next.After(t.now()))
}

// Next is when the clock makes the next reload leave the queue or end; false when none waits.
func (t *Tenant) Next() (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.next()
}

func (t *Tenant) next() (first time.Time, found bool) {
	for _, r := range t.reloads {
		if !r.final() && (!found || r.due.Before(first)) {
			first, found = r.due, true
		}
	}
	return first, found
}

package tenant

import (
	"context"
	"slices"
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

// Idle waits until no reload is on its way and no delivery unanswered. What a receiver starts after it has answered a delivery may
// come later.
func (t *Tenant) Idle(ctx context.Context) error {
	for {
		t.mu.Lock()
		idle := t.underWay == 0 && !slices.ContainsFunc(t.reloads, func(r *reload) bool { return !r.final() })
		changed := t.changed
		t.mu.Unlock()
		if idle {
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

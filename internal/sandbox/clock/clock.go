// SPDX-License-Identifier: MPL-2.0

// Package clock is the sandbox's time: it runs as the real one does, and tests can move it forward.
package clock

import (
	"context"
	"sync"
	"time"
)

// Clock shows the time. The zero value shows the real time. It is safe for concurrent use.
type Clock struct {
	mu     sync.Mutex
	ahead  time.Duration
	moved  chan struct{} // closed and replaced when the clock is moved
	frozen time.Time     // of a clock that moves by Advance only
}

// NewFrozen returns a clock that stands at t and moves by Advance only.
func NewFrozen(t time.Time) *Clock { return &Clock{frozen: t} }

// Stands reports whether the clock moves by Advance only.
func (c *Clock) Stands() bool { return !c.frozen.IsZero() }

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if !c.frozen.IsZero() {
		return c.frozen.Add(c.ahead)
	}
	return time.Now().Add(c.ahead)
}

// Advance moves the clock forward and wakes every Wait that is due.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
	if c.moved != nil {
		close(c.moved)
		c.moved = nil
	}
}

// Wait returns true when the clock has reached t, or false when ctx ends before.
func (c *Clock) Wait(ctx context.Context, t time.Time) bool {
	for {
		left, moved := c.left(t)
		if left <= 0 {
			return ctx.Err() == nil
		}
		if !c.waitOnce(ctx, left, moved) {
			return false
		}
	}
}

// left returns the duration until t, and a channel that is closed when the clock is moved.
func (c *Clock) left(t time.Time) (time.Duration, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.moved == nil {
		c.moved = make(chan struct{})
	}
	return t.Sub(c.now()), c.moved
}

func (c *Clock) waitOnce(ctx context.Context, left time.Duration, moved <-chan struct{}) bool {
	var due <-chan time.Time
	if c.frozen.IsZero() {
		timer := time.NewTimer(left)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
		return true
	case <-moved:
		return true
	case <-ctx.Done():
		return false
	}
}

package function

import (
	"context"
	"sync"
)

// activity counts the invocations that run, wait or will be tried again.
type activity struct {
	mu     sync.Mutex
	count  int
	idle   chan struct{}   // closed when count falls to zero; nil while it is zero
	ctx    context.Context //nolint:containedctx // of all invocations: they outlive the calls that made them
	stop   context.CancelFunc
	closed bool
}

// begin counts one more. It returns the context to run under, and false once cancel was called.
func (a *activity) begin() (context.Context, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return nil, false
	}
	if a.ctx == nil {
		a.ctx, a.stop = context.WithCancel(context.Background())
	}
	if a.count == 0 {
		a.idle = make(chan struct{})
	}
	a.count++
	return a.ctx, true
}

func (a *activity) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count--
	if a.count == 0 {
		close(a.idle)
		a.idle = nil
	}
}

// cancel ends what runs, and refuses what would begin.
func (a *activity) cancel() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.stop != nil {
		a.stop()
	}
}

// wait returns when the count is zero, or with ctx's error.
func (a *activity) wait(ctx context.Context) error {
	for {
		a.mu.Lock()
		idle := a.idle
		a.mu.Unlock()
		if idle == nil {
			return nil
		}
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

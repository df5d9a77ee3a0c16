// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution"
)

// event is an asynchronous invocation in the function's queue.
type event struct {
	Invocation
	accepted time.Time
	attempts int               // that failed
	last     *execution.Result // of the last of them
}

// enqueue accepts an event.
func (s *Service) enqueue(in Invocation) bool {
	running, ok := s.activity.begin()
	if ok {
		go s.deliver(running, &event{Invocation: in, accepted: s.config.Clock.Now()})
	}
	return ok
}

// deliver runs an event until the function succeeds or Lambda gives up.
func (s *Service) deliver(ctx context.Context, e *event) {
	defer s.activity.end()
	for {
		again, retry := s.attempt(ctx, e)
		if !retry || !s.activity.waitUntil(ctx, again) {
			return
		}
	}
}

// attempt runs an event once. It returns the time of the next attempt, and false if there is none.
//
// An event is dropped at once if its next attempt would come after its maximum age. This is not documented; the documentation only limits
// how long an event may wait.
func (s *Service) attempt(ctx context.Context, e *event) (again time.Time, retry bool) {
	q := s.queueOf(e.Function)
	if q == nil {
		s.config.Logger.Warn("an event was dropped: its function is gone", "function", e.Function, "request", e.RequestID)
		return time.Time{}, false
	}
	if q.stopped {
		s.giveUp(ctx, q, e, conditionStopped)
		return time.Time{}, false
	}
	deadline := e.accepted.Add(q.options.maxAge())
	if !s.acquire(ctx, q.slots, deadline) {
		if ctx.Err() == nil {
			s.giveUp(ctx, q, e, conditionAge)
		}
		return time.Time{}, false
	}
	result, err := s.run(q.function, e.Invocation)
	q.slots.Release(1)
	if err != nil || !result.Failed {
		return time.Time{}, false
	}
	e.attempts++
	e.last = &result
	again = s.config.Clock.Now().Add(s.retryDelay(e.attempts))
	switch {
	case e.attempts > q.options.maxRetries():
		s.giveUp(ctx, q, e, conditionRetries)
	case again.After(deadline):
		s.giveUp(ctx, q, e, conditionAge)
	default:
		return again, true
	}
	return time.Time{}, false
}

// retryDelay returns how long an event waits after a failed attempt. Source: AWS Lambda developer guide, "How Lambda handles errors and
// retries with asynchronous invocation".
func (s *Service) retryDelay(attempts int) time.Duration {
	if s.config.RetryDelay > 0 {
		return s.config.RetryDelay
	}
	return time.Duration(attempts) * time.Minute
}

// queue is the state of a function that Lambda uses to take an event out of its queue.
type queue struct {
	function *function
	arn      string
	role     string
	options  eventInvokeOptions
	slots    *semaphore.Weighted
	stopped  bool // the reserved concurrency is zero
}

// queueOf returns the queue of a function, or nil if the function does not exist.
func (s *Service) queueOf(reference string) *queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(functionInput{FunctionName: reference})
	if err != nil {
		return nil
	}
	q := &queue{function: f, arn: f.arn, role: f.settings.Role, slots: f.slots, stopped: f.reserved != nil && *f.reserved == 0}
	if f.asynchronous != nil {
		q.options = f.asynchronous.eventInvokeOptions
	}
	return q
}

// acquire waits for an event's turn, until the clock reaches the deadline or ctx ends. AWS retries a throttled event after one second to
// five minutes; here it runs as soon as there is capacity.
func (s *Service) acquire(ctx context.Context, slots *semaphore.Weighted, deadline time.Time) bool {
	if slots.TryAcquire(1) {
		return true
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		if s.config.Clock.Wait(ctx, deadline) {
			cancel()
		}
	}()
	return slots.Acquire(ctx, 1) == nil
}

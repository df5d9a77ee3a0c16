// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"context"
	"time"
)

// Settle waits until nothing is under way any more: no reload, no delivery, no timer that is due, no invocation. What the clock
// has not reached yet is not waited for: timers, Lambda's retries and, on a clock that stands, reloads. See Next.
func (s *Sandbox) Settle(ctx context.Context) error {
	lambda := s.Cloud.Lambda()
	for {
		if err := lambda.Idle(ctx); err != nil {
			return err
		}
		before := lambda.Attempts()
		for _, idle := range []func(context.Context) error{s.Tenant.Idle, s.Cloud.Scheduler().Idle, lambda.Idle} {
			if err := idle(ctx); err != nil {
				return err
			}
		}
		// Whatever the others begin comes from an invocation or leads to one. Without one they have stayed as they were found.
		if lambda.Attempts() == before {
			return nil
		}
	}
}

// Next is when the clock lets something happen by itself: a timer, one of Lambda's retries, the next stage of a reload. False when
// nothing waits for the clock.
func (s *Sandbox) Next() (first time.Time, found bool) {
	for _, next := range []func() (time.Time, bool){s.Cloud.Lambda().NextRetry, s.Cloud.Scheduler().Next, s.Tenant.Next} {
		if due, waits := next(); waits && (!found || due.Before(first)) {
			first, found = due, true
		}
	}
	return first, found
}

// RunUntilQuiet moves the clock from one thing that waits for it to the next, and lets each run its course, until nothing is left
// or the clock has moved by limit. What is left then, Next tells.
func (s *Sandbox) RunUntilQuiet(ctx context.Context, limit time.Duration) error {
	end := s.Clock.Now().Add(limit)
	for {
		if err := s.Settle(ctx); err != nil {
			return err
		}
		now := s.Clock.Now()
		next, found := s.Next()
		if !found || !now.Before(end) && next.After(now) {
			return nil
		}
		if next.After(end) {
			next = end
		}
		s.Clock.Advance(max(0, next.Sub(now)))
	}
}

// EndBeforeAnswer is the Delay of a tenant.Fault for a request that starts a reload: all reloads end, and their events are
// delivered and handled, before the request is answered. Beside the invocation that waits for the answer no other may wait so.
func (s *Sandbox) EndBeforeAnswer(ctx context.Context) error {
	for {
		if err := s.Tenant.Idle(ctx); err != nil {
			return err
		}
		next, found := s.Tenant.Next()
		if !found {
			return s.Cloud.Lambda().AtMost(ctx, 1)
		}
		s.Clock.Advance(max(0, next.Sub(s.Clock.Now())))
	}
}

// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"context"
	"time"
)

// Settle waits until nothing is in progress: no reload, no delivery, no due timer, no event on a bus, no invocation. It does not wait for
// what the clock has not reached: timers, retries by Lambda and EventBridge and, on a frozen clock, reloads. See Next.
func (s *Sandbox) Settle(ctx context.Context) error {
	lambda := s.Cloud.Lambda()
	for {
		if err := lambda.Idle(ctx); err != nil {
			return err
		}
		before := lambda.Attempts()
		for _, idle := range []func(context.Context) error{s.Tenant.Idle, s.Cloud.Scheduler().Idle, s.Cloud.Events().Idle, lambda.Idle} {
			if err := idle(ctx); err != nil {
				return err
			}
		}
		// Everything that the other services begin comes from an invocation or leads to one. Without a new invocation they are still idle.
		if lambda.Attempts() == before {
			return nil
		}
	}
}

// Next returns the time of the next scheduled event: a timer, a retry by Lambda or EventBridge, the next stage of a reload. found is false
// if nothing waits for the clock.
func (s *Sandbox) Next() (first time.Time, found bool) {
	for _, next := range []func() (time.Time, bool){
		s.Cloud.Lambda().NextRetry, s.Cloud.Scheduler().Next, s.Cloud.Events().Next, s.Tenant.Next,
	} {
		if due, waits := next(); waits && (!found || due.Before(first)) {
			first, found = due, true
		}
	}
	return first, found
}

// RunUntilQuiet moves the clock from one scheduled event to the next and lets each finish. It stops when nothing is left or the clock has
// moved by limit. Next returns what is left.
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

// EndBeforeAnswer ends all reloads, and waits until their events are delivered and handled, before a request is answered. It is the Delay
// of a tenant.Fault for a request that starts a reload. Only one invocation at a time may wait for such an answer.
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

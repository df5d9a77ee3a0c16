// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"context"
	"slices"
	"time"
)

// run delivers due occurrences one after the other, in order of time, until ctx ends.
func (s *Service) run(ctx context.Context) {
	defer close(s.ended)
	for {
		o := s.await(ctx)
		if o == nil {
			return
		}
		s.finish(o, s.deliver(ctx, o))
	}
}

// await waits for the next occurrence to be due and returns it, or nil if ctx has ended.
func (s *Service) await(ctx context.Context) *occurrence {
	for ctx.Err() == nil {
		s.mu.Lock()
		o := s.earliest()
		if o != nil && !o.due.After(s.config.Clock.Now()) {
			s.delivering = true
			if o.attempt == 0 {
				o.schedule.await(o.at)
			}
			s.mu.Unlock()
			return o
		}
		waiting, cancel := context.WithCancel(ctx)
		s.wake = cancel
		s.mu.Unlock()
		if o == nil {
			<-waiting.Done()
		} else {
			s.config.Clock.Wait(waiting, o.due)
		}
		cancel()
	}
	return nil
}

// earliest returns the occurrence that is due first, or nil if none is waiting; the caller holds the lock.
func (s *Service) earliest() *occurrence {
	var first *occurrence
	for _, sch := range s.schedules {
		for _, o := range sch.waiting {
			if first == nil || o.due.Before(first.due) || o.due.Equal(first.due) && sch.key.compare(first.schedule.key) < 0 {
				first = o
			}
		}
	}
	return first
}

// finish records the result of a delivery. retryAt is the result of deliver.
func (s *Service) finish(o *occurrence, retryAt time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivering = false
	defer s.notify()
	o.attempt++
	o.due = retryAt
	sch := o.schedule
	if !retryAt.IsZero() {
		return
	}
	sch.waiting = slices.DeleteFunc(sch.waiting, func(other *occurrence) bool { return other == o })
	if s.schedules[sch.key] != sch {
		return // the schedule was deleted or updated meanwhile
	}
	if len(sch.waiting) == 0 && sch.ActionAfterCompletion == actionDelete {
		delete(s.schedules, sch.key)
	}
}

// Idle waits until all occurrences due by the Clock are delivered to their targets or wait for a retry, or returns ctx's error. A function
// that was invoked may still be running in Lambda.
func (s *Service) Idle(ctx context.Context) error {
	for {
		s.mu.Lock()
		first := s.earliest()
		idle := !s.delivering && (first == nil || first.due.After(s.config.Clock.Now()))
		changed := s.changed
		s.mu.Unlock()
		if idle {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Pending is an invocation that is not delivered yet. A recurring schedule has its next one, and those that wait for a retry.
type Pending struct {
	Group, Name string
	Due         time.Time // by the Clock: the time of its next attempt
	Attempt     int       // how often its delivery has failed
	Input       string
}

// Pending lists the invocations that are not delivered yet, earliest first.
func (s *Service) Pending() []Pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Pending
	for k, sch := range s.schedules {
		for _, o := range sch.waiting {
			list = append(list, Pending{Group: k.group, Name: k.name, Due: o.due, Attempt: o.attempt, Input: sch.Target.Input})
		}
	}
	slices.SortFunc(list, func(a, b Pending) int {
		if c := a.Due.Compare(b.Due); c != 0 {
			return c
		}
		return key{a.Group, a.Name}.compare(key{b.Group, b.Name})
	})
	return list
}

// Next returns the time at which the next invocation is due by the Clock; false if there is none.
func (s *Service) Next() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.earliest(); first != nil {
		return first.due, true
	}
	return time.Time{}, false
}

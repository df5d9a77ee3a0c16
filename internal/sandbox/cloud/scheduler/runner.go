package scheduler

import (
	"context"
	"slices"
	"time"
)

// run hands over what is due, one schedule after the other in the order of their times, until ctx ends.
func (s *Service) run(ctx context.Context) {
	defer close(s.ended)
	for {
		sch := s.await(ctx)
		if sch == nil {
			return
		}
		s.finish(sch, s.deliver(ctx, sch))
	}
}

// await returns the next schedule when it is due, or nil when ctx has ended.
func (s *Service) await(ctx context.Context) *schedule {
	for ctx.Err() == nil {
		s.mu.Lock()
		sch := s.earliest()
		if sch != nil && !sch.next.After(s.config.Clock.Now()) {
			s.delivering = true
			s.mu.Unlock()
			return sch
		}
		waiting, cancel := context.WithCancel(ctx)
		s.wake = cancel
		s.mu.Unlock()
		if sch == nil {
			<-waiting.Done()
		} else {
			s.config.Clock.Wait(waiting, sch.next)
		}
		cancel()
	}
	return nil
}

// earliest returns the schedule that is due first, or nil when none is waiting; the caller holds the lock.
func (s *Service) earliest() *schedule {
	var first *schedule
	for _, sch := range s.schedules {
		if sch.next.IsZero() {
			continue
		}
		if first == nil || sch.next.Before(first.next) || sch.next.Equal(first.next) && sch.key.compare(first.key) < 0 {
			first = sch
		}
	}
	return first
}

// finish notes how a delivery went. retryAt is what deliver has returned.
func (s *Service) finish(sch *schedule, retryAt time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delivering = false
	defer s.notify()
	if s.schedules[sch.key] != sch {
		return // it was deleted or updated meanwhile
	}
	sch.attempt++
	sch.next = retryAt
	if retryAt.IsZero() && sch.ActionAfterCompletion == actionDelete {
		delete(s.schedules, sch.key)
	}
}

// Idle returns when everything that is due by the Clock has been handed to its target or has to be tried again later; or with
// ctx's error. What has been handed to Lambda may still be running there.
func (s *Service) Idle(ctx context.Context) error {
	for {
		s.mu.Lock()
		first := s.earliest()
		idle := !s.delivering && (first == nil || first.next.After(s.config.Clock.Now()))
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

// Pending is a schedule that has yet to be delivered.
type Pending struct {
	Group, Name string
	Due         time.Time // by the Clock: when it is delivered or tried again
	Attempt     int       // how often its delivery has failed
	Input       string
}

// Pending lists what has yet to be delivered, the earliest first.
func (s *Service) Pending() []Pending {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Pending
	for k, sch := range s.schedules {
		if !sch.next.IsZero() {
			list = append(list, Pending{Group: k.group, Name: k.name, Due: sch.next, Attempt: sch.attempt, Input: sch.Target.Input})
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

// Next is when the next schedule is due by the Clock, and whether there is one.
func (s *Service) Next() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.earliest(); first != nil {
		return first.next, true
	}
	return time.Time{}, false
}

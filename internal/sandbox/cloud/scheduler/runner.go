// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"slices"
	"time"
)

// earliest returns the occurrence that is due first, or false if none is waiting; the caller holds the lock.
func (s *Service) earliest() (first *occurrence, due time.Time, waits bool) {
	for _, sch := range s.schedules {
		for _, o := range sch.waiting {
			if first == nil || o.due.Before(first.due) || o.due.Equal(first.due) && sch.key.compare(first.schedule.key) < 0 {
				first = o
			}
		}
	}
	if first == nil {
		return nil, time.Time{}, false
	}
	return first, first.due, true
}

// take lets a recurring schedule wait for its next occurrence; the caller holds the lock.
func (s *Service) take(o *occurrence) {
	if o.attempt == 0 {
		o.schedule.await(o.at)
	}
}

// finish records the result of a delivery. retryAt is the result of deliver. The caller holds the lock.
func (s *Service) finish(o *occurrence, retryAt time.Time) {
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

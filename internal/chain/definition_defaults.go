// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the function's runtime and Windows have no time zones of their own
)

// Canonical returns the definition without values that equal the default. Two definitions are equivalent if their canonical forms are
// equal. It shares maps with d.
func (d *Definition) Canonical() *Definition {
	c := *d
	c.Timezone = unlessDefault(d.Timezone, DefaultTimezone)
	c.Cycle = d.Cycle.canonical()
	c.Schedule, c.ExpectBy = d.Schedule.canonical(d.Timezone), d.ExpectBy.canonical(d.Timezone)
	c.Overlap = unlessDefault(d.Overlap, OverlapAllow)
	c.MaxDuration, c.NotifyOn = d.MaxDuration.canonical(), canonicalNotifyOn(d.NotifyOn)
	c.HistoryDays = unlessDefault(d.HistoryDays, DefaultHistoryDays)
	c.Steps = make(map[string]Step, len(d.Steps))
	for key, s := range d.Steps {
		c.Steps[key] = s.Canonical(d.Timezone)
	}
	return &c
}

// Canonical returns the step's part of the canonical form of a definition with this time zone.
func (s Step) Canonical(timezone string) Step {
	s.Schedule, s.ExpectBy = s.Schedule.canonical(timezone), s.ExpectBy.canonical(timezone)
	s.After, s.CarryOver, s.Variables = nilIfEmpty(s.After), nilIfEmpty(s.CarryOver), nilIfEmpty(s.Variables)
	s.Signal = s.Signal.canonical()
	s.WaitFor = unlessDefault(s.WaitFor, WaitForAll)
	s.MaxDuration, s.MaxStartsPerHour = s.MaxDuration.canonical(), unlessDefault(s.MaxStartsPerHour, DefaultMaxStartsPerHour)
	if s.Retry != nil {
		r := *s.Retry
		r.Interval = unlessDefault(r.Interval, DefaultInterval)
		r.BackoffRate = unlessDefault(r.BackoffRate, DefaultBackoffRate)
		r.RetryOn = slices.Sorted(slices.Values(r.RetryOn))
		if slices.Equal(r.RetryOn, RetryOns()) {
			r.RetryOn = nil
		}
		s.Retry = &r
	}
	return s
}

func unlessDefault[T comparable](value, byDefault T) T {
	if value == byDefault {
		var silent T
		return silent
	}
	return value
}

// nilIfEmpty turns an empty map into nil, since both mean the same.
func nilIfEmpty[V any](m map[string]V) map[string]V {
	if len(m) == 0 {
		return nil
	}
	return m
}

// orDefault returns the value, or byDefault if the value is not set.
func orDefault[T comparable](value, byDefault T) T {
	var silent T
	if value == silent {
		return byDefault
	}
	return value
}

// Location returns the chain's time zone. It never fails for a valid definition.
func (d *Definition) Location() (*time.Location, error) {
	location, err := time.LoadLocation(orDefault(d.Timezone, DefaultTimezone))
	if err != nil {
		return nil, fmt.Errorf("loading the chain's timezone: %w", err)
	}
	return location, nil
}

// History returns how long the record of a run is kept.
func (d *Definition) History() time.Duration {
	return time.Duration(orDefault(d.HistoryDays, DefaultHistoryDays)) * 24 * time.Hour
}

// WaitsFor returns which of its upstreams the step waits for.
func (s Step) WaitsFor() WaitFor { return orDefault(s.WaitFor, WaitForAll) }

// IsJoin reports whether the step waits for several upstreams to settle.
func (s Step) IsJoin() bool { return len(s.After) > 1 && s.WaitsFor() != WaitForAny }

// StartsPerHour returns how often the chain starts the step within an hour.
func (s Step) StartsPerHour() int { return orDefault(s.MaxStartsPerHour, DefaultMaxStartsPerHour) }

// Attempts returns the maximum number of attempts in a row; 1 without a retry.
func (r *Retry) Attempts() int {
	if r == nil {
		return 1
	}
	return r.MaxAttempts
}

// Wait returns how long to wait before an attempt. Before the second it is Interval. Each further wait is BackoffRate times as long, at
// most the constant MaxInterval.
func (r *Retry) Wait(attempt int) time.Duration {
	if r == nil || attempt < 2 {
		return 0
	}
	return time.Duration(min(r.wait(attempt), float64(MaxInterval)))
}

// wait returns what Wait does, without the limit and as a number that cannot overflow.
func (r *Retry) wait(attempt int) float64 {
	return float64(orDefault(r.Interval, DefaultInterval)) * math.Pow(orDefault(r.BackoffRate, DefaultBackoffRate), float64(attempt-2))
}

// Covers reports whether to retry a reload that ended with this status of Qlik's Reloads API.
func (r *Retry) Covers(status string) bool {
	if r == nil {
		return false
	}
	way := RetryOn(strings.ToLower(status))
	return slices.Contains(RetryOns(), way) && (len(r.RetryOn) == 0 || slices.Contains(r.RetryOn, way))
}

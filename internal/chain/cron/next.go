// SPDX-License-Identifier: MPL-2.0

package cron

import (
	"time"
)

// Next returns the first time after another at which the expression is due by the local clock. A time that a clock change skips does not
// occur. A time that a clock change repeats occurs once, the first time. Next returns false if there is none because the years have passed.
// Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time, which does not say which of the
// two.
func (e *Expression) Next(after time.Time, place *time.Location) (time.Time, bool) {
	local := after.In(place)
	for day, ever := e.dayFrom(local.Year(), local.Month(), local.Day()); ever; day, ever = e.dayFrom(day.year, day.month, day.day+1) {
		for _, hour := range e.hours.values(hours) {
			for _, minute := range e.minutes.values(minutes) {
				if at, exists := onClock(day, hour, minute, place); exists && at.After(after) {
					return at, true
				}
			}
		}
	}
	return time.Time{}, false
}

// Shown reports whether the expression is due at this local time, in any zone. It ignores seconds.
func (e *Expression) Shown(t time.Time) bool {
	day, ever := e.dayFrom(t.Year(), t.Month(), t.Day())
	return ever && day == date{t.Year(), t.Month(), t.Day()} && e.hours.has(hours, t.Hour()) && e.minutes.has(minutes, t.Minute())
}

// date is a day of the calendar.
type date struct {
	year  int
	month time.Month
	day   int
}

// dayFrom returns the first of the expression's days from this one on. The day may be one more than its month has.
func (e *Expression) dayFrom(year int, month time.Month, day int) (date, bool) {
	if year < years.least {
		return e.firstDay(years.least)
	}
	if year > years.most || !e.years.has(years, year) {
		return e.firstDay(year + 1)
	}
	for ; month <= time.December; month, day = month+1, 1 {
		if !e.months.has(months, int(month)) {
			continue
		}
		for last := lastDay(year, month); day <= last; day++ {
			if e.monthDays.set && e.monthDays.has(year, month, day) || e.weekDays.set && e.weekDays.has(year, month, day) {
				return date{year, month, day}, true
			}
		}
	}
	return e.firstDay(year + 1)
}

// firstDay returns the first of the expression's days from the beginning of a year on.
func (e *Expression) firstDay(year int) (date, bool) {
	for ; year <= years.most; year++ {
		if e.years.has(years, year) {
			return e.dayFrom(year, time.January, 1)
		}
	}
	return date{}, false
}

// onClock returns when the clocks of a place show a time: the first time if they show it twice. It returns false if they never do.
func onClock(d date, hour, minute int, place *time.Location) (time.Time, bool) {
	at := time.Date(d.year, d.month, d.day, hour, minute, 0, 0, place)
	if at.Day() != d.day || at.Hour() != hour || at.Minute() != minute {
		return time.Time{}, false
	}
	// If there are two such times, time.Date returns either.
	began, _ := at.ZoneBounds()
	if began.IsZero() {
		return at, true
	}
	_, offset := at.Zone()
	_, before := began.Add(-time.Second).Zone()
	if earlier := at.Add(time.Duration(offset-before) * time.Second); earlier.Before(began) {
		return earlier, true
	}
	return at, true
}

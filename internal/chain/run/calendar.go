// SPDX-License-Identifier: MPL-2.0

package run

import "time"

// Calendar divides time into cycles: business days, hours or weeks.
type Calendar struct {
	// Weekday is the day of the week on which a weekly cycle begins. Other cycles ignore it.
	Weekday time.Weekday
	Hour    int // local hour at which a cycle begins
	Minute  int
	Every   time.Duration // 24 hours, a divisor of it in whole minutes, or 7 days
	Zone    *time.Location
}

// Week is the length of the longest cycle.
const Week = 7 * 24 * time.Hour

// DefaultCalendar returns cycles from 18:00 to 18:00: a night and the day after it.
func DefaultCalendar(zone *time.Location) Calendar {
	return Calendar{Hour: 18, Every: 24 * time.Hour, Zone: zone}
}

// Cycle is one cycle of a calendar.
type Cycle struct {
	Begin, End time.Time // from Begin on, before End
	Date       time.Time // the day of its middle, at midnight UTC: the date in guards and variables
}

// ID returns the name of the cycle. Ids of one calendar sort in the order of the cycles.
func (c Cycle) ID() string { return c.Begin.UTC().Format(cycleID) }

const cycleID = "20060102T1504Z"

// NamesCycle reports whether a text is a date or has the form of a cycle's id.
func NamesCycle(text string) bool {
	_, notDate := time.Parse(time.DateOnly, text)
	_, notID := time.Parse(cycleID, text)
	return notDate == nil || notID == nil
}

// At returns the cycle that contains a time. A cycle begins at a local time. If a clock change skips that time, the cycle begins at the
// first instant after the gap. If it repeats that time, the cycle begins at the first occurrence. If several cycles begin at the same
// instant, all but the last are empty.
func (c Calendar) At(t time.Time) Cycle {
	local := t.In(c.Zone)
	day := local.Day() - 1
	if c.Every == Week {
		day -= 7
	}
	begin := c.begin(local.Year(), local.Month(), day, 0)
	for n := 1; ; n++ {
		end := c.begin(local.Year(), local.Month(), day, n)
		if end.After(t) {
			return cycleOf(begin, end, c.Zone)
		}
		begin = end
	}
}

func cycleOf(begin, end time.Time, zone *time.Location) Cycle {
	middle := begin.Add(end.Sub(begin) / 2).In(zone)
	return Cycle{Begin: begin, End: end, Date: time.Date(middle.Year(), middle.Month(), middle.Day(), 0, 0, 0, 0, time.UTC)}
}

// begin returns the n-th beginning of a cycle from this day on, or of its week.
func (c Calendar) begin(year int, month time.Month, day, n int) time.Time {
	first := time.Date(year, month, day, c.Hour, c.Minute, 0, 0, time.UTC)
	if c.Every == Week {
		first = first.AddDate(0, 0, -int((first.Weekday()-c.Weekday+7)%7))
	} else {
		first = time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Add((time.Duration(c.Hour)*time.Hour +
			time.Duration(c.Minute)*time.Minute) % c.Every)
	}
	return onClock(first.Add(time.Duration(n)*c.Every), c.Zone)
}

// onClock returns the first instant at which the clocks of a zone show what t shows in UTC. If a clock change skips it, onClock returns the
// first instant after the gap.
func onClock(t time.Time, zone *time.Location) time.Time {
	var first time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // the clocks change less often than that
		_, offset := t.Add(near).In(zone).Zone()
		at := t.Add(-time.Duration(offset) * time.Second).In(zone)
		if _, shown := at.Zone(); shown == offset && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	if !first.IsZero() {
		return first
	}
	_, before := t.Add(-24 * time.Hour).In(zone).Zone()
	gap, _ := t.Add(-time.Duration(before) * time.Second).In(zone).ZoneBounds()
	return gap
}

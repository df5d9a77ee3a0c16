// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"strings"
	"time"
)

// Defaults and bounds of cycles.
const (
	DefaultCycleBegins = "18:00"
	DefaultCycleEvery  = 24 * hour
	Week               = 7 * 24 * hour // the longest cycle
)

// Cycle defines when the chain's cycles, its business days, begin.
type Cycle struct {
	// Begins is a time of day, such as "18:00"; with a day before it for weeks, such as "FRI 18:00"; empty = DefaultCycleBegins.
	Begins string `json:"begins,omitempty"`
	// Every is the length of a cycle: a part of a day in whole minutes that divides it, a day or a week; 0 = DefaultCycleEvery.
	Every Duration `json:"every,omitempty"`
}

// Calendar holds the cycle settings of a definition in parsed form. Its fields are those of the Calendar of package run.
type Calendar struct {
	Weekday time.Weekday // the first day of a weekly cycle
	Hour    int
	Minute  int
	Every   time.Duration
	Zone    *time.Location
}

// Calendar returns the chain's calendar. It never fails for a valid definition.
func (d *Definition) Calendar() (Calendar, error) {
	zone, err := d.Location()
	if err != nil {
		return Calendar{}, err
	}
	cycle := Cycle{}
	if d.Cycle != nil {
		cycle = *d.Cycle
	}
	c := Calendar{Every: time.Duration(orDefault(cycle.Every, DefaultCycleEvery)), Zone: zone}
	day, hour, minute, ok := cycle.begins()
	if !ok {
		_, hour, minute, _ = Cycle{}.begins()
	}
	if c.Hour, c.Minute = hour, minute; c.Every == time.Duration(Week) {
		c.Weekday = day.weekday()
	}
	return c, nil
}

// begins parses when a cycle begins. The day is empty if Begins names none.
func (c Cycle) begins() (day Day, hour, minute int, ok bool) {
	text := orDefault(c.Begins, DefaultCycleBegins)
	if named, clock, found := strings.Cut(text, " "); found {
		day, text = Day(named), clock
	}
	hour, minute, ok = timeOfDay(text)
	return day, hour, minute, ok
}

func (c *Cycle) canonical() *Cycle {
	if c == nil {
		return nil
	}
	short := Cycle{Begins: unlessDefault(c.Begins, DefaultCycleBegins), Every: unlessDefault(c.Every, DefaultCycleEvery)}
	if short == (Cycle{}) {
		return nil
	}
	return &short
}

// weekday returns the day as package time names it, and Sunday for an invalid day.
func (d Day) weekday() time.Weekday {
	for i, day := range Days() {
		if day == d {
			return time.Weekday((i + 1) % 7)
		}
	}
	return time.Sunday
}

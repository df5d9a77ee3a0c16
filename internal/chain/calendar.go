// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"strings"
	"time"
)

// What applies where a definition is silent about its cycles.
const (
	DefaultCycleBegins = "18:00"
	DefaultCycleEvery  = 24 * hour
	Week               = 7 * 24 * hour // the longest cycle
)

// Cycle says when the chain's cycles, its business days, begin.
type Cycle struct {
	// Begins is a time of day, such as "18:00"; with a day before it for weeks, such as "FRI 18:00"; empty = DefaultCycleBegins.
	Begins string `json:"begins,omitempty"`
	// Every is a part of a day that divides it into whole minutes, a day or a week; 0 = DefaultCycleEvery.
	Every Duration `json:"every,omitempty"`
}

// Calendar is what a definition says of its cycles, read. Its fields are those of the Calendar of package run.
type Calendar struct {
	Weekday time.Weekday // on which a cycle of a week begins
	Hour    int
	Minute  int
	Every   time.Duration
	Zone    *time.Location
}

// Calendar returns the chain's. It never fails for a valid definition.
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

// begins reads when a cycle begins; the day is empty when none is named.
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

// weekday is the day as package time names it: Sunday for what is no day.
func (d Day) weekday() time.Weekday {
	for i, day := range Days() {
		if day == d {
			return time.Weekday((i + 1) % 7)
		}
	}
	return time.Sunday
}

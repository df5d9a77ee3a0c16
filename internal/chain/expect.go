// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ExpectBy is the time of day by which a step, or all of the chain, has to be done.
type ExpectBy struct {
	Time     string `json:"time"`               // HH:MM
	Timezone string `json:"timezone,omitempty"` // IANA name; empty = the chain's
	// Days are those of the cycles' dates on which it has to be; in cycles of a week, of the clock; empty = every day.
	Days []Day `json:"days,omitempty"`
}

// Day is a day of the week, as cron expressions of EventBridge Scheduler name it.
type Day string

// Days returns all days, in the order of a week.
func Days() []Day { return []Day{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"} }

// canonical is the part of the canonical form of a definition with this time zone.
func (e *ExpectBy) canonical(timezone string) *ExpectBy {
	if e == nil {
		return nil
	}
	c := *e
	if orDefault(e.Timezone, orDefault(timezone, DefaultTimezone)) == orDefault(timezone, DefaultTimezone) {
		c.Timezone = ""
	}
	if c.Days = sortedDays(e.Days); len(c.Days) == len(Days()) {
		c.Days = nil
	}
	return &c
}

// sortedDays are the days in the order of a week, each once; nil for none.
func sortedDays(days []Day) []Day {
	var sorted []Day
	for _, day := range Days() {
		if slices.Contains(days, day) {
			sorted = append(sorted, day)
		}
	}
	return sorted
}

// timeOfDay reads HH:MM.
func timeOfDay(text string) (hour, minute int, ok bool) {
	t, err := time.Parse("15:04", text)
	return t.Hour(), t.Minute(), err == nil && len(text) == len("15:04")
}

// Deadline is a time by which something has to be done, for all that have to be done by it.
type Deadline struct {
	ExpectBy          // with its time zone
	Chain    bool     // all of the chain
	Steps    []string // sorted
	ahead    int      // days from the day of the clock to the date of the cycle at that time
}

// Key tells one deadline of a chain from another, and is what a schedule's input names it by.
func (d *Deadline) Key() string {
	return strings.TrimSpace(d.Time + " " + d.Timezone + " " + d.days(","))
}

func (d *Deadline) days(separator string) string {
	names := make([]string, len(d.Days))
	for i, day := range d.Days {
		names[i] = string(day)
	}
	return strings.Join(names, separator)
}

// Expression is the deadline as EventBridge Scheduler's ScheduleExpression has it.
func (d *Deadline) Expression() string {
	hour, minute, _ := timeOfDay(d.Time)
	if len(d.Days) == 0 {
		return fmt.Sprintf("cron(%d %d * * ? *)", minute, hour)
	}
	shifted := Deadline{ExpectBy: ExpectBy{Days: moved(d.Days, -d.ahead)}}
	return fmt.Sprintf("cron(%d %d ? * %s *)", minute, hour, shifted.days(","))
}

// moved are the days so many later, in the order of a week.
func moved(days []Day, by int) []Day {
	week, all := Days(), make([]Day, len(days))
	for i, day := range days {
		all[i] = week[((slices.Index(week, day)+by)%7+7)%7]
	}
	return sortedDays(all)
}

// daysAhead is how many days the date of the cycle at a time of day is ahead of the day that the clocks of the time's zone show. Of a zone
// other than the chain's, its distance in winter counts.
func (c Calendar) daysAhead(hour, minute int, zone *time.Location) int {
	if c.Every == time.Duration(Week) {
		return 0
	}
	at := time.Date(2027, time.January, 11, hour, minute, 0, 0, zone)
	shown := at.In(c.Zone)
	day := int(time.Date(shown.Year(), shown.Month(), shown.Day(), 0, 0, 0, 0,
		time.UTC).Sub(time.Date(2027, time.January, 11, 0, 0, 0, 0, time.UTC)) / (24 * time.Hour))
	clock := time.Duration(shown.Hour())*time.Hour + time.Duration(shown.Minute())*time.Minute
	begins := time.Duration(c.Hour)*time.Hour + time.Duration(c.Minute)*time.Minute
	into := ((clock-begins)%c.Every + c.Every) % c.Every
	middle := clock - into + c.Every/2
	return day + int((middle+24*time.Hour)/(24*time.Hour)) - 1
}

// Since is when what has to be done by the deadline that has come at this time may have begun at the earliest: at the same time of the day
// before, whatever the clocks did in between.
func (d *Deadline) Since(at time.Time) time.Time {
	at = at.In(d.Zone())
	return time.Date(at.Year(), at.Month(), at.Day()-1, at.Hour(), at.Minute(), at.Second(), 0, at.Location())
}

// Zone is the deadline's time zone.
func (d *Deadline) Zone() *time.Location {
	zone, err := time.LoadLocation(d.Timezone)
	if err != nil {
		return time.UTC // a valid definition has none that cannot be loaded
	}
	return zone
}

// Deadlines are all of the chain's, by time. Steps that the chain does not start are not waited for.
func (d *Definition) Deadlines() []Deadline {
	all := map[string]*Deadline{}
	of := func(e *ExpectBy) *Deadline {
		deadline := d.deadline(e)
		if known := all[deadline.Key()]; known != nil {
			return known
		}
		all[deadline.Key()] = deadline
		return deadline
	}
	if d.ExpectBy != nil {
		of(d.ExpectBy).Chain = true
	}
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		if step := d.Steps[key]; step.ExpectBy != nil && step.Enabled {
			deadline := of(step.ExpectBy)
			deadline.Steps = append(deadline.Steps, key)
		}
	}
	var sorted []Deadline
	for _, deadline := range all {
		sorted = append(sorted, *deadline)
	}
	slices.SortFunc(sorted, func(a, b Deadline) int { return cmp.Compare(a.Key(), b.Key()) })
	return sorted
}

// deadline is one of the chain's, for nothing yet.
func (d *Definition) deadline(e *ExpectBy) *Deadline {
	c := *e.canonical(d.Timezone) // so that its key is the same for whoever has the definition in other words
	c.Timezone = orDefault(e.Timezone, orDefault(d.Timezone, DefaultTimezone))
	deadline := &Deadline{ExpectBy: c}
	calendar, err := d.Calendar()
	if hour, minute, ok := timeOfDay(c.Time); ok && err == nil { // as in a valid definition
		deadline.ahead = calendar.daysAhead(hour, minute, deadline.Zone())
	}
	return deadline
}

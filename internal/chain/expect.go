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

// ExpectBy is the time of day by which a step, or the whole chain, must be done.
type ExpectBy struct {
	Time     string `json:"time"`               // HH:MM
	Timezone string `json:"timezone,omitempty"` // IANA name; empty = the chain's
	// Days are the days on which it applies; empty = every day. They are days of the cycles' dates, or of the clock in weekly cycles.
	Days []Day `json:"days,omitempty"`
}

// Day is a day of the week, as cron expressions of EventBridge Scheduler name it.
type Day string

// Days returns all days, in the order of a week.
func Days() []Day { return []Day{"MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"} }

// canonical returns its part of the canonical form of a definition with this time zone.
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

// sortedDays returns the days in the order of a week, each once; nil for none.
func sortedDays(days []Day) []Day {
	var sorted []Day
	for _, day := range Days() {
		if slices.Contains(days, day) {
			sorted = append(sorted, day)
		}
	}
	return sorted
}

// timeOfDay parses HH:MM.
func timeOfDay(text string) (hour, minute int, ok bool) {
	t, err := time.Parse("15:04", text)
	return t.Hour(), t.Minute(), err == nil && len(text) == len("15:04")
}

// Deadline is a time, with everything that must be done by it.
type Deadline struct {
	ExpectBy          // with its time zone
	Chain    bool     // the whole chain
	Steps    []string // sorted
	ahead    int      // days from the day of the clock to the date of the cycle at that time
}

// Key identifies a deadline within its chain. A schedule's input names the deadline by it.
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

// Expression returns the deadline as a ScheduleExpression of EventBridge Scheduler.
func (d *Deadline) Expression() string {
	hour, minute, _ := timeOfDay(d.Time)
	if len(d.Days) == 0 {
		return fmt.Sprintf("cron(%d %d * * ? *)", minute, hour)
	}
	shifted := Deadline{ExpectBy: ExpectBy{Days: moved(d.Days, -d.ahead)}}
	return fmt.Sprintf("cron(%d %d ? * %s *)", minute, hour, shifted.days(","))
}

// Cron returns the six fields of Expression.
func (d *Deadline) Cron() string {
	return strings.TrimSuffix(strings.TrimPrefix(d.Expression(), "cron("), ")")
}

// moved returns the days shifted by a number of days, in the order of a week.
func moved(days []Day, by int) []Day {
	week, all := Days(), make([]Day, len(days))
	for i, day := range days {
		all[i] = week[((slices.Index(week, day)+by)%7+7)%7]
	}
	return sortedDays(all)
}

// daysAhead returns how many days the date of the cycle at a time of day is ahead of the local day in the time's zone. If that zone is not
// the chain's, the offset between both in winter counts.
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

// Zone returns the deadline's time zone.
func (d *Deadline) Zone() *time.Location {
	zone, err := time.LoadLocation(d.Timezone)
	if err != nil {
		return time.UTC // the zones of a valid definition can always be loaded
	}
	return zone
}

// Deadlines returns all deadlines of the chain, by time. They do not include steps that the chain does not start.
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

// deadline returns a deadline without anything that must be done by it.
func (d *Definition) deadline(e *ExpectBy) *Deadline {
	c := *e.canonical(d.Timezone) // so that equivalent definitions have equal keys
	c.Timezone = orDefault(e.Timezone, orDefault(d.Timezone, DefaultTimezone))
	deadline := &Deadline{ExpectBy: c}
	calendar, err := d.Calendar()
	if hour, minute, ok := timeOfDay(c.Time); ok && err == nil { // always true for a valid definition
		deadline.ahead = calendar.daysAhead(hour, minute, deadline.Zone())
	}
	return deadline
}

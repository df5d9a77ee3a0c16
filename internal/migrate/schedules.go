// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// namedSchedule is a schedule with its original name.
type namedSchedule struct {
	name string
	*chain.Schedule
}

// String returns a description of the schedule.
func (s namedSchedule) String() string {
	text := s.Expression()
	if s.Timezone != "" {
		text += " " + s.Timezone
	}
	if s.name == "" {
		return text
	}
	return fmt.Sprintf("%q (%s)", s.name, text)
}

// elsewhere explains how a step starts at a time for which it cannot have a schedule.
const elsewhere = "A reload task in Qlik Cloud can start the app then: its reload begins a run of the chain, too."

// schedule returns the one schedule that a step gets from those that were found.
func (b *builder) schedule(f *found, after bool) *chain.Schedule {
	if after {
		for _, s := range f.schedules {
			b.noteOn(f, "It starts after others and has a schedule, %s. A step has one of the two: the schedule is left out. "+elsewhere, s)
		}
		return nil
	}
	if len(f.schedules) == 0 {
		return nil
	}
	first := f.schedules[0]
	for _, other := range f.schedules[1:] {
		merged, ok := mergeSchedules(first.Schedule, other.Schedule)
		if !ok {
			b.noteOn(f, "A step has one schedule, and no cron expression says both: the schedule %s is left out. "+elsewhere, other)
			continue
		}
		first.Schedule = merged
		b.noteOn(f, "Its schedules %q and %q are one, %s.", first.name, other.name, merged.Expression())
	}
	return first.Schedule
}

// mergeSchedules merges two schedules with cron expressions that differ in one field.
func mergeSchedules(one, other *chain.Schedule) (*chain.Schedule, bool) {
	a, b := strings.Fields(one.Cron), strings.Fields(other.Cron)
	if one.Timezone != other.Timezone || len(a) != len(b) || len(a) == 0 {
		return nil, false
	}
	differs := -1
	for i := range a {
		switch {
		case a[i] == b[i]:
		case differs >= 0 || strings.ContainsAny(a[i]+b[i], "*?"):
			return nil, false
		default:
			differs = i
		}
	}
	if differs >= 0 {
		values := strings.Split(a[differs], ",")
		for value := range strings.SplitSeq(b[differs], ",") {
			if !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
		a[differs] = strings.Join(values, ",")
	}
	merged := &chain.Schedule{Cron: strings.Join(a, " "), Timezone: one.Timezone}
	_, err := cron.Parse(merged.Cron)
	return merged, err == nil
}

// valid reports whether a step can have a schedule.
func valid(s *chain.Schedule) bool { return len(scheduleProblems(s)) == 0 }

// scheduleProblems returns the problems of a schedule.
func scheduleProblems(s *chain.Schedule) []chain.Problem {
	d := chain.Definition{Steps: map[string]chain.Step{"": {Schedule: s}}}
	at := chain.Path{"steps", "", "schedule"}
	return slices.DeleteFunc(d.Validate(), func(p chain.Problem) bool { return !p.Path.Within(at) })
}

// timezone sets the chain's time zone if it needs one: that of its schedules if they agree, else UTC.
func (b *builder) timezone() {
	d := b.result.Definition
	if !slices.ContainsFunc(d.Validate(), func(p chain.Problem) bool { return slices.Equal(p.Path, chain.Path{"timezone"}) }) {
		return
	}
	zones := map[string]bool{}
	for _, s := range d.Steps {
		if s.Schedule != nil && s.Schedule.Cron != "" {
			zones[cmp.Or(s.Schedule.Timezone, chain.DefaultTimezone)] = true
		}
	}
	d.Timezone = chain.DefaultTimezone
	if len(zones) == 1 {
		d.Timezone = slices.Collect(maps.Keys(zones))[0]
	} else {
		b.result.Notes = append(b.result.Notes, Note{Text: "The time zone is UTC. It decides which reloads belong to the same day: set " +
			"timezone to yours."})
	}
	for key, s := range d.Steps {
		if s.Schedule != nil && s.Schedule.Timezone == d.Timezone {
			schedule := *s.Schedule
			schedule.Timezone = ""
			s.Schedule = &schedule
			d.Steps[key] = s
		}
	}
}

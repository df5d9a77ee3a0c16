// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// Schedule defines when EventBridge Scheduler starts a step, or begins a run of the chain: by Cron or by Rate.
type Schedule struct {
	Cron     string   `json:"cron,omitempty"`     // the six fields of EventBridge Scheduler's cron expression, without cron() around them
	Rate     Duration `json:"rate,omitempty"`     // elapsed time between two starts; whole minutes
	Timezone string   `json:"timezone,omitempty"` // IANA name, the zone of Cron; empty = the chain's
	// Except holds the dates in the schedule's zone on which Cron starts nothing, for example 2026-12-25; sorted.
	Except []string `json:"except,omitempty"`
	// Variables go to every app of a run that the schedule begins, over the app's own ones.
	Variables map[string]string `json:"variables,omitempty"`
}

// canonical returns the schedule's part of the canonical form of a definition with this time zone.
func (s *Schedule) canonical(timezone string) *Schedule {
	if s == nil {
		return nil
	}
	c := *s
	c.Cron = strings.Join(strings.Fields(s.Cron), " ")
	if s.zone(timezone) == orDefault(timezone, DefaultTimezone) {
		c.Timezone = ""
	}
	c.Variables = nilIfEmpty(s.Variables)
	c.Except = slices.Compact(slices.Sorted(slices.Values(s.Except)))
	return &c
}

// zone returns the IANA name of the schedule's time zone in a chain with this time zone.
func (s *Schedule) zone(timezone string) string {
	return orDefault(s.Timezone, orDefault(timezone, DefaultTimezone))
}

// ScheduleTimezone returns the IANA name of the time zone of a schedule of the chain.
func (d *Definition) ScheduleTimezone(s *Schedule) string {
	if s.Cron == "" {
		return DefaultTimezone // elapsed time is the same everywhere
	}
	return s.zone(d.Timezone)
}

// Expression returns the schedule as a ScheduleExpression of EventBridge Scheduler: cron(0 5 * * ? *), rate(90 minutes).
func (s *Schedule) Expression() string {
	switch {
	case s.Cron != "":
		return "cron(" + strings.Join(strings.Fields(s.Cron), " ") + ")"
	case s.Rate == minute:
		return "rate(1 minute)"
	default:
		return fmt.Sprintf("rate(%d minutes)", s.Rate/minute)
	}
}

// DescribeSchedule describes when a schedule of the chain starts its step: "at 05:00, Monday to Friday, Europe/Zurich", "every 1h30m". If a
// cron expression has no short description, it returns the expression itself.
func (d *Definition) DescribeSchedule(s *Schedule) string {
	if s.Cron == "" {
		return "every " + s.Rate.String()
	}
	text := s.Expression()
	if expression, err := cron.Parse(s.Cron); err == nil {
		if words, ok := expression.Words(); ok {
			text = words
		}
	}
	text += ", " + d.ScheduleTimezone(s)
	switch dates := len(s.Except); {
	case dates > 3:
		text += fmt.Sprintf(", except on %d dates", dates)
	case dates > 0:
		text += ", except on " + Listed(s.Except)
	}
	return text
}

// Excepts reports whether a schedule of the chain starts nothing at this time because its date is an exception. It returns that date.
func (d *Definition) Excepts(s *Schedule, at time.Time) (date string, excepted bool) {
	if s == nil || len(s.Except) == 0 {
		return "", false
	}
	zone, err := time.LoadLocation(d.ScheduleTimezone(s))
	if err != nil {
		zone = time.UTC // the zones of a valid definition can always be loaded
	}
	date = at.In(zone).Format(time.DateOnly)
	return date, slices.Contains(s.Except, date)
}

// ScheduledSteps returns the steps at which the chain's schedule begins a run, sorted: the enabled ones without upstream and without a
// schedule of their own. A signal begins a run of its own.
func (d *Definition) ScheduledSteps() []string {
	var steps []string
	for key, s := range d.Steps {
		if s.Enabled && len(s.After) == 0 && s.Schedule == nil && s.Signal == nil {
			steps = append(steps, key)
		}
	}
	slices.Sort(steps)
	return steps
}

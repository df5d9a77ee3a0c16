// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// Schedule says when EventBridge Scheduler starts a step: by Cron or by Rate.
type Schedule struct {
	Cron     string        // the six fields of a cron expression of EventBridge Scheduler, without cron() around them
	Rate     time.Duration // how long from one start to the next, by elapsed time; whole minutes
	Timezone string        // IANA name, the zone of Cron; empty = the chain's
}

// canonical is the schedule's part of the canonical form of a definition with this time zone.
func (s *Schedule) canonical(timezone string) *Schedule {
	if s == nil {
		return nil
	}
	c := *s
	c.Cron = strings.Join(strings.Fields(s.Cron), " ")
	if s.zone(timezone) == orDefault(timezone, DefaultTimezone) {
		c.Timezone = ""
	}
	return &c
}

// zone is the IANA name of the schedule's time zone in a chain with this one.
func (s *Schedule) zone(timezone string) string {
	return orDefault(s.Timezone, orDefault(timezone, DefaultTimezone))
}

// ScheduleTimezone is the IANA name of the time zone that a schedule of the chain goes by.
func (d *Definition) ScheduleTimezone(s *Schedule) string {
	if s.Cron == "" {
		return DefaultTimezone // elapsed time is the same everywhere
	}
	return s.zone(d.Timezone)
}

// Expression is the schedule as EventBridge Scheduler's ScheduleExpression has it: cron(0 5 * * ? *), rate(90 minutes).
func (s *Schedule) Expression() string {
	switch {
	case s.Cron != "":
		return "cron(" + strings.Join(strings.Fields(s.Cron), " ") + ")"
	case s.Rate == time.Minute:
		return "rate(1 minute)"
	default:
		return fmt.Sprintf("rate(%d minutes)", s.Rate/time.Minute)
	}
}

// ScheduleSays says when a schedule of the chain starts its step: "at 05:00, Monday to Friday, Europe/Zurich", "every 1h30m". A cron expression
// for which there are no short words says it itself.
func (d *Definition) ScheduleSays(s *Schedule) string {
	if s.Cron == "" {
		return "every " + FormatDuration(s.Rate)
	}
	says := s.Expression()
	if expression, err := cron.Parse(s.Cron); err == nil {
		if words, ok := expression.Words(); ok {
			says = words
		}
	}
	return says + ", " + d.ScheduleTimezone(s)
}

// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// schedules calls do for each cron expression by which the chain or a step of it starts. Schedules by rate have no fixed times.
func (e *Engine) schedules(do func(s *chain.Schedule, expression *cron.Expression, zone *time.Location)) {
	d := e.Index.Definition()
	look := func(s *chain.Schedule) {
		if s == nil || s.Cron == "" {
			return
		}
		expression, err := cron.Parse(s.Cron)
		if err != nil {
			return // a valid definition has no such schedule
		}
		if zone, err := time.LoadLocation(d.ScheduleTimezone(s)); err == nil {
			do(s, expression, zone)
		}
	}
	look(d.Schedule)
	for _, step := range d.Steps {
		if step.Enabled {
			look(step.Schedule)
		}
	}
}

// beginsWithin reports whether a schedule begins a run at or after one time and not after another. A schedule by rate always does.
func (e *Engine) beginsWithin(s *chain.Schedule, from, until time.Time) bool {
	d := e.Index.Definition()
	expression, err := cron.Parse(s.Cron)
	zone, unknown := time.LoadLocation(d.ScheduleTimezone(s))
	if s.Cron == "" || err != nil || unknown != nil {
		return true
	}
	for next, ok := expression.Next(from.Add(-time.Second), zone); ok && !next.After(until); next, ok = expression.Next(next, zone) {
		if _, excepted := d.Excepts(s, next); !excepted {
			return true
		}
	}
	return false
}

// nextScheduled returns the next time at which a schedule begins a run, without excepted dates. If there is none, it returns the given
// time.
func (e *Engine) nextScheduled(after time.Time) time.Time {
	first := time.Time{}
	d := e.Index.Definition()
	e.schedules(func(s *chain.Schedule, expression *cron.Expression, zone *time.Location) {
		next, ok := expression.Next(after, zone)
		for _, excepted := d.Excepts(s, next); ok && excepted; _, excepted = d.Excepts(s, next) {
			next, ok = expression.Next(next, zone)
		}
		if ok && (first.IsZero() || next.Before(first)) {
			first = next
		}
	})
	if first.IsZero() {
		return after
	}
	return first
}

// lastScheduled returns the last time before this one at which a schedule began a run, up to a week back. If there is none, it returns the
// given time.
func (e *Engine) lastScheduled(until time.Time) time.Time {
	last := time.Time{}
	e.schedules(func(_ *chain.Schedule, expression *cron.Expression, zone *time.Location) {
		for _, back := range []time.Duration{2 * 24 * time.Hour, run.Week + 24*time.Hour} { // for most schedules the first is enough
			found := false
			for next, ok := expression.Next(until.Add(-back), zone); ok && next.Before(until); next, ok = expression.Next(next, zone) {
				if found = true; next.After(last) {
					last = next
				}
			}
			if found {
				break
			}
		}
	})
	if last.IsZero() {
		return until
	}
	return last
}

// namedCycle returns the cycle with an id, or the first one of a date. The table must still remember it, and it must not be in another
// year.
func (e *Engine) namedCycle(name string) (run.Cycle, error) {
	c, err := e.cycleNamed(name)
	switch {
	case err != nil:
		return c, err
	case e.Forgets(c.End):
		return c, fmt.Errorf("the cycle %s is longer ago than the chain remembers", name)
	case c.Begin.After(e.Now().Add(farthestCycle)):
		return c, fmt.Errorf("the cycle %s is more than a year ahead", name)
	}
	return c, nil
}

const farthestCycle = 366 * 24 * time.Hour

func (e *Engine) cycleNamed(name string) (run.Cycle, error) {
	if c, err := e.cycleOf(name); err == nil {
		if !e.cycleAt(c.Begin).Begin.Equal(c.Begin) {
			return c, fmt.Errorf("no cycle of the chain begins at %s", c.Begin.Format(time.RFC3339))
		}
		return c, nil
	}
	date, err := time.Parse(time.DateOnly, name)
	if err != nil {
		return run.Cycle{}, fmt.Errorf("%q is neither a date, such as 2026-11-24, nor the id of a cycle", name)
	}
	for c := e.cycleAt(date.AddDate(0, 0, -8)); !c.Date.After(date); c = e.cycleAt(c.End) {
		if c.Date.Equal(date) {
			return c, nil
		}
	}
	return run.Cycle{}, fmt.Errorf("no cycle has the date %s", name)
}

// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// ClockProblems warns of times that a clock change skips or repeats in the coming year. It checks schedules and expect_by.
func (d *Definition) ClockProblems(now time.Time) []Problem {
	c := &clocks{now: now, changes: map[string][]change{}}
	schedule := func(path Path, s *Schedule) {
		if s != nil && s.Cron != "" {
			c.warn(append(path, "schedule", "cron"), s.Cron, d.ScheduleTimezone(s), "starts nothing", "it starts once")
		}
	}
	expectBy := func(path Path, e *ExpectBy) {
		if e != nil {
			deadline := d.deadline(e)
			text := strings.TrimSuffix(strings.TrimPrefix(deadline.Expression(), "cron("), ")")
			c.warn(append(path, "expect_by", "time"), text, deadline.Timezone, "nothing is checked", "it is checked once")
		}
	}
	schedule(nil, d.Schedule)
	expectBy(nil, d.ExpectBy)
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		schedule(Path{"steps", key}, d.Steps[key].Schedule)
		expectBy(Path{"steps", key}, d.Steps[key].ExpectBy)
	}
	return c.problems
}

// clocks finds the times that clock changes skip or repeat.
type clocks struct {
	now      time.Time
	changes  map[string][]change // of the coming year, by time zone
	problems []Problem
}

// change is one clock change of a time zone. Its times are local times, stored as UTC.
type change struct {
	from, to time.Time // what is skipped or repeated
	twice    bool
}

func (c *clocks) warn(path Path, text, zone, missed, twice string) {
	expression, err := cron.Parse(text)
	if err != nil {
		return // reported elsewhere
	}
	var effects []string
	for _, one := range c.of(zone) {
		at, found := one.touches(expression)
		if !found {
			continue
		}
		effect := fmt.Sprintf("the clocks leave out %s, and that day %s", at.Format("15:04 on 2006-01-02"), missed)
		if one.twice {
			effect = fmt.Sprintf("the clocks show %s twice, and %s", at.Format("15:04 on 2006-01-02"), twice)
		}
		effects = append(effects, effect)
	}
	if len(effects) > 0 {
		c.problems = append(c.problems, Problem{Path: path,
			Message: fmt.Sprintf("In %s, %s. Choose a time that the clocks show once each day.", zone, strings.Join(effects, "; "))})
	}
}

// of returns the clock changes of a zone in the coming year.
func (c *clocks) of(name string) []change {
	if known, ok := c.changes[name]; ok {
		return known
	}
	var found []change
	if zone, err := time.LoadLocation(name); err == nil {
		for at := c.now.In(zone); ; {
			_, next := at.ZoneBounds()
			if next.IsZero() || next.After(c.now.AddDate(1, 0, 0)) {
				break
			}
			_, before := next.Add(-time.Second).Zone()
			_, after := next.Zone()
			shown := next.UTC().Add(time.Duration(before) * time.Second) // what the clocks would have shown
			jump := time.Duration(after-before) * time.Second
			switch {
			case jump > 0:
				found = append(found, change{from: shown, to: shown.Add(jump)})
			case jump < 0:
				found = append(found, change{from: shown.Add(jump), to: shown, twice: true})
			}
			at = next
		}
	}
	c.changes[name] = found
	return found
}

// touches returns the first time of an expression that the change skips or repeats. Times that are as far apart as the change is long, for
// example each hour, do not count: in elapsed time nothing changes for them.
func (c change) touches(e *cron.Expression) (time.Time, bool) {
	length := c.to.Sub(c.from)
	for at := c.from; at.Before(c.to); at = at.Add(time.Minute) {
		if e.Shown(at) && !e.Shown(at.Add(length)) && !e.Shown(at.Add(-length)) {
			return at, true
		}
	}
	return time.Time{}, false
}

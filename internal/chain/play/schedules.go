// SPDX-License-Identifier: MPL-2.0

package play

import (
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// ChainSchedule is the name of the chain's own schedule in Begin.Schedule and run.Run.Schedule.
const ChainSchedule = "chain"

// Schedules returns the beginnings of runs that the schedules of a chain and its steps make, from one time on and before another. A
// schedule by rate begins at the first of these times.
func Schedules(d *chain.Definition, from, before time.Time) ([]Event, error) {
	var all []Event
	add := func(s *chain.Schedule, name string, steps []string) error {
		times, err := timesOf(d, s, from, before)
		for _, at := range times {
			all = append(all, Begin{At: at, Steps: steps, Schedule: name})
		}
		return err
	}
	if steps := d.ScheduledSteps(); d.Schedule != nil && len(steps) > 0 {
		if err := add(d.Schedule, ChainSchedule, steps); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Steps)) {
		if step := d.Steps[name]; step.Schedule != nil && step.Enabled {
			if err := add(step.Schedule, "step:"+step.ID(name), []string{name}); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// timesOf returns the times of a schedule.
func timesOf(d *chain.Definition, s *chain.Schedule, from, before time.Time) (times []time.Time, err error) {
	if s.Cron == "" {
		for at := from; at.Before(before); at = at.Add(time.Duration(s.Rate)) {
			times = append(times, at)
		}
		return times, nil
	}
	expression, err := cron.Parse(s.Cron)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(d.ScheduleTimezone(s))
	if err != nil {
		return nil, err
	}
	for at, ever := expression.Next(from.Add(-time.Second), zone); ever && at.Before(before); at, ever = expression.Next(at, zone) {
		if _, excepted := d.Excepts(s, at); !excepted {
			times = append(times, at)
		}
	}
	return times, nil
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// TestSimulateRefuses checks that the error for a wrong argument says where it is wrong and what to do.
func TestSimulateRefuses(t *testing.T) {
	t.Parallel()
	none := map[string]any{}
	event := func(e map[string]any) []any { return options(map[string]any{"events": []any{e}}) }
	for name, test := range map[string]struct {
		steps, outcomes any
		options         []any
		want            []string
	}{
		"what the resource refuses": {map[string]any{"a": map[string]any{"app": "x", "after": map[string]any{"b": "success"}}}, none, nil,
			[]string{`steps["a"].app: "x" is not an app id.`, `steps["a"].after["b"]: There is no step "b"`}},
		"another attribute": {map[string]any{"a": map[string]any{"app": chaintest.AppID(1), "aftr": "x"}}, none, nil,
			[]string{`steps["a"].aftr: There is no attribute "aftr". Did you mean "after"?`}},
		"outcomes": {nightSteps(), map[string]any{"trasform": "failure", "sales": "failed", "hr": []any{}, "mail": 1}, nil, []string{
			`outcomes["trasform"]: There is no step "trasform" in the chain. Did you mean "transform"?`,
			`outcomes["sales"]: "failed" is not an outcome. Use "success", "failure", "exceeded_limit" or "canceled".`,
			`outcomes["hr"]: This must be an outcome, or a list`, `outcomes["mail"]: This must be an outcome, or a list`}},
		"no outcomes": {nightSteps(), "failure", nil, []string{`outcomes: This must be an object or a map, {} when every reload succeeds`}},
		"option": {nightSteps(), none, options(map[string]any{"begin": "sales"}), []string{
			`options.begin: There is no attribute "begin". There are at, carried, cycle, cycles, durations, events, max_duration, ` +
				`max_running, overlap, schedule, start, timezone and until`}},
		"misspelled option": {nightSteps(), none, options(map[string]any{"duration": map[string]any{"sales": "1h"}, "untl": nil}), []string{
			`options.duration: There is no attribute "duration". Did you mean "durations"?`,
			`options.untl: There is no attribute "untl". Did you mean "until"?`}},
		"misspelled event": {nightSteps(), none, event(map[string]any{"at": "15:00", "skipp": "hr"}),
			[]string{`options.events[0].skipp: There is no attribute "skipp". Did you mean "skip"?`}},
		"misspelled beside an event": {nightSteps(), none, event(map[string]any{"at": "15:00", "skip": "hr", "reson": nil}),
			[]string{`options.events[0].reson: There is no attribute "reson". Did you mean "reason"?`}},
		"options":   {nightSteps(), none, []any{none, none}, []string{`options: There are 2. Put all options into one object`}},
		"no object": {nightSteps(), none, []any{"sales"}, []string{`options: This must be an object`}},
		"zone": {nightSteps(), none, options(map[string]any{"timezone": "Europe/Belin"}),
			[]string{`options.timezone: There is no time zone "Europe/Belin"`}},
		"no zone": {nightSteps(), none, options(map[string]any{"timezone": ""}), []string{`options.timezone: timezone is empty.`}},
		"chain": {nightSteps(), none, options(map[string]any{"overlap": "quit", "max_running": "many",
			"cycle": map[string]any{"every": "5h"}, "schedule": map[string]any{"crn": "x"}}), []string{
			`options.overlap: "quit" is none of the ways to overlap.`, `options.max_running: This must be a whole number.`,
			`options.cycle.every: A cycle of 5h does not divide a day.`,
			`options.schedule.crn: There is no attribute "crn". Did you mean "cron"?`}},
		"start": {nightSteps(), none, options(map[string]any{"start": "sale"}),
			[]string{`options.start: There is no step "sale" in the chain. Did you mean "sales"?`}},
		"no start": {nightSteps(), none, options(map[string]any{"start": []any{}}),
			[]string{`options.start: This must be a step's name, a list`}},
		"time": {nightSteps(), none, options(map[string]any{"at": "tomorrow"}),
			[]string{`options.at: "tomorrow" is not a time. Write it as "2026-01-05T00:00:00"`}},
		"time of one": {nightSteps(), none, options(map[string]any{"start": map[string]any{"sales": "2 am", "hr": 2}}),
			[]string{`options.start["sales"]: "2 am" is not a time.`, `options.start["hr"]: This must be a time`}},
		"time outside": {nightSteps(), none, options(map[string]any{"start": map[string]any{"sales": "13:00"},
			"cycle": map[string]any{"every": "12h"}}),
			[]string{`options.start["sales"]: 13:00 is not in the cycle from 2026-01-04T18:00:00 to 2026-01-05T06:00:00. Write the time ` +
				`with its date`}},
		"cycles": {nightSteps(), none, options(map[string]any{"cycles": 0}),
			[]string{`options.cycles: This must be a whole number from 1 to 31`}},
		"cycles and start": {nightSteps(), none, options(map[string]any{"cycles": 2, "start": "hr"}),
			[]string{`options.cycles: It repeats the runs that begin by themselves`}},
		"too many runs": {nightSteps(), none, options(map[string]any{"cycles": 31, "schedule": map[string]any{"rate": "5m"}}),
			[]string{`options: More than 1000 runs would begin.`}},
		"duration": {nightSteps(), none, options(map[string]any{"durations": map[string]any{"sales": "long", "hr": 1,
			"x": "1m"}}), []string{`options.durations["sales"]: "long" is not a duration`,
			`options.durations["hr"]: This must be a duration`, `options.durations["x"]: There is no step`}},
		"no durations": {nightSteps(), none, options(map[string]any{"durations": "1m"}),
			[]string{`options.durations: This must be an object or a map`}},
		"carried": {nightSteps(), none,
			options(map[string]any{"carried": map[string]any{"transform": map[string]any{"hr": "2026-01-01T00:00:00"}}}),
			[]string{`options.carried["transform"]["hr"]: The step "transform" does not carry results of "hr" over.`}},
		"no events": {nightSteps(), none, options(map[string]any{"events": "hr"}),
			[]string{`options.events: This must be a list of objects`}},
		"no event": {nightSteps(), none, options(map[string]any{"events": []any{"hr"}}),
			[]string{`options.events[0]: This must be an object`}},
		"event of nothing": {nightSteps(), none, event(map[string]any{"at": "15:00"}),
			[]string{`options.events[0]: This must have one of cancel, mark, pause, reload, rerun, resume, skip, start, and has none.`}},
		"two events": {nightSteps(), none, event(map[string]any{"at": "15:00", "reload": "hr", "pause": true}),
			[]string{`and has pause and reload. Make an event of each`}},
		"event with more": {nightSteps(), none, event(map[string]any{"at": "15:00", "reload": "hr", "run": "1"}),
			[]string{`options.events[0].run: An event with reload has no run. It has at and reload`}},
		"event at no time": {nightSteps(), none, event(map[string]any{"reload": "hr"}),
			[]string{`options.events[0].at: This must be a time`}},
		"event of no step": {nightSteps(), none, event(map[string]any{"at": "15:00", "skip": "h"}),
			[]string{`options.events[0].skip: There is no step "h" in the chain. Did you mean "hr"?`}},
		"mark without run": {nightSteps(), none, event(map[string]any{"at": "15:00", "mark": "hr"}),
			[]string{`options.events[0].run: This must be the id of a run`}},
		"no pause": {nightSteps(), none, event(map[string]any{"at": "15:00", "pause": false}),
			[]string{`options.events[0].pause: This must be true`}},
		"rerun of nothing": {nightSteps(), none, event(map[string]any{"at": "15:00", "rerun": "7"}),
			[]string{`options.events: There is no run "7" at 15:00: 1 runs have begun`}},
		"nothing to repair": {nightSteps(), none, event(map[string]any{"at": "15:00", "rerun": "1"}),
			[]string{`options.events: No step of the run "1" has failed by 15:00: name the step to rerun`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := simulate(t, test.steps, test.outcomes, test.options...)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Text, want) {
					t.Errorf("%v\nwant: %s", err, want)
				}
			}
		})
	}
}

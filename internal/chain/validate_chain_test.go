// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestValidateTheChainsOwn: the rules of what a chain has besides its steps. Every chain has the roots a and b.
func TestValidateTheChainsOwn(t *testing.T) {
	t.Parallel()
	cycle := func(begins string, every time.Duration) func(*chain.Definition) {
		return func(d *chain.Definition) { d.Cycle = &chain.Cycle{Begins: begins, Every: chain.Duration(every)} }
	}
	scheduled := func(d *chain.Definition, key string) {
		s := d.Steps[key]
		s.Schedule = &chain.Schedule{Rate: chain.Duration(time.Hour)}
		d.Steps[key] = s
	}
	for name, tt := range map[string]struct {
		change func(*chain.Definition)
		want   []string // path: a piece of the message
	}{
		"cycle":                  {cycle("06:00", 12*time.Hour), nil},
		"cycle of an hour":       {cycle("00:30", time.Hour), nil},
		"cycle of a week":        {cycle("FRI 18:00", time.Duration(chain.Week)), nil},
		"cycle that says little": {cycle("", 0), nil},
		"cycle of 5 hours": {cycle("", 5*time.Hour),
			[]string{`cycle.every: A cycle of 5h does not divide a day. Use a part of a day in whole minutes, such as "24h"`}},
		"cycle of two days": {cycle("", 48*time.Hour), []string{`cycle.every: A cycle of 2d does not divide a day.`}},
		"cycle of seconds":  {cycle("", 30*time.Second), []string{`cycle.every: A cycle of 30s does not divide a day.`}},
		"cycle at no time":  {cycle("6pm", 0), []string{`cycle.begins: "6pm" is no time of day. Write hours and minutes, such as "18:00"`}},
		"week without a day": {cycle("18:00", time.Duration(chain.Week)),
			[]string{`cycle.begins: Write it before the time, such as "FRI 18:00".`}},
		"week that says little": {cycle("", time.Duration(chain.Week)),
			[]string{`cycle.begins: Write it before the time, such as "FRI 18:00".`}},
		"week on no day": {cycle("Fry 18:00", time.Duration(chain.Week)),
			[]string{`cycle.begins: There is no day "Fry". Did you mean "FRI"?`}},
		"day on a day": {cycle("FRI 18:00", 0),
			[]string{`cycle.begins: Only a cycle of a week begins on a day of the week. Write "18:00", or set every to "7d".`}},
		"schedule": {func(d *chain.Definition) { d.Schedule = &chain.Schedule{Cron: "0 2 * * ? *"} }, nil},
		"schedule that is wrong": {func(d *chain.Definition) { d.Schedule = &chain.Schedule{Cron: "0 25 * * ? *"} },
			[]string{`schedule.cron: The hours field has 25.`}},
		"schedule of nothing": {func(d *chain.Definition) {
			scheduled(d, "a")
			scheduled(d, "b")
			d.Schedule = &chain.Schedule{Rate: chain.Duration(time.Hour)}
		}, []string{`schedule: The schedule starts nothing: every step where the chain begins has a schedule of its own or is a signal.`}},
		"schedule of what is disabled": {func(d *chain.Definition) {
			d.Steps, d.Schedule = map[string]chain.Step{"b": step(2, func(s *chain.Step) { s.Enabled = false })},
				&chain.Schedule{Rate: chain.Duration(time.Hour)}
		}, nil},
		"overlap": {func(d *chain.Definition) {
			d.Overlap, d.Schedule = chain.OverlapSkip, &chain.Schedule{Rate: chain.Duration(time.Hour)}
		}, nil},
		"overlap of a step's schedule": {func(d *chain.Definition) {
			d.Overlap = chain.OverlapQueue
			scheduled(d, "a")
		}, nil},
		"overlap without a schedule": {func(d *chain.Definition) { d.Overlap = chain.OverlapSkip },
			[]string{`overlap: the chain has no schedule. Remove overlap, or add a schedule.`}},
		"no way to overlap": {func(d *chain.Definition) { d.Overlap = "wait" },
			[]string{`overlap: "wait" is none of the ways to overlap. Use "allow", "queue" or "skip".`}},
		"failure_log": {func(d *chain.Definition) { d.FailureLog = &chain.FailureLog{Lines: chain.MaxLogLines} }, nil},
		"failure_log of no line": {func(d *chain.Definition) { d.FailureLog = &chain.FailureLog{} },
			[]string{`failure_log.lines: lines is 0. Use 1 to 100, or leave failure_log out to read no log.`}},
		"failure_log of 101 lines": {func(d *chain.Definition) { d.FailureLog = &chain.FailureLog{Lines: 101} },
			[]string{`failure_log.lines: lines is 101.`}},
		"summary_at": {func(d *chain.Definition) { d.SummaryAt, d.Timezone = "07:00", "UTC" }, nil},
		"summary_at no time": {func(d *chain.Definition) { d.SummaryAt, d.Timezone = "7", "UTC" },
			[]string{`summary_at: "7" is no time of day. Write hours and minutes, such as "07:00".`}},
		"summary_at in no time zone": {func(d *chain.Definition) { d.SummaryAt, d.Timezone = "07:00", "" },
			[]string{`timezone: The chain has a daily summary`}},
		"max_running": {func(d *chain.Definition) { d.MaxRunning = chain.MaxMaxRunning }, nil},
		"max_running -1": {func(d *chain.Definition) { d.MaxRunning = -1 },
			[]string{`max_running: max_running is -1. Use 1 to 1000, or leave it out for no limit.`}},
		"max_duration": {func(d *chain.Definition) { d.MaxDuration = &chain.MaxDuration{After: chain.MaxRunDuration} }, nil},
		"long max_duration": {func(d *chain.Definition) { d.MaxDuration = &chain.MaxDuration{After: chain.Duration(169 * time.Hour)} },
			[]string{`max_duration.after: The time 169h is out of range. Use 1m to 7d.`}},
		"notify_on": {func(d *chain.Definition) { d.NotifyOn = chain.NotifyOns() }, nil},
		"notify_on what is not": {func(d *chain.Definition) { d.NotifyOn = []chain.NotifyOn{"failed", "success", "success"} },
			[]string{`notify_on: "failed" is none of the ends of a run to notify of. Use "failure", "recovered" or "success".`,
				`notify_on: "success" is there twice.`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "UTC",
				Steps: map[string]chain.Step{"a": after(1), "b": after(2)}}
			tt.change(d)
			expectProblems(t, d, tt.want)
		})
	}
}

// TestValidateAsksForATimezone wherever it decides what the chain does, and nowhere else; the function takes a definition without one.
func TestValidateAsksForATimezone(t *testing.T) {
	t.Parallel()
	clock := &chain.Schedule{Cron: "0 2 * * ? *", Timezone: "Europe/Zurich"}
	for name, tt := range map[string]struct {
		x      chain.Step
		change func(*chain.Definition)
		want   string // a piece of the message; empty: no problem
	}{
		"a line": {x: after(9, "a")},
		"join":   {x: after(9, "a", "b"), want: `The step "x" waits for several steps`},
		"any": {x: step(9, func(s *chain.Step) { s.WaitFor = chain.WaitForAny }, "a", "b"),
			want: `The step "x" waits for several steps`},
		"guard on the date": {x: step(9, func(s *chain.Step) { s.When = "day == 1" }, "a"),
			want: `The guard of the step "x" asks for the time`},
		"guard on the clock": {x: step(9, func(s *chain.Step) { s.When = "hour < 6" }, "a"),
			want: `The guard of the step "x" asks for the time`},
		"guard on others": {x: step(9, func(s *chain.Step) { s.When = "duration > 5" }, "a")},
		"cron":            {x: step(9, func(s *chain.Step) { s.Schedule = clock }), want: `The step "x" has a schedule`},
		"rate":            {x: step(9, func(s *chain.Step) { s.Schedule = &chain.Schedule{Rate: chain.Duration(time.Hour)} })},
		"expect_by": {x: step(9, func(s *chain.Step) { s.ExpectBy = &chain.ExpectBy{Time: "06:00"} }),
			want: `The step "x" has to be done by a time of day`},
		"the chain's schedule": {x: after(9), change: func(d *chain.Definition) { d.Schedule = clock }, want: "The chain has a schedule"},
		"the chain's rate": {x: after(9), change: func(d *chain.Definition) {
			d.Schedule = &chain.Schedule{Rate: chain.Duration(time.Hour)}
		}},
		"the chain's expect_by": {x: after(9), change: func(d *chain.Definition) { d.ExpectBy = &chain.ExpectBy{Time: "06:00"} },
			want: "The chain has to be done by a time of day"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &chain.Definition{Version: chain.Version, Name: "nightly", Steps: map[string]chain.Step{"a": after(1), "b": after(2), "x": tt.x}}
			if tt.change != nil {
				tt.change(d)
			}
			var want []string
			if tt.want != "" {
				want = []string{"timezone: " + tt.want}
			}
			expectProblems(t, d, want)
			d.Timezone = chain.DefaultTimezone
			expectProblems(t, d, nil)
			text, err := d.Encode() // leaves the default out
			if err != nil {
				t.Fatal(err)
			}
			if _, err := chain.Parse(text); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		cycle *chain.Cycle
		want  chain.Calendar
	}{
		"none": {nil, chain.Calendar{Hour: 18, Every: 24 * time.Hour, Zone: zurich}},
		"half a day": {&chain.Cycle{Begins: "06:30", Every: chain.Duration(12 * time.Hour)},
			chain.Calendar{Hour: 6, Minute: 30, Every: 12 * time.Hour, Zone: zurich}},
		"an hour": {&chain.Cycle{Every: chain.Duration(time.Hour)}, chain.Calendar{Hour: 18, Every: time.Hour, Zone: zurich}},
		"a week": {&chain.Cycle{Begins: "FRI 20:15", Every: chain.Week},
			chain.Calendar{Weekday: time.Friday, Hour: 20, Minute: 15, Every: time.Duration(chain.Week), Zone: zurich}},
		"from Sundays": {&chain.Cycle{Begins: "SUN 00:00", Every: chain.Week},
			chain.Calendar{Weekday: time.Sunday, Every: time.Duration(chain.Week), Zone: zurich}},
	} {
		d := &chain.Definition{Timezone: "Europe/Zurich", Cycle: tt.cycle}
		if got, err := d.Calendar(); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: Calendar() = %+v, %v, want %+v", name, got, err, tt.want)
		}
	}
}

// TestExcepts: the date is that of the schedule's zone.
func TestExcepts(t *testing.T) {
	t.Parallel()
	d := &chain.Definition{Timezone: "Europe/Zurich"}
	s := &chain.Schedule{Cron: "30 0 * * ? *", Except: []string{"2026-12-25"}}
	for at, want := range map[string]bool{"2026-12-24T23:30:00Z": true, "2026-12-25T22:59:00Z": true, "2026-12-25T23:30:00Z": false,
		"2026-12-24T22:30:00Z": false} {
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if date, excepted := d.Excepts(s, moment); excepted != want || excepted && date != "2026-12-25" {
			t.Errorf("Excepts(%s) = %s, %t, want %t", at, date, excepted, want)
		}
	}
	if _, excepted := d.Excepts(&chain.Schedule{Cron: "30 0 * * ? *"}, time.Now()); excepted {
		t.Error("a schedule without exceptions has one")
	}
}

func TestScheduledSteps(t *testing.T) {
	t.Parallel()
	d := nightly()
	d.Steps["own"] = step(20, func(s *chain.Step) { s.Schedule = &chain.Schedule{Rate: chain.Duration(time.Hour)} })
	d.Steps["off"] = step(21, func(s *chain.Step) { s.Enabled = false })
	if got := d.ScheduledSteps(); len(got) != 2 || got[0] != "extract_hr" || got[1] != "extract_sales" {
		t.Errorf("ScheduledSteps() = %v", got)
	}
}

func TestNotifies(t *testing.T) {
	t.Parallel()
	d := &chain.Definition{}
	if !d.Notifies(chain.NotifyOnFailure) || d.Notifies(chain.NotifyOnSuccess) || d.Notifies(chain.NotifyOnRecovered) {
		t.Error("by default, failures alone are notified of")
	}
	d.NotifyOn = []chain.NotifyOn{chain.NotifyOnSuccess}
	if d.Notifies(chain.NotifyOnFailure) || !d.Notifies(chain.NotifyOnSuccess) {
		t.Error("what is named is notified of, and nothing else")
	}
}

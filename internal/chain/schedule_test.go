// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestSchedule(t *testing.T) {
	t.Parallel()
	dates := []string{"2026-12-25", "2026-12-26", "2026-12-31", "2027-01-01"}
	for name, tt := range map[string]struct {
		chainZone        string
		schedule         chain.Schedule
		expression, zone string
		says             string
	}{
		"cron": {"Europe/Zurich", chain.Schedule{Cron: "0 5  ? * MON-FRI *"}, "cron(0 5 ? * MON-FRI *)", "Europe/Zurich",
			"at 05:00, Monday to Friday, Europe/Zurich"},
		"cron in a zone": {"Europe/Zurich", chain.Schedule{Cron: "0 5 * * ? *", Timezone: "Asia/Tokyo"}, "cron(0 5 * * ? *)",
			"Asia/Tokyo", "at 05:00, every day, Asia/Tokyo"},
		"cron in no zone":       {"", chain.Schedule{Cron: "0 5 * * ? *"}, "cron(0 5 * * ? *)", "UTC", "at 05:00, every day, UTC"},
		"cron beyond few words": {"", chain.Schedule{Cron: "0/7 3-5 * * ? *"}, "cron(0/7 3-5 * * ? *)", "UTC", "cron(0/7 3-5 * * ? *), UTC"},
		"except": {"Europe/Zurich", chain.Schedule{Cron: "0 5 * * ? *", Except: dates[:2]}, "cron(0 5 * * ? *)", "Europe/Zurich",
			"at 05:00, every day, Europe/Zurich, except on 2026-12-25 and 2026-12-26"},
		"except many": {"", chain.Schedule{Cron: "0 5 * * ? *", Except: dates}, "cron(0 5 * * ? *)", "UTC",
			"at 05:00, every day, UTC, except on 4 dates"},
		"rate": {"Europe/Zurich", chain.Schedule{Rate: chain.Duration(90 * time.Minute)}, "rate(90 minutes)", "UTC",
			"every 1h30m"},
		"rate of a minute":       {"", chain.Schedule{Rate: chain.Duration(time.Minute)}, "rate(1 minute)", "UTC", "every 1m"},
		"the longest rate there": {"", chain.Schedule{Rate: chain.MaxRate}, "rate(525600 minutes)", "UTC", "every 365d"},
	} {
		d := &chain.Definition{Timezone: tt.chainZone}
		if got := tt.schedule.Expression(); got != tt.expression {
			t.Errorf("%s: Expression() = %q, want %q", name, got, tt.expression)
		}
		if got := d.ScheduleTimezone(&tt.schedule); got != tt.zone {
			t.Errorf("%s: ScheduleTimezone() = %q, want %q", name, got, tt.zone)
		}
		if got := d.DescribeSchedule(&tt.schedule); got != tt.says {
			t.Errorf("%s: ScheduleSays() = %q, want %q", name, got, tt.says)
		}
	}
}

// TestValidateSchedule: every chain has the roots a and b besides.
func TestValidateSchedule(t *testing.T) {
	t.Parallel()
	const x = `steps["x"].schedule`
	by := func(s chain.Schedule) func(*chain.Step) { return func(x *chain.Step) { x.Schedule = &s } }
	for name, tt := range map[string]struct {
		x    chain.Step
		want []string // path: a piece of the message
	}{
		"cron":       {step(9, by(chain.Schedule{Cron: "0 5 ? * 6L *", Timezone: "Europe/Zurich"})), nil},
		"rate":       {step(9, by(chain.Schedule{Rate: chain.Duration(90 * time.Minute)})), nil},
		"least rate": {step(9, by(chain.Schedule{Rate: chain.MinRate})), nil},
		"on a step that starts after others": {step(9, by(chain.Schedule{Rate: chain.Duration(time.Hour)}), "a", "b"),
			[]string{x + `: A schedule is for a step where a chain begins, and this one starts after others. Remove the schedule, or give it`}},
		"neither": {step(9, by(chain.Schedule{})), []string{x + `: The schedule says no time. Set cron, such as "0 5 * * ? *"`}},
		"both": {step(9, by(chain.Schedule{Cron: "0 5 * * ? *", Rate: chain.Duration(time.Hour)})),
			[]string{x + `.rate: The schedule has both cron and rate. Remove one of the two.`}},
		"cron of Unix": {step(9, by(chain.Schedule{Cron: "0 5 * * 1-5"})),
			[]string{x + `.cron: The expression has five fields, as in Unix.`}},
		"wrong field": {step(9, by(chain.Schedule{Cron: "0 25 * * ? *"})), []string{x + `.cron: The hours field has 25. Use 0 to 23.`}},
		"short rate": {step(9, by(chain.Schedule{Rate: chain.Duration(30 * time.Second)})),
			[]string{x + `.rate: The rate 30s is out of range. Use 1m to 365d.`}},
		"long rate": {step(9, by(chain.Schedule{Rate: chain.MaxRate + chain.Duration(time.Minute)})),
			[]string{x + `.rate: The rate 8760h1m is out of range.`}},
		"rate in seconds": {step(9, by(chain.Schedule{Rate: chain.Duration(90 * time.Second)})),
			[]string{x + `.rate: The rate 1m30s is not in whole minutes. Use 1m or 2m.`}},
		"zone": {step(9, by(chain.Schedule{Cron: "0 5 * * ? *", Timezone: "zurich"})),
			[]string{x + `.timezone: There is no time zone "zurich". Did you mean "Europe/Zurich"?`}},
		"except": {step(9, by(chain.Schedule{Cron: "0 5 * * ? *", Except: []string{"25.12.2026", "2026-12-25", "2026-02-29"}})),
			[]string{x + `.except: "25.12.2026" is no date. Write year, month and day, such as "2026-12-25".`, x +
				`.except: "2026-02-29" is no date.`}},
		"except many": {step(9, by(chain.Schedule{Cron: "0 5 * * ? *", Except: slices.Repeat([]string{"2026-12-25"}, 201)})),
			[]string{x + `.except: The schedule excepts 201 dates. Use at most 200: dates of the past can go.`}},
		"except of a rate": {step(9, by(chain.Schedule{Rate: chain.Duration(time.Hour), Except: []string{"2026-12-25"}})),
			[]string{x + `.except: A rate goes by elapsed time and knows no dates. Remove except, or use cron.`}},
		"zone of a rate": {step(9, by(chain.Schedule{Rate: chain.Duration(time.Hour), Timezone: "Europe/Zurich"})),
			[]string{x + `.timezone: A rate goes by elapsed time, which is the same in every time zone. Remove timezone`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "UTC",
				Steps: map[string]chain.Step{"a": after(1), "b": after(2), "x": tt.x}}
			expectProblems(t, d, tt.want)
		})
	}
}

// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestClockProblems: the days are those of the tz database. In Europe the clocks change on 2027-03-28 and 2027-10-31, in New York on
// 2027-03-14 and 2027-11-07, on Lord Howe by half an hour on 2027-04-04 and 2027-10-03.
func TestClockProblems(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	const europe = "In Europe/Zurich, the clocks leave out 02:30 on 2027-03-28, and that day starts nothing; the clocks show 02:30 on " +
		"2027-10-31 twice, and it starts once."
	for name, tt := range map[string]struct {
		cron, zone string
		want       string // a piece of the message; empty: no problem
	}{
		"each night":       {"30 2 * * ? *", "Europe/Zurich", europe},
		"at two":           {"0 2 * * ? *", "Europe/Zurich", "leave out 02:00 on 2027-03-28"},
		"at three":         {"0 3 * * ? *", "Europe/Zurich", ""},
		"before two":       {"59 1 * * ? *", "Europe/Zurich", ""},
		"no summer time":   {"30 2 * * ? *", "Asia/Tokyo", ""},
		"UTC":              {"30 2 * * ? *", "UTC", ""},
		"not on Sundays":   {"30 2 ? * MON-SAT *", "Europe/Zurich", ""},
		"each hour":        {"0 * * * ? *", "Europe/Zurich", ""},
		"each ten minutes": {"0/10 * * * ? *", "Europe/Zurich", ""},
		"each two hours":   {"0 0/2 * * ? *", "Europe/Zurich", "leave out 02:00"},
		"at half past one": {"30 1 * * ? *", "America/New_York",
			"In America/New_York, the clocks show 01:30 on 2027-11-07 twice, and it starts once."},
		"two in New York":      {"30 2 * * ? *", "America/New_York", "leave out 02:30 on 2027-03-14"},
		"half an hour":         {"15 2 * * ? *", "Australia/Lord_Howe", "leave out 02:15 on 2027-10-03"},
		"half an hour, others": {"45 2 * * ? *", "Australia/Lord_Howe", ""},
	} {
		d := &chain.Definition{Timezone: "Europe/Berlin", Schedule: &chain.Schedule{Cron: tt.cron, Timezone: tt.zone}}
		problems := d.ClockProblems(now)
		if (len(problems) > 0) != (tt.want != "") || len(problems) > 1 {
			t.Errorf("%s: %v, want %q", name, problems, tt.want)
			continue
		}
		if len(problems) > 0 && (!strings.Contains(problems[0].Message, tt.want) || problems[0].Path.String() != "schedule.cron") {
			t.Errorf("%s: %v, want %q", name, problems, tt.want)
		}
	}
}

// TestClockProblemsOfAll: the schedules of steps and each expect_by are looked at, too.
func TestClockProblemsOfAll(t *testing.T) {
	t.Parallel()
	d := &chain.Definition{
		Timezone: "Europe/Zurich", ExpectBy: &chain.ExpectBy{Time: "02:15"},
		Steps: map[string]chain.Step{
			"a": step(1, func(s *chain.Step) { s.Schedule = &chain.Schedule{Cron: "30 2 * * ? *"} }),
			"b": step(2, func(s *chain.Step) { s.ExpectBy = &chain.ExpectBy{Time: "02:45", Days: []chain.Day{"SUN"}} }, "a"),
			"c": step(3, func(s *chain.Step) { s.ExpectBy = &chain.ExpectBy{Time: "02:45", Days: []chain.Day{"MON"}} }, "a"),
			"d": step(4, func(s *chain.Step) { s.Schedule = &chain.Schedule{Rate: chain.Duration(time.Hour)} }),
			"e": step(5, func(s *chain.Step) { s.ExpectBy = &chain.ExpectBy{Time: "02:45", Timezone: "Asia/Tokyo"} }, "a"),
		},
	}
	var paths []string
	for _, problem := range d.ClockProblems(time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)) {
		paths = append(paths, problem.Path.String())
	}
	if got := strings.Join(paths, " "); got != `expect_by.time steps["a"].schedule.cron steps["b"].expect_by.time` {
		t.Errorf("problems at %s", got)
	}
}

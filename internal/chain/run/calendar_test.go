// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"testing"
	"time"
	_ "time/tzdata" // the tests do not depend on the machine's

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

func TestCalendar(t *testing.T) {
	t.Parallel()
	const hour, day = time.Hour, 24 * time.Hour
	for name, test := range map[string]struct {
		zone                  string
		calendar              run.Calendar
		at, begin, end, dated string
	}{
		"at night": {"Europe/Zurich", run.Calendar{Hour: 18, Every: day}, "2026-06-02T02:00:00+02:00", "2026-06-01T18:00:00+02:00",
			"2026-06-02T18:00:00+02:00", "2026-06-02"},
		"its first instant": {"Europe/Zurich", run.Calendar{Hour: 18, Every: day}, "2026-06-01T18:00:00+02:00", "2026-06-01T18:00:00+02:00",
			"2026-06-02T18:00:00+02:00", "2026-06-02"},
		"the last before": {"Europe/Zurich", run.Calendar{Hour: 18, Every: day}, "2026-06-01T17:59:59+02:00", "2026-05-31T18:00:00+02:00",
			"2026-06-01T18:00:00+02:00", "2026-06-01"},
		"clocks go forward": {"Europe/Zurich", run.Calendar{Hour: 18, Every: day}, "2026-03-29T04:00:00+02:00", "2026-03-28T18:00:00+01:00",
			"2026-03-29T18:00:00+02:00", "2026-03-29"},
		"clocks go back": {"Europe/Zurich", run.Calendar{Hour: 18, Every: day}, "2026-10-25T04:00:00+01:00", "2026-10-24T18:00:00+02:00",
			"2026-10-25T18:00:00+01:00", "2026-10-25"},
		"begins in the gap": {"Europe/Zurich", run.Calendar{Hour: 2, Minute: 30, Every: day}, "2026-03-29T04:00:00+02:00",
			"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00", "2026-03-29"},
		"ends in the gap": {"Europe/Zurich", run.Calendar{Hour: 2, Minute: 30, Every: day}, "2026-03-29T01:59:59+01:00",
			"2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-28"},
		"shown twice": {"Europe/Zurich", run.Calendar{Hour: 2, Minute: 30, Every: day}, "2026-10-25T02:30:00+01:00",
			"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00", "2026-10-25"},
		"hour of the gap": {"Europe/Zurich", run.Calendar{Every: hour}, "2026-03-29T03:10:00+02:00", "2026-03-29T03:00:00+02:00",
			"2026-03-29T04:00:00+02:00", "2026-03-29"},
		"an hour of two": {"Europe/Zurich", run.Calendar{Every: hour}, "2026-10-25T02:10:00+01:00", "2026-10-25T02:00:00+02:00",
			"2026-10-25T03:00:00+01:00", "2026-10-25"},
		"half an hour's change": {"Australia/Lord_Howe", run.Calendar{Hour: 2, Minute: 15, Every: day}, "2026-10-04T12:00:00+11:00",
			"2026-10-04T02:30:00+11:00", "2026-10-05T02:15:00+11:00",
			"2026-10-04"},
		"a quarter of a day": {"Asia/Kolkata", run.Calendar{Hour: 18, Every: 6 * hour}, "2026-06-02T02:00:00+05:30", "2026-06-02T00:00:00+05:30",
			"2026-06-02T06:00:00+05:30", "2026-06-02"},
		"a week": {"UTC", run.Calendar{Weekday: time.Friday, Hour: 18, Every: run.Week}, "2026-06-05T17:59:00Z", "2026-05-29T18:00:00Z",
			"2026-06-05T18:00:00Z",
			"2026-06-02"},
		"a day that a zone left out": {"Pacific/Apia", run.Calendar{Hour: 18, Every: day}, "2011-12-31T01:00:00+14:00",
			"2011-12-31T00:00:00+14:00", "2011-12-31T18:00:00+14:00", "2011-12-31"},
	} {
		zone, err := time.LoadLocation(test.zone)
		if err != nil {
			t.Fatal(err)
		}
		test.calendar.Zone = zone
		parse := func(text string) time.Time {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		cycle := test.calendar.At(parse(test.at))
		if !cycle.Begin.Equal(parse(test.begin)) || !cycle.End.Equal(parse(test.end)) || cycle.Date.Format(time.DateOnly) != test.dated {
			t.Errorf("%s: %s is in %s to %s of %s, want %s to %s of %s", name, test.at, cycle.Begin.Format(time.RFC3339),
				cycle.End.Format(time.RFC3339),
				cycle.Date.Format(time.DateOnly), test.begin, test.end, test.dated)
		}
	}
}

// TestCalendarHasNoGaps: each cycle begins where the one before it ended, in every zone that changes its clocks in an odd way.
func TestCalendarHasNoGaps(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Zurich", "America/St_Johns", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Tehran",
		"America/Santiago"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, every := range []time.Duration{time.Hour, 90 * time.Minute, 6 * time.Hour, 24 * time.Hour, run.Week} {
			calendar := run.Calendar{Weekday: time.Sunday, Hour: 2, Minute: 30, Every: every, Zone: zone}
			at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
			for at.Year() < 2027 {
				cycle := calendar.At(at)
				next := calendar.At(cycle.End)
				if !next.Begin.Equal(cycle.End) || cycle.End.Sub(cycle.Begin) > every+2*time.Hour || at.Before(cycle.Begin) || !at.Before(cycle.End) {
					t.Fatalf("%s, every %s: %v is in %v, and %v follows", name, every, at, cycle, next)
				}
				at = cycle.End
			}
		}
	}
}

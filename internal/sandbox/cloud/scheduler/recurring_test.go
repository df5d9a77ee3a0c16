// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	sandboxscheduler "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/scheduler"
)

// recurring is a schedule that passes the scheduled time to its target.
func recurring(expression, timezone string) *scheduler.CreateScheduleInput {
	in := at("a", 0)
	in.ScheduleExpression, in.ScheduleExpressionTimezone = aws.String(expression), aws.String(timezone)
	in.Target.Input = aws.String(`{"name":"<aws.scheduler.scheduled-time>"}`)
	return in
}

// runUntil moves the clock from one invocation to the next until a time has come, and returns when the target was invoked. An invocation
// at another time than the one that it says is an error.
func runUntil(t *testing.T, a *around, s *sandboxscheduler.Service, end time.Time) []string {
	t.Helper()
	idle(t, s)
	for next, pending := s.Next(); pending && !next.After(end); next, pending = s.Next() {
		advance(t, a, s, next.Sub(a.clock.Now()))
		a.locked(func() {
			last := a.handed[len(a.handed)-1]
			if at := fiveOClock.Add(last.after).UTC().Format(time.RFC3339); last.payload != `{"name":"`+at+`"}` {
				t.Errorf("handed over at %s: %s", at, last.payload)
			}
		})
	}
	advance(t, a, s, end.Sub(a.clock.Now()))
	return strings.FieldsFunc(a.names(), func(r rune) bool { return r == ',' })
}

// TestRecurring runs schedules over the days on which the clocks change. In Zurich they go from 02:00 to 03:00 on 2027-03-28 and from 03:00
// to 02:00 on 2027-10-31; on Lord Howe Island, half an hour, from 02:00 to 01:30 on 2027-04-04 and from 02:00 to 02:30 on 2027-10-03.
func TestRecurring(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		expression, timezone string
		start, end           string
		want                 string
	}{
		"cron": {"cron(0 6 * * ? *)", "UTC", "2026-11-23T05:00:00Z", "2026-11-25T06:00:00Z",
			"2026-11-23T06:00:00Z 2026-11-24T06:00:00Z 2026-11-25T06:00:00Z"},
		"cron, begins with the very minute": {"cron(0 5 * * ? *)", "UTC", "2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z",
			"2026-11-23T05:00:00Z 2026-11-24T05:00:00Z"},
		"cron, of the past": {"cron(0 5 * * ? 2025)", "UTC", "2026-11-23T05:00:00Z", "2026-11-24T05:00:00Z", ""},
		"cron, Zurich, spring": {"cron(0 5 * * ? *)", "Europe/Zurich", "2027-03-27T00:00:00Z", "2027-03-29T12:00:00Z",
			"2027-03-27T04:00:00Z 2027-03-28T03:00:00Z 2027-03-29T03:00:00Z"},
		"cron, Zurich, spring, a time that does not exist": {"cron(30 2 * * ? *)", "Europe/Zurich", "2027-03-27T00:00:00Z",
			"2027-03-29T12:00:00Z",
			"2027-03-27T01:30:00Z 2027-03-29T00:30:00Z"},
		"cron, Zurich, autumn": {"cron(0 5 * * ? *)", "Europe/Zurich", "2027-10-30T00:00:00Z", "2027-11-01T12:00:00Z",
			"2027-10-30T03:00:00Z 2027-10-31T04:00:00Z 2027-11-01T04:00:00Z"},
		"cron, Zurich, autumn, a time that comes twice": {"cron(30 2 * * ? *)", "Europe/Zurich", "2027-10-30T00:00:00Z", "2027-11-01T12:00:00Z",
			"2027-10-30T00:30:00Z 2027-10-31T00:30:00Z 2027-11-01T01:30:00Z"},
		"cron, Lord Howe, autumn": {"cron(45 1 * * ? *)", "Australia/Lord_Howe", "2027-04-02T12:00:00Z", "2027-04-05T00:00:00Z",
			"2027-04-02T14:45:00Z 2027-04-03T14:45:00Z 2027-04-04T15:15:00Z"},
		"cron, Lord Howe, spring": {"cron(15 2 * * ? *)", "Australia/Lord_Howe", "2027-10-01T12:00:00Z", "2027-10-04T00:00:00Z",
			"2027-10-01T15:45:00Z 2027-10-03T15:15:00Z"},
		"rate": {"rate(90 minutes)", "UTC", "2026-11-23T05:00:00Z", "2026-11-23T08:00:00Z",
			"2026-11-23T05:00:00Z 2026-11-23T06:30:00Z 2026-11-23T08:00:00Z"},
		"rate, Zurich, spring": {"rate(1 day)", "Europe/Zurich", "2027-03-27T04:00:00Z", "2027-03-29T12:00:00Z",
			"2027-03-27T04:00:00Z 2027-03-28T04:00:00Z 2027-03-29T04:00:00Z"},
		"rate, Lord Howe, spring": {"rate(12 hours)", "Australia/Lord_Howe", "2027-10-02T14:00:00Z", "2027-10-03T14:00:00Z",
			"2027-10-02T14:00:00Z 2027-10-03T02:00:00Z 2027-10-03T14:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start, err := time.Parse(time.RFC3339, tt.start)
			if err != nil {
				t.Fatal(err)
			}
			end, err := time.Parse(time.RFC3339, tt.end)
			if err != nil {
				t.Fatal(err)
			}
			a, s, client := startAlone(t, sandboxscheduler.Config{})
			advance(t, a, s, start.Sub(fiveOClock))
			create(t, client, recurring(tt.expression, tt.timezone))
			if got := strings.Join(runUntil(t, a, s, end), " "); got != tt.want {
				t.Errorf("invoked at %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestRecurringChanged disables, enables and changes a schedule: only what it says while it is enabled comes.
func TestRecurringChanged(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	in := recurring("cron(0 6 * * ? *)", "UTC")
	create(t, client, in)
	update := func(change func(*scheduler.UpdateScheduleInput)) {
		t.Helper()
		out := updateOf(in)
		change(out)
		if _, err := client.UpdateSchedule(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	day := func(n int) time.Time { return fiveOClock.Add(time.Duration(n) * 24 * time.Hour) }
	runUntil(t, a, s, day(1))
	update(func(in *scheduler.UpdateScheduleInput) { in.State = types.ScheduleStateDisabled })
	runUntil(t, a, s, day(2))
	update(func(*scheduler.UpdateScheduleInput) {})
	runUntil(t, a, s, day(3))
	update(func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 8 * * ? *)") })
	want := []string{"2026-11-23T06:00:00Z", "2026-11-25T06:00:00Z", "2026-11-26T08:00:00Z"}
	if got := runUntil(t, a, s, day(4)); !slices.Equal(got, want) {
		t.Errorf("invoked at %v, want %v", got, want)
	}
}

// TestRecurringRetries: an invocation that is tried again does not keep the next one waiting, and is still for its own time.
func TestRecurringRetries(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	a.locked(func() { a.failing = 2 }) // that for 05:00, which is tried again at 05:00:30 and at 05:01:30
	create(t, client, recurring("rate(1 minute)", "UTC"))
	for range 5 {
		idle(t, s)
		next, pending := s.Next()
		if !pending {
			t.Fatal("nothing is pending")
		}
		advance(t, a, s, next.Sub(a.clock.Now()))
	}
	var got []string
	for _, h := range a.handed {
		got = append(got, fmt.Sprint(h.after, " for ", strings.TrimSuffix(strings.TrimPrefix(h.payload, `{"name":"2026-11-23T`), `:00Z"}`)))
	}
	want := []string{"0s for 05:00", "30s for 05:00", "1m0s for 05:01", "1m30s for 05:00", "2m0s for 05:02", "3m0s for 05:03"}
	if !slices.Equal(got, want) {
		t.Errorf("invoked %q, want %q", got, want)
	}
}

// TestRecurringWithin a start date and an end date; a schedule that has run its course goes, if it says so.
func TestRecurringWithin(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	for _, expression := range []string{"rate(1 day)", "cron(30 7 * * ? *)"} {
		in := recurring(expression, "UTC")
		in.Name = aws.String(expression[:4])
		in.StartDate, in.EndDate = aws.Time(fiveOClock.Add(24*time.Hour)), aws.Time(fiveOClock.Add(72*time.Hour))
		in.ActionAfterCompletion = types.ActionAfterCompletionDelete
		create(t, client, in)
	}
	want := []string{"2026-11-24T05:00:00Z", "2026-11-24T07:30:00Z", "2026-11-25T05:00:00Z", "2026-11-25T07:30:00Z", "2026-11-26T05:00:00Z"}
	if got := runUntil(t, a, s, fiveOClock.Add(14*24*time.Hour)); !slices.Equal(got, want) {
		t.Errorf("invoked at %v, want %v", got, want)
	}
	if objects := s.Objects(); len(objects) != 1 {
		t.Errorf("objects %v: the schedules are complete", objects)
	}
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// byMorning is a chain of two extracts, a step that joins them, one after it on weekdays, one after its failure, and one beside them all;
// all of it has to be done by 06:00.
func byMorning() *chain.Definition {
	d := definition(map[string]chain.Step{
		"sales": {}, "hr": {}, "other": {}, "off": {}, "transform": {After: map[string]chain.Condition{"sales": "success", "hr": "success"}},
		"dashboard": {After: after("transform", "success"), When: "weekday in 1..7", ExpectBy: &chain.ExpectBy{Time: "07:00"}},
		"sundays":   {After: after("transform", "success"), When: "weekday == 7", ExpectBy: &chain.ExpectBy{Time: "07:30"}},
		"fallback":  {After: after("transform", "failure")},
		"next":      {After: after("dashboard", "success")},
	})
	off := d.Steps["off"]
	off.Enabled = false
	d.Steps["off"] = off
	d.ExpectBy, d.Timezone = &chain.ExpectBy{Time: "06:00"}, ""
	return d
}

// at is a time of the morning after the world's beginning, at 02:00 UTC.
func (w *world) at(hour, minute int) time.Time {
	return time.Date(2026, 11, 24, hour, minute, 0, 0, time.UTC)
}

// check has a deadline come.
func (w *world) check(t *testing.T, deadline string, at time.Time) engine.Result {
	t.Helper()
	w.clock.Advance(max(0, at.Sub(w.clock.Now())))
	result, err := w.engine(w.execution()).CheckDeadline(t.Context(), "check",
		chain.DeadlineCheck{Source: chain.DeadlineSource, Deadline: deadline, Time: at})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// lateSteps are what is not done, as step and reason.
func lateSteps(r engine.Result) []string {
	var late []string
	for _, u := range r.Late {
		late = append(late, u.Step+" "+u.Reason)
	}
	return late
}

func TestDoneInTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, byMorning())
	w.notices = &sentNotices{}
	for _, step := range []string{"sales", "hr", "other"} {
		w.begin(step)
	}
	w.play(1, 1)
	for _, deadline := range []string{"06:00 UTC", "07:00 UTC"} {
		if result := w.check(t, deadline, w.at(6, 0)); result.Outcome != engine.OutcomeInTime || len(result.Late) > 0 ||
			result.Level().String() != "INFO" {
			t.Errorf("%s came to %+v", deadline, result)
		}
	}
	if got := w.notices.kinds(); len(got) > 0 {
		t.Errorf("the notices were %v", got)
	}
	// A guard is a decision: what it has skipped counts as done.
	if result := w.check(t, "07:30 UTC", w.at(7, 30)); result.Outcome != engine.OutcomeInTime {
		t.Errorf("what a guard has skipped came to %+v", result)
	}
	// A day later nothing of that counts.
	if result := w.check(t, "06:00 UTC", w.at(6, 0).AddDate(0, 0, 1)); len(result.Late) != 7 {
		t.Errorf("the day after came to %q", lateSteps(result))
	}
}

func TestLate(t *testing.T) {
	t.Parallel()
	notBegun := "has not started since 18:00 on 2026-11-23"
	tests := map[string]struct {
		begin []string // steps with reloads that end
		runs  []string // steps with running reloads
		want  []string
	}{
		"nothing has begun": {nil, nil, []string{
			"dashboard has not started; it comes after transform", "hr " + notBegun, "next has not started; it comes after dashboard", "other " +
				notBegun, "sales " + notBegun,
			"sundays has not started; it comes after transform", "transform has not started; it comes after hr",
		}},
		"one waits for the other": {[]string{"sales", "other"}, nil, []string{
			"dashboard waits for transform in this run", "fallback waits for transform in this run", "hr " + notBegun,
			"next waits for dashboard in this run",
			"sundays waits for transform in this run", "transform waits for hr: it has no result since 18:00 on 2026-11-23",
		}},
		"one is running": {[]string{"sales", "hr", "other"}, []string{"transform"}, []string{
			"dashboard waits for transform in this run", "fallback waits for transform in this run", "next waits for dashboard in this run",
			"sundays waits for transform in this run", "transform is under way",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, byMorning())
			w.notices = &sentNotices{}
			for _, step := range tt.begin {
				w.somebodyElse(step, "SUCCEEDED")
			}
			result := w.check(t, "06:00 UTC", w.at(6, 0))
			if got := lateSteps(result); !slices.Equal(got, tt.want) {
				t.Errorf("not done are\n%q, want\n%q", got, tt.want)
			}
			if result.Outcome != engine.OutcomeLate || result.Level().String() != "WARN" || len(w.notices.notices) != 1 ||
				len(w.notices.notices[0].Steps) != len(tt.want) {
				t.Errorf("it came to %+v, and the notices were %+v", result, w.notices.notices)
			}
			if w.check(t, "06:00 UTC", w.at(6, 0)); len(w.notices.notices) != 1 {
				t.Errorf("%d notices were sent of one deadline", len(w.notices.notices))
			}
		})
	}
}

// TestLateAfterAFailure: a step that failed is not done until it was reloaded with success, whatever its failure has started.
func TestLateAfterAFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, byMorning())
	for _, step := range []string{"sales", "hr", "other"} {
		w.somebodyElse(step, "SUCCEEDED")
	}
	w.ends("transform", "FAILED")
	w.ends("fallback", "SUCCEEDED")
	if got, want := lateSteps(w.check(t, "06:00 UTC", w.at(6, 0))), []string{
		"dashboard is blocked: transform failed", "next is blocked: dashboard is blocked because transform failed",
		"sundays is blocked: transform failed",
		"transform failed",
	}; !slices.Equal(got, want) {
		t.Errorf("not done are %q, want %q", got, want)
	}
	w.somebodyElse("transform", "SUCCEEDED")
	w.ends("dashboard", "SUCCEEDED")
	w.ends("next", "SUCCEEDED")
	if result := w.check(t, "06:00 UTC", w.at(15, 0)); result.Outcome != engine.OutcomeInTime {
		t.Errorf("after a reload by hand it came to %q", lateSteps(result))
	}
	if result := w.check(t, "05:00 UTC", w.at(15, 0)); result.Outcome != engine.OutcomeNothingDue {
		t.Errorf("a deadline that there is not came to %+v", result)
	}
}

// TestARunOfTheDayBefore: what began before the window is not today's, even when it ends in it.
func TestARunOfTheDayBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {},
		"b": {After: after("a", "success"), Delay: chain.Duration(6 * time.Hour), ExpectBy: &chain.ExpectBy{Time: "06:00", Timezone: "UTC"}}}))
	w.begin("a")
	w.play(1, 1) // b ends at 08:00
	if result := w.check(t, "06:00 UTC", w.at(6, 0).AddDate(0, 0, 1)); result.Outcome != engine.OutcomeLate {
		t.Errorf("the run of the day before counts: %+v", result)
	}
}

// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// step changes a step that starts after the given upstreams.
func step(n int, change func(*chain.Step), upstream ...string) chain.Step {
	s := after(n, upstream...)
	change(&s)
	return s
}

// TestValidateHowAStepStarts: the rules of joins, guards, delays and retries. Every chain has the roots a and b besides.
func TestValidateHowAStepStarts(t *testing.T) {
	t.Parallel()
	const x = `steps["x"]`
	retry := func(r chain.Retry) func(*chain.Step) { return func(s *chain.Step) { s.Retry = &r } }
	tests := map[string]struct {
		x    chain.Step
		want []string // path: a piece of the message
	}{
		"everything at once": {step(9, func(s *chain.Step) {
			s.WaitFor, s.When, s.Delay = chain.WaitForAll, `upstream == "a" and origin == "b" and results["a"] == "skipped"`, chain.MaxDelay
			s.CarryOver = map[string]chain.Duration{"a": chain.MaxCarryOver}
			s.MaxDuration, s.MaxStartsPerHour = &chain.MaxDuration{After: chain.MaxStepDuration, OnExceeded: chain.OnExceededCancel},
				chain.MaxMaxStartsPerHour
			s.Retry = &chain.Retry{MaxAttempts: 10, Interval: chain.MaxInterval, BackoffRate: 1,
				RetryOn: []chain.RetryOn{"failed", "exceeded_limit"}}
		}, "a", "b"), nil},
		"the smallest values": {step(9, func(s *chain.Step) {
			s.CarryOver, s.Delay = map[string]chain.Duration{"b": chain.MinCarryOver}, chain.MinDelay
			s.Retry = &chain.Retry{MaxAttempts: 2, Interval: chain.MinDelay}
			s.MaxDuration, s.MaxStartsPerHour = &chain.MaxDuration{After: chain.Duration(time.Minute)}, 1
		}, "a", "b"), nil},
		"retry on a root": {step(9, retry(chain.Retry{MaxAttempts: 2})), nil},
		"wait_for": {step(9, func(s *chain.Step) { s.WaitFor = "both" }, "a", "b"),
			[]string{x + `.wait_for: "both" is not a way to wait. Use "all", "any", "all_started" or "all_settled".`}},
		"wait_for with one upstream": {step(9, func(s *chain.Step) { s.WaitFor = chain.WaitForAny }, "a"),
			[]string{x + `.wait_for: starts after 1 only. Remove wait_for, or add steps to after.`}},
		"wait_for with none": {step(9, func(s *chain.Step) { s.WaitFor = chain.WaitForAll }), []string{x + `.wait_for: starts after none.`}},
		"every way to wait":  {step(9, func(s *chain.Step) { s.WaitFor = chain.WaitForAllSettled }, "a", "b"), nil},
		"carry_over with one upstream": {step(9, func(s *chain.Step) { s.CarryOver = map[string]chain.Duration{"a": chain.Duration(time.Hour)} },
			"a"),
			[]string{x + `.carry_over: starts after 1 only. Remove carry_over, or add steps to after.`}},
		"carry_over with any": {step(9, func(s *chain.Step) {
			s.WaitFor, s.CarryOver = chain.WaitForAny, map[string]chain.Duration{"a": chain.Duration(time.Hour)}
		}, "a", "b"),
			[]string{x + `.carry_over: waits for no result of an earlier cycle. Remove carry_over, or wait for all.`}},
		"carry_over of another step": {step(9, func(s *chain.Step) { s.CarryOver = map[string]chain.Duration{"B": chain.Duration(time.Hour)} },
			"a", "b"),
			[]string{x + `.carry_over["B"]: The step does not start after "B". Did you mean "b"?`}},
		"short carry_over": {step(9, func(s *chain.Step) { s.CarryOver = map[string]chain.Duration{"a": chain.Duration(time.Minute)} }, "a", "b"),
			[]string{x + `.carry_over["a"]: The age 1m is out of range. Use 1h to 400d.`}},
		"long carry_over": {step(9, func(s *chain.Step) {
			s.CarryOver = map[string]chain.Duration{"a": chain.Duration(401 * 24 * time.Hour)}
		}, "a", "b"),
			[]string{x + `.carry_over["a"]: The age 401d is out of range.`}},
		"max_duration without a time": {step(9, func(s *chain.Step) { s.MaxDuration = &chain.MaxDuration{} }),
			[]string{x + `.max_duration.after: max_duration says no time. Set after, such as "2h".`}},
		"long max_duration": {step(9, func(s *chain.Step) {
			s.MaxDuration = &chain.MaxDuration{After: chain.Duration(25 * time.Hour), OnExceeded: "kill"}
		}),
			[]string{x + `.max_duration.after: The time 25h is out of range. Use 1m to 24h.`, x +
				`.max_duration.on_exceeded: "kill" is not what can happen`}},
		"max_starts_per_hour": {step(9, func(s *chain.Step) { s.MaxStartsPerHour = 1001 }),
			[]string{x + `.max_starts_per_hour: max_starts_per_hour is 1001. Use 1 to 1000, or leave it out for 20.`}},
		"guard's result": {step(9, func(s *chain.Step) { s.When = `results["A"] == "failed"` }, "a", "b"),
			[]string{x + `.when: at line 1, column 9. The step does not start after "A". Did you mean "a"?`}},
		"short delay": {step(9, func(s *chain.Step) { s.Delay = chain.Duration(30 * time.Second) }, "a"),
			[]string{x + `.delay: The delay 30s is out of range. Use 1m to 24h.`}},
		"long delay": {step(9, func(s *chain.Step) { s.Delay = chain.Duration(25 * time.Hour) }, "a"),
			[]string{x + `.delay: The delay 25h is out of range.`}},
		"delay in seconds": {step(9, func(s *chain.Step) { s.Delay = chain.Duration(90 * time.Second) }, "a"),
			[]string{x + `.delay: The delay 1m30s is not in whole minutes. Use 1m or 2m.`}},
		"delay of a root": {step(9, func(s *chain.Step) { s.Delay = chain.Duration(time.Hour) }),
			[]string{x + `.delay: without after, no other step starts this one. Remove it, or add after.`}},
		"guard of a root": {step(9, func(s *chain.Step) { s.When = "hour > 3" }),
			[]string{x + `.when: Nothing ever asks this guard: without after,`}},
		"long guard": {step(9, func(s *chain.Step) { s.When = strings.Repeat("ü", 501) }, "a"),
			[]string{x + `.when: The guard has 501 characters. Use at most 500.`}},
		"guard": {step(9, func(s *chain.Step) { s.When = "hour > 3 and\n weekdy < 6" }, "a"),
			[]string{x + `.when: The guard is wrong at line 2, column 2. There is no variable "weekdy". Did you mean "weekday"?`}},
		"guard of a root that is wrong": {step(9, func(s *chain.Step) { s.When = "hour" }),
			[]string{x + `.when: Nothing ever asks this guard`, x + `.when: Expected bool, but got int.`}},
		"guard's upstream": {step(9, func(s *chain.Step) { s.When = `hour > 3 or upstream in ["a", "b"]` }, "a"),
			[]string{x + `.when: at line 1, column 31. The step does not start after "b". Did you mean "a"?`}},
		"guard's origin": {step(9, func(s *chain.Step) { s.When = `origin != "elsewhere"` }, "a"),
			[]string{x + `.when: at line 1, column 11. There is no step "elsewhere" in the chain. Use a key of steps.`}},
		"one attempt":     {step(9, retry(chain.Retry{MaxAttempts: 1})), []string{x + `.retry.max_attempts: max_attempts is 1. Use 2 to 10`}},
		"eleven attempts": {step(9, retry(chain.Retry{MaxAttempts: 11})), []string{x + `.retry.max_attempts: max_attempts is 11.`}},
		"short interval": {step(9, retry(chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Second)})),
			[]string{x + `.retry.interval: The interval 1s is out of range. Use 1m to 24h.`}},
		"interval's half": {step(9, retry(chain.Retry{MaxAttempts: 2, Interval: chain.Duration(150 * time.Second)})),
			[]string{x + `.retry.interval: Use 2m or 3m.`}},
		"slow rate": {step(9, retry(chain.Retry{MaxAttempts: 2, BackoffRate: 0.5})),
			[]string{x + `.retry.backoff_rate: The rate 0.5 is out of range. Use 1 to 10`}},
		"no rate": {step(9, retry(chain.Retry{MaxAttempts: 2, BackoffRate: math.NaN()})),
			[]string{x + `.retry.backoff_rate: The rate NaN`}},
		"endless rate": {step(9, retry(chain.Retry{MaxAttempts: 2, BackoffRate: math.Inf(1)})),
			[]string{x + `.retry.backoff_rate: The rate +Inf`}},
		"long last wait": {step(9, retry(chain.Retry{MaxAttempts: 6, Interval: chain.Duration(2 * time.Hour)})),
			[]string{x + `.retry.interval: With max_attempts 6 and backoff_rate 2, the wait before the last attempt is 32 hours, more than 24h.`}},
		"longest last wait": {step(9, retry(chain.Retry{MaxAttempts: 5, Interval: chain.Duration(3 * time.Hour)})), nil},
		"retry_on": {step(9, retry(chain.Retry{MaxAttempts: 2, RetryOn: []chain.RetryOn{"canceled", "failed", "failed"}})),
			[]string{x + `.retry.retry_on: "canceled" is not a way to fail. Use "failed" or "exceeded_limit".`, x +
				`.retry.retry_on: "failed" is there twice.`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "UTC",
				Steps: map[string]chain.Step{"a": after(1), "b": after(2), "x": tt.x}}
			expectProblems(t, d, tt.want)
		})
	}
}

// TestProblemsConcern: a problem is not reported while a value that has a part in it is unknown.
func TestProblemsConcern(t *testing.T) {
	t.Parallel()
	at := func(path ...string) chain.Path { return append(chain.Path{"steps", "x"}, path...) }
	for name, test := range map[string]struct {
		x          chain.Step
		concern    []chain.Path
		concernNot []chain.Path
	}{
		"carry_over": {step(9, func(s *chain.Step) {
			s.WaitFor, s.CarryOver = chain.WaitForAny, map[string]chain.Duration{"a": chain.Duration(time.Hour)}
		}, "a", "b"),
			[]chain.Path{{"steps"}, at(), at("carry_over"), at("wait_for")}, []chain.Path{{"name"}, {"steps", "a"}, at("app"), at("when")}},
		"delay": {step(9, func(s *chain.Step) { s.Delay = chain.Duration(time.Hour) }), []chain.Path{at("delay"), at("after")},
			[]chain.Path{at("carry_over")}},
		"schedule without a time": {step(9, func(s *chain.Step) { s.Schedule = &chain.Schedule{} }),
			[]chain.Path{at("schedule"), at("schedule", "cron"), at("schedule", "rate")}, []chain.Path{at("schedule", "timezone"), at("after")}},
		"schedule after others": {step(9, func(s *chain.Step) { s.Schedule = &chain.Schedule{Rate: chain.Duration(time.Hour)} }, "a"),
			[]chain.Path{at("schedule"), at("after")}, []chain.Path{at("schedule", "rate")}},
		"guard's upstream": {step(9, func(s *chain.Step) { s.When = `upstream == "b"` }, "a"),
			[]chain.Path{at("when"), at("after")}, []chain.Path{at("after", "a"), at("app")}},
		"wait": {step(9, func(s *chain.Step) { s.Retry = &chain.Retry{MaxAttempts: 6, Interval: chain.Duration(10 * time.Hour)} }),
			[]chain.Path{at("retry"), at("retry", "interval"), at("retry", "max_attempts"), at("retry", "backoff_rate")},
			[]chain.Path{at("retry", "retry_on")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "UTC",
				Steps: map[string]chain.Step{"a": after(1), "b": after(2), "x": test.x}}
			problems := d.Validate()
			if len(problems) != 1 {
				t.Fatal(problems)
			}
			for _, path := range test.concern {
				if !problems[0].Concerns(path) {
					t.Errorf("%s does not concern %s", problems[0], path)
				}
			}
			for _, path := range test.concernNot {
				if problems[0].Concerns(path) {
					t.Errorf("%s concerns %s", problems[0], path)
				}
			}
		})
	}
}

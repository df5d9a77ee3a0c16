// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// chainFields returns the attributes of a chain's definition, including its steps.
func chainFields() []field {
	return append(ownFields(),
		field{name: "name", kind: aText, required: true},
		field{name: "timezone", kind: aText},
		field{name: "history_days", kind: aNumber},
		stepsField(),
	)
}

func stepsField() field {
	return field{name: "steps", kind: anObjectMap, required: true, fields: stepFields(), doc: "The chain's steps: one Qlik app each, under " +
		"a name that people read. Changed in place."}
}

// ownFields returns the attributes of a chain's definition besides its steps. It leaves out those that have a default in the plan.
func ownFields() []field {
	return []field{
		{name: "cycle", kind: anObject, doc: "The chain's business day. A step that waits for others takes their results of one cycle " +
			"together, never of two. A run belongs to the cycle in which it begins, and a cycle has the date of its middle: that from 18:00 on " +
			"Monday to 18:00 on Tuesday is Tuesday's. Changed in place; runs under way keep theirs. Default: from `18:00` to " +
			"`18:00`.", fields: []field{
			{name: "begins", kind: aText, doc: "When a cycle begins, in the chain's `timezone`: a time of day, or a day and a time for cycles of " +
				"a week, such as `FRI 18:00`. Choose a time at which nothing runs. A time that the clocks leave out in spring is the first after " +
				"the gap. Default: `" + chain.DefaultCycleBegins + "`."},
			{name: "every", kind: aDuration, doc: "How long a cycle is: a part of a day that divides it into whole minutes, such as `12h` for a " +
				"chain that runs twice a day or `1h` for an hourly one, or `7d`. Default: `24h`."},
		}},
		{name: "expect_by", kind: anObject, fields: expectByFields(), doc: "The time of day by which the chain has to be done. It is done " +
			"when, in the cycle of the last schedule before that time, each step has succeeded or was skipped without being blocked or expired. " +
			"If it is not, the `alarm_actions` are notified of what is not done, and why. Steps with `enabled = false` do not count. An " +
			"EventBridge Scheduler schedule looks at that time, to the minute. Changed in place. Default: never."},
		{name: "failure_log", kind: anObject, doc: "Reads the end of the load script's log when a reload fails for good, and shows it in the " +
			"record, on the page and in the notification. A log may contain data and passwords of the script. Everyone who may read the record, " +
			"or gets the notifications, can read them. Values of the chain's own variables are hidden. Changed in place. Default: no log is " +
			"read.", fields: []field{
			{name: "lines", kind: aNumber, required: true, doc: fmt.Sprintf("How many lines, the last ones: 1 to %d.", chain.MaxLogLines)},
		}},
		{name: "max_duration", kind: anObject, fields: maxDurationFields("run"), doc: "How long a run may take: " +
			durations(chain.MinDelay, chain.MaxRunDuration) + " In whole minutes. The time in which a run only waits for another one does not " +
			"count. Changed in place. Default: any time."},
		{name: "max_running", kind: aNumber, doc: fmt.Sprintf("The most reloads that the chain has under way at a time, 1 to %d. What is due "+
			"beyond it waits its turn. Default: no limit. Changed in place.", chain.MaxMaxRunning)},
		{name: "notify_on", kind: aTextSet, doc: "Which ends of runs the SNS topics in `alarm_actions` are notified about: `failure`, " +
			"`recovered` (a step failed, and its failure branch succeeded) and `success`. Default: `[\"failure\"]`. Changed in place."},
		{name: "overlap", kind: aText, doc: "What a schedule does when it comes while the run that it began before is under way: `allow` " +
			"(default) begins another run, `queue` begins one when the other has ended, `skip` begins none; the record says so. Changed in place."},
		{name: "summary_at", kind: aText, doc: "The time of day, in the chain's `timezone`, at which the `alarm_actions` get a summary of the " +
			"last 24 hours, such as `07:00`: the runs that are done and that failed, what is late, and what took longer than it typically does. " +
			"An EventBridge Scheduler schedule has the function send it, to the minute. Changed in place. Default: no summary."},
		{name: "schedule", kind: anObject, fields: scheduleFields(), doc: "Begins one run at set times, at every enabled step without `after` " +
			"and without a `schedule` of its own: the recommended way for a nightly chain. An EventBridge Scheduler schedule keeps the times to " +
			"the minute. Changed in place. Default: runs begin with reloads from elsewhere, with the schedules of steps, or with `POST /start`."},
	}
}

func expectByFields() []field {
	days := make([]string, len(chain.Days()))
	for i, day := range chain.Days() {
		days[i] = "`" + string(day) + "`"
	}
	return []field{
		{name: "time", kind: aText, required: true, doc: "Hours and minutes, such as `06:00`. A time that the clocks leave out in spring does " +
			"not come; one that they show twice in autumn comes once."},
		{name: "timezone", kind: aText, doc: "Time zone of `time`, an IANA name such as `Europe/Zurich`. Default: the chain's `timezone`."},
		{name: "days", kind: aTextSet, doc: "Days of the week on which it is expected: " + strings.Join(days, ", ") + ". They are those of the " +
			"cycles' dates: with the default `cycle`, a `time` of `22:00` on `TUE` is late on Monday. Default: every day."},
	}
}

func maxDurationFields(of string) []field {
	return []field{
		{name: "after", kind: aDuration, required: true, doc: "The longest duration, such as `2h`."},
		{name: "on_exceeded", kind: aText, doc: fmt.Sprintf("What happens to a %s that takes longer: `%s` (default), the `alarm_actions` are "+
			"notified and it goes on, or `%s`, it is canceled as well.", of, chain.OnExceededAlarm, chain.OnExceededCancel)},
	}
}

func scheduleFields() []field {
	return []field{
		{name: "cron", kind: aText, doc: "The times of day, as the six fields of a [cron expression of EventBridge Scheduler]" +
			"(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based): minutes, hours, day-of-month, month, " +
			"day-of-week (1 = `SUN`) and year, with `?` in one of the two fields for days. `0 5 ? * MON-FRI *` is 05:00, Monday to Friday. A " +
			"time that the clocks leave out in spring does not come; one that they show twice in autumn comes once. Either this or `rate`."},
		{name: "rate", kind: aDuration, doc: "How long from one start to the next: " + durations(chain.MinRate, chain.MaxRate) + " In whole " +
			"minutes, by elapsed time. The first start is when the schedule is created. Either this or `cron`."},
		{name: "timezone", kind: aText, doc: "Time zone of `cron` and `except`, an IANA name such as `Europe/Berlin`. Default: the chain's " +
			"`timezone`."},
		{name: "except", kind: aTextSet, doc: fmt.Sprintf("Dates on which `cron` starts nothing, such as holidays: `[\"2026-12-25\"]`, at most "+
			"%d. The function's log says so on such a date. Changed without a call to EventBridge Scheduler: the function looks at them. "+
			"Default: none.", chain.MaxExcept)},
		{name: "variables", kind: aTextMap, doc: fmt.Sprintf("Variables of the runs that this schedule begins: at most %d. They go to the load "+
			"script of every app in the run, over the step's own `variables`. The record names them, without their values. They are stored in "+
			"clear text; put no secret here.", chain.MaxVariables)},
	}
}

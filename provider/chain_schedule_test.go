// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// scheduleOfTheChain is the name of the chain's own schedule: the checksum of the key that no step has.
const scheduleOfTheChain = "schedule-e3b0c44298fc1c149afbf4c8996fb924"

// chainScheduleDrifts are changes by hand of the chain's own schedule. What else such a schedule has is compared as a step's is, see
// scheduleDrifts.
var chainScheduleDrifts = driftGroup{
	settings: "schedule = " + rarely,
	spec:     func(spec *stack.Spec) { spec.Definition.Schedule = rareSchedule() },
	drifts: []drift{
		{"deleted", deleteSchedule(scheduleOfTheChain), shown{"drift.schedule": "missing"}, calls{"scheduler CreateSchedule"}},
		{"disabled", editScheduleNamed(scheduleOfTheChain, func(in *scheduler.UpdateScheduleInput) { in.State = types.ScheduleStateDisabled }),
			shown{"drift.schedule.state": "DISABLED, should be ENABLED"}, rescheduled},
		{"expression", editScheduleNamed(scheduleOfTheChain,
			func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 6 1 1 ? 2199)") }),
			shown{"drift.schedule.expression": "cron(0 6 1 1 ? 2199), should be cron(0 5 1 1 ? 2199)"}, rescheduled},
		{"input", editScheduleNamed(scheduleOfTheChain, func(in *scheduler.UpdateScheduleInput) { in.Target.Input = aws.String("{}") }),
			shown{"drift.schedule.input": `{}, should be {"source":"qlik-task-chain-schedule","time":"<aws.scheduler.scheduled-time>"}`},
			rescheduled},
		{"description", editScheduleNamed(scheduleOfTheChain, func(in *scheduler.UpdateScheduleInput) { in.Description = aws.String("mine") }),
			shown{"drift.schedule.description": "mine, should be Begins a run of the task chain nightly."}, rescheduled},
	},
}

// scheduleState returns the state of a schedule, empty when there is none.
func (h *harness) scheduleState(ctx context.Context, name string) string {
	_, in, err := h.schedule(ctx, name)
	if err != nil {
		return ""
	}
	return string(in.State)
}

// TestAccScheduleOfTheChain checks that the chain's schedule is created, changed and deleted in place, beside the schedules of steps. It is
// disabled while it would start nothing. The function handles its exceptions: they change without a call to EventBridge Scheduler.
func TestAccScheduleOfTheChain(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	apply := func(steps string, more ...string) []string {
		t.Helper()
		l.configure(h.chain(steps, more...))
		h.ResetProviderCalls()
		if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(h.writes(), func(call string) bool { return !strings.HasPrefix(call, "scheduler ") })
	}
	expect := func(what string, wrote []string, state string, want ...string) {
		t.Helper()
		if got := h.scheduleState(t.Context(), scheduleOfTheChain); got != state || !slices.Equal(wrote, want) {
			t.Errorf("%s: the schedule is %q after the calls %q, want %q after %q", what, got, wrote, state, want)
		}
	}
	apply(nightlySteps)
	expect("none", nil, "")
	const schedule = `schedule = { cron = "0 5 1 1 ? 2199" }`
	expect("added", apply(nightlySteps, schedule), "ENABLED", "scheduler CreateSchedule")
	expect("exceptions", apply(nightlySteps, `schedule = { cron = "0 5 1 1 ? 2199", except = ["2199-01-01"] }`), "ENABLED")
	expect("another time", apply(nightlySteps, `schedule = { rate = "365d" }`), "ENABLED", "scheduler UpdateSchedule")
	disabled := strings.Replace(nightlySteps, "extract   = { ", "extract   = { enabled = false, ", 1)
	expect("nothing to start", apply(disabled, schedule), "DISABLED", "scheduler UpdateSchedule")
	expect("removed", apply(nightlySteps), "", "scheduler DeleteSchedule")
	apply(nightlySteps, schedule)
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

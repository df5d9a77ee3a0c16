// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// scheduleOfExtract is the name of the schedule of the step extract: its key's checksum.
const scheduleOfExtract = "schedule-f1cf2fd5c86895128d559088259a132d"

// rarely is a schedule that starts nothing while a test runs.
const rarely = `{ cron = "0 5 1 1 ? 2199", timezone = "Europe/Zurich" }`

// rareSchedule returns the same schedule as rarely.
func rareSchedule() *chain.Schedule {
	return &chain.Schedule{Cron: "0 5 1 1 ? 2199", Timezone: "Europe/Zurich"}
}

// sweepSchedule is the name of the sweeps' schedule.
const sweepSchedule = "schedule-sweep"

var rescheduled = calls{"scheduler UpdateSchedule"}

// scheduleDrifts are manual changes of a step's schedule.
var scheduleDrifts = driftGroup{
	steps: scheduledSteps(rarely),
	spec: func(spec *stack.Spec) {
		extract := spec.Definition.Steps["extract"]
		extract.Schedule = rareSchedule()
		spec.Definition.Steps["extract"] = extract
	},
	tidy: deleteRoleItself(strangerRole),
	drifts: []drift{
		{"deleted", deleteSchedule(scheduleOfExtract), shown{`drift.schedules["extract"]`: "missing"}, calls{"scheduler CreateSchedule"}},
		{"sweep deleted", deleteSchedule(sweepSchedule), shown{"drift.reconciliation": "missing"}, calls{"scheduler CreateSchedule"}},
		{"sweep disabled", editScheduleNamed(sweepSchedule, func(in *scheduler.UpdateScheduleInput) { in.State = types.ScheduleStateDisabled }),
			shown{"reconciliation": `{"enabled":false}`}, rescheduled},
		{"sweep slower", editScheduleNamed(sweepSchedule,
			func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpression = aws.String("rate(120 minutes)") }),
			shown{"reconciliation": `{"interval":"2h"}`}, rescheduled},
		{"sweep by cron", editScheduleNamed(sweepSchedule,
			func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 5 1 1 ? 2199)") }),
			shown{"drift.reconciliation.expression": "cron(0 5 1 1 ? 2199), should be rate(15 minutes)"}, rescheduled},
		{"sweep of another webhook", editScheduleNamed(sweepSchedule, func(in *scheduler.UpdateScheduleInput) {
			in.Target.Input = aws.String(`{"source":"qlik-task-chain-sweep","webhook":"other","reloads":true,"max_age_seconds":21600}`)
		}), shown{"drift.reconciliation.input": `{"source":"qlik-task-chain-sweep","webhook":"other","reloads":true,"max_age_seconds":21600}, should be`}, rescheduled},
		{"deleted with the group", deleteScheduleGroup, shown{"drift.schedule_group": "missing", "schedule_group_name": gone},
			calls{"scheduler CreateSchedule", "scheduler CreateSchedule", "scheduler CreateScheduleGroup"}}, // the sweep's, too
		{"added", func(ctx context.Context, h *harness) error {
			client, in, err := h.schedule(ctx, scheduleOfExtract)
			if err != nil {
				return err
			}
			_, err = client.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
				GroupName: in.GroupName, Name: aws.String("schedule-of-mine"), ScheduleExpression: in.ScheduleExpression,
				FlexibleTimeWindow: in.FlexibleTimeWindow, Target: in.Target,
			})
			return err
		}, shown{"drift.schedules.schedule-of-mine": "cron(0 5 1 1 ? 2199), should be none"}, calls{"scheduler DeleteSchedule"}},
		{"disabled", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.State = types.ScheduleStateDisabled }),
			shown{`drift.schedules["extract"].state`: "DISABLED, should be ENABLED"}, rescheduled},
		{"expression", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 6 1 1 ? 2199)") }),
			shown{`drift.schedules["extract"].expression`: "cron(0 6 1 1 ? 2199), should be cron(0 5 1 1 ? 2199)"}, rescheduled},
		{"time zone", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpressionTimezone = nil }),
			shown{`drift.schedules["extract"].timezone`: "UTC, should be Europe/Zurich"}, rescheduled},
		{"description", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.Description = aws.String("mine") }),
			shown{`drift.schedules["extract"].description`: "mine, should be Starts extract of the task chain nightly."}, rescheduled},
		{"dates", editSchedule(func(in *scheduler.UpdateScheduleInput) {
			in.StartDate, in.EndDate = aws.Time(time.Date(2198, 1, 1, 0, 0, 0, 0, time.UTC)), aws.Time(time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC))
		}), shown{
			`drift.schedules["extract"].end_date`:   "2199-01-01T00:00:00Z, should be none",
			`drift.schedules["extract"].start_date`: "2198-01-01T00:00:00Z, should be none",
		}, rescheduled},
		{"once only", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.ActionAfterCompletion = types.ActionAfterCompletionDelete }),
			shown{`drift.schedules["extract"].action_after_completion`: "DELETE, should be NONE"}, rescheduled},
		{"key", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.KmsKeyArn = aws.String(kmsKeyARN) }),
			shown{`drift.schedules["extract"].kms_key`: kmsKeyARN + ", should be none"}, rescheduled},
		{"target", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.Target.Arn = aws.String(functionARN + "s") }),
			shown{`drift.schedules["extract"].target`: functionARN + "s, should be " + functionARN}, rescheduled},
		{"role", giveScheduleOtherRole, shown{`drift.schedules["extract"].role`: "arn:aws:iam::123456789012:role/somebodys, should be"},
			rescheduled},
		{"input", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.Target.Input = aws.String("{}") }),
			shown{`drift.schedules["extract"].input`: `{}, should be {"source":"qlik-task-chain-schedule","step":"extract","time":"<aws.scheduler.scheduled-time>"}`},
			rescheduled},
		{"dead letters", editSchedule(func(in *scheduler.UpdateScheduleInput) { in.Target.DeadLetterConfig = nil }),
			shown{`drift.schedules["extract"].dead_letter_queue`: "none, should be " + queueARN}, rescheduled},
		{"retries", editSchedule(func(in *scheduler.UpdateScheduleInput) {
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(60), MaximumRetryAttempts: aws.Int32(0)}
		}), shown{
			`drift.schedules["extract"].maximum_event_age_in_seconds`: "60, should be 21600",
			`drift.schedules["extract"].maximum_retry_attempts`:       "0, should be 185",
		}, rescheduled},
	},
}

// scheduledSteps returns nightlySteps with a schedule for its first step.
func scheduledSteps(schedule string) string {
	first := fmt.Sprintf("extract   = { app = %q", sandbox.AppExtract)
	return strings.Replace(nightlySteps, first, first+", schedule = "+schedule, 1)
}

func deleteSchedule(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := scheduler.NewFromConfig(h.AWS()).DeleteSchedule(ctx,
			&scheduler.DeleteScheduleInput{GroupName: aws.String(objectName), Name: aws.String(name)})
		return err
	}
}

// schedule reads a schedule, as the call that leaves it as it is.
func (h *harness) schedule(ctx context.Context, name string) (*scheduler.Client, *scheduler.UpdateScheduleInput, error) {
	client := scheduler.NewFromConfig(h.AWS())
	out, err := client.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: aws.String(objectName), Name: aws.String(name)})
	if err != nil {
		return nil, nil, err
	}
	return client, &scheduler.UpdateScheduleInput{
		GroupName: out.GroupName, Name: out.Name, Description: out.Description, ScheduleExpression: out.ScheduleExpression,
		ScheduleExpressionTimezone: out.ScheduleExpressionTimezone, State: out.State, FlexibleTimeWindow: out.FlexibleTimeWindow,
		ActionAfterCompletion: out.ActionAfterCompletion, Target: out.Target,
	}, nil
}

func editSchedule(change func(*scheduler.UpdateScheduleInput)) hand {
	return editScheduleNamed(scheduleOfExtract, change)
}

func editScheduleNamed(name string, change func(*scheduler.UpdateScheduleInput)) hand {
	return func(ctx context.Context, h *harness) error {
		client, in, err := h.schedule(ctx, name)
		if err != nil {
			return err
		}
		change(in)
		_, err = client.UpdateSchedule(ctx, in)
		return err
	}
}

// giveScheduleOtherRole makes the schedule invoke the function under another role, which has the permission.
func giveScheduleOtherRole(ctx context.Context, h *harness) error {
	out, err := iam.NewFromConfig(h.AWS()).CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String(strangerRole), AssumeRolePolicyDocument: aws.String(trustIn("scheduler.amazonaws.com")),
	})
	if err != nil {
		return err
	}
	return editSchedule(func(in *scheduler.UpdateScheduleInput) { in.Target.RoleArn = out.Role.Arn })(ctx, h)
}

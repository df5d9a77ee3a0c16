// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// summarySchedule is the name of the daily summary's schedule.
const summarySchedule = "schedule-d394608ad0eb3a808498d82b94c458f5"

const summaryAtSeven = "timezone = \"Europe/Zurich\"\n  summary_at = \"07:00\""

// expectSummary checks the schedule of the daily summary: its expression and its time zone. Empty: there is none.
func (h *harness) expectSummary(expression string) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		_, in, err := h.schedule(ctx, summarySchedule)
		if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone && expression == "" {
			return nil
		}
		if err != nil {
			return err
		}
		const input = `{"source":"qlik-task-chain-summary","time":"<aws.scheduler.scheduled-time>"}`
		if got := aws.ToString(in.ScheduleExpression); got != expression || aws.ToString(in.ScheduleExpressionTimezone) != "Europe/Zurich" ||
			aws.ToString(in.Target.Input) != input {
			return fmt.Errorf("the summary's schedule is %s in %s with %s, want %q", got, aws.ToString(in.ScheduleExpressionTimezone),
				aws.ToString(in.Target.Input), expression)
		}
		return nil
	}
}

// TestAccSummaryAt checks that summary_at makes its schedule, changes it, and takes it away, each in place, and that what is changed by
// hand shows and is repaired.
func TestAccSummaryAt(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.Cloud.SNS().AddTopic("oncall")
	const zone = `timezone = "Europe/Zurich"`
	with := h.chain(nightlySteps, tellTopic, summaryAtSeven)
	repairs := func(by hand, drift string) resource.TestStep {
		return resource.TestStep{
			PreConfig: func() {
				if err := by(t.Context(), h); err != nil {
					t.Fatal(err)
				}
			},
			Config: with, Check: do(t.Context(), h.expectSummary("cron(0 7 * * ? *)")),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, drift)},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		}
	}
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps, tellTopic, zone), Check: do(t.Context(), h.expectSummary(""))},
		inPlace(t, with, h.expectSummary("cron(0 7 * * ? *)"), "summary_at"),
		imported(),
		repairs(deleteSchedule(summarySchedule), "drift"),
		repairs(editScheduleNamed(summarySchedule,
			func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 5 1 1 ? 2199)") }), "drift"),
		inPlace(t, h.chain(nightlySteps, tellTopic, zone, `summary_at = "06:30"`), h.expectSummary("cron(30 6 * * ? *)"),
			"summary_at"),
		inPlace(t, h.chain(nightlySteps, tellTopic, zone), h.expectSummary(""), "summary_at"),
		imported(),
	)
}

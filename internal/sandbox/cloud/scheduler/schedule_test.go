// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func getSchedule(t *testing.T, client *scheduler.Client, name string) *scheduler.GetScheduleOutput {
	t.Helper()
	out, err := client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String(name), GroupName: aws.String("chain")})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestSchedule makes a schedule with all settings, and one with the defaults.
func TestSchedule(t *testing.T) {
	t.Parallel()
	c, _, client := start(t, cloud.Config{})
	in := at("all", time.Hour)
	in.ActionAfterCompletion = types.ActionAfterCompletionDelete
	in.Description = aws.String("a description")
	in.State = types.ScheduleStateDisabled
	in.ScheduleExpressionTimezone = aws.String("Europe/Berlin")
	in.KmsKeyArn = aws.String("arn:aws:kms:eu-central-1:123456789012:key/a")
	in.StartDate, in.EndDate = aws.Time(fiveOClock), aws.Time(fiveOClock.Add(time.Minute))
	in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(queueARN)}
	in.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(60), MaximumRetryAttempts: aws.Int32(0)}
	in.ScheduleExpression = aws.String("at(2026-11-23T07:00:00)")
	out, err := client.CreateSchedule(t.Context(), in)
	if err != nil || *out.ScheduleArn != "arn:aws:scheduler:eu-central-1:123456789012:schedule/chain/all" {
		t.Fatalf("%+v, %v", out, err)
	}
	got := getSchedule(t, client, "all")
	if *got.Arn != *out.ScheduleArn || *got.Name != "all" || *got.GroupName != "chain" || *got.Description != "a description" ||
		*got.ScheduleExpression != *in.ScheduleExpression || *got.ScheduleExpressionTimezone != "Europe/Berlin" ||
		*got.KmsKeyArn != *in.KmsKeyArn ||
		got.State != types.ScheduleStateDisabled || got.ActionAfterCompletion != types.ActionAfterCompletionDelete ||
		!got.StartDate.Equal(fiveOClock) || !got.EndDate.Equal(fiveOClock.Add(time.Minute)) ||
		got.FlexibleTimeWindow.Mode != types.FlexibleTimeWindowModeOff ||
		*got.Target.Arn != functionARN || *got.Target.RoleArn != timerARN || *got.Target.Input != `{"name":"all"}` ||
		*got.Target.DeadLetterConfig.Arn != queueARN ||
		*got.Target.RetryPolicy.MaximumEventAgeInSeconds != 60 || *got.Target.RetryPolicy.MaximumRetryAttempts != 0 ||
		time.Since(*got.CreationDate) > time.Minute {
		t.Errorf("schedule %+v with the target %+v", got, got.Target)
	}
	if pending := c.Scheduler().Pending(); len(pending) != 0 {
		t.Errorf("a disabled schedule is pending: %+v", pending)
	}

	create(t, client, at("defaults", time.Hour))
	got = getSchedule(t, client, "defaults")
	if got.Description != nil || got.KmsKeyArn != nil || got.Target.DeadLetterConfig != nil || *got.ScheduleExpressionTimezone != "UTC" ||
		got.State != types.ScheduleStateEnabled || got.ActionAfterCompletion != types.ActionAfterCompletionNone ||
		*got.Target.RetryPolicy.MaximumEventAgeInSeconds != 86400 || *got.Target.RetryPolicy.MaximumRetryAttempts != 185 {
		t.Errorf("schedule %+v with the target %+v", got, got.Target)
	}
}

func TestCreateScheduleRefuses(t *testing.T) {
	t.Parallel()
	c, _, client := start(t, cloud.Config{})
	createRole(t, c, "stranger", "lambda.amazonaws.com")
	const cannotAssume = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
	tests := map[string]struct {
		change  func(*scheduler.CreateScheduleInput)
		message string
	}{
		"a name with a space": {func(in *scheduler.CreateScheduleInput) { in.Name = aws.String("a b") }, "'name' failed to satisfy constraint"},
		"a long name": {func(in *scheduler.CreateScheduleInput) { in.Name = aws.String(strings.Repeat("a", 65)) },
			"'name' failed to satisfy constraint"},
		"a group with a space": {func(in *scheduler.CreateScheduleInput) { in.GroupName = aws.String("a b") },
			"'groupName' failed to satisfy constraint"},
		"no input": {func(in *scheduler.CreateScheduleInput) { in.Target.Input = nil }, "needs an input"},
		"the past": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("at(2026-11-23T04:59:59)") },
			"in the past, now is 2026-11-23T05:00:00Z"},
		"the past of the zone": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpressionTimezone = aws.String("Asia/Tokyo") },
			"in the past"},
		"an unknown zone": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpressionTimezone = aws.String("Mars/Olympus") },
			"Timezone Mars/Olympus"},
		"the machine's zone": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpressionTimezone = aws.String("Local") },
			"Timezone Local"},
		"a rate of nothing": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("rate(0 hours)") },
			"Invalid Schedule Expression"},
		"a rate of seconds": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("rate(30 seconds)") },
			"Invalid Schedule Expression"},
		"a cron of five fields": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 6 * * *)") },
			"Invalid Schedule Expression"},
		"no date": {func(in *scheduler.CreateScheduleInput) { in.ScheduleExpression = aws.String("at(2026-02-30T05:00:00)") },
			"Invalid Schedule Expression"},
		"a zone in the time": {func(in *scheduler.CreateScheduleInput) {
			in.ScheduleExpression = aws.String("at(2027-01-01T05:00:00Z)")
		}, "Invalid Schedule Expression"},
		"parts of a second": {func(in *scheduler.CreateScheduleInput) {
			in.ScheduleExpression = aws.String("at(2027-01-01T05:00:00.5)")
		}, "Invalid Schedule Expression"},
		"a flexible window": {func(in *scheduler.CreateScheduleInput) {
			in.FlexibleTimeWindow.Mode = types.FlexibleTimeWindowModeFlexible
		}, "flexible time windows"},
		"an unknown window":   {func(in *scheduler.CreateScheduleInput) { in.FlexibleTimeWindow.Mode = "WIDE" }, "[OFF, FLEXIBLE]"},
		"an unknown state":    {func(in *scheduler.CreateScheduleInput) { in.State = "TIRED" }, "[ENABLED, DISABLED]"},
		"an unknown action":   {func(in *scheduler.CreateScheduleInput) { in.ActionAfterCompletion = "KEEP" }, "[NONE, DELETE]"},
		"a long description":  {func(in *scheduler.CreateScheduleInput) { in.Description = aws.String(strings.Repeat("a", 513)) }, "512"},
		"a key that is none":  {func(in *scheduler.CreateScheduleInput) { in.KmsKeyArn = aws.String("alias/a") }, "kmsKeyArn"},
		"a role that is none": {func(in *scheduler.CreateScheduleInput) { in.Target.RoleArn = aws.String("timer") }, "target.roleArn"},
		"no such role":        {func(in *scheduler.CreateScheduleInput) { in.Target.RoleArn = aws.String(timerARN + "s") }, cannotAssume},
		"a role without trust": {func(in *scheduler.CreateScheduleInput) {
			in.Target.RoleArn = aws.String("arn:aws:iam::123456789012:role/stranger")
		}, cannotAssume},
		"a queue for a target": {func(in *scheduler.CreateScheduleInput) { in.Target.Arn = aws.String(queueARN) }, "Lambda functions alone"},
		"another target's field": {func(in *scheduler.CreateScheduleInput) { in.Target.SqsParameters = &types.SqsParameters{} },
			`does not support the field "SqsParameters"`},
		"an input of no JSON": {func(in *scheduler.CreateScheduleInput) { in.Target.Input = aws.String("{") }, "well-formed JSON"},
		"a queue that is none": {func(in *scheduler.CreateScheduleInput) {
			in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String("dead")}
		}, "deadLetterConfig"},
		"a FIFO queue": {func(in *scheduler.CreateScheduleInput) {
			in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(queueARN + ".fifo")}
		}, "deadLetterConfig"},
		"too young": {func(in *scheduler.CreateScheduleInput) {
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(59)}
		}, "greater than or equal to 60"},
		"too often": {func(in *scheduler.CreateScheduleInput) {
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(186)}
		}, "less than or equal to 185"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := at("a", time.Hour)
			tt.change(in)
			_, err := client.CreateSchedule(t.Context(), in)
			cloudtest.WantError(t, err, 400, "ValidationException", tt.message)
		})
	}
}

// TestCreateScheduleAgain repeats a call: with its token it is the same call, without it is another one.
func TestCreateScheduleAgain(t *testing.T) {
	t.Parallel()
	c, _, client := start(t, cloud.Config{})
	in := at("a", time.Hour)
	in.ClientToken = aws.String("token")
	create(t, client, in)
	create(t, client, in)
	if pending := c.Scheduler().Pending(); len(pending) != 1 {
		t.Errorf("pending %+v", pending)
	}
	for name, change := range map[string]func(*scheduler.CreateScheduleInput){
		"another input": func(in *scheduler.CreateScheduleInput) { in.Target.Input = aws.String(`{}`) },
		"another token": func(in *scheduler.CreateScheduleInput) { in.ClientToken = aws.String("another") },
		"no token":      func(in *scheduler.CreateScheduleInput) { in.ClientToken = nil }, // the SDK makes one up
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := at("a", time.Hour)
			in.ClientToken = aws.String("token")
			change(in)
			_, err := client.CreateSchedule(t.Context(), in)
			cloudtest.WantError(t, err, 409, "ConflictException", "Schedule a already exists.")
		})
	}
}

// TestUpdateSchedule replaces all settings.
func TestUpdateSchedule(t *testing.T) {
	t.Parallel()
	c, _, client := start(t, cloud.Config{})
	in := at("a", time.Hour)
	in.Description = aws.String("a description")
	create(t, client, in)
	before := getSchedule(t, client, "a")
	update := updateOf(at("a", 2*time.Hour))
	if _, err := client.UpdateSchedule(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	after := getSchedule(t, client, "a")
	if after.Description != nil || *after.ScheduleExpression != "at(2026-11-23T07:00:00)" || !after.CreationDate.Equal(*before.CreationDate) {
		t.Errorf("schedule %+v", after)
	}
	if next, pending := c.Scheduler().Next(); !pending || !next.Equal(fiveOClock.Add(2*time.Hour)) {
		t.Errorf("next is %v, %v", next, pending)
	}
	update.State = types.ScheduleStateDisabled
	if _, err := client.UpdateSchedule(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	if next, pending := c.Scheduler().Next(); pending {
		t.Errorf("next is %v of a schedule that is disabled", next)
	}
	update.Name = aws.String("none")
	_, err := client.UpdateSchedule(t.Context(), update)
	cloudtest.WantError(t, err, 404, "ResourceNotFoundException", "Schedule none does not exist.")
}

func TestDeleteSchedule(t *testing.T) {
	t.Parallel()
	c, _, client := start(t, cloud.Config{})
	create(t, client, at("a", time.Hour))
	remove := func(group string) error {
		_, err := client.DeleteSchedule(t.Context(), &scheduler.DeleteScheduleInput{Name: aws.String("a"), GroupName: aws.String(group)})
		return err
	}
	cloudtest.WantError(t, remove("default"), 404, "ResourceNotFoundException", "Schedule a does not exist.")
	cloudtest.WantError(t, remove("none"), 404, "ResourceNotFoundException", "Schedule group none does not exist.")
	if err := remove("chain"); err != nil {
		t.Fatal(err)
	}
	cloudtest.WantError(t, remove("chain"), 404, "ResourceNotFoundException", "Schedule a does not exist.")
	if pending := c.Scheduler().Pending(); len(pending) != 0 {
		t.Errorf("pending %+v", pending)
	}
}

func TestListSchedules(t *testing.T) {
	t.Parallel()
	_, _, client := start(t, cloud.Config{})
	createGroup(t, client, "other")
	for _, name := range []string{"b-1", "a-2", "a-1"} {
		create(t, client, at(name, time.Hour))
	}
	create(t, client, inGroup(at("a-3", time.Hour), "other"))
	create(t, client, inGroup(at("a-0", time.Hour), ""))
	for want, in := range map[string]*scheduler.ListSchedulesInput{
		"[chain/a-1 chain/a-2 chain/b-1 default/a-0 other/a-3]": {},
		"[chain/a-1 chain/a-2 default/a-0 other/a-3]":           {NamePrefix: aws.String("a-")},
		"[chain/a-1 chain/a-2 chain/b-1]":                       {GroupName: aws.String("chain")},
		"[chain/a-1 chain/a-2]":                                 {GroupName: aws.String("chain"), NamePrefix: aws.String("a")},
		"[]":                                                    {NamePrefix: aws.String("b"), GroupName: aws.String("other")},
	} {
		in.MaxResults = aws.Int32(2)
		pages := scheduler.NewListSchedulesPaginator(client, in)
		got := []string{}
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range page.Schedules {
				got = append(got, *s.GroupName+"/"+*s.Name)
				if *s.Target.Arn != functionARN || !strings.HasSuffix(*s.Arn, ":schedule/"+*s.GroupName+"/"+*s.Name) {
					t.Errorf("schedule %+v", s)
				}
			}
		}
		if fmt.Sprint(got) != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}
	_, err := client.ListSchedules(t.Context(), &scheduler.ListSchedulesInput{GroupName: aws.String("none")})
	cloudtest.WantError(t, err, 404, "ResourceNotFoundException", "Schedule group none does not exist.")
	_, err = client.ListSchedules(t.Context(), &scheduler.ListSchedulesInput{MaxResults: aws.Int32(101)})
	cloudtest.WantError(t, err, 400, "ValidationException", "less than or equal to 100")
}

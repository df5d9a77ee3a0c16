// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
)

const (
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:nightly"
	lettersARN  = "arn:aws:sqs:eu-central-1:123456789012:letters"
	roleARN     = "arn:aws:iam::123456789012:role/timer"
	trust       = `{"Version": "2012-10-17", "Statement": [
	  {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
	]}`
)

func TestSetATimer(t *testing.T) {
	t.Parallel()
	config := cloudtest.UserConfig(cloudtest.Start(t, cloud.Config{}))
	client := scheduler.NewFromConfig(config)
	if _, err := client.CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{Name: sdk.String("nightly")}); err != nil {
		t.Fatal(err)
	}
	role, err := iam.NewFromConfig(config).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: sdk.String("timer"), AssumeRolePolicyDocument: sdk.String(trust),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqs.NewFromConfig(config).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: sdk.String("letters")}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(time.Second)
	timers := aws.NewTimers(config, aws.TimerConfig{
		Group: "nightly", RoleARN: sdk.ToString(role.Role.Arn), DeadLetterQueueARN: lettersARN,
		FunctionARN: func(context.Context) string { return functionARN }, Now: func() time.Time { return now },
	})
	for name, tt := range map[string]struct{ due, want time.Time }{
		"later":         {now.Add(time.Hour), now.Add(time.Hour)},
		"never-early":   {now.Add(time.Hour + time.Millisecond), now.Add(time.Hour + time.Second)},
		"not-past":      {now.Add(-time.Hour), now.Add(30 * time.Second)},
		"another-place": {now.Add(time.Hour).In(time.FixedZone("", 3600)), now.Add(time.Hour)},
	} {
		wake := chain.Timer{
			Source: chain.TimerSource, Kind: chain.TimerStart, Step: "transform", Cycle: "20291231T1800Z", Run: "r", Attempt: 2, Due: tt.due,
		}
		for range 2 { // the second time it exists
			if err := timers.Set(t.Context(), name, wake); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		got, err := client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{GroupName: sdk.String("nightly"), Name: sdk.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		if want := "at(" + tt.want.UTC().Format("2006-01-02T15:04:05") + ")"; sdk.ToString(got.ScheduleExpression) != want {
			t.Errorf("%s: the schedule is %s, want %s", name, sdk.ToString(got.ScheduleExpression), want)
		}
		var input chain.Timer
		err = json.Unmarshal([]byte(sdk.ToString(got.Target.Input)), &input)
		if err != nil || !input.Due.Equal(tt.due) || input.Step != "transform" || input.Attempt != 2 {
			t.Errorf("%s: the input is %s, %v", name, sdk.ToString(got.Target.Input), err)
		}
		if sdk.ToString(got.Target.Arn) != functionARN || got.ActionAfterCompletion != types.ActionAfterCompletionDelete ||
			sdk.ToInt32(got.Target.RetryPolicy.MaximumEventAgeInSeconds) != 21600 || got.Target.DeadLetterConfig == nil {
			t.Errorf("%s: the schedule is %+v with the target %+v", name, got, got.Target)
		}
	}
	timers.Group = "missing"
	if err := timers.Set(t.Context(), "x", chain.Timer{Due: now.Add(time.Hour)}); err == nil {
		t.Errorf("a timer in a group that does not exist was set: status %d", http.StatusOK)
	}
}

// TestTheSDKSchedulesTheSame: a service does not always say that it does not know a member.
func TestTheSDKSchedulesTheSame(t *testing.T) {
	t.Parallel()
	due := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	wake := chain.Timer{Source: chain.TimerSource, Kind: chain.TimerStart, Step: "transform", Due: due}
	input, err := json.Marshal(wake)
	if err != nil {
		t.Fatal(err)
	}
	sendSame(t, func(config sdk.Config) {
		timers := aws.NewTimers(config, aws.TimerConfig{
			Group: "nightly", RoleARN: roleARN, DeadLetterQueueARN: lettersARN,
			FunctionARN: func(context.Context) string { return functionARN }, Now: time.Now,
		})
		if err := timers.Set(t.Context(), "start-1", wake); err != nil {
			t.Error(err)
		}
	}, func(config sdk.Config) {
		_, err := scheduler.NewFromConfig(config).CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
			GroupName: sdk.String("nightly"), Name: sdk.String("start-1"), ClientToken: sdk.String("start-1"),
			ScheduleExpression:    sdk.String("at(2030-01-02T03:04:05)"),
			FlexibleTimeWindow:    &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
			ActionAfterCompletion: types.ActionAfterCompletionDelete,
			Target: &types.Target{
				Arn: sdk.String(functionARN), RoleArn: sdk.String(roleARN), Input: sdk.String(string(input)),
				DeadLetterConfig: &types.DeadLetterConfig{Arn: sdk.String(lettersARN)},
				RetryPolicy:      &types.RetryPolicy{MaximumEventAgeInSeconds: sdk.Int32(21600), MaximumRetryAttempts: sdk.Int32(185)},
			},
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// SPDX-License-Identifier: MPL-2.0

package timer_test

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/awscall/awscalltest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/timer"
)

const (
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:nightly"
	trust       = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`
)

func TestSet(t *testing.T) {
	t.Parallel()
	config := cloudtest.UserConfig(cloudtest.Start(t, cloud.Config{}))
	client := scheduler.NewFromConfig(config)
	if _, err := client.CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{Name: aws.String("nightly")}); err != nil {
		t.Fatal(err)
	}
	role, err := iam.NewFromConfig(config).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("timer"), AssumeRolePolicyDocument: aws.String(trust)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqs.NewFromConfig(config).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("letters")}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Truncate(time.Second)
	timers := &timer.Timers{
		Client: timer.NewClient(config), Group: "nightly", RoleARN: aws.ToString(role.Role.Arn), DeadLetterQueueARN: "arn:aws:sqs:eu-central-1:123456789012:letters",
		FunctionARN: func(context.Context) string { return functionARN }, Now: func() time.Time { return now },
	}
	for name, tt := range map[string]struct{ due, want time.Time }{
		"later":         {now.Add(time.Hour), now.Add(time.Hour)},
		"never-early":   {now.Add(time.Hour + time.Millisecond), now.Add(time.Hour + time.Second)},
		"not-past":      {now.Add(-time.Hour), now.Add(30 * time.Second)},
		"another-place": {now.Add(time.Hour).In(time.FixedZone("", 3600)), now.Add(time.Hour)},
	} {
		wake := chain.Timer{Source: chain.TimerSource, Kind: chain.TimerStart, Step: "transform", Cycle: "20291231T1800Z", Run: "r", Attempt: 2, Due: tt.due}
		for range 2 { // the second time it exists
			if err := timers.Set(t.Context(), name, wake); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		got, err := client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{GroupName: aws.String("nightly"), Name: aws.String(name)})
		if err != nil {
			t.Fatal(err)
		}
		if want := "at(" + tt.want.UTC().Format("2006-01-02T15:04:05") + ")"; aws.ToString(got.ScheduleExpression) != want {
			t.Errorf("%s: the schedule is %s, want %s", name, aws.ToString(got.ScheduleExpression), want)
		}
		var input chain.Timer
		if err := json.Unmarshal([]byte(aws.ToString(got.Target.Input)), &input); err != nil || !input.Due.Equal(tt.due) || input.Step != "transform" || input.Attempt != 2 {
			t.Errorf("%s: the input is %s, %v", name, aws.ToString(got.Target.Input), err)
		}
		if aws.ToString(got.Target.Arn) != functionARN || got.ActionAfterCompletion != types.ActionAfterCompletionDelete ||
			aws.ToInt32(got.Target.RetryPolicy.MaximumEventAgeInSeconds) != 21600 || got.Target.DeadLetterConfig == nil {
			t.Errorf("%s: the schedule is %+v with the target %+v", name, got, got.Target)
		}
	}
	timers.Group = "missing"
	if err := timers.Set(t.Context(), "x", chain.Timer{Due: now.Add(time.Hour)}); err == nil {
		t.Errorf("a timer in a group that does not exist was set: status %d", http.StatusOK)
	}
}

// TestTheSDKSendsTheSame: a service does not always say that it does not know a member.
func TestTheSDKSendsTheSame(t *testing.T) {
	t.Parallel()
	due := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	wake := chain.Timer{Source: chain.TimerSource, Kind: chain.TimerStart, Step: "transform", Due: due}
	input, err := json.Marshal(wake)
	if err != nil {
		t.Fatal(err)
	}
	awscalltest.Same(t, func(config aws.Config) {
		timers := &timer.Timers{
			Client: timer.NewClient(config), Group: "nightly", RoleARN: "arn:aws:iam::123456789012:role/timer", DeadLetterQueueARN: "arn:aws:sqs:eu-central-1:123456789012:letters",
			FunctionARN: func(context.Context) string { return functionARN }, Now: time.Now,
		}
		if err := timers.Set(t.Context(), "start-1", wake); err != nil {
			t.Error(err)
		}
	}, func(config aws.Config) {
		_, err := scheduler.NewFromConfig(config).CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
			GroupName: aws.String("nightly"), Name: aws.String("start-1"), ClientToken: aws.String("start-1"),
			ScheduleExpression: aws.String("at(2030-01-02T03:04:05)"), FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
			ActionAfterCompletion: types.ActionAfterCompletionDelete,
			Target: &types.Target{
				Arn: aws.String(functionARN), RoleArn: aws.String("arn:aws:iam::123456789012:role/timer"), Input: aws.String(string(input)),
				DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String("arn:aws:sqs:eu-central-1:123456789012:letters")},
				RetryPolicy:      &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(21600), MaximumRetryAttempts: aws.Int32(185)},
			},
		})
		if err != nil {
			t.Error(err)
		}
	})
}

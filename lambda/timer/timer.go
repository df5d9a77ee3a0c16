// SPDX-License-Identifier: MPL-2.0

// Package timer wakes a chain's function later, by one-time schedules of EventBridge Scheduler.
package timer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Timers sets timers in a chain's schedule group. It implements engine.Timers.
type Timers struct {
	Client             *scheduler.Client
	Group              string
	RoleARN            string                           // under which the function is invoked
	DeadLetterQueueARN string                           // for what could not be handed to the function
	FunctionARN        func(ctx context.Context) string // of the function that runs
	Now                func() time.Time
}

var _ engine.Timers = (*Timers)(nil)

// What Scheduler does when Lambda does not take the event. Its own default is to try for a day, which is too late to start a reload.
const (
	maxAge     = 6 * time.Hour
	maxRetries = 185
)

// soonest is how far ahead a schedule is set at least: what becomes of one in the past is not documented, and the SDK may send the
// request again for a while. EventBridge Scheduler keeps time to the minute anyway.
const soonest = 30 * time.Second

// Set implements engine.Timers.
func (t *Timers) Set(ctx context.Context, name string, wake chain.Timer) error {
	input, err := json.Marshal(wake)
	if err != nil {
		return err
	}
	at := wake.Due
	if earliest := t.Now().Add(soonest); at.Before(earliest) {
		at = earliest
	}
	at = at.Add(time.Second - time.Nanosecond).Truncate(time.Second) // an expression has whole seconds; never early
	_, err = t.Client.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
		GroupName: aws.String(t.Group), Name: aws.String(name), ClientToken: aws.String(name),
		ScheduleExpression:    aws.String("at(" + at.UTC().Format("2006-01-02T15:04:05") + ")"),
		FlexibleTimeWindow:    &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		ActionAfterCompletion: types.ActionAfterCompletionDelete,
		Target: &types.Target{
			Arn: aws.String(t.FunctionARN(ctx)), RoleArn: aws.String(t.RoleARN), Input: aws.String(string(input)),
			DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(t.DeadLetterQueueARN)},
			RetryPolicy: &types.RetryPolicy{
				MaximumEventAgeInSeconds: aws.Int32(int32(maxAge / time.Second)), MaximumRetryAttempts: aws.Int32(maxRetries),
			},
		},
	})
	var exists *types.ConflictException
	if err == nil || errors.As(err, &exists) {
		return nil
	}
	return fmt.Errorf("creating the schedule %s in the group %s: %w", name, t.Group, err)
}

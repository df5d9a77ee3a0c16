// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Timers wakes the chain's function later, by one-time schedules of EventBridge Scheduler. It implements engine.Timers.
type Timers struct {
	TimerConfig
	client *client
}

var _ engine.Timers = (*Timers)(nil)

// TimerConfig is what a chain's timers have in common.
type TimerConfig struct {
	Group              string                           // of the schedules
	RoleARN            string                           // under which the function is invoked
	DeadLetterQueueARN string                           // for events that the function does not take
	FunctionARN        func(ctx context.Context) string // of the running function
	Now                func() time.Time
}

// NewTimers makes the timers of a chain with the region, the credentials, the endpoint and the HTTP client of config.
func NewTimers(config aws.Config, timers TimerConfig) *Timers {
	return &Timers{timers, newClient(config, service{id: "Scheduler", scope: "scheduler"})}
}

// What Scheduler does when Lambda does not take the event. By default it tries for a day, which is too late to start a reload.
const (
	maxEventAge = 6 * time.Hour
	maxRetries  = 185
)

// soonest is the least time until a schedule is due: AWS does not document what it does with a schedule in the past, and a retry may take a
// while. EventBridge Scheduler keeps time to the minute anyway.
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
	// Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
	err = t.client.callAt(ctx, "/schedules/"+url.PathEscape(name), "CreateSchedule", map[string]any{
		"GroupName": t.Group, "ClientToken": name,
		"ScheduleExpression":    "at(" + at.UTC().Format("2006-01-02T15:04:05") + ")",
		"FlexibleTimeWindow":    map[string]any{"Mode": "OFF"},
		"ActionAfterCompletion": "DELETE",
		"Target": map[string]any{
			"Arn": t.FunctionARN(ctx), "RoleArn": t.RoleARN, "Input": string(input),
			"DeadLetterConfig": map[string]any{"Arn": t.DeadLetterQueueARN},
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": int(maxEventAge.Seconds()), "MaximumRetryAttempts": maxRetries},
		},
	}, nil)
	var refused smithy.APIError
	if err == nil || errors.As(err, &refused) && refused.ErrorCode() == "ConflictException" { // it exists
		return nil
	}
	return fmt.Errorf("creating the schedule %s in the group %s: %w", name, t.Group, err)
}

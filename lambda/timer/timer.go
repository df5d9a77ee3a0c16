// SPDX-License-Identifier: MPL-2.0

// Package timer wakes a chain's function later, by one-time schedules of EventBridge Scheduler.
package timer

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
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/awscall"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Timers sets timers in a chain's schedule group. It implements engine.Timers.
type Timers struct {
	Client             *awscall.JSONClient // NewClient makes one
	Group              string
	RoleARN            string                           // under which the function is invoked
	DeadLetterQueueARN string                           // for what could not be handed to the function
	FunctionARN        func(ctx context.Context) string // of the function that runs
	Now                func() time.Time
}

var _ engine.Timers = (*Timers)(nil)

// NewClient makes a client of EventBridge Scheduler, with the region, the credentials, the endpoint and the HTTP client of config.
func NewClient(config aws.Config) *awscall.JSONClient {
	return awscall.NewJSONClient(config, awscall.JSONService{Service: awscall.Service{ID: "Scheduler", Scope: "scheduler"}})
}

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
	// Source: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
	err = t.Client.CallAt(ctx, "/schedules/"+url.PathEscape(name), "CreateSchedule", map[string]any{
		"GroupName": t.Group, "ClientToken": name,
		"ScheduleExpression":    "at(" + at.UTC().Format("2006-01-02T15:04:05") + ")",
		"FlexibleTimeWindow":    map[string]any{"Mode": "OFF"},
		"ActionAfterCompletion": "DELETE",
		"Target": map[string]any{
			"Arn": t.FunctionARN(ctx), "RoleArn": t.RoleARN, "Input": string(input),
			"DeadLetterConfig": map[string]any{"Arn": t.DeadLetterQueueARN},
			"RetryPolicy":      map[string]any{"MaximumEventAgeInSeconds": int(maxAge.Seconds()), "MaximumRetryAttempts": maxRetries},
		},
	}, nil)
	var refusal smithy.APIError
	if err == nil || errors.As(err, &refusal) && refusal.ErrorCode() == "ConflictException" { // it exists
		return nil
	}
	return fmt.Errorf("creating the schedule %s in the group %s: %w", name, t.Group, err)
}

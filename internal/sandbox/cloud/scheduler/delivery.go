// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/delivery"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// invocation is one attempt to invoke a schedule's target.
type invocation struct {
	schedule  string // ARN
	scheduled time.Time
	id        string
	attempt   int // from 1 on
}

// deliver invokes a schedule's target once. After a failure it returns the time of the next attempt. Zero means that the delivery is
// complete: the target has accepted the event, or the event is in the dead-letter queue.
func (s *Service) deliver(ctx context.Context, o *occurrence) time.Time {
	sch := o.schedule
	in := invocation{schedule: sch.arn, scheduled: o.at, id: executionID(), attempt: o.attempt + 1}
	payload := replace(sch.Target.Input, in)
	err := s.invoke(ctx, sch, payload)
	if err == nil || ctx.Err() != nil {
		return time.Time{}
	}
	retries := in.attempt - 1
	retryAt := s.config.Clock.Now().Add(delivery.BackOff(retries))
	policy := sch.Target.RetryPolicy
	exhausted := ""
	switch {
	case retries >= *policy.MaximumRetryAttempts:
		exhausted = "MaximumRetryAttempts"
	case retryAt.After(o.at.Add(time.Duration(*policy.MaximumEventAgeInSeconds) * time.Second)):
		exhausted = "MaximumEventAgeInSeconds"
	default:
		return retryAt
	}
	if lost := s.bury(ctx, sch, in, payload, exhausted, err); lost != nil {
		s.config.Logger.Warn("EventBridge Scheduler dropped an event",
			"schedule", sch.arn, "attempts", in.attempt, "error", err, "dead-letter queue", lost)
	}
	return time.Time{}
}

// invoke calls the function asynchronously, as the schedule's role.
func (s *Service) invoke(ctx context.Context, sch *schedule, payload string) error {
	if err := s.act(sch, "lambda:InvokeFunction", sch.Target.Arn); err != nil {
		return err
	}
	_, err := s.config.Functions.Invoke(ctx, function.Invocation{Function: sch.Target.Arn, Type: function.TypeEvent, Payload: []byte(payload)})
	return err
}

// act checks that Scheduler may carry out an action as a schedule's role.
func (s *Service) act(sch *schedule, action, resource string) error {
	role := sch.Target.RoleArn
	if !s.config.Roles.CanAssume(role, principal, s.groupARN(sch.key.group)) {
		return accessDenied("EventBridge Scheduler cannot assume the role %s.", role)
	}
	if !s.config.Roles.Allows(role, action, resource) {
		return accessDenied("%s is not authorized to perform: %s on resource: %s", role, action, resource)
	}
	return nil
}

func accessDenied(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusForbidden, "AccessDeniedException", format, args...)
}

// bury sends the event to the schedule's dead-letter queue. Source: User Guide, "Configuring a schedule's dead-letter queue", which shows
// the attributes.
func (s *Service) bury(ctx context.Context, sch *schedule, in invocation, payload, exhausted string, failure error) error {
	queue := sch.Target.deadLetterQueue()
	if queue == "" {
		return errors.New("the schedule has none")
	}
	if err := s.act(sch, "sqs:SendMessage", queue); err != nil {
		return err
	}
	code, message := "InternalServerException", failure.Error()
	var e *wire.Error
	if errors.As(failure, &e) {
		code, message = e.Code, e.Message
	}
	return s.config.Queues.Send(ctx, queue, payload, map[string]string{
		"ERROR_CODE":                code,
		"ERROR_MESSAGE":             message,
		"EXECUTION_ID":              in.id,
		"EXHAUSTED_RETRY_CONDITION": exhausted,
		"IS_PAYLOAD_TRUNCATED":      "false",
		"RETRY_ATTEMPTS":            strconv.Itoa(in.attempt - 1),
		"SCHEDULED_TIME":            in.time(),
		"SCHEDULE_ARN":              in.schedule,
		"TARGET_ARN":                sch.Target.Arn,
	})
}

// time returns the scheduled time in the format of the API's attributes: 2022-03-22T18:59:43Z.
func (in invocation) time() string { return in.scheduled.UTC().Format(time.RFC3339) }

// executionID returns an attempt's id: sixteen hexadecimal digits, as in AWS's examples.
func executionID() string { return strings.ReplaceAll(uuid.NewString(), "-", "")[:16] }

// replace inserts the values of the context attributes into an input. Source: User Guide, "Adding context attributes".
func replace(input string, in invocation) string {
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", in.schedule,
		"<aws.scheduler.scheduled-time>", in.time(),
		"<aws.scheduler.execution-id>", in.id,
		"<aws.scheduler.attempt-number>", strconv.Itoa(in.attempt),
	).Replace(input)
}

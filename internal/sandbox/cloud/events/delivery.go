// SPDX-License-Identifier: MPL-2.0

package events

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/delivery"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// pending is an event on its way to a target, with the rule and the target as they were when the event came.
type pending struct {
	rule    rule
	target  target
	event   *event
	due     time.Time
	attempt int // how often it has failed
}

// enqueue makes the deliveries of an event to a rule's targets; the caller holds the lock.
func (s *Service) enqueue(r *rule, e *event) {
	for _, t := range r.targets {
		for range max(1, s.copies) {
			s.waiting = append(s.waiting, &pending{rule: *r, target: t, event: e, due: e.arrived})
		}
	}
	s.Notify()
}

// earliest returns the delivery that is due first, or false if none is waiting; the caller holds the lock.
func (s *Service) earliest() (first *pending, due time.Time, waits bool) {
	for _, d := range s.waiting {
		if first == nil || d.due.Before(first.due) {
			first = d
		}
	}
	if first == nil {
		return nil, time.Time{}, false
	}
	return first, first.due, true
}

// finish records the result of a delivery. retryAt is the result of deliver. The caller holds the lock.
func (s *Service) finish(d *pending, retryAt time.Time) {
	d.attempt++
	if d.due = retryAt; retryAt.IsZero() {
		s.waiting = slices.DeleteFunc(s.waiting, func(other *pending) bool { return other == d })
	}
}

// The error codes of dead letters. Source: User Guide, "Using dead-letter queues to process undelivered events".
const (
	codeNoPermissions = "NO_PERMISSIONS"
	codeNoResource    = "NO_RESOURCE"
	codeInvalidJSON   = "INVALID_JSON"
	codeClientError   = "SDK_CLIENT_ERROR"
	codeThrottling    = "THROTTLING"
	codeInternal      = "INTERNAL_ERROR"
)

// deliver invokes the target once. After a failure that may pass it returns the time of the next attempt. Zero means that the delivery is
// complete: the target or the dead-letter queue has the event, or it is lost.
func (s *Service) deliver(ctx context.Context, d *pending) time.Time {
	payload, err := d.target.payload(&d.rule, d.event)
	code, again := codeInvalidJSON, false
	if err == nil {
		_, err = s.config.Functions.Invoke(ctx, function.Invocation{
			Function: d.target.Arn, Type: function.TypeEvent, Payload: []byte(payload),
			Source: &function.Source{Service: principal, ARN: d.rule.arn},
		})
		code, again = classify(err)
	}
	if err == nil || ctx.Err() != nil {
		return time.Time{}
	}
	exhausted := ""
	if again {
		retryAt := s.config.Clock.Now().Add(delivery.BackOff(d.attempt))
		most, seconds := d.target.retries()
		switch {
		case d.attempt >= most:
			exhausted = "MaximumRetryAttempts"
		case retryAt.After(d.event.arrived.Add(time.Duration(seconds) * time.Second)):
			exhausted = "MaximumEventAgeInSeconds"
		default:
			return retryAt
		}
	}
	if lost := s.bury(ctx, d, code, exhausted, err); lost != nil {
		s.config.Logger.Warn("EventBridge dropped an event", "rule", d.rule.arn, "target", d.target.Arn, "error", err, "dead-letter queue", lost)
	}
	return time.Time{}
}

// classify returns the error code of a dead letter, and whether the delivery is repeated: not after errors that last, such as a target that
// was deleted or that does not permit the call.
func classify(err error) (code string, again bool) {
	var e *wire.Error
	switch {
	case err == nil:
		return "", false
	case !errors.As(err, &e):
		return codeInternal, true
	case e.Status == 403:
		return codeNoPermissions, false
	case e.Status == 404:
		return codeNoResource, false
	case e.Status == 429:
		return codeThrottling, true
	case e.Status >= 500 || e.Status == 409:
		return codeInternal, true
	default:
		return codeClientError, false
	}
}

// bury sends the event to the target's dead-letter queue, if the queue's resource policy lets the rule do so.
func (s *Service) bury(ctx context.Context, d *pending, code, exhausted string, failure error) error {
	if d.target.DeadLetterConfig == nil || d.target.DeadLetterConfig.Arn == "" {
		return errors.New("the target has none")
	}
	queue := d.target.DeadLetterConfig.Arn
	if !s.config.Queues.Permits(queue, principal, d.rule.arn) {
		return errors.New("its policy does not let the rule send messages")
	}
	body, err := encode(d.event.document)
	if err != nil {
		return err
	}
	attributes := map[string]string{
		"RULE_ARN": d.rule.arn, "TARGET_ARN": d.target.Arn, "ERROR_CODE": code, "ERROR_MESSAGE": failure.Error(),
		"RETRY_ATTEMPTS": strconv.Itoa(d.attempt),
	}
	if exhausted != "" {
		attributes["EXHAUSTED_RETRY_CONDITION"] = exhausted
	}
	return s.config.Queues.Send(ctx, queue, body, attributes)
}

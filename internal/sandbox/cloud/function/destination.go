// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"encoding/json"
)

// Queues are the SQS queues for the records of failed events.
type Queues interface {
	Exists(queueARN string) bool
	// MaySend reports whether the role's policies allow sqs:SendMessage on the queue.
	MaySend(roleARN, queueARN string) bool
	// Send sends a message to the queue with the role's permissions.
	Send(ctx context.Context, roleARN, queueARN, body string) error
}

// The reasons for which Lambda drops an event, as its records name them. The third is not documented; other emulators of Lambda use this
// name.
const (
	conditionRetries = "RetriesExhausted"
	conditionAge     = "EventAgeExceeded"
	conditionStopped = "ZeroReservedConcurrency"
)

// invocationRecord is the record that a destination gets. Source: AWS Lambda developer guide, "Capturing records of Lambda asynchronous
// invocations".
type invocationRecord struct {
	Version         string           `json:"version"`
	Timestamp       string           `json:"timestamp"`
	RequestContext  requestContext   `json:"requestContext"`
	RequestPayload  json.RawMessage  `json:"requestPayload"`
	ResponseContext *responseContext `json:"responseContext,omitempty"` // nil for an event that never ran
	ResponsePayload json.RawMessage  `json:"responsePayload,omitempty"`
}

type requestContext struct {
	RequestID              string `json:"requestId"`
	FunctionARN            string `json:"functionArn"`
	Condition              string `json:"condition"`
	ApproximateInvokeCount int    `json:"approximateInvokeCount"`
}

type responseContext struct {
	StatusCode      int    `json:"statusCode"`
	ExecutedVersion string `json:"executedVersion"`
	FunctionError   string `json:"functionError"`
}

// giveUp sends the record of an event to the function's destination. As in AWS, a record that cannot be sent is lost. The sandbox's own log
// reports it.
func (s *Service) giveUp(ctx context.Context, q *queue, e *event, condition string) {
	log := s.config.Logger.With("function", e.Function, "request", e.RequestID, "condition", condition, "attempts", e.attempts)
	if e.last != nil {
		log = log.With("error", string(e.last.Payload))
	}
	if q.options.onFailure == "" {
		log.Warn("an event was dropped: the function has no destination for failures")
		return
	}
	body, err := json.Marshal(s.recordOf(q, e, condition))
	if err == nil {
		err = s.config.Queues.Send(ctx, q.role, q.options.onFailure, string(body))
	}
	if err != nil {
		log.Warn("an event was dropped: its record could not be sent", "destination", q.options.onFailure, "reason", err)
	}
}

func (s *Service) recordOf(q *queue, e *event, condition string) invocationRecord {
	record := invocationRecord{
		Version: "1.0", Timestamp: s.config.Clock.Now().UTC().Format("2006-01-02T15:04:05.000Z"),
		RequestContext: requestContext{e.RequestID, q.arn + ":$LATEST", condition, e.attempts},
		RequestPayload: e.Payload,
	}
	if e.last != nil {
		record.ResponseContext = &responseContext{StatusCode: 200, ExecutedVersion: "$LATEST", FunctionError: "Unhandled"}
		record.ResponsePayload = e.last.Payload
		if !json.Valid(e.last.Payload) { // a custom runtime may answer anything
			record.ResponsePayload, _ = json.Marshal(string(e.last.Payload)) // a string always encodes
		}
	}
	return record
}

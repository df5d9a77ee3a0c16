// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// deadLetters is the chain's dead-letter queue. *aws.Queue implements it.
type deadLetters interface {
	Receive(ctx context.Context) ([]aws.QueueMessage, error)
	Delete(ctx context.Context, m aws.QueueMessage) error
	Left(ctx context.Context) (int, error)
}

// redriven is the answer of POST /redrive.
type redriven struct {
	Redriven int          `json:"redriven"` // messages that were handled and deleted
	Failed   []deadLetter `json:"failed"`   // messages that stay in the queue
	Left     int          `json:"left"`     // about how many messages the queue holds now, with those that failed
}

// deadLetter is a message that could not be handled.
type deadLetter struct {
	Message string `json:"message"` // its id in SQS
	Reason  string `json:"reason"`
}

// The bounds of one redrive. API Gateway waits 29 seconds for an answer.
const (
	maxRedriven  = 100
	maxRedriving = 20 * time.Second
)

// longestWay is the longest time for which Lambda and EventBridge Scheduler try an event before it comes into the queue.
const longestWay = 6 * time.Hour

// redrive handles the messages of the dead-letter queue as if they came for the first time, until the queue is empty or the time is up.
func (h *handler) redrive(r *http.Request, d *deployed, request operationRequest) answer {
	ctx := r.Context()
	record := engine.OperationRecord{Operation: request.Operation, Kind: chain.OperationRedrive}
	if err := d.engine.Record(ctx, request.id, record); err != nil {
		return broken(ctx, "The dead-letter queue was not touched.", err)
	}
	done := redriven{Failed: []deadLetter{}}
	var err error
	for until := time.Now().Add(maxRedriving); err == nil && done.Redriven+len(done.Failed) < maxRedriven && time.Now().Before(until); {
		var messages []aws.QueueMessage
		if messages, err = h.deployment.queue.Receive(ctx); err != nil || len(messages) == 0 {
			break
		}
		for _, m := range messages {
			if time.Now().After(until) {
				break // it comes again
			}
			if reason := h.redriveOne(ctx, d, m); reason != "" {
				done.Failed = append(done.Failed, deadLetter{m.ID, reason})
				continue
			}
			done.Redriven++
		}
	}
	if err == nil {
		done.Left, err = h.deployment.queue.Left(ctx)
	}
	if err != nil {
		return broken(ctx, "The dead-letter queue could not be read to its end. What was handled is gone from it; send the request again.", err)
	}
	return answer{status: http.StatusAccepted, content: done}
}

// redriveOne handles a message and deletes it, or returns why it could not. A message that stays comes again later.
func (h *handler) redriveOne(ctx context.Context, d *deployed, m aws.QueueMessage) string {
	if d.engine.Forgets(m.Sent.Add(-longestWay)) {
		return "it is older than the chain's record, so it is unknown whether it was handled: start the step by hand, " +
			"and delete the message"
	}
	payload, err := payloadOf(d, m)
	if err != nil {
		return err.Error()
	}
	result, err := h.retry(ctx, "redrive-"+m.ID, payload)
	switch {
	case err != nil:
		return err.Error()
	case result.Outcome == engine.OutcomeRefused:
		return string(result.Refusal) + ": " + result.Reason
	}
	if err := h.deployment.queue.Delete(ctx, m); err != nil {
		return "it was handled, and could not be deleted: " + err.Error()
	}
	return ""
}

// retry handles a payload of an invocation that failed, or that never took place.
func (h *handler) retry(ctx context.Context, invocation string, payload []byte) (engine.Result, error) {
	source, err := sourceOf(payload)
	if err != nil {
		return h.unknown(ctx, err)
	}
	return h.handle(ctx, invocation, source, payload)
}

// payloadOf returns the payload that a message holds. Lambda wraps it in a record of the invocation
// (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html). EventBridge Scheduler sends it as it is, and
// describes the failure in the message's attributes (https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html).
// EventBridge sends the event, without the rule's transformation.
func payloadOf(d *deployed, m aws.QueueMessage) ([]byte, error) {
	if m.RuleARN != "" {
		return signalOf(d, m)
	}
	var record struct {
		RequestPayload json.RawMessage `json:"requestPayload"`
	}
	if json.Unmarshal([]byte(m.Body), &record) == nil && len(record.RequestPayload) > 0 {
		return record.RequestPayload, nil
	}
	return []byte(m.Body), nil
}

// signalOf returns the payload that a rule would have made of an event.
func signalOf(d *deployed, m aws.QueueMessage) ([]byte, error) {
	for _, step := range d.definition.SignalSteps() {
		if !strings.HasSuffix(m.RuleARN, "."+chain.RuleSuffix(step)) {
			continue
		}
		event, err := d.definition.Steps[step].Signal.EventSignal(step, []byte(m.Body))
		if err != nil {
			return nil, err
		}
		return json.Marshal(event)
	}
	return nil, fmt.Errorf("the rule %s is of no step of the chain any more", m.RuleARN)
}

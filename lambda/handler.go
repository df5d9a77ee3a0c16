// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// logMargin is the time before the invocation's deadline that is kept for the log line. A function that Lambda cuts off leaves none, and
// Lambda hands it the event again.
const logMargin = time.Second

// services are what the function works with.
type services struct {
	settings   settings
	parameters parameterReader
	store      engine.Store
	timers     engine.Timers
	queue      deadLetters
	notices    engine.Notices // nil: nobody is told of anything
	now        func() time.Time
	log        *slog.Logger
}

// handler answers the function's invocations. It implements lambda.Handler.
type handler struct {
	deployment *deployment
	log        *slog.Logger
}

func newHandler(s services) *handler {
	s.log = s.log.With("chain", s.settings.chainName)
	return &handler{deployment: &deployment{services: s}, log: s.log}
}

// Invoke takes a webhook delivery (chain.Delivery), a timer (chain.Timer), a step's schedule (chain.Scheduled), a sweep (chain.Sweep), a time by which
// something has to be done (chain.DeadlineCheck), whose answers nobody reads, what Terraform tells the chain (chain.Operation), or a request of API
// Gateway's proxy integration. It returns an error for those whose answers nobody reads when they have to be repeated, which Lambda does.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-logMargin))
		defer cancel()
	}
	kind, err := kindOf(payload)
	switch {
	case err == nil && kind.Source == chain.OperationSource:
		var operation chain.Operation
		if err = json.Unmarshal(payload, &operation); err == nil {
			return h.operate(ctx, operation)
		}
	case err == nil && kind.HTTPMethod != "":
		var request events.APIGatewayProxyRequest
		if err = json.Unmarshal(payload, &request); err == nil {
			return h.respond(ctx, request)
		}
	case err == nil:
		_, err = h.event(ctx, invocationID(ctx), kind.Source, payload)
		return []byte("null"), err
	}
	_, err = h.unknown(ctx, err)
	return nil, err
}

// kind is what tells the payloads apart.
type kind struct {
	Source     string `json:"source"`
	HTTPMethod string `json:"httpMethod"`
}

// kindOf does not read what API Gateway's mapping template has made, which is by far the most, twice: it knows that by how it begins.
func kindOf(payload []byte) (kind, error) {
	if bytes.HasPrefix(payload, []byte(`{"source":"`+chain.DeliverySource+`",`)) {
		return kind{Source: chain.DeliverySource}, nil
	}
	var k kind
	err := json.Unmarshal(payload, &k)
	return k, err
}

// event handles what comes without anybody waiting for its answer, and says by its source what it is. invocation is the same when it is repeated.
func (h *handler) event(ctx context.Context, invocation, source string, payload []byte) (engine.Result, error) {
	switch source {
	case chain.DeliverySource:
		return hand(ctx, h, invocation, payload, h.deliver)
	case chain.TimerSource:
		return hand(ctx, h, invocation, payload, h.wake)
	case chain.ScheduledSource:
		return hand(ctx, h, invocation, payload, h.begin)
	case chain.SweepSource:
		return hand(ctx, h, invocation, payload, h.sweep)
	case chain.DeadlineSource:
		return hand(ctx, h, invocation, payload, h.checkDeadline)
	default:
		if event, err := qlik.ParseEvent(payload); err == nil {
			return h.untemplated(ctx, event)
		}
		return h.unknown(ctx, errors.New("it says none of them"))
	}
}

// untemplated reports an event of Qlik Cloud that API Gateway passed through as it came, without its signature. Its error has Lambda keep
// the event in the dead-letter queue.
func (h *handler) untemplated(ctx context.Context, event *qlik.Event) (engine.Result, error) {
	err := errors.New("API Gateway passed an event of Qlik Cloud through without the chain's mapping template, so its signature is missing. " +
		"Apply the chain's configuration again: the integration of POST / was changed")
	result := engine.Result{
		Outcome: engine.OutcomeError, Reason: err.Error(),
		EventID: event.ID, EventType: event.Type, AppID: event.AppID, ReloadID: event.ReloadID, Status: event.Status,
	}
	h.logResult(ctx, "event", "", result)
	return result, err
}

// hand hands a payload to what handles those of its kind.
func hand[T any](
	ctx context.Context, h *handler, invocation string, payload []byte, to func(context.Context, string, T) (engine.Result, error),
) (engine.Result, error) {
	var event T
	if err := json.Unmarshal(payload, &event); err != nil {
		return h.unknown(ctx, err)
	}
	return to(ctx, invocation, event)
}

func (h *handler) unknown(ctx context.Context, err error) (engine.Result, error) {
	err = fmt.Errorf("the payload is neither a webhook delivery nor a timer nor a schedule nor a sweep nor a deadline nor a request from API Gateway: %w", err)
	result := engine.Result{Outcome: engine.OutcomeRefused, Refusal: engine.RefusalBody, Reason: err.Error()}
	h.logResult(ctx, "event", "", result)
	return result, err
}

func (h *handler) deliver(ctx context.Context, invocation string, delivery chain.Delivery) (engine.Result, error) {
	current, err := h.deployment.get(ctx)
	if err != nil {
		return h.undeployed(ctx, "event", delivery.RequestID, engine.Result{}, err)
	}
	if !h.deployment.settings.delivers(delivery.APIKeyID) {
		result := engine.Result{Outcome: engine.OutcomeRefused, Refusal: engine.RefusalKey,
			Reason: "the API key " + delivery.APIKeyID + " delivers no events: the webhook has a key of its own for that"}
		h.logResult(ctx, "event", delivery.RequestID, result)
		return result, nil
	}
	signature := delivery.Signature
	if len(signature) == 0 {
		signature = delivery.SignatureLower
	}
	result, err := current.engine.Handle(ctx, invocation, delivery.Body, string(signature))
	h.logResult(ctx, "event", delivery.RequestID, result)
	return result, err
}

func (h *handler) wake(ctx context.Context, invocation string, timer chain.Timer) (engine.Result, error) {
	current, err := h.deployment.get(ctx)
	if err != nil {
		return h.undeployed(ctx, "timer", "", engine.Result{Timer: timer.Kind, Step: timer.Step}, err)
	}
	result, err := current.engine.Wake(ctx, invocation, timer)
	h.logResult(ctx, "timer", "", result)
	return result, err
}

func (h *handler) begin(ctx context.Context, invocation string, scheduled chain.Scheduled) (engine.Result, error) {
	current, err := h.deployment.get(ctx)
	if err != nil {
		return h.undeployed(ctx, "schedule", "", engine.Result{Step: scheduled.Step}, err)
	}
	result, err := current.engine.Begin(ctx, invocation, engine.Beginning{
		Step: scheduled.Step, At: scheduled.Time, StartedBy: engine.StartedBySchedule,
		ID: scheduled.Step + "#" + scheduled.Time.UTC().Format(time.RFC3339),
	})
	h.logResult(ctx, "schedule", "", result)
	return result, err
}

// undeployed is what comes of an event while what is deployed cannot be read.
func (h *handler) undeployed(ctx context.Context, message, gatewayRequestID string, result engine.Result, err error) (engine.Result, error) {
	result.Outcome, result.Reason = engine.OutcomeError, err.Error()
	h.logResult(ctx, message, gatewayRequestID, result)
	return result, err
}

func (h *handler) sweep(ctx context.Context, invocation string, sweep chain.Sweep) (engine.Result, error) {
	current, err := h.deployment.get(ctx)
	if err != nil {
		return h.undeployed(ctx, "sweep", "", engine.Result{}, err)
	}
	result, err := current.engine.Sweep(ctx, invocation, engine.Sweep{
		Webhook: sweep.Webhook, Enable: sweep.EnableWebhook, Reloads: sweep.Reloads, MaxAge: time.Duration(sweep.MaxAgeSeconds) * time.Second,
	})
	h.logResult(ctx, "sweep", "", result)
	return result, err
}

func (h *handler) checkDeadline(ctx context.Context, invocation string, check chain.DeadlineCheck) (engine.Result, error) {
	current, err := h.deployment.get(ctx)
	if err != nil {
		return h.undeployed(ctx, "deadline", "", engine.Result{Deadline: check.Deadline}, err)
	}
	result, err := current.engine.CheckDeadline(ctx, invocation, check)
	h.logResult(ctx, "deadline", "", result)
	return result, err
}

// invocationID is the same when Lambda repeats an event.
func invocationID(ctx context.Context) string {
	invocation, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return ""
	}
	return invocation.AwsRequestID
}

// logResult writes the one line that every delivery, timer, schedule, sweep and deadline ends in.
func (h *handler) logResult(ctx context.Context, message, gatewayRequestID string, result engine.Result) {
	attrs := append(h.attrs(result), requestIDs(ctx, gatewayRequestID)...)
	h.log.LogAttrs(ctx, result.Level(), message, attrs...)
}

// requestIDs are the ids under which AWS logs the same thing: Lambda's of the invocation, API Gateway's of the request.
func requestIDs(ctx context.Context, gateway string) []slog.Attr {
	var attrs []slog.Attr
	if id := invocationID(ctx); id != "" {
		attrs = append(attrs, slog.String("request_id", id))
	}
	if gateway != "" {
		attrs = append(attrs, slog.String("gateway_request_id", gateway))
	}
	return attrs
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
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

// Invoke takes a webhook delivery (chain.Delivery), a timer (chain.Timer), a step's schedule (chain.Scheduled), a time by which something has to be done
// (chain.DeadlineCheck), whose answers nobody reads, or a request of API Gateway's proxy integration. It returns an error for all but the last when they have to be repeated, which Lambda does.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-logMargin))
		defer cancel()
	}
	var kind struct {
		Source     string `json:"source"`
		HTTPMethod string `json:"httpMethod"`
	}
	err := json.Unmarshal(payload, &kind)
	switch {
	case err == nil && kind.Source == chain.DeliverySource:
		var delivery chain.Delivery
		if err = json.Unmarshal(payload, &delivery); err == nil {
			return []byte("null"), h.deliver(ctx, delivery)
		}
	case err == nil && kind.Source == chain.TimerSource:
		var timer chain.Timer
		if err = json.Unmarshal(payload, &timer); err == nil {
			return []byte("null"), h.wake(ctx, timer)
		}
	case err == nil && kind.Source == chain.ScheduledSource:
		var scheduled chain.Scheduled
		if err = json.Unmarshal(payload, &scheduled); err == nil {
			return []byte("null"), h.begin(ctx, scheduled)
		}
	case err == nil && kind.Source == chain.DeadlineSource:
		var check chain.DeadlineCheck
		if err = json.Unmarshal(payload, &check); err == nil {
			return []byte("null"), h.checkDeadline(ctx, check)
		}
	case err == nil && kind.HTTPMethod != "":
		var request events.APIGatewayProxyRequest
		if err = json.Unmarshal(payload, &request); err == nil {
			return h.respond(ctx, request)
		}
	case err == nil:
		err = errors.New("it says none of them")
	}
	err = fmt.Errorf("the payload is neither a webhook delivery nor a timer nor a schedule nor a request from API Gateway: %w", err)
	h.logResult(ctx, "event", "", engine.Result{Outcome: engine.OutcomeRefused, Refusal: engine.RefusalBody, Reason: err.Error()})
	return nil, err
}

func (h *handler) deliver(ctx context.Context, delivery chain.Delivery) error {
	current, err := h.deployment.get(ctx)
	if err != nil {
		h.logResult(ctx, "event", delivery.RequestID, engine.Result{Outcome: engine.OutcomeError, Reason: err.Error()})
		return err
	}
	signature := delivery.Signature
	if len(signature) == 0 {
		signature = delivery.SignatureLower
	}
	result, err := current.engine.Handle(ctx, invocationID(ctx), delivery.Body, string(signature))
	h.logResult(ctx, "event", delivery.RequestID, result)
	return err
}

func (h *handler) wake(ctx context.Context, timer chain.Timer) error {
	current, err := h.deployment.get(ctx)
	if err != nil {
		h.logResult(ctx, "timer", "", engine.Result{Outcome: engine.OutcomeError, Timer: timer.Kind, Step: timer.Step, Reason: err.Error()})
		return err
	}
	result, err := current.engine.Wake(ctx, invocationID(ctx), timer)
	h.logResult(ctx, "timer", "", result)
	return err
}

func (h *handler) begin(ctx context.Context, scheduled chain.Scheduled) error {
	current, err := h.deployment.get(ctx)
	if err != nil {
		h.logResult(ctx, "schedule", "", engine.Result{Outcome: engine.OutcomeError, Step: scheduled.Step, Reason: err.Error()})
		return err
	}
	result, err := current.engine.Begin(ctx, invocationID(ctx), engine.Beginning{
		Step: scheduled.Step, At: scheduled.Time, StartedBy: engine.StartedBySchedule,
		ID: scheduled.Step + "#" + scheduled.Time.UTC().Format(time.RFC3339),
	})
	h.logResult(ctx, "schedule", "", result)
	return err
}

func (h *handler) checkDeadline(ctx context.Context, check chain.DeadlineCheck) error {
	current, err := h.deployment.get(ctx)
	if err != nil {
		h.logResult(ctx, "deadline", "", engine.Result{Outcome: engine.OutcomeError, Deadline: check.Deadline, Reason: err.Error()})
		return err
	}
	result, err := current.engine.CheckDeadline(ctx, invocationID(ctx), check)
	h.logResult(ctx, "deadline", "", result)
	return err
}

// invocationID is the same when Lambda repeats an event.
func invocationID(ctx context.Context) string {
	invocation, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return ""
	}
	return invocation.AwsRequestID
}

// logResult writes the one line that every delivery, timer and schedule ends in.
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

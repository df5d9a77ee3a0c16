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

// handler answers the function's invocations. It implements lambda.Handler.
type handler struct {
	deployment *deployment
	log        *slog.Logger
}

func newHandler(s settings, parameters parameterReader, now func() time.Time, log *slog.Logger) *handler {
	log = log.With("chain", s.chainName)
	return &handler{deployment: &deployment{settings: s, ssm: parameters, now: now, log: log}, log: log}
}

// Invoke takes a webhook delivery (chain.Delivery), whose answer nobody reads, or a request of API Gateway's proxy
// integration. It returns an error for a delivery only while no reload can have been started: Lambda repeats the event then.
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
	case err == nil && kind.HTTPMethod != "":
		var request events.APIGatewayProxyRequest
		if err = json.Unmarshal(payload, &request); err == nil {
			return h.respond(ctx, request)
		}
	case err == nil:
		err = errors.New("it says neither")
	}
	err = fmt.Errorf("the payload is neither a webhook delivery nor a request from API Gateway: %w", err)
	h.logDelivery(ctx, "", engine.Result{Outcome: engine.OutcomeRefused, Refusal: engine.RefusalBody, Reason: err.Error()})
	return nil, err
}

func (h *handler) deliver(ctx context.Context, delivery chain.Delivery) error {
	current, err := h.deployment.get(ctx)
	if err != nil {
		h.logDelivery(ctx, delivery.RequestID, engine.Result{Outcome: engine.OutcomeError, Reason: err.Error()})
		return err
	}
	signature := delivery.Signature
	if len(signature) == 0 {
		signature = delivery.SignatureLower
	}
	result := current.engine.Handle(ctx, delivery.Body, string(signature))
	h.logDelivery(ctx, delivery.RequestID, result)
	if result.Outcome == engine.OutcomeError && !result.Tried {
		return errors.New(result.Reason)
	}
	return nil
}

// logDelivery writes the one line that every delivery ends in.
func (h *handler) logDelivery(ctx context.Context, gatewayRequestID string, result engine.Result) {
	h.log.LogAttrs(ctx, result.Level(), "event", append(result.Attrs(), requestIDs(ctx, gatewayRequestID)...)...)
}

// requestIDs are the ids under which AWS logs the same thing: Lambda's of the invocation, API Gateway's of the request.
func requestIDs(ctx context.Context, gateway string) []slog.Attr {
	var attrs []slog.Attr
	if invocation, ok := lambdacontext.FromContext(ctx); ok {
		attrs = append(attrs, slog.String("request_id", invocation.AwsRequestID))
	}
	if gateway != "" {
		attrs = append(attrs, slog.String("gateway_request_id", gateway))
	}
	return attrs
}

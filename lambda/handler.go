// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// logMargin is the time before the invocation's deadline that is kept for the log line. A function that Lambda cuts off leaves no line, and
// Lambda repeats the event.
const logMargin = time.Second

// services are what the function works with.
type services struct {
	settings   settings
	parameters parameterReader
	store      engine.Store
	timers     engine.Timers
	queue      deadLetters
	notices    engine.Notices // nil: no notice is sent
	events     engine.Events  // nil: no event is put on a bus
	now        func() time.Time
	log        *slog.Logger
}

// handler answers the function's invocations. It implements lambda.Handler, and http.Handler for the requests among them.
type handler struct {
	deployment *deployment
	log        *slog.Logger
	kinds      map[string]kind // by source
	mux        *http.ServeMux
}

func newHandler(s services) *handler {
	s.log = s.log.With("chain", s.settings.chainName)
	h := &handler{deployment: &deployment{services: s}, log: s.log, kinds: kinds()}
	h.mux = h.routes()
	return h
}

// Invoke handles a payload of one of the kinds.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-logMargin))
		defer cancel()
	}
	source, err := sourceOf(payload)
	if err != nil {
		_, err = h.unknown(ctx, err)
		return nil, err
	}
	if answer := h.kinds[source].answer; answer != nil {
		return answer(ctx, h, payload)
	}
	_, err = h.handle(ctx, invocationID(ctx), source, payload)
	return []byte("null"), err
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

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// kind is one kind of payload. Exactly one of its fields is set.
type kind struct {
	// answer handles a payload and returns the answer for the waiting caller.
	answer func(ctx context.Context, h *handler, payload []byte) ([]byte, error)
	// handle handles a payload without a waiting caller. If it fails, Lambda repeats the payload with the same invocation. After the last
	// failure, Lambda keeps the payload in the dead-letter queue.
	handle func(ctx context.Context, h *handler, invocation string, payload []byte) (engine.Result, error)
}

// requestSource is the source of requests of API Gateway's proxy integration, which contain none. No payload can use this name.
const requestSource = "qlik-task-chain-request"

// kinds returns every kind of payload by its source.
func kinds() map[string]kind {
	return map[string]kind{
		requestSource:         synchronous((*handler).respond),
		chain.OperationSource: synchronous((*handler).operate), // of Terraform
		chain.DeliverySource: asynchronous[chain.Delivery]{
			message: "event", requestID: func(d chain.Delivery) string { return d.RequestID }, handle: (*handler).deliver,
		}.kind(),
		chain.TimerSource: asynchronous[chain.Timer]{
			message: "timer", about: func(t chain.Timer) engine.Result { return engine.Result{Timer: t.Kind, Step: t.Step} },
			handle: (*handler).wake,
		}.kind(),
		chain.ScheduledSource: asynchronous[chain.Scheduled]{
			message: "schedule", about: func(s chain.Scheduled) engine.Result { return engine.Result{Step: s.Step} },
			handle: (*handler).begin,
		}.kind(),
		chain.EventSignalSource: asynchronous[chain.EventSignal]{
			message: "signal", about: func(s chain.EventSignal) engine.Result { return engine.Result{Step: s.Step, EventID: beginning(s.ID)} },
			handle: (*handler).takeEvent,
		}.kind(),
		chain.SweepSource:   asynchronous[chain.Sweep]{message: "sweep", handle: (*handler).sweep}.kind(),
		chain.SummarySource: asynchronous[chain.SummaryCheck]{message: "summary", handle: (*handler).summarize}.kind(),
		chain.DeadlineSource: asynchronous[chain.DeadlineCheck]{
			message: "deadline", about: func(c chain.DeadlineCheck) engine.Result { return engine.Result{Deadline: c.Deadline} },
			handle: (*handler).checkDeadline,
		}.kind(),
	}
}

// synchronous is the kind of payload T that answer answers.
func synchronous[T any](answer func(*handler, context.Context, T) ([]byte, error)) kind {
	return kind{answer: func(ctx context.Context, h *handler, payload []byte) ([]byte, error) {
		var request T
		if err := json.Unmarshal(payload, &request); err != nil {
			_, err = h.unknown(ctx, err)
			return nil, err
		}
		return answer(h, ctx, request)
	}}
}

// asynchronous is what differs between the kinds of payloads that no caller waits for.
type asynchronous[T any] struct {
	message   string                // of the line in the log
	requestID func(T) string        // API Gateway's, for the log; nil: none
	about     func(T) engine.Result // what the log says of it even if the chain's definition cannot be read; nil: nothing
	handle    func(h *handler, ctx context.Context, d *deployed, invocation string, payload T) (engine.Result, error)
}

// kind is the kind of payload T. Each payload leaves one line in the log.
func (a asynchronous[T]) kind() kind {
	return kind{handle: func(ctx context.Context, h *handler, invocation string, payload []byte) (engine.Result, error) {
		var event T
		if err := json.Unmarshal(payload, &event); err != nil {
			return h.unknown(ctx, err)
		}
		var result engine.Result
		current, err := h.deployment.get(ctx)
		if err == nil {
			result, err = a.handle(h, ctx, current, invocation, event)
		} else {
			if a.about != nil {
				result = a.about(event)
			}
			result.Outcome, result.Reason = engine.OutcomeError, err.Error()
		}
		requestID := ""
		if a.requestID != nil {
			requestID = a.requestID(event)
		}
		h.logResult(ctx, a.message, requestID, result)
		return result, err
	}}
}

// sourceOf returns the source of a payload. Most payloads come from API Gateway's mapping template; sourceOf recognizes them by how they
// begin, so that they are parsed once.
func sourceOf(payload []byte) (string, error) {
	if bytes.HasPrefix(payload, []byte(`{"source":"`+chain.DeliverySource+`",`)) {
		return chain.DeliverySource, nil
	}
	var from struct {
		Source     string `json:"source"`
		HTTPMethod string `json:"httpMethod"`
	}
	err := json.Unmarshal(payload, &from)
	switch {
	case from.Source == chain.OperationSource, from.Source == chain.EventSignalSource:
	case from.HTTPMethod != "":
		return requestSource, err
	case from.Source == requestSource:
		return "", err
	}
	return from.Source, err
}

// handle handles a payload that no caller waits for. invocation is the same if the payload is repeated.
func (h *handler) handle(ctx context.Context, invocation, source string, payload []byte) (engine.Result, error) {
	if known := h.kinds[source].handle; known != nil {
		return known(ctx, h, invocation, payload)
	}
	if event, err := qlik.ParseEvent(payload); err == nil {
		return h.untemplated(ctx, event)
	}
	return h.unknown(ctx, errors.New("it says none of them"))
}

// untemplated reports an event of Qlik Cloud that API Gateway passed through as it came, without its signature. The error makes Lambda keep
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

// unknown refuses a payload of no known kind.
func (h *handler) unknown(ctx context.Context, err error) (engine.Result, error) {
	err = fmt.Errorf("the payload is neither a webhook delivery nor a timer nor a schedule nor a sweep nor a deadline nor a signal nor a "+
		"request from API Gateway: %w", err)
	result := engine.Result{Outcome: engine.OutcomeRefused, Refusal: engine.RefusalBody, Reason: err.Error()}
	h.logResult(ctx, "event", "", result)
	return result, err
}

// deliver handles a delivery of Qlik Cloud's webhook.
func (h *handler) deliver(ctx context.Context, d *deployed, invocation string, delivery chain.Delivery) (engine.Result, error) {
	if !h.deployment.settings.delivers(delivery.APIKeyID) {
		return engine.Result{Outcome: engine.OutcomeRefused, Refusal: engine.RefusalKey,
			Reason: "the API key " + delivery.APIKeyID + " delivers no events: the webhook has a key of its own for that"}, nil
	}
	signature := delivery.Signature
	if len(signature) == 0 {
		signature = delivery.SignatureLower
	}
	return d.engine.Handle(ctx, invocation, delivery.Body, string(signature))
}

// wake handles a timer.
func (h *handler) wake(ctx context.Context, d *deployed, invocation string, timer chain.Timer) (engine.Result, error) {
	return d.engine.Wake(ctx, invocation, timer)
}

// begin handles a schedule of a step, or of the chain.
func (h *handler) begin(ctx context.Context, d *deployed, invocation string, scheduled chain.Scheduled) (engine.Result, error) {
	return d.engine.Begin(ctx, invocation, engine.Beginning{
		Step: scheduled.Step, At: scheduled.Time, StartedBy: engine.StartedBySchedule,
		ID: scheduled.Step + "#" + scheduled.Time.UTC().Format(time.RFC3339),
	})
}

// sweep compares the chain's record with Qlik Cloud's.
func (h *handler) sweep(ctx context.Context, d *deployed, invocation string, sweep chain.Sweep) (engine.Result, error) {
	return d.engine.Sweep(ctx, invocation, engine.Sweep{
		Webhook: sweep.Webhook, Enable: sweep.EnableWebhook, Reloads: sweep.Reloads, MaxAge: time.Duration(sweep.MaxAgeSeconds) * time.Second,
	})
}

// summarize handles the time of the daily summary.
func (h *handler) summarize(ctx context.Context, d *deployed, invocation string, check chain.SummaryCheck) (engine.Result, error) {
	return d.engine.Summarize(ctx, invocation, check)
}

// checkDeadline handles a time by which something has to be done.
func (h *handler) checkDeadline(ctx context.Context, d *deployed, invocation string, check chain.DeadlineCheck) (engine.Result, error) {
	return d.engine.CheckDeadline(ctx, invocation, check)
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// signalBody is the body of POST /signal/{step}.
type signalBody struct {
	Outcome chain.Outcome `json:"outcome"` // empty: success
	ID      string        `json:"id"`      // the same for every repetition; empty: the Idempotency-Key, or else the request's id
}

// signal reports the end of a step that waits for a signal.
func (h *handler) signal(r *http.Request, d *deployed, request operationRequest) answer {
	body, refused := readSignal(request)
	if refused != nil {
		return *refused
	}
	result, err := d.engine.Signal(r.Context(), invocationID(r.Context()), engine.Report{
		Step: pathValue(r, "step"), ID: cmp.Or(body.ID, request.id), Outcome: body.Outcome, At: request.At, By: request.By,
		Reason: request.Reason, Request: true, Variables: request.variables,
	})
	a := answer{status: http.StatusAccepted, content: startedBy(result)}
	switch {
	case err != nil:
		a = broken(r.Context(), "It is unknown whether the signal was taken. Send it again with the same id.", err)
	case result.Outcome == engine.OutcomeRefused:
		a = refusal(d, result)
	}
	a.attrs = h.attrs(result)
	return a
}

// readSignal reads the body of a signal, and refuses what a signal cannot have.
func readSignal(request operationRequest) (body signalBody, refused *answer) {
	no := func(format string, args ...any) (signalBody, *answer) {
		a := refuse(http.StatusBadRequest, format, args...)
		return body, &a
	}
	if len(request.body) > 0 {
		if err := json.Unmarshal(request.body, &body); err != nil {
			return no("The body is not valid. Send none, or JSON such as " + `{"outcome": "success", "id": "run 4711"}.`)
		}
	}
	body.Outcome = cmp.Or(body.Outcome, chain.OutcomeSuccess)
	switch {
	case !slices.Contains(chain.Outcomes(), body.Outcome):
		return no("The outcome is %q. Use success, failure or canceled.", body.Outcome)
	case len(body.ID) > maxText:
		return no("The id has %d bytes. Send at most %d.", len(body.ID), maxText)
	case request.cycle != "":
		return no("A signal counts in the cycle in which it comes. Leave cycle out.")
	}
	return body, nil
}

// takeEvent handles an event of EventBridge that reports the end of a step.
func (h *handler) takeEvent(ctx context.Context, d *deployed, invocation string, event chain.EventSignal) (engine.Result, error) {
	outcome, known := chain.WordOutcome(event.Outcome)
	reason := ""
	if !known {
		reason = fmt.Sprintf("its outcome %q is none that the chain knows, which counts as a failure", beginning(event.Outcome))
	}
	result, err := d.engine.Signal(ctx, invocation, engine.Report{
		Step: event.Step, ID: event.ID, Outcome: outcome, At: eventTime(event.Time, h.deployment.now()),
		By: fmt.Sprintf("the event %s of %s in EventBridge", beginning(event.DetailType), beginning(event.From)), Reason: reason,
	})
	result.EventID, result.EventType = beginning(event.ID), beginning(event.DetailType)
	return result, err
}

// maxWord is the most characters of a text of an event in the record and in the log. An event may have 256 KB of them at any path.
const maxWord = 200

// beginning returns the beginning of a text of an event.
func beginning(text string) string {
	if all := []rune(text); len(all) > maxWord {
		return string(all[:maxWord]) + "…"
	}
	return text
}

// eventTime returns when an event happened. EventBridge leaves out fractions of the second: the end of the second keeps the order of what
// has happened before. A time in the future is now, since the sender's clock is not ours.
func eventTime(at, now time.Time) time.Time {
	if end := at.Add(time.Second - time.Millisecond); !at.IsZero() && end.Before(now) {
		return end
	}
	return now
}

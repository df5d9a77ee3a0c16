// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/idempotency"
)

// longestInvocation is how long Lambda lets the function run. A request that takes longer has broken off.
const longestInvocation = time.Minute

// replayed is the header of an answer that is repeated. Other APIs with Idempotency-Key call it so, too.
const replayed = "idempotent-replayed"

// once carries out a request that has a key, unless it was carried out before: then once repeats the answer. A request that failed may be
// sent again, and completes what it began. A request that was refused had no effect, and is tried anew when it is sent again.
func (h *handler) once(ctx context.Context, route string, who operationRequest, do func(operationRequest) answer) answer {
	if who.key == "" {
		return do(who)
	}
	within := longestInvocation
	if deadline, ok := ctx.Deadline(); ok {
		within = time.Until(deadline) + 2*logMargin // Invoke has taken one off
	}
	keys := &idempotency.Keys{Store: h.deployment.store, Now: h.deployment.now}
	claim, before, err := keys.Claim(ctx, idempotency.Request{
		Key: who.key, Route: route, Content: who.content, Operation: who.Operation, Within: within,
	})
	var underWay *idempotency.UnderWayError
	switch {
	case errors.Is(err, idempotency.ErrOtherRequest):
		a := refuse(http.StatusUnprocessableEntity, "This Idempotency-Key was used with another body or other parameters before. Nothing was "+
			"done. Give each request a key of its own.")
		a.cause = err
		return a
	case errors.As(err, &underWay):
		seconds := max(1, int(math.Ceil(underWay.Until.Sub(h.deployment.now()).Seconds())))
		a := refuse(http.StatusConflict, "The request with this Idempotency-Key is being carried out. Send it again in %d seconds: "+
			"the answer is the one that it gets, and if it was cut off, it is completed.", seconds)
		a.headers, a.cause = map[string]string{"retry-after": strconv.Itoa(seconds)}, err
		return a
	case err != nil:
		return broken(ctx, "Nothing was done.", err)
	case before != nil:
		return answer{
			status: before.Status, content: json.RawMessage(before.Content), headers: map[string]string{replayed: "true"},
			attrs: []slog.Attr{slog.String("outcome", string(engine.OutcomeRepeated))},
		}
	}
	who.Operation, who.id = claim.Operation, claim.ID
	a := do(who)
	if err := recordResult(ctx, claim, a); err != nil {
		// The answer is right all the same. The next request with this key waits, and finds what this one has done.
		h.log.LogAttrs(ctx, slog.LevelWarn, "idempotency", slog.String("route", route), slog.String("reason",
			"the answer could not be recorded, so a repetition of the request looks what was done: "+err.Error()))
	}
	return a
}

// recordResult records the result of a claim.
func recordResult(ctx context.Context, claim *idempotency.Claim, a answer) error {
	switch {
	case a.status >= http.StatusInternalServerError:
		return claim.Fail(ctx)
	case a.status >= http.StatusBadRequest:
		return claim.Free(ctx)
	}
	var content strings.Builder
	encoder := json.NewEncoder(&content)
	encoder.SetEscapeHTML(false) // as answer.encode does
	if err := encoder.Encode(a.content); err != nil {
		return err
	}
	return claim.Done(ctx, idempotency.Answer{Status: a.status, Content: content.String()})
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// paused is the answer of POST /pause.
type paused struct {
	Paused  chain.Operation `json:"paused"`  // the operation that counts: the first one if the chain was paused already
	Already bool            `json:"already"` // it was
}

// pause parks all starts of the chain.
func (h *handler) pause(r *http.Request, d *deployed, request operationRequest) answer {
	operation, err := d.engine.Pause(r.Context(), request.id, request.Operation)
	if err != nil {
		return broken(r.Context(), "The chain could not be paused.", err)
	}
	return answer{status: http.StatusAccepted, content: paused{
		operation, !operation.At.Equal(request.At) || operation.By != request.By,
	}}
}

// resumed is the answer of POST /resume.
type resumed struct {
	Started    []engine.Started    `json:"started"`     // starts that were parked
	NotStarted []engine.NotStarted `json:"not_started"` // why one of them starts later, or does not start
	Failed     []engine.Failed     `json:"failed"`
	Already    bool                `json:"already"` // the chain was not paused
}

// resume releases the starts that a pause has parked.
func (h *handler) resume(r *http.Request, d *deployed, request operationRequest) answer {
	result, err := d.engine.Resume(r.Context(), invocationID(r.Context()), request.id, request.Operation)
	a := answer{status: http.StatusAccepted, content: resumed{
		orEmpty(result.Started), orEmpty(result.NotStarted), orEmpty(result.Failed), result.Already,
	}}
	if err != nil {
		a = broken(r.Context(), "It is unknown whether the chain and all parked starts were resumed. Send the request again.", err)
	}
	a.attrs = h.attrs(result)
	return a
}

// canceled is the answer of POST /runs/{run}/cancel.
type canceled struct {
	Run      string            `json:"run"`
	Canceled []engine.Canceled `json:"canceled"` // the starts that were active
	Failed   []engine.Failed   `json:"failed"`   // reloads that Qlik Cloud did not cancel: the function asks again in a minute
	Already  bool              `json:"already"`  // it was canceled before
}

// cancel ends a run.
func (h *handler) cancel(r *http.Request, d *deployed, request operationRequest) answer {
	run := pathValue(r, "run")
	result, err := d.engine.Cancel(r.Context(), invocationID(r.Context()), request.id, run, request.Operation)
	a := answer{status: http.StatusAccepted, content: canceled{run, orEmpty(result.Canceled), orEmpty(result.Failed), result.Already}}
	switch {
	case err != nil:
		a = broken(r.Context(), "It is unknown whether the run was canceled. Send the request again.", err)
	case result.Outcome == engine.OutcomeRefused:
		a = refusal(d, result)
	}
	a.attrs = h.attrs(result)
	return a
}

// operations is the answer of GET /operations.
type operations struct {
	*engine.Operations
	DeadLetters  *int   `json:"dead_letters"`  // about how many messages the dead-letter queue holds; null: it could not be read
	MayPost      bool   `json:"may_post"`      // whether the caller may operate the chain
	OperatorAuth string `json:"operator_auth"` // how operators authenticate: see chain.OperatorAuthKey
}

// maxOperations is the most operations that are shown.
const maxOperations = 50

func (h *handler) operations(r *http.Request, d *deployed) answer {
	found, err := d.engine.Operations(r.Context(), maxOperations)
	if err != nil {
		return broken(r.Context(), "The operations could not be read.", err)
	}
	settings := &h.deployment.settings
	granted := settings.accessOf(gatewayEvent(r.Context()).RequestContext.Identity)
	content := operations{Operations: found, MayPost: granted == accessOperate, OperatorAuth: settings.operatorAuth}
	left, err := h.deployment.queue.Left(r.Context())
	if err != nil { // what the chain does is worth showing without
		return answer{content: content, cause: fmt.Errorf("counting the messages of the dead-letter queue: %w", err)}
	}
	content.DeadLetters = &left
	return answer{content: content}
}

// operate carries out an operation for Terraform.
func (h *handler) operate(ctx context.Context, o chain.OperationPayload) ([]byte, error) {
	current, err := h.deployment.get(ctx)
	if err != nil {
		h.logResult(ctx, "operation", "", engine.Result{Outcome: engine.OutcomeError, Reason: err.Error()})
		return nil, err
	}
	who := operationRequest{Operation: chain.Operation{At: h.deployment.now(), By: o.By}, id: o.ID, key: o.ID}
	attrs := append([]slog.Attr{slog.String("operation", string(o.Kind))}, requestIDs(ctx, "")...)
	var result engine.Result
	a := h.once(ctx, "operation "+string(o.Kind), who, func(who operationRequest) answer {
		var err error
		switch o.Kind {
		case chain.OperationPause:
			_, err = current.engine.Pause(ctx, who.id, who.Operation)
		case chain.OperationResume:
			result, err = current.engine.Resume(ctx, invocationID(ctx), who.id, who.Operation)
		default:
			err = fmt.Errorf("there is no operation %q for Terraform", o.Kind)
		}
		if err != nil {
			return answer{status: http.StatusInternalServerError, cause: err}
		}
		if o.Kind == chain.OperationResume {
			attrs = append(attrs, h.attrs(result)...)
		}
		return answer{content: struct{}{}}
	})
	if a.cause != nil {
		attrs = append(attrs, slog.String("outcome", "error"), slog.String("reason", a.cause.Error()))
		h.log.LogAttrs(ctx, slog.LevelError, "operation", attrs...)
		return nil, a.cause
	}
	h.log.LogAttrs(ctx, result.Level(), "operation", attrs...)
	return json.Marshal(a.content)
}

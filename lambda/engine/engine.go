// Package engine turns one webhook delivery into the reloads that are due. It knows neither AWS nor HTTP.
package engine

import (
	"context"
	"errors"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Starter starts reloads. *qlik.Client is one.
type Starter interface {
	StartReload(ctx context.Context, r qlik.ReloadRequest) (*qlik.Reload, error)
}

// Engine carries one chain on. It is safe for concurrent use.
type Engine struct {
	Index         *chain.Index
	TenantID      string // what an event's tenant must be
	SigningSecret string // of the webhook
	Reloads       Starter
}

// Handle judges a delivery and starts what is due after it. body is the exact body that was sent, signature the value of
// the header qlik.SignatureHeader. Only a start of a reload calls anything outside.
func (e *Engine) Handle(ctx context.Context, body []byte, signature string) Result {
	if signature == "" {
		return refused(RefusalSignature, "the delivery has no header "+qlik.SignatureHeader)
	}
	if !qlik.VerifySignature(e.SigningSecret, body, signature) {
		return refused(RefusalSignature, "the signature was not made with the chain's signing secret over this body")
	}
	event, err := qlik.ParseEvent(body)
	if err != nil {
		return unreadable(err)
	}
	result := Result{EventID: event.ID, EventType: event.Type, AppID: event.AppID, ReloadID: event.ReloadID, Status: event.Status}
	if event.TenantID != "" && event.TenantID != e.TenantID {
		return result.refuse(RefusalTenant, "the event is of the tenant "+event.TenantID+", the chain of "+e.TenantID)
	}
	outcome, final := chain.OutcomeOf(string(event.Status))
	if !final {
		return result.refuse(RefusalBody, "the reload has not ended")
	}
	decision := e.Index.Decide(event.AppID, outcome)
	result.Step, result.Held = decision.Step, decision.Held
	switch {
	case !decision.Known:
		result.Outcome = OutcomeNotInChain
	case event.SessionApp:
		result.Held = nil
		result.Outcome, result.Reason = OutcomeNothingDue, "a session app was reloaded, not the app itself"
	case len(decision.Due) == 0:
		result.Outcome, result.Reason = OutcomeNothingDue, "every step after this one is held"
		if len(decision.Held) == 0 {
			result.Reason = "no step comes after this one"
		}
	default:
		result.add(e.startAll(ctx, decision.Due))
	}
	return result
}

// unreadable is the result for a body that ParseEvent refused.
func unreadable(err error) Result {
	var wrong *qlik.EventError
	if !errors.As(err, &wrong) {
		return refused(RefusalBody, err.Error())
	}
	result := Result{EventID: wrong.ID, EventType: wrong.Type}
	if errors.Is(err, qlik.ErrUnknownType) {
		return result.refuse(RefusalType, wrong.Err.Error())
	}
	return result.refuse(RefusalBody, wrong.Err.Error())
}

// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Webhooks reads webhooks of Qlik Cloud. *qlik.Client implements it.
type Webhooks interface {
	GetWebhook(ctx context.Context, id string) (*qlik.Webhook, error)
	PatchWebhook(ctx context.Context, id string, operations []qlik.PatchOperation) error
	// FailedDeliveries returns the deliveries of a webhook that have failed since then, if Qlik still keeps them.
	FailedDeliveries(ctx context.Context, id string, since time.Time) ([]qlik.Delivery, error)
}

// WebhookState is the state in which a sweep found the webhook.
type WebhookState string

// The states of a webhook.
const (
	WebhookEnabled  WebhookState = "enabled"
	WebhookDisabled WebhookState = "disabled" // by Qlik Cloud after too many failures, or by a user
	WebhookGone     WebhookState = "gone"     // it existed before
	WebhookUnknown  WebhookState = "unknown"  // the function's credentials cannot see it
)

// WebhookHealth is the result of the latest sweep that could check the webhook.
type WebhookHealth struct {
	State  WebhookState `json:"state"`
	Since  time.Time    `json:"since"`            // when a sweep first found this state
	Reason string       `json:"reason,omitempty"` // reason of the state, if Qlik gives one
}

// failedDeliveries checks whether the webhook is enabled, and which of its deliveries have failed since the last sweep.
func (w *work) failedDeliveries(ctx context.Context, s Sweep, swept *sweepDoc, r *report) []missed {
	now := w.Now()
	if there := w.lookAtWebhook(ctx, s, swept, r); !there {
		return nil
	}
	since := swept.Deliveries
	if since.IsZero() { // the first sweep: earlier failures do not count
		swept.Deliveries = now
		return nil
	}
	deliveries, err := w.Webhooks.FailedDeliveries(ctx, s.Webhook, since.Add(-overlap))
	if err != nil {
		r.trouble(fmt.Errorf("the webhook's failed deliveries could not be listed: %w", err))
		return nil
	}
	var all []missed
	for _, d := range deliveries {
		if end, _ := w.judge(d.Request.Body); end != nil {
			all = append(all, missed{reloadEnd: *end})
		}
	}
	swept.Deliveries = now
	return all
}

// lookAtWebhook records the state of the webhook, and returns whether it could be checked.
func (w *work) lookAtWebhook(ctx context.Context, s Sweep, swept *sweepDoc, r *report) bool {
	before := WebhookHealth{}
	if swept.Webhook != nil {
		before = *swept.Webhook
	}
	health := WebhookHealth{Since: w.Now()}
	found, err := w.Webhooks.GetWebhook(ctx, s.Webhook)
	switch {
	case err == nil && found.Enabled:
		health.State = WebhookEnabled
	case err == nil:
		health.State, health.Reason = WebhookDisabled, cmp.Or(found.DisabledReason, found.DisabledReasonCode)
	case qlik.IsNotFound(err) && before.State != "" && before.State != WebhookUnknown:
		health.State = WebhookGone
	case refusedForGood(err):
		health.State, health.Reason = WebhookUnknown, err.Error()
	default:
		r.trouble(fmt.Errorf("the webhook could not be looked at: %w", err))
		return false
	}
	if health.State == before.State {
		health.Since = before.Since
	}
	swept.Webhook = &health
	if r.result.Webhook = w.complain(health); health.State == WebhookDisabled && s.Enable {
		w.enable(ctx, s, swept.Webhook, r)
	}
	return err == nil
}

// complain describes the problem of the webhook; empty: none is known.
func (e *Engine) complain(health WebhookHealth) string {
	since := e.clock(health.Since, e.Now())
	switch health.State {
	case WebhookDisabled:
		reason := ""
		if health.Reason != "" {
			reason = fmt.Sprintf(" (Qlik Cloud says: %s)", health.Reason)
		}
		return fmt.Sprintf("the webhook is disabled, as was found at %s%s: no event comes, and only sweeps find what ends. "+
			"terraform apply enables it again", since, reason)
	case WebhookGone:
		return fmt.Sprintf("the webhook is gone, as was found at %s: no event comes, and only sweeps find what ends. "+
			"terraform apply makes it anew", since)
	case WebhookEnabled, WebhookUnknown:
	}
	return ""
}

// enable enables the webhook again, as the chain's configuration requests.
func (w *work) enable(ctx context.Context, s Sweep, health *WebhookHealth, r *report) {
	err := w.Webhooks.PatchWebhook(ctx, s.Webhook, []qlik.PatchOperation{{Op: "replace", Path: "/enabled", Value: true}})
	if err != nil {
		r.trouble(fmt.Errorf("the webhook is disabled and could not be enabled again: %w", err))
		return
	}
	r.result.Webhook = "the webhook was disabled, and was enabled again now"
	if health.Reason != "" {
		r.result.Webhook += "; Qlik Cloud said of it: " + health.Reason
	}
	*health = WebhookHealth{State: WebhookEnabled, Since: w.Now()}
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// rewritten is the repair of every change of the webhook: Qlik Cloud would clear what a request leaves out.
var rewritten = calls{"qlik PUT /api/core/webhooks/{id}"}

// webhookDrifts are changes of the webhook, manual ones in Qlik's management console or by Qlik Cloud itself.
var webhookDrifts = driftGroup{
	drifts: []drift{
		{"deleted", deleteWebhook,
			shown{"drift.webhook": "missing", "webhook_id": gone},
			calls{"lambda UpdateFunctionConfiguration", "qlik POST /api/core/webhooks", "scheduler UpdateSchedule", "ssm PutParameter"}},
		{"disabled", patchWebhook(change("/enabled", false)), shown{"drift.webhook.enabled": "false, should be true"}, rewritten},
		{"switched off by Qlik", func(_ context.Context, h *harness) error {
			if !h.Tenant.DisableWebhook(h.Tenant.Webhooks()[0].ID, "DELIVERY-FAILURES", "too many deliveries failed") {
				return errors.New("the tenant has no such webhook")
			}
			return nil
		}, shown{"drift.webhook.enabled": "false, switched off by Qlik Cloud: too many deliveries failed DELIVERY-FAILURES, should be true"},
			rewritten},
		{"url", patchWebhook(change("/url", "https://example.com/elsewhere"),
			change("/encryptedHeaders", map[string]string{"x-api-key": "another"})),
			shown{"drift.webhook.url": "https://example.com/elsewhere, should be http://"}, rewritten},
		{"name", patchWebhook(change("/name", "mine")), shown{"drift.webhook.name": "mine, should be qlik-task-chain-nightly"}, rewritten},
		{"description", patchWebhook(change("/description", "mine")), shown{"drift.webhook.description": "mine, should be"}, rewritten},
		{"filter", patchWebhook(change("/filter", `topLevelResourceId eq "0"`)),
			shown{"drift.webhook.filter": `topLevelResourceId eq "0", should be none`}, rewritten},
		{"event type", patchWebhook(change("/eventTypes", []string{qlik.EventAppReloadFinished})),
			shown{"event_type": "com.qlik.v1.app.reload.finished"}, rewritten},
		{"event type added", patchWebhook(change("/eventTypes", []string{qlik.EventReloadFinished, "com.qlik.v1.app.deleted"})),
			shown{"event_type": "com.qlik.v1.reload.finished, com.qlik.v1.app.deleted"}, rewritten},
		{"level", patchWebhook(change("/level", "user")), shown{"webhook_level": "user"}, rewritten},
		{"header added", patchWebhook(change("/headers", map[string]string{"X-Mine": "1"})),
			shown{"drift.webhook.headers": "X-Mine, should be none"}, rewritten},
		{"encrypted header added", patchWebhook(change("/encryptedHeaders", map[string]string{"x-api-key": "another", "X-Mine": "1"})),
			shown{"drift.webhook.encrypted_headers": "x-mine, x-api-key, should be x-api-key"}, rewritten},
		{"headers removed", patchWebhook(qlik.PatchOperation{Op: "remove", Path: "/encryptedHeaders"}),
			shown{"drift.webhook.encrypted_headers": "none, should be x-api-key"}, rewritten},
		{"secret removed", patchWebhook(qlik.PatchOperation{Op: "remove", Path: "/secret"}), shown{"drift.webhook.secret": "missing"}, rewritten},
		{"check of certificates", patchWebhook(change("/checkCertificateRevocation", true)),
			shown{"drift.webhook.check_certificate_revocation": "true, should be false"}, rewritten},
	},
}

func change(path string, value any) qlik.PatchOperation {
	return qlik.PatchOperation{Op: "replace", Path: path, Value: value}
}

func (h *harness) qlikClient() (*qlik.Client, error) {
	return qlik.NewClient(qlik.Config{TenantURL: h.Tenant.URL(), Credentials: qlik.Credentials{APIKey: h.Tenant.APIKey()}})
}

func deleteWebhook(ctx context.Context, h *harness) error {
	client, err := h.qlikClient()
	if err != nil {
		return err
	}
	return client.DeleteWebhook(ctx, h.Tenant.Webhooks()[0].ID)
}

func patchWebhook(operations ...qlik.PatchOperation) hand {
	return func(ctx context.Context, h *harness) error {
		client, err := h.qlikClient()
		if err != nil {
			return err
		}
		return client.PatchWebhook(ctx, h.Tenant.Webhooks()[0].ID, operations)
	}
}

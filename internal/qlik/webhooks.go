// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
)

// The levels of a webhook.
const (
	LevelTenant = "tenant" // every resource of the tenant; needs the role TenantAdmin
	LevelUser   = "user"   // what the owner can access
)

// WebhookRequest is the desired state of a webhook. Deliveries are always CloudEvents: Qlik Cloud cannot switch that back.
type WebhookRequest struct {
	Name        string   `json:"name"` // at most 512 characters
	URL         string   `json:"url"`  // https with a host name; at most 2048 characters
	Description string   `json:"description,omitempty"`
	EventTypes  []string `json:"eventTypes"`
	Filter      string   `json:"filter,omitempty"` // SCIM (RFC 7644): topLevelResourceId eq "…" or …
	Level       string   `json:"level,omitempty"`  // LevelTenant (Qlik's default) or LevelUser
	OwnerID     string   `json:"ownerId,omitempty"`
	Enabled     bool     `json:"enabled"`
	Secret      string   `json:"secret,omitempty"` // 32 to 64 characters; no answer contains it
	// sent with each delivery, readable by everyone who may read the webhook
	Headers                    map[string]string `json:"headers,omitempty"`
	EncryptedHeaders           map[string]string `json:"encryptedHeaders,omitempty"` // sent with each delivery; answers have only names
	CheckCertificateRevocation bool              `json:"checkCertificateRevocation,omitempty"`
}

// String describes the webhook without its secrets.
func (w WebhookRequest) String() string { return fmt.Sprintf("webhook %q to %s", w.Name, w.URL) }

// Format hides the secrets from every verb of fmt.
func (w WebhookRequest) Format(f fmt.State, _ rune) {
	_, _ = f.Write([]byte(w.String())) // fmt.State records no error
}

// LogValue hides the secrets from log/slog.
func (w WebhookRequest) LogValue() slog.Value { return slog.StringValue(w.String()) }

// Webhook is a webhook in an answer of Qlik Cloud.
type Webhook struct {
	ID                         string            `json:"id"`
	Name                       string            `json:"name"`
	URL                        string            `json:"url"`
	Description                string            `json:"description"`
	EventTypes                 []string          `json:"eventTypes"`
	Filter                     string            `json:"filter"`
	Level                      string            `json:"level"`
	OwnerID                    string            `json:"ownerId"`
	Enabled                    bool              `json:"enabled"`
	SecretKeyAdded             bool              `json:"secretKeyAdded"` // the only trace of the secret
	Headers                    map[string]string `json:"headers"`
	EncryptedHeaders           []string          `json:"encryptedHeaders"` // names; no answer contains the values
	CheckCertificateRevocation bool              `json:"checkCertificateRevocation"`
	EnableCloudEventDelivery   bool              `json:"enableCloudEventDelivery"`
	DisabledReason             string            `json:"disabledReason"`     // set if Qlik disabled the webhook
	DisabledReasonCode         string            `json:"disabledReasonCode"` // likewise
	CreatedByUserID            string            `json:"createdByUserId"`
	CreatedAt                  Timestamp         `json:"createdAt"`
	UpdatedAt                  Timestamp         `json:"updatedAt"`
}

// PatchOperation changes one property of a webhook. /api/v1/webhooks cannot patch filter, level, ownerId and
// checkCertificateRevocation; ReplaceWebhook can change everything everywhere.
type PatchOperation struct {
	Op    string `json:"op"`   // add, remove or replace
	Path  string `json:"path"` // /enabled, /eventTypes, /secret, …
	Value any    `json:"value,omitempty"`
}

// webhookBody is the transmitted form. Qlik Cloud refuses a PUT without enableCloudEventDelivery with 403 if the webhook has it.
type webhookBody struct {
	WebhookRequest
	EnableCloudEventDelivery bool `json:"enableCloudEventDelivery"`
}

// CreateWebhook makes a webhook. It does not retry after a connection error or a 5xx: first search for the webhook by name.
func (c *Client) CreateWebhook(ctx context.Context, w WebhookRequest) (*Webhook, error) {
	var webhook Webhook
	err := c.withMoved(ctx, &c.webhooks, func(collection string) error {
		return c.do(ctx, request{method: http.MethodPost, path: collection, body: webhookBody{w, true}}, &webhook)
	})
	if err != nil {
		return nil, err
	}
	return &webhook, nil
}

// GetWebhook reads a webhook. IsNotFound is true for its error if the webhook is gone.
func (c *Client) GetWebhook(ctx context.Context, id string) (*Webhook, error) {
	var webhook Webhook
	if err := c.doWebhook(ctx, id, request{method: http.MethodGet}, &webhook); err != nil {
		return nil, err
	}
	return &webhook, nil
}

// ListWebhooks lists the webhooks with name as a part of their names, in any case. The caller must compare the exact name. An empty name
// lists all webhooks that the caller may see.
func (c *Client) ListWebhooks(ctx context.Context, name string) ([]Webhook, error) {
	query := url.Values{"limit": {"100"}}
	if name != "" {
		query.Set("name", name)
	}
	var webhooks []Webhook
	err := c.withMoved(ctx, &c.webhooks, func(collection string) (err error) {
		webhooks, err = list[Webhook](ctx, c, collection, query, 0)
		return err
	})
	return webhooks, err
}

// PatchWebhook changes properties of a webhook. It does not retry after a connection error or a 5xx.
func (c *Client) PatchWebhook(ctx context.Context, id string, operations []PatchOperation) error {
	return c.doWebhook(ctx, id, request{method: http.MethodPatch, body: operations}, nil)
}

// ReplaceWebhook replaces a webhook with w. It clears what w omits, including the secret and the encrypted headers.
func (c *Client) ReplaceWebhook(ctx context.Context, id string, w WebhookRequest) (*Webhook, error) {
	var webhook Webhook
	if err := c.doWebhook(ctx, id, request{method: http.MethodPut, body: webhookBody{w, true}}, &webhook); err != nil {
		return nil, err
	}
	return &webhook, nil
}

// DeleteWebhook deletes a webhook. IsNotFound is true for its error if the webhook was already gone, perhaps after a first try with a lost
// answer.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.doWebhook(ctx, id, request{method: http.MethodDelete}, nil)
}

// doWebhook calls one webhook's path.
func (c *Client) doWebhook(ctx context.Context, id string, r request, out any) error {
	return c.doMoved(ctx, &c.webhooks, r, out, id)
}

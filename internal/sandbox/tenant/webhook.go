// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"maps"
	"slices"
	"time"
)

// The levels of a webhook.
const (
	levelTenant = "tenant"
	levelUser   = "user"
)

// Webhook is a webhook for tests, including the data that the API never returns.
type Webhook struct {
	ID                         string
	Name                       string
	URL                        string
	Description                string
	EventTypes                 []string
	Filter                     string
	Level                      string
	OwnerID                    string
	Enabled                    bool
	Secret                     string
	Headers                    map[string]string
	EncryptedHeaders           map[string]string
	CheckCertificateRevocation bool
	EnableCloudEventDelivery   bool
	DisabledReason             string
	DisabledReasonCode         string
	CreatedBy                  string // user id
	UpdatedBy                  string // user id
	Created                    time.Time
	Updated                    time.Time
}

// webhook is a webhook of the tenant. A change replaces its Webhook as a whole.
type webhook struct {
	Webhook
	apps   []string // apps in the filter; nil if every app matches
	former []formerWebhook
}

// formerWebhook is the previous version of a webhook, while deliveries still use it.
type formerWebhook struct {
	Webhook
	until time.Time
}

// delivered returns the version of the webhook that deliveries use at a time. It has the previous url, headers and secret until a change
// takes effect. The current version decides which events are sent.
func (w *webhook) delivered(now time.Time) Webhook {
	known := w.clone()
	for i := range w.former {
		if before := &w.former[i]; now.Before(before.until) {
			old := before.clone()
			known.URL, known.Headers, known.EncryptedHeaders, known.Secret = old.URL, old.Headers, old.EncryptedHeaders, old.Secret
			break
		}
	}
	return known
}

// Webhooks returns all webhooks, oldest first.
func (t *Tenant) Webhooks() []Webhook {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Webhook, 0, len(t.webhooks))
	for _, w := range t.webhooks {
		all = append(all, w.clone())
	}
	return all
}

// DisableWebhook disables a webhook, as the service itself can do. Qlik does not document when it does so, and with which codes. It reports
// whether the webhook exists.
func (t *Tenant) DisableWebhook(id, reasonCode, reason string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, w := range t.webhooks {
		if w.ID == id {
			w.Enabled, w.DisabledReasonCode, w.DisabledReason = false, reasonCode, reason
			return true
		}
	}
	return false
}

func (w *Webhook) clone() Webhook {
	c := *w
	c.EventTypes = slices.Clone(w.EventTypes)
	c.Headers = maps.Clone(w.Headers)
	c.EncryptedHeaders = maps.Clone(w.EncryptedHeaders)
	return c
}

// webhookAnswer is a webhook in the API's format. It has only the names of encrypted headers, and only whether a secret exists.
type webhookAnswer struct {
	ID                         string            `json:"id"`
	Name                       string            `json:"name"`
	URL                        string            `json:"url"`
	Description                string            `json:"description"`
	EventTypes                 []string          `json:"eventTypes"`
	Filter                     string            `json:"filter,omitempty"`
	Level                      string            `json:"level"`
	OwnerID                    string            `json:"ownerId,omitempty"`
	Enabled                    bool              `json:"enabled"`
	SecretKeyAdded             bool              `json:"secretKeyAdded"`
	Headers                    map[string]string `json:"headers,omitempty"`
	EncryptedHeaders           []string          `json:"encryptedHeaders,omitempty"`
	CheckCertificateRevocation bool              `json:"checkCertificateRevocation"`
	EnableCloudEventDelivery   bool              `json:"enableCloudEventDelivery"`
	Origin                     string            `json:"origin"`
	DisabledReason             string            `json:"disabledReason,omitempty"`
	DisabledReasonCode         string            `json:"disabledReasonCode,omitempty"`
	CreatedAt                  time.Time         `json:"createdAt"`
	UpdatedAt                  time.Time         `json:"updatedAt"`
	CreatedByUserID            string            `json:"createdByUserId"`
	UpdatedByUserID            string            `json:"updatedByUserId"`
}

func (w *Webhook) answer() webhookAnswer {
	return webhookAnswer{
		ID: w.ID, Name: w.Name, URL: w.URL, Description: w.Description,
		EventTypes: append([]string{}, w.EventTypes...), Filter: w.Filter, Level: w.Level, OwnerID: w.OwnerID, Enabled: w.Enabled,
		SecretKeyAdded: w.Secret != "", Headers: maps.Clone(w.Headers), EncryptedHeaders: slices.Sorted(maps.Keys(w.EncryptedHeaders)),
		CheckCertificateRevocation: w.CheckCertificateRevocation, EnableCloudEventDelivery: w.EnableCloudEventDelivery,
		Origin: "api", DisabledReason: w.DisabledReason, DisabledReasonCode: w.DisabledReasonCode,
		CreatedAt: w.Created.UTC(), UpdatedAt: w.Updated.UTC(), CreatedByUserID: w.CreatedBy, UpdatedByUserID: w.UpdatedBy,
	}
}

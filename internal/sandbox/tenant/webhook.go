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

// Webhook is a webhook with everything that the API never tells, for tests to look at.
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
	apps   []string // that the filter names; nil when everything matches
	former []formerWebhook
}

// formerWebhook is what a webhook was before a change, as long as deliveries still go by it.
type formerWebhook struct {
	Webhook
	until time.Time
}

// delivered returns the webhook as deliveries know it at a time: with its url, headers and secret of before while changes are on their way.
// Whether it wants an event at all it decides as it is.
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

// Webhooks returns all webhooks, the oldest first.
func (t *Tenant) Webhooks() []Webhook {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Webhook, 0, len(t.webhooks))
	for _, w := range t.webhooks {
		all = append(all, w.clone())
	}
	return all
}

// DisableWebhook switches a webhook off as the service does on its own account. When it does that, and with which codes, is not documented.
// It reports whether the webhook exists.
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

// webhookAnswer is a webhook as the API tells it: of the encrypted headers only the names, of the secret only whether there is one.
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

// eventTypes are those that webhooks may have here, with the levels of such webhooks. Only the two about reloads are ever sent.
var eventTypes = map[string][]string{
	typeReloadFinished:        {levelUser, levelTenant},
	typeAppReloadFinished:     {levelUser, levelTenant},
	"com.qlik.v1.app.created": {levelUser, levelTenant},
	"com.qlik.v1.app.deleted": {levelTenant},
}

// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"net/http"
	"slices"
	"strconv"
)

const maxWebhooksPerUser = 150

// webhookAPI is one of the two base paths of the webhooks' API. Both show the same webhooks; some rules differ.
type webhookAPI struct {
	*Tenant
	base string
	core bool
}

func (t *Tenant) webhookAPIs() []webhookAPI {
	apis := []webhookAPI{{t, "/api/v1/webhooks", false}}
	if !t.config.WithoutCoreWebhooks {
		apis = append(apis, webhookAPI{t, "/api/core/webhooks", true})
	}
	return apis
}

// webhookBody is the body of POST and PUT.
type webhookBody struct {
	Name                       string            `json:"name"`
	URL                        string            `json:"url"`
	Description                string            `json:"description"`
	EventTypes                 []string          `json:"eventTypes"`
	Filter                     string            `json:"filter"`
	Level                      string            `json:"level"`
	OwnerID                    string            `json:"ownerId"`
	Enabled                    bool              `json:"enabled"`
	Secret                     string            `json:"secret"`
	Headers                    map[string]string `json:"headers"`
	EncryptedHeaders           map[string]string `json:"encryptedHeaders"`
	CheckCertificateRevocation bool              `json:"checkCertificateRevocation"`
	EnableCloudEventDelivery   *bool             `json:"enableCloudEventDelivery"`
}

func (b *webhookBody) webhook() Webhook {
	w := Webhook{
		Name: b.Name, URL: b.URL, Description: b.Description, EventTypes: b.EventTypes, Filter: b.Filter, Level: b.Level, OwnerID: b.OwnerID,
		Enabled: b.Enabled, Secret: b.Secret, Headers: b.Headers, EncryptedHeaders: b.EncryptedHeaders,
		CheckCertificateRevocation: b.CheckCertificateRevocation,
		EnableCloudEventDelivery:   b.EnableCloudEventDelivery != nil && *b.EnableCloudEventDelivery,
	}
	if w.Level == "" {
		w.Level = levelTenant
	}
	return w
}

func (api webhookAPI) create(r *request) (*response, error) {
	var body webhookBody
	if err := r.decode(codeInvalidWebhook, &body); err != nil {
		return nil, err
	}
	w := body.webhook()
	if body.EnableCloudEventDelivery == nil {
		w.EnableCloudEventDelivery = true
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	apps, err := api.check(&w, r.user)
	if err != nil {
		return nil, err
	}
	owned := 0
	for _, other := range api.webhooks {
		if other.CreatedBy == r.user.id {
			owned++
		}
	}
	if owned >= maxWebhooksPerUser {
		return nil, forbidden("WEBHOOKS-4", "the user has "+strconv.Itoa(maxWebhooksPerUser)+" webhooks already")
	}
	w.ID, w.CreatedBy, w.UpdatedBy, w.Created = newObjectID(), r.user.id, r.user.id, api.now()
	w.Updated = w.Created
	api.webhooks = append(api.webhooks, &webhook{Webhook: w, apps: apps})
	return &response{status: http.StatusCreated, body: w.answer()}, nil
}

// find returns the webhook in the request's path, if the caller may see it. The caller holds mu.
func (api webhookAPI) find(r *request) (*webhook, error) {
	id := r.PathValue("id")
	for _, w := range api.webhooks {
		if w.ID == id && w.visibleTo(r.user) {
			return w, nil
		}
	}
	return nil, notFound("WEBHOOKS-2", "webhook", id)
}

func (w *Webhook) visibleTo(u *user) bool {
	return u.admin() || w.CreatedBy == u.id || w.OwnerID == u.id
}

func (api webhookAPI) get(r *request) (*response, error) {
	api.mu.Lock()
	defer api.mu.Unlock()
	w, err := api.find(r)
	if err != nil {
		return nil, err
	}
	return ok(w.answer()), nil
}

// put replaces all properties: those missing in the body are cleared.
func (api webhookAPI) put(r *request) (*response, error) {
	var body webhookBody
	if err := r.decode(codeInvalidWebhook, &body); err != nil {
		return nil, err
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	w, err := api.find(r)
	if err != nil {
		return nil, err
	}
	changed := body.webhook()
	if err := api.replace(w, changed, r.user); err != nil {
		return nil, err
	}
	return ok(w.answer()), nil
}

// replace changes a webhook if the result is allowed. The caller holds mu.
func (api webhookAPI) replace(w *webhook, changed Webhook, by *user) error {
	if err := checkCloudEvents(&w.Webhook, &changed); err != nil {
		return err
	}
	apps, err := api.check(&changed, by)
	if err != nil {
		return err
	}
	changed.ID, changed.CreatedBy, changed.Created = w.ID, w.CreatedBy, w.Created
	now := api.now()
	changed.UpdatedBy, changed.Updated = by.id, now
	changed.DisabledReason, changed.DisabledReasonCode = w.DisabledReason, w.DisabledReasonCode
	if changed.Enabled {
		changed.DisabledReason, changed.DisabledReasonCode = "", ""
	}
	w.former = slices.DeleteFunc(w.former, func(f formerWebhook) bool { return !now.Before(f.until) })
	if delay := api.config.WebhookDelay; delay > 0 {
		w.former = append(w.former, formerWebhook{w.Webhook, now.Add(delay)})
	}
	w.Webhook, w.apps = changed, apps
	return nil
}

func (api webhookAPI) remove(r *request) (*response, error) {
	api.mu.Lock()
	defer api.mu.Unlock()
	w, err := api.find(r)
	if err != nil {
		return nil, err
	}
	api.webhooks = slices.DeleteFunc(api.webhooks, func(other *webhook) bool { return other == w })
	return &response{status: http.StatusNoContent}, nil
}

// list lists webhooks by a part of the name, ignoring case, newest first.
func (api webhookAPI) list(r *request) (*response, error) {
	name := r.URL.Query().Get("name")
	api.mu.Lock()
	defer api.mu.Unlock()
	found := []webhookAnswer{}
	for _, w := range slices.Backward(api.webhooks) {
		if w.visibleTo(r.user) && containsFold(w.Name, name) {
			found = append(found, w.answer())
		}
	}
	p, err := paginate(api.Tenant, r, codeInvalidWebhook, found, 20)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

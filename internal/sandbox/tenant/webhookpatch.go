// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

type patchOperation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// The properties that each API can patch. A single header of the two maps, /headers/My-Header, is refused, although the core API accepts
// it.
var (
	patchableV1 = []string{
		"name", "description", "url", "eventTypes", "headers", "enabled", "secret", "encryptedHeaders", "enableCloudEventDelivery",
	}
	patchableCore = append(slices.Clone(patchableV1), "filter", "level", "ownerId", "checkCertificateRevocation")
)

// patch applies all operations to a copy, and keeps the copy if it is valid.
func (api webhookAPI) patch(r *request) (*response, error) {
	var operations []patchOperation
	if err := r.decode(codeInvalidWebhook, &operations); err != nil {
		return nil, err
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	w, err := api.find(r)
	if err != nil {
		return nil, err
	}
	changed := w.clone()
	renewed := map[string]bool{} // encrypted headers that the patch sets or removes, lower case
	for _, operation := range operations {
		if err := api.apply(&changed, operation, renewed); err != nil {
			return nil, err
		}
	}
	if changed.URL != w.URL {
		for name := range w.EncryptedHeaders {
			if !renewed[strings.ToLower(name)] {
				return nil, badRequest(codeInvalidWebhook, "a new url needs the encrypted header %q again", name)
			}
		}
	}
	if changed.OwnerID != w.OwnerID && !r.user.admin() {
		return nil, forbidden("WEBHOOKS-3", "changing the owner needs the permission to transfer webhooks")
	}
	if err := api.replace(w, changed, r.user); err != nil {
		return nil, err
	}
	return &response{status: http.StatusNoContent}, nil
}

// apply carries out one operation on w.
func (api webhookAPI) apply(w *Webhook, o patchOperation, renewed map[string]bool) error {
	if !slices.Contains([]string{"add", "remove", "replace"}, o.Op) {
		return badRequest(codeInvalidWebhook, "op must be add, remove or replace, not %q", o.Op)
	}
	name, rooted := strings.CutPrefix(o.Path, "/")
	allowed := patchableV1
	if api.core {
		allowed = patchableCore
	}
	if !rooted || !slices.Contains(allowed, name) {
		return badRequest(codeInvalidWebhook, "path %q cannot be patched", o.Path)
	}
	if name == "encryptedHeaders" {
		for old := range w.EncryptedHeaders {
			renewed[strings.ToLower(old)] = true
		}
	}
	if o.Op == "remove" {
		o.Value = nil
	} else if len(o.Value) == 0 {
		return badRequest(codeInvalidWebhook, "%s of %s has no value", o.Op, o.Path)
	}
	return w.set(name, o.Value)
}

// set changes one property, or clears it if there is no value.
func (w *Webhook) set(name string, value json.RawMessage) error {
	target := map[string]any{
		"name": &w.Name, "description": &w.Description, "url": &w.URL, "eventTypes": &w.EventTypes, "headers": &w.Headers,
		"enabled": &w.Enabled, "secret": &w.Secret, "encryptedHeaders": &w.EncryptedHeaders,
		"enableCloudEventDelivery": &w.EnableCloudEventDelivery, "filter": &w.Filter, "level": &w.Level, "ownerId": &w.OwnerID,
		"checkCertificateRevocation": &w.CheckCertificateRevocation,
	}[name]
	reflect.ValueOf(target).Elem().SetZero()
	if value == nil {
		return nil
	}
	if err := json.Unmarshal(value, target); err != nil {
		return badRequest(codeInvalidWebhook, "the value of %s cannot be read: %v", name, err)
	}
	return nil
}

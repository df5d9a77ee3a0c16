// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

type patchOperation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// What each API can patch. The core API also takes one header of the two maps: /headers/My-Header.
var (
	patchableV1 = []string{
		"name", "description", "url", "eventTypes", "headers", "enabled", "secret", "encryptedHeaders", "enableCloudEventDelivery",
	}
	patchableCore = append(slices.Clone(patchableV1), "filter", "level", "ownerId", "checkCertificateRevocation")
)

// patch applies all operations to a copy, and keeps the copy if it is allowed.
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
	path, rooted := strings.CutPrefix(o.Path, "/")
	name, header, nested := strings.Cut(path, "/")
	allowed := patchableV1
	if api.core {
		allowed = patchableCore
	}
	oneHeader := nested && api.core && (name == "headers" || name == "encryptedHeaders")
	switch {
	case api.core && rooted && slices.Contains(append(slices.Clone(readOnly), "origin"), path):
		return conflict(path)
	case !rooted || !slices.Contains(allowed, name) || nested && !oneHeader:
		return badRequest(codeInvalidWebhook, "path %q cannot be patched", o.Path)
	case oneHeader:
		header = strings.NewReplacer("~1", "/", "~0", "~").Replace(header)
		return applyHeader(w, o, name, header, renewed)
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

// set changes one property; without a value it is cleared.
func (w *Webhook) set(name string, value json.RawMessage) error {
	var target any
	switch name {
	case "name":
		target = &w.Name
	case "description":
		target = &w.Description
	case "url":
		target = &w.URL
	case "eventTypes":
		target = &w.EventTypes
	case "headers":
		target = &w.Headers
	case "enabled":
		target = &w.Enabled
	case "secret":
		target = &w.Secret
	case "encryptedHeaders":
		target = &w.EncryptedHeaders
	case "enableCloudEventDelivery":
		target = &w.EnableCloudEventDelivery
	case "filter":
		target = &w.Filter
	case "level":
		target = &w.Level
	case "ownerId":
		target = &w.OwnerID
	case "checkCertificateRevocation":
		target = &w.CheckCertificateRevocation
	}
	return assign(target, name, value)
}

// assign overwrites what target points to with the value, or with nothing.
func assign(target any, name string, value json.RawMessage) error {
	switch target := target.(type) {
	case *string:
		*target = ""
	case *bool:
		*target = false
	case *[]string:
		*target = nil
	case *map[string]string:
		*target = nil
	}
	if value == nil {
		return nil
	}
	if err := json.Unmarshal(value, target); err != nil {
		return badRequest(codeInvalidWebhook, "the value of %s cannot be read: %v", name, err)
	}
	return nil
}

// applyHeader sets or removes one header. Names are compared in whatever case.
func applyHeader(w *Webhook, o patchOperation, name, header string, renewed map[string]bool) error {
	headers := &w.Headers
	if name == "encryptedHeaders" {
		headers = &w.EncryptedHeaders
		renewed[strings.ToLower(header)] = true
	}
	existed := false
	for old := range *headers {
		if strings.EqualFold(old, header) {
			existed = true
			delete(*headers, old)
		}
	}
	if !existed && o.Op != "add" {
		return badRequest(codeInvalidWebhook, "there is no header %q to %s", header, o.Op)
	}
	if o.Op == "remove" {
		return nil
	}
	var value string
	if err := json.Unmarshal(o.Value, &value); err != nil {
		return badRequest(codeInvalidWebhook, "the value of the header %q is not a string", header)
	}
	if *headers == nil {
		*headers = map[string]string{}
	}
	(*headers)[header] = value
	return nil
}

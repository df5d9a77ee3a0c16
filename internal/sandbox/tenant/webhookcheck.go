// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"net"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"
)

const codeInvalidWebhook = "WEBHOOKS-1" // our choice: the documentation lists no codes

// check refuses what the Webhooks API refuses. It sets the owner of a user level webhook and returns the apps in the filter. The caller
// holds mu.
func (t *Tenant) check(w *Webhook, by *user) ([]string, error) {
	for _, field := range []struct {
		name, text string
		min, max   int
	}{{"name", w.Name, 1, 512}, {"url", w.URL, 1, 2048}, {"description", w.Description, 0, 1024}} {
		if n := utf8.RuneCountInString(field.text); n < field.min || n > field.max {
			return nil, badRequest(codeInvalidWebhook, "%s must have from %d to %d characters, not %d", field.name, field.min, field.max, n)
		}
	}
	if n := utf8.RuneCountInString(w.Secret); w.Secret != "" && (n < 32 || n > 64) {
		return nil, badRequest(codeInvalidWebhook, "secret must have from 32 to 64 characters")
	}
	if err := checkURL(w.URL); err != nil {
		return nil, err
	}
	if err := checkHeaders(w.Headers, w.EncryptedHeaders); err != nil {
		return nil, err
	}
	if err := t.checkLevel(w, by); err != nil {
		return nil, err
	}
	for _, name := range w.EventTypes {
		levels, known := t.eventTypes()[name]
		if !known {
			return nil, badRequest(codeInvalidWebhook, "the event type %q is not known", name)
		}
		if !slices.Contains(levels, w.Level) {
			return nil, badRequest(codeInvalidWebhook, "the event type %q is not for webhooks of level %q", name, w.Level)
		}
	}
	apps, err := parseFilter(w.Filter, "topLevelResourceId")
	if err != nil {
		return nil, badRequest(codeInvalidWebhook, "the filter cannot be read: %v", err)
	}
	return apps, nil
}

func (t *Tenant) checkLevel(w *Webhook, by *user) error {
	switch w.Level {
	case levelTenant:
		if w.OwnerID != "" {
			return badRequest(codeInvalidWebhook, "ownerId is for webhooks of level user")
		}
		if !by.admin() {
			return forbidden("WEBHOOKS-3", "a webhook of level tenant needs the role TenantAdmin")
		}
	case levelUser:
		if w.OwnerID == "" {
			w.OwnerID = by.id
		}
		if t.findUser(w.OwnerID) == nil {
			return badRequest(codeInvalidWebhook, "ownerId %q is not a user", w.OwnerID)
		}
		if w.OwnerID != by.id && !by.admin() {
			return forbidden("WEBHOOKS-3", "only a TenantAdmin gives webhooks to another user")
		}
	default:
		return badRequest(codeInvalidWebhook, "level must be tenant or user, not %q", w.Level)
	}
	return nil
}

// checkURL requires https and a fully qualified host name, as Qlik Cloud does. The sandbox makes one exception: loopback.
func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return badRequest(codeInvalidWebhook, "url %q is not a URL with a host", text)
	}
	if isLoopback(u.Hostname()) && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	if u.Scheme != "https" || net.ParseIP(u.Hostname()) != nil || !strings.Contains(strings.Trim(u.Hostname(), "."), ".") {
		return badRequest(codeInvalidWebhook, "url %q must be https with a fully qualified host name, not an IP address", text)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkHeaders checks the size limit of each map, and that each name is used once.
func checkHeaders(plain, encrypted map[string]string) error {
	seen := map[string]bool{}
	for _, headers := range []map[string]string{plain, encrypted} {
		size := 0
		for name, value := range headers {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
				return badRequest(codeInvalidWebhook, "%q is not a header that HTTP can carry", name)
			}
			if seen[strings.ToLower(name)] {
				return badRequest(codeInvalidWebhook, "the header %q comes twice", name)
			}
			seen[strings.ToLower(name)] = true
			size += len(name) + len(value)
		}
		if size > 2048 {
			return badRequest(codeInvalidWebhook, "the headers have %d bytes, more than 2048", size)
		}
	}
	return nil
}

// checkCloudEvents refuses to turn CloudEvents off.
func checkCloudEvents(before, after *Webhook) error {
	if before.EnableCloudEventDelivery && !after.EnableCloudEventDelivery {
		return forbidden("WEBHOOKS-5", "enableCloudEventDelivery cannot be turned off again, and leaving it out does that")
	}
	return nil
}

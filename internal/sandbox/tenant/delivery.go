// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const (
	deliveryTimeout = 10 * time.Second // Qlik's is not documented
	maxResponseBody = 64 << 10         // bytes that a delivery's record keeps
	hidden          = "**OMITTED**"    // instead of an encrypted header's value
)

// Delivery is one attempt to send an event to a webhook.
type Delivery struct {
	ID              string
	WebhookID       string
	EventType       string
	Success         bool
	StatusMessage   string
	Triggered       time.Time
	URL             string
	Headers         map[string]string // as sent; values of encrypted headers are hidden
	Body            []byte            // as sent
	StatusCode      int               // of the answer; 0 when there was none
	ResponseHeaders map[string]string
	ResponseBody    string
}

type delivery struct{ Delivery }

// Deliveries returns all deliveries that have ended, the oldest first.
func (t *Tenant) Deliveries() []Delivery {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Delivery, 0, len(t.deliveries))
	for _, d := range t.deliveries {
		all = append(all, d.Delivery)
	}
	return all
}

// newDeliveryClient returns the client for deliveries. It does not follow redirects: Qlik documents no redirects, so the redirect is the
// answer.
func newDeliveryClient() *http.Client {
	return &http.Client{
		Transport:     http.DefaultTransport.(*http.Transport).Clone(), //nolint:forcetypeassert // its documented type
		Timeout:       deliveryTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// send delivers an event to every webhook that wants it. The caller holds mu.
func (t *Tenant) send(e *event) {
	for _, w := range t.webhooks {
		if !t.wants(w, e) {
			continue
		}
		form := t.config.Envelope
		if form == EnvelopeCloudEvents && !w.EnableCloudEventDelivery {
			form = EnvelopeLegacy
		}
		body, err := json.Marshal(e.body(t.id, form))
		if err != nil {
			panic(fmt.Sprintf("an event that is no JSON: %v", err)) // maps of strings, numbers and flags only
		}
		t.dispatch(post{webhook: w.delivered(t.now()), kind: e.kind, body: body})
	}
}

// wants reports whether the webhook receives the event.
func (t *Tenant) wants(w *webhook, e *event) bool {
	if !w.Enabled || !slices.Contains(w.EventTypes, e.kind) || w.apps != nil && !slices.Contains(w.apps, e.about.id) {
		return false
	}
	if w.Level != levelUser {
		return true
	}
	owner := t.findUser(w.OwnerID)
	return owner != nil && e.about.seenBy(owner)
}

// deliver sends one request, records the result, and returns the record. The caller has counted it in underWay.
func (t *Tenant) deliver(ctx context.Context, w *Webhook, kind string, body []byte) *delivery {
	d := &delivery{Delivery{ID: newObjectID(), WebhookID: w.ID, EventType: kind, Triggered: t.now(), URL: w.URL, Body: body}}
	if err := t.post(ctx, w, d); err != nil {
		d.StatusMessage = err.Error()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.underWay--
	t.deliveries = append(t.deliveries, d)
	record := d.Delivery
	t.announce(Change{Delivery: &record})
	return d
}

// post sends the request of a delivery and fills in the answer. It calls loopback addresses only: a sandbox must not call other hosts.
func (t *Tenant) post(ctx context.Context, w *Webhook, d *delivery) error {
	headers := map[string]string{"Content-Type": "application/json", "User-Agent": "Qlik Webhook"}
	maps.Copy(headers, w.Headers)
	if w.Secret != "" {
		mac := hmac.New(sha256.New, []byte(w.Secret))
		mac.Write(d.Body)
		headers["Qlik-Signature"] = hex.EncodeToString(mac.Sum(nil))
	}
	d.Headers = maps.Clone(headers)
	for name := range w.EncryptedHeaders {
		d.Headers[name] = hidden
	}
	maps.Copy(headers, w.EncryptedHeaders)

	u, err := url.Parse(w.URL)
	if err != nil {
		return err
	}
	if !isLoopback(u.Hostname()) {
		return fmt.Errorf("the sandbox delivers to loopback only, not to %s", u.Host)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.URL, bytes.NewReader(d.Body))
	if err != nil {
		return err
	}
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	resp, err := t.delivery.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // the record has what it needs
	d.StatusCode, d.ResponseHeaders = resp.StatusCode, map[string]string{}
	for name, values := range resp.Header {
		d.ResponseHeaders[name] = strings.Join(values, ", ")
		if slices.ContainsFunc(slices.Collect(maps.Keys(w.EncryptedHeaders)), func(h string) bool { return strings.EqualFold(h, name) }) {
			d.ResponseHeaders[name] = hidden
		}
	}
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxResponseBody))
	d.ResponseBody = string(content)
	if err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	if d.Success = resp.StatusCode >= 200 && resp.StatusCode < 300; !d.Success {
		return fmt.Errorf("the receiver answered %s", resp.Status)
	}
	return nil
}

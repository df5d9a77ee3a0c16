// SPDX-License-Identifier: MPL-2.0

package stack_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// otherWebhook are the members of a webhook as Qlik's API documents them (https://qlik.dev/apis/rest/webhooks), each with another value
// than a chain's.
var otherWebhook = map[string]any{
	"name": "mine", "url": "https://mine.example.com", "description": "mine", "eventTypes": []string{"com.qlik.v1.app.created"},
	"headers": map[string]string{"mine": "1"}, "encryptedHeaders": []string{"mine"}, "filter": `id eq "mine"`,
	"level": "user", "enabled": false,
	"checkCertificateRevocation": true, "secretKeyAdded": false, "id": "mine",
	"enableCloudEventDelivery": false, "ownerId": "mine", "origin": "automations",
	"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z",
	"createdByUserId": "mine", "updatedByUserId": "mine", "disabledReason": "mine", "disabledReasonCode": "mine",
}

// webhookLeftAlone are those that nothing is compared with, and why.
var webhookLeftAlone = map[string]string{
	"enableCloudEventDelivery": "it cannot be switched off again, and the function reads every form",
	"ownerId":                  "a configuration does not name the owner, and an update keeps it",
	"origin":                   "it is set when the webhook is made, and cannot be changed",
	"createdAt":                "Qlik's own", "updatedAt": "Qlik's own", "createdByUserId": "Qlik's own", "updatedByUserId": "Qlik's own",
	"disabledReason": "it is there with enabled = false alone, which is compared", "disabledReasonCode": "likewise",
}

// TestEveryMemberOfTheWebhook changes each member of what Qlik Cloud answers.
func TestEveryMemberOfTheWebhook(t *testing.T) {
	t.Parallel()
	deployed := deploy(t)
	if _, differences := deployed.find(t); len(differences) > 0 {
		t.Fatalf("the chain differs as it was deployed: %v", differences)
	}
	for member, value := range otherWebhook {
		deployed.webhook.change.Store(&map[string]any{member: value})
		_, differences := deployed.find(t)
		switch why, left := webhookLeftAlone[member]; {
		case len(differences) == 0 && !left:
			t.Errorf("a change of %s is not noticed", member)
		case len(differences) > 0 && left:
			t.Errorf("a change of %s is noticed, as %v, although it is left alone: %s", member, differences, why)
		}
	}
}

// webhookAnswer changes what the tenant answers about a webhook.
type webhookAnswer struct {
	change atomic.Pointer[map[string]any]
}

func (w *webhookAnswer) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(r)
	change := w.change.Load()
	isWebhook := r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/webhooks/")
	if err != nil || change == nil || !isWebhook || response.StatusCode != http.StatusOK {
		return response, err
	}
	var webhook map[string]any
	err = json.NewDecoder(response.Body).Decode(&webhook)
	if closed := response.Body.Close(); err == nil {
		err = closed
	}
	for member, value := range *change {
		webhook[member] = value
	}
	text, marshaled := json.Marshal(webhook)
	if err == nil {
		err = marshaled
	}
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	response.Header.Set("Content-Length", strconv.Itoa(len(text)))
	return response, err
}

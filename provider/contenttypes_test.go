// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
)

// contentTypesOfClients are what HTTP clients and CloudEvents' SDKs send with JSON: Go's and Node's bare types, axios' and Express' parameter in
// lower case, Java's in upper case, both with and without the space.
var contentTypesOfClients = []string{
	"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8", "application/json; charset=UTF-8", "application/json;charset=UTF-8",
	"application/cloudevents+json", "application/cloudevents+json; charset=utf-8", "application/cloudevents+json;charset=utf-8",
	"application/cloudevents+json; charset=UTF-8", "application/cloudevents+json;charset=UTF-8",
}

// TestAccContentTypes: a delivery reaches the function with its signature whatever its content type, and however API Gateway looks for a template.
func TestAccContentTypes(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, 10*time.Second, 600)
	l.configure(h.chain(nightlyApps))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	_, secret, err := h.secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, matching := range gateway.TemplateMatchings {
		h.Cloud.Gateway().MatchTemplates(matching)
		for i, contentType := range contentTypesOfClients {
			line, err := h.deliverAs(t.Context(), contentType, fmt.Sprintf("%012x%012x", matching, i), secret)
			if err != nil || strings.Contains(line, `"refused"`) {
				t.Errorf("%s, templates found by the %s: %s, %v", contentType, matching, line, err)
			}
		}
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}

// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func TestWebhooksOfATenantWithoutEitherAPI(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) })
	_, err := c.GetWebhook(t.Context(), "w1")
	if err == nil || IsNotFound(err) || !strings.Contains(err.Error(), "is it a Qlik Cloud tenant?") {
		t.Errorf("error %v: this must not count as a webhook that is gone", err)
	}
}

func TestWebhooksProbeThatFails(t *testing.T) {
	t.Parallel()
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == webhooksCore {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.WriteHeader(http.StatusNotFound)
	})
	_, err := c.GetWebhook(t.Context(), "w1")
	if err == nil || IsNotFound(err) || !strings.Contains(err.Error(), "403") {
		t.Errorf("error %v, want the probe's", err)
	}
	if c.webhooks.known.Load() != nil {
		t.Error("a failed probe settles nothing")
	}
}

func TestWebhooksPathIsRemembered(t *testing.T) {
	t.Parallel()
	var paths []string
	c, _ := newTestClient(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path)
		if strings.HasPrefix(r.URL.Path, webhooksCore) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, `{"id":"w1"}`)
	})
	for range 2 {
		if w, err := c.GetWebhook(t.Context(), "w1"); err != nil || w.ID != "w1" {
			t.Fatalf("got %v, %v", w, err)
		}
	}
	want := "GET /api/core/webhooks/w1, GET /api/core/webhooks, GET /api/v1/webhooks, GET /api/v1/webhooks/w1, GET /api/v1/webhooks/w1"
	if got := strings.Join(paths, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

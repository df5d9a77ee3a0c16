// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

func startTenant(t *testing.T, config tenant.Config) *tenant.Tenant {
	t.Helper()
	tn, err := tenant.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tn.Close)
	return tn
}

func newClient(t *testing.T, tn *tenant.Tenant, credentials qlik.Credentials) *qlik.Client {
	t.Helper()
	c, err := qlik.NewClient(qlik.Config{TenantURL: tn.URL(), Credentials: credentials, UserAgent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func keyClient(t *testing.T, tn *tenant.Tenant) *qlik.Client {
	t.Helper()
	return newClient(t, tn, qlik.Credentials{APIKey: tn.APIKey()})
}

func oauthClient(t *testing.T, tn *tenant.Tenant) *qlik.Client {
	t.Helper()
	return newClient(t, tn, qlik.Credentials{ClientID: tn.ClientID(), ClientSecret: tn.ClientSecret()})
}

// wantError checks that err is Qlik's refusal with this status and contains the given words.
func wantError(t *testing.T, err error, status int, words string) {
	t.Helper()
	var e *qlik.Error
	if !errors.As(err, &e) || e.Status != status || !strings.Contains(err.Error(), words) {
		t.Errorf("error %v, want status %d with %q", err, status, words)
	}
}

// raw sends a request that the client never sends. It returns the status and the body.
func raw(t *testing.T, tn *tenant.Tenant, key, method, path, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, tn.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	return send(t, req)
}

func send(t *testing.T, req *http.Request) (int, string) {
	t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// received is a delivery as it arrived.
type received struct {
	header http.Header
	body   []byte
}

// listen receives deliveries and answers them with status.
func listen(t *testing.T, status int) (url string, deliveries <-chan received) {
	t.Helper()
	ch := make(chan received, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body bytes.Buffer
		if _, err := body.ReadFrom(r.Body); err != nil {
			t.Error(err)
		}
		ch <- received{r.Header, body.Bytes()}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "noted")
	}))
	t.Cleanup(server.Close)
	return server.URL + "/hook", ch
}

// idle waits until the tenant is idle.
func idle(t *testing.T, tn *tenant.Tenant) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := tn.Idle(ctx); err != nil {
		t.Fatal(err)
	}
}

// until watches until it sees the wanted change.
func until(t *testing.T, changes <-chan tenant.Change, wanted func(tenant.Change) bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for {
		select {
		case c, open := <-changes:
			if !open {
				t.Fatal("the watch ended")
			}
			if wanted(c) {
				return
			}
		case <-deadline.C:
			t.Fatal("the change did not come")
		}
	}
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestCloseStopsEverything(t *testing.T) {
	t.Parallel()
	tn, err := tenant.Start(t.Context(), tenant.Config{})
	if err != nil {
		t.Fatal(err)
	}
	app := tn.AddApp(tenant.App{Name: "slow", Duration: time.Hour})
	if _, err := tn.StartReload(app); err != nil {
		t.Fatal(err)
	}
	watch := tn.Watch(context.Background())
	tn.Close()
	for range watch {
		// until the tenant closes it
	}
	if _, err := tn.StartReload(app); err == nil {
		t.Error("a closed tenant started a reload")
	}
	if _, open := <-tn.Watch(t.Context()); open {
		t.Error("a closed tenant has a change")
	}
	if err := tn.Idle(t.Context()); err == nil {
		t.Error("waiting for a reload that will never end should fail")
	}
	if conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(tn.URL(), "http://")); err == nil {
		_ = conn.Close()
		t.Error("a closed tenant listens")
	}
	tn.Close() // a repetition is harmless
}

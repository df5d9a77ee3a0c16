// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

func TestMe(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	for name, c := range map[string]*qlik.Client{"API key": keyClient(t, tn), "OAuth": oauthClient(t, tn)} {
		me, err := c.Me(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if me.TenantID != tn.ID() || !me.HasRole(qlik.RoleTenantAdmin) || me.Status != "active" || (me.ID == tn.UserID()) != (name == "API key") {
			t.Errorf("%s: Me() = %+v", name, me)
		}
	}
	_, key := tn.AddUser("Anna")
	me, err := newClient(t, tn, qlik.Credentials{APIKey: key}).Me(t.Context())
	if err != nil || me.Name != "Anna" || me.HasRole(qlik.RoleTenantAdmin) {
		t.Errorf("Me() = %+v, %v", me, err)
	}
}

func TestWrongCredentials(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	_, err := newClient(t, tn, qlik.Credentials{APIKey: "nobody's"}).Me(t.Context())
	wantError(t, err, http.StatusUnauthorized, "check that the API key")
	if !strings.Contains(err.Error(), "trace id") {
		t.Errorf("error %v has no trace id", err)
	}
	_, err = newClient(t, tn, qlik.Credentials{ClientID: tn.ClientID(), ClientSecret: "wrong"}).Me(t.Context())
	wantError(t, err, http.StatusUnauthorized, "Invalid client")
	if status, _ := raw(t, tn, "", "GET", "/api/v1/items", ""); status != http.StatusUnauthorized {
		t.Errorf("a call without credentials got %d", status)
	}
}

func TestKeysComeAndGo(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	extra := tn.AddAPIKey()
	for _, key := range []string{tn.APIKey(), extra} {
		if _, err := newClient(t, tn, qlik.Credentials{APIKey: key}).Me(t.Context()); err != nil {
			t.Error(err)
		}
	}
	tn.RevokeAPIKey(extra)
	_, err := newClient(t, tn, qlik.Credentials{APIKey: extra}).Me(t.Context())
	wantError(t, err, http.StatusUnauthorized, "revoked")
}

func countCalls(tn *tenant.Tenant, operation string) int {
	n := 0
	for _, c := range tn.Calls() {
		if c.Operation == operation {
			n++
		}
	}
	return n
}

func TestTokenIsReused(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := oauthClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	for range 3 {
		if _, err := c.App(t.Context(), app); err != nil {
			t.Fatal(err)
		}
	}
	if n := countCalls(tn, "POST /oauth/token"); n != 1 {
		t.Errorf("%d tokens for three calls, want one", n)
	}
	_, err := newClient(t, tn, qlik.Credentials{ClientID: tn.ClientID(), ClientSecret: "wrong"}).Me(t.Context())
	wantError(t, err, http.StatusUnauthorized, "Invalid client")
}

func TestTokenExpires(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{TokenLifetime: time.Second})
	c := oauthClient(t, tn)
	for range 2 { // the client renews a token that expires within seconds
		if _, err := c.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := countCalls(tn, "POST /oauth/token"); n != 2 {
		t.Errorf("%d tokens, want two", n)
	}
}

func TestTokenSurvivesAFault(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	tn.SetFault(func(r *http.Request, count int) *tenant.Fault {
		if r.Pattern == "POST /oauth/token" && count == 1 {
			return &tenant.Fault{Status: http.StatusServiceUnavailable}
		}
		return nil
	})
	if _, err := oauthClient(t, tn).Me(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	asked := map[string]string{"client_id": tn.ClientID(), "client_secret": tn.ClientSecret(), "grant_type": "client_credentials"}
	type tokenAnswer struct {
		TokenType string `json:"token_type"`
		ExpiresIn int    `json:"expires_in"`
		Errors    []struct{ Code, Status string }
	}
	token := func(kind, body string) (int, tokenAnswer) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tn.URL()+"/oauth/token", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		status, content := send(t, req)
		var answer tokenAnswer
		if err := json.Unmarshal([]byte(content), &answer); err != nil {
			t.Fatal(err)
		}
		return status, answer
	}
	status, answer := token("application/json", mustJSON(t, asked))
	if status != http.StatusOK || answer.TokenType != "bearer" || answer.ExpiresIn != 21600 {
		t.Errorf("%d %v", status, answer)
	}
	if status, _ = token("application/x-www-form-urlencoded", "grant_type=client_credentials"); status != http.StatusBadRequest {
		t.Errorf("a form: %d", status)
	}
	asked["grant_type"] = "password"
	status, answer = token("application/json", mustJSON(t, asked))
	if status != http.StatusBadRequest || len(answer.Errors) != 1 || answer.Errors[0].Status != "400" {
		t.Errorf("other grant: %d %v", status, answer)
	}
	if status, _ = token("application/json", "{"); status != http.StatusBadRequest {
		t.Errorf("broken JSON: %d", status)
	}
}

// TestUnknown requests what the tenant does not have, including operations and parameters of Qlik Cloud.
func TestUnknown(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	for path, want := range map[string]int{
		"/api/v1/users/nobody":              http.StatusNotFound,
		"/api/v1/nothing":                   http.StatusNotFound,
		"/api/v1/tenants/me":                http.StatusNotFound,
		"/api/core/webhooks?sort=-name":     http.StatusBadRequest,
		"/api/v1/spaces?filter=x":           http.StatusBadRequest,
		"/api/v1/spaces?name=a&name=b":      http.StatusBadRequest,
		"/api/v1/reloads?sort=creationTime": http.StatusBadRequest,
		"/api/v1/users/me?fields=name":      http.StatusBadRequest,
	} {
		if status, body := raw(t, tn, tn.APIKey(), "GET", path, ""); status != want {
			t.Errorf("%s: %d %s, want %d", path, status, body, want)
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{RateLimits: tenant.RateLimits{Window: time.Second, Tier1: 2}, Pending: tenant.PendingNone})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	begin := time.Now()
	for range 3 {
		if _, err := c.App(t.Context(), app); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(begin); took < time.Second {
		t.Errorf("three calls of two a second took %s", took)
	}
	if n := countCalls(tn, "GET /api/v1/apps/{id}"); n != 4 {
		t.Errorf("%d calls, want one to be refused", n)
	}
	_, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
	if err != nil {
		t.Errorf("the tier of another operation was used up: %v", err)
	}
	if l := tenant.DocumentedRateLimits(); l.Tier1 != 5000 || l.Tier2 != 500 || l.Special != 250 || l.Window != 5*time.Minute {
		t.Errorf("the documented limits are %+v", l)
	}
}

// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"net/http"
	"strings"
	"time"
)

type oauthClient struct {
	secret string
	user   *user // the bot user that the client acts as
}

type accessToken struct {
	user    *user
	expires time.Time
}

// APIKey returns an API key of a user with the role TenantAdmin.
func (t *Tenant) APIKey() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.apiKey
}

// ClientID returns the id of an OAuth client that acts as a bot user with the role TenantAdmin.
func (t *Tenant) ClientID() string { return t.clientID }

// ClientSecret returns the secret of the OAuth client.
func (t *Tenant) ClientSecret() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.clients[t.clientID].secret
}

// AddAPIKey creates another API key for the user who owns APIKey.
func (t *Tenant) AddAPIKey() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.addKey(t.owner)
}

// RevokeAPIKey revokes a key.
func (t *Tenant) RevokeAPIKey(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.keys, key)
}

func (t *Tenant) addKey(u *user) string {
	key := "eyJ" + randomHex(40)
	t.keys[key] = u
	return key
}

// authenticate returns the user who sends a request. Qlik's gateway answers 401 in the same way for every service; the error code is our
// choice.
func (t *Tenant) authenticate(r *http.Request) (*user, error) {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	t.mu.Lock()
	defer t.mu.Unlock()
	if u := t.keys[token]; found && u != nil {
		return u, nil
	}
	if a, known := t.tokens[token]; found && known && time.Now().Before(a.expires) {
		return a.user, nil
	}
	return nil, &apiError{
		status: http.StatusUnauthorized, code: "HTTP-401", title: "Unauthorized",
		detail: "The API key or access token is missing, unknown, expired or revoked.",
	}
}

type tokenRequest struct {
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	GrantType    string `json:"grant_type"`
}

type tokenAnswer struct {
	AccessToken string    `json:"access_token"`
	TokenType   string    `json:"token_type"`
	ExpiresAt   time.Time `json:"expires_at"`
	ExpiresIn   int64     `json:"expires_in"` // seconds
}

// issueToken serves POST /oauth/token with the grant client_credentials. Qlik documents a JSON body, not the form of RFC 6749.
func (t *Tenant) issueToken(r *request) (*response, error) {
	var asked tokenRequest
	if err := r.decode("OAUTH-1", &asked); err != nil {
		return nil, err
	}
	if asked.GrantType != "client_credentials" {
		return nil, &apiError{
			status: http.StatusBadRequest, code: "OAUTH-1", title: "Unsupported grant type", detail: "grant_type must be client_credentials",
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	client, known := t.clients[asked.ClientID]
	if !known || client.secret != asked.ClientSecret {
		return nil, &apiError{
			status: http.StatusUnauthorized, code: "OAUTH-14", title: "Invalid client", detail: "client_id or client_secret is wrong",
		}
	}
	token, expires := "eyT"+randomHex(40), time.Now().Add(t.config.TokenLifetime)
	t.tokens[token] = accessToken{user: client.user, expires: expires}
	return ok(tokenAnswer{
		AccessToken: token, TokenType: "bearer", ExpiresAt: expires.UTC(), ExpiresIn: int64(t.config.TokenLifetime / time.Second),
	}), nil
}

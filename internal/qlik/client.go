// SPDX-License-Identifier: MPL-2.0

// Package qlik is a small REST client of Qlik Cloud for reloads, automations, data tasks, scheduled tasks, webhooks, items, spaces, apps
// and users. It also parses webhook events and verifies their signature. The API is described at https://qlik.dev/apis/rest/.
package qlik

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Config holds the tenant to call and the credentials for it.
type Config struct {
	TenantURL   string        // https://your-tenant.eu.qlikcloud.com; see ValidateTenantURL
	Credentials Credentials   // API key or OAuth client
	UserAgent   string        // name and version of the caller; optional
	Timeout     time.Duration // of one attempt; 30 seconds if zero
	HTTPClient  *http.Client  // optional; only its transport is used. Client sets redirects and timeouts itself.
}

// LogValue hides the credentials, also from handlers that write a struct as JSON.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("tenant_url", c.TenantURL), slog.String("credentials", c.Credentials.String()))
}

// Client calls one tenant's REST API. It is safe for concurrent use.
//
// Every method returns an *Error if Qlik Cloud refused, did not answer, or sent an unexpected answer. It tries GET, PUT and DELETE up to
// five times after connection errors, 429 and 5xx. It repeats POST and PATCH only if no service processed the request: Qlik's rate limiter
// refused it, or the tenant refused an access token that can be renewed.
type Client struct {
	base      *url.URL
	http      *http.Client
	userAgent string
	timeout   time.Duration // of one attempt
	backoff   func(attempt int) time.Duration

	// Functions, not values, so that a Client printed by mistake shows no secret.
	token  func(context.Context) (string, error)
	forget func(ctx context.Context, token string) bool // the tenant refused the token: true if another one is available

	webhooks    moved
	automations moved
}

// NewClient makes a client for a tenant. It does not call the tenant, unlike Me.
func NewClient(config Config) (*Client, error) {
	base, err := parseTenantURL(config.TenantURL)
	if err = errors.Join(err, config.Credentials.Validate()); err != nil {
		return nil, fmt.Errorf("configuring the Qlik Cloud client: %w", err)
	}
	c := &Client{
		base:      base,
		http:      &http.Client{CheckRedirect: sameHostOnly},
		userAgent: config.UserAgent,
		timeout:   cmp.Or(config.Timeout, 30*time.Second),
		backoff:   backoff,

		webhooks:    moved{what: "webhooks", current: webhooksCore, former: webhooksV1},
		automations: moved{what: "automations", current: automationsWorkflows, former: automationsV1},
	}
	if config.HTTPClient != nil {
		c.http.Transport = config.HTTPClient.Transport
	}
	if key := config.Credentials.APIKey; key != "" {
		c.token = func(context.Context) (string, error) { return key, nil }
		c.forget = func(context.Context, string) bool { return false }
	} else {
		source := newTokenSource(c, config.Credentials)
		c.token, c.forget = source.token, source.forget
	}
	return c, nil
}

// sameHostOnly follows redirects of reads on the same host, for which net/http keeps the Authorization header. It returns any other
// redirect as the answer, which do refuses.
func sameHostOnly(next *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 5 || first.Method != http.MethodGet || next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

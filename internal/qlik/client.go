// SPDX-License-Identifier: MPL-2.0

// Package qlik talks to Qlik Cloud: a small REST client for reloads, webhooks, items, spaces, apps and users, the parser of webhook
// events, and their signature. The API is described at https://qlik.dev/apis/rest/.
package qlik

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"
)

// Config says which tenant to talk to, and as whom.
type Config struct {
	TenantURL   string        // https://your-tenant.eu.qlikcloud.com; see ValidateTenantURL
	Credentials Credentials   // API key or OAuth client
	UserAgent   string        // names the caller and its version; optional
	Timeout     time.Duration // of one attempt; 30 seconds when zero
	HTTPClient  *http.Client  // its transport is used; optional. Redirects and timeouts are the Client's own business.
}

// LogValue hides the credentials, also from handlers that would write a struct as JSON.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("tenant_url", c.TenantURL), slog.String("credentials", c.Credentials.String()))
}

// Client calls one tenant's REST API. It is safe for concurrent use.
//
// Every method returns an *Error when Qlik Cloud refused, did not answer, or answered strangely. GET, PUT and DELETE are tried up to
// five times after connection errors, 429 and 5xx; POST and PATCH are not repeated, except when they were turned away before any
// service looked at them: by Qlik's rate limiter, or because an access token was refused that can be renewed.
type Client struct {
	base      *url.URL
	http      *http.Client
	userAgent string
	timeout   time.Duration // of one attempt
	backoff   func(attempt int) time.Duration

	// Functions, not values: a Client printed by mistake shows no secret.
	token  func(context.Context) (string, error)
	forget func(ctx context.Context, token string) bool // the tenant refused the token: true when another can be had

	webhooks atomic.Pointer[string] // the webhook collection's path, once known
}

// NewClient makes a client for a tenant. It does not call the tenant: Me does.
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

// sameHostOnly follows redirects of reads on the same host, where net/http keeps the Authorization header. Any other redirect
// becomes the answer, which do refuses.
func sameHostOnly(next *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 5 || first.Method != http.MethodGet || next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host {
		return http.ErrUseLastResponse
	}
	return nil
}

// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Qlik replaces the first with the second: /api/v1/webhooks may be removed on 2027-11-01, and a tenant may not have /api/core/webhooks yet.
// Source: qlik.dev changelog of 2026-11-03.
const (
	webhooksV1   = "/api/v1/webhooks"
	webhooksCore = "/api/core/webhooks"
)

// withWebhooks runs call with the path of the tenant's webhook collection. It tries the core API first. A 404 may mean that the webhook is
// gone or that the tenant has no core API. A request for the collection itself decides between the two, once per client.
func (c *Client) withWebhooks(ctx context.Context, call func(collection string) error) error {
	if known := c.webhooks.Load(); known != nil {
		return call(*known)
	}
	core := webhooksCore
	err := call(core)
	if err == nil {
		c.webhooks.Store(&core)
		return nil
	}
	if !IsNotFound(err) {
		return err
	}
	found, probeErr := c.findWebhooks(ctx)
	if probeErr != nil {
		return probeErr
	}
	c.webhooks.Store(&found)
	if found == core {
		return err
	}
	return call(found)
}

// findWebhooks requests the collections until one exists.
func (c *Client) findWebhooks(ctx context.Context) (string, error) {
	for _, collection := range []string{webhooksCore, webhooksV1} {
		err := c.do(ctx, request{method: http.MethodGet, path: collection, query: url.Values{"limit": {"1"}}}, nil)
		if err == nil {
			return collection, nil
		}
		if !IsNotFound(err) {
			return "", fmt.Errorf("finding out where the tenant keeps its webhooks: %w", err)
		}
	}
	// Not an *Error: it must not look like a webhook that is gone.
	return "", fmt.Errorf("%s has neither %s nor %s: is it a Qlik Cloud tenant?", c.base, webhooksCore, webhooksV1)
}

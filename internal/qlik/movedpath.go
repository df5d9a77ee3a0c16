// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
)

// Qlik replaces the second of each pair with the first. The webhooks' old path may be removed on 2027-11-01, the automations' one on
// 2027-11-30. A tenant may not have the new one yet. Source: qlik.dev changelog of 2026-11-03 and 2026-10-06.
const (
	webhooksCore         = "/api/core/webhooks"
	webhooksV1           = "/api/v1/webhooks"
	automationsWorkflows = "/api/workflows/automations"
	automationsV1        = "/api/v1/automations"
)

// moved is a collection that Qlik Cloud moves to another base path.
type moved struct {
	what            string // the objects' name in messages
	current, former string
	known           atomic.Pointer[string] // the path that the tenant has, once it is known
}

// withMoved runs call with the tenant's path of a collection. It tries the current path first. A 404 may mean that the object is gone or
// that the tenant does not have the path. A request for the collection itself decides between the two, once per client.
func (c *Client) withMoved(ctx context.Context, m *moved, call func(collection string) error) error {
	if known := m.known.Load(); known != nil {
		return call(*known)
	}
	err := call(m.current)
	if err == nil {
		m.known.Store(&m.current)
		return nil
	}
	if !IsNotFound(err) {
		return err
	}
	found, probeErr := c.find(ctx, m)
	if probeErr != nil {
		return probeErr
	}
	m.known.Store(&found)
	if found == m.current {
		return err
	}
	return call(found)
}

// find requests the collection at both paths until one exists.
func (c *Client) find(ctx context.Context, m *moved) (string, error) {
	for _, collection := range []string{m.current, m.former} {
		err := c.do(ctx, request{method: http.MethodGet, path: collection, query: url.Values{"limit": {"1"}}}, nil)
		if err == nil {
			return collection, nil
		}
		if !IsNotFound(err) {
			return "", fmt.Errorf("finding out where the tenant keeps its %s: %w", m.what, err)
		}
	}
	// Not an *Error: it must not look like an object that is gone.
	return "", fmt.Errorf("%s has neither %s nor %s: is it a Qlik Cloud tenant?", c.base, m.current, m.former)
}

// doMoved calls the path of one object of the collection: its id, and the parts below it.
func (c *Client) doMoved(ctx context.Context, m *moved, r request, out any, parts ...string) error {
	return c.withMoved(ctx, m, func(collection string) error {
		below, err := join(collection, parts)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", r.method, m.what, err)
		}
		r.path = below
		return c.do(ctx, r, out)
	})
}

// join appends the parts to a path, each escaped as one segment.
func join(path string, parts []string) (string, error) {
	for _, part := range parts {
		name, err := segment(part)
		if err != nil {
			return "", err
		}
		path += "/" + name
	}
	return path, nil
}

// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// maxPages ends a listing with endless links: a hundred times more than a tenant's limits allow.
const maxPages = 1000

// list reads a collection page by page, and stops once it has limit elements; 0 means all.
func list[T any](ctx context.Context, c *Client, path string, query url.Values, limit int) ([]T, error) {
	var all []T
	r := request{method: http.MethodGet, path: path, query: query}
	for range maxPages {
		var page struct {
			Data  []T `json:"data"`
			Links struct {
				Next *struct {
					Href string `json:"href"`
				} `json:"next"`
			} `json:"links"`
		}
		if err := c.do(ctx, r, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if limit > 0 && len(all) >= limit {
			return all[:limit], nil
		}
		if page.Links.Next == nil || page.Links.Next.Href == "" {
			return all, nil
		}
		next, err := c.nextPage(path, page.Links.Next.Href)
		if err != nil {
			return nil, err
		}
		r = request{method: http.MethodGet, path: next}
	}
	return nil, fmt.Errorf("GET %s has more than %d pages: its links seem to go round in circles", path, maxPages)
}

// nextPage resolves a link to the next page. The request for it carries the token, so the link may only lead to the tenant.
func (c *Client) nextPage(path, href string) (string, error) {
	current, err := c.base.Parse(path)
	if err != nil {
		return "", fmt.Errorf("building the URL of %s: %w", path, err)
	}
	next, err := current.Parse(href)
	if err != nil {
		return "", fmt.Errorf("the link from GET %s to its next page: %w", path, err)
	}
	if next.Scheme != c.base.Scheme || next.Host != c.base.Host || next.User != nil {
		return "", fmt.Errorf("the link from GET %s to its next page leads to %s://%s instead of %s: it is not followed", path, next.Scheme,
			next.Host, c.base)
	}
	return next.String(), nil
}

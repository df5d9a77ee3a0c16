// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"net/url"
)

// Space is a shared, managed or data space. Personal spaces are not listed.
type Space struct {
	ID          string `json:"id"` // 24 hex digits
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"` // shared, managed or data
	OwnerID     string `json:"ownerId"`
	TenantID    string `json:"tenantId"`
	Meta        struct {
		Roles []string `json:"roles"` // the caller's: facilitator, operator, producer, …
	} `json:"meta"`
}

// SpaceFilter narrows a list of spaces.
type SpaceFilter struct {
	Name string // part of the name, in any case
	Type string // shared, managed or data, or several, separated by commas
}

// Spaces lists the spaces that match.
func (c *Client) Spaces(ctx context.Context, f SpaceFilter) ([]Space, error) {
	query := url.Values{"limit": {"100"}}
	if f.Name != "" {
		query.Set("name", f.Name)
	}
	if f.Type != "" {
		query.Set("type", f.Type)
	}
	return list[Space](ctx, c, "/api/v1/spaces", query, 0)
}

// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"net/url"
	"slices"
	"strings"
)

// Item is an app as the tenant's catalog lists it.
type Item struct {
	ID                    string    `json:"id"` // of the item, not of the app
	Name                  string    `json:"name"`
	Description           string    `json:"description"`
	ResourceID            string    `json:"resourceId"`      // the app's id
	ResourceSubType       string    `json:"resourceSubType"` // empty for a plain app
	SpaceID               string    `json:"spaceId"`         // empty in a personal space
	OwnerID               string    `json:"ownerId"`
	ResourceReloadStatus  string    `json:"resourceReloadStatus"`
	ResourceReloadEndTime Timestamp `json:"resourceReloadEndTime"`
}

// ItemFilter narrows a list of apps.
type ItemFilter struct {
	Name        string   // a search that ignores case, not an exact match
	SpaceID     string   // "personal" stands for the caller's own space
	ResourceIDs []string // the apps' ids
}

// maxResourceIDs is the maximum number of ids in one request.
const maxResourceIDs = 100

// Items lists the apps that match. The list omits apps that do not exist or that the caller may not see.
func (c *Client) Items(ctx context.Context, f ItemFilter) ([]Item, error) {
	query := url.Values{"resourceType": {"app"}, "noActions": {"true"}, "limit": {"100"}}
	if f.Name != "" {
		query.Set("name", f.Name)
	}
	if f.SpaceID != "" {
		query.Set("spaceId", f.SpaceID)
	}
	if len(f.ResourceIDs) == 0 {
		return list[Item](ctx, c, "/api/v1/items", query, 0)
	}
	var all []Item
	for ids := range slices.Chunk(f.ResourceIDs, maxResourceIDs) {
		query.Set("resourceIds", strings.Join(ids, ","))
		items, err := list[Item](ctx, c, "/api/v1/items", query, 0)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
	}
	return all, nil
}

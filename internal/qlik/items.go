// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
)

// The types of resources that chains can run, as the catalog names them.
const (
	ResourceApp        = "app"
	ResourceAutomation = "automation"
)

// Item is an app or another resource as the tenant's catalog lists it.
type Item struct {
	ID                    string    `json:"id"` // of the item, not of the resource
	Name                  string    `json:"name"`
	Description           string    `json:"description"`
	ResourceID            string    `json:"resourceId"`      // the id of the app or the automation
	ResourceSubType       string    `json:"resourceSubType"` // empty for a plain app
	SpaceID               string    `json:"spaceId"`         // empty in a personal space
	OwnerID               string    `json:"ownerId"`
	ResourceReloadStatus  string    `json:"resourceReloadStatus"`
	ResourceReloadEndTime Timestamp `json:"resourceReloadEndTime"`
}

// ItemFilter narrows a list of resources.
type ItemFilter struct {
	Type        string   // ResourceApp if empty
	Name        string   // a search that ignores case, not an exact match
	SpaceID     string   // "personal" stands for the caller's own space
	ResourceIDs []string // the resources' ids
}

// maxResourceIDs is the maximum number of ids in one request.
const maxResourceIDs = 100

// Items lists the resources that match. The list omits those that do not exist or that the caller may not see.
func (c *Client) Items(ctx context.Context, f ItemFilter) ([]Item, error) {
	query := url.Values{"resourceType": {cmp.Or(f.Type, ResourceApp)}, "noActions": {"true"}, "limit": {"100"}}
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

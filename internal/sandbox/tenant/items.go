// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"slices"
	"strings"
	"time"
)

type itemAnswer struct {
	ID                       string     `json:"id"`
	Name                     string     `json:"name"`
	Description              string     `json:"description"`
	ResourceID               string     `json:"resourceId"`
	ResourceType             string     `json:"resourceType"`
	ResourceSubType          string     `json:"resourceSubType,omitempty"`
	ResourceAttributes       struct{}   `json:"resourceAttributes"`
	ResourceCustomAttributes struct{}   `json:"resourceCustomAttributes"`
	ResourceCreatedAt        time.Time  `json:"resourceCreatedAt"`
	ResourceUpdatedAt        time.Time  `json:"resourceUpdatedAt"`
	ResourceReloadStatus     string     `json:"resourceReloadStatus,omitempty"`
	ResourceReloadEndTime    *time.Time `json:"resourceReloadEndTime,omitempty"`
	SpaceID                  string     `json:"spaceId,omitempty"`
	OwnerID                  string     `json:"ownerId"`
	CreatorID                string     `json:"creatorId"`
	TenantID                 string     `json:"tenantId"`
	CreatedAt                time.Time  `json:"createdAt"`
	UpdatedAt                time.Time  `json:"updatedAt"`
	IsFavorited              bool       `json:"isFavorited"`
	Actions                  []string   `json:"actions,omitempty"` // left out on noActions=true
	CollectionIDs            []string   `json:"collectionIds"`
	Links                    itemLinks  `json:"links"`
	Meta                     itemMeta   `json:"meta"`
}

type itemLinks struct {
	Self        link `json:"self"`
	Collections link `json:"collections"`
	Open        link `json:"open"`
}

type itemMeta struct {
	Actions     []string   `json:"actions"`
	Collections []struct{} `json:"collections"`
	Tags        []struct{} `json:"tags"`
	IsFavorited bool       `json:"isFavorited"`
}

func (t *Tenant) itemAnswer(a *app, withActions bool) itemAnswer {
	item := itemAnswer{
		ID: a.itemID, Name: a.Name, ResourceID: a.ID, ResourceType: "app", ResourceSubType: a.SubType, SpaceID: a.SpaceID,
		ResourceCreatedAt: a.created.UTC(), ResourceUpdatedAt: a.created.UTC(), CreatedAt: a.created.UTC(), UpdatedAt: a.created.UTC(),
		ResourceReloadStatus: strings.ToLower(a.lastStatus), ResourceReloadEndTime: timeOrNil(a.lastEnd),
		OwnerID: t.ownerOf(a).id, CreatorID: t.ownerOf(a).id, TenantID: t.id,
		CollectionIDs: []string{},
		Meta:          itemMeta{Actions: []string{}, Collections: []struct{}{}, Tags: []struct{}{}},
	}
	if withActions {
		item.Actions = []string{"read", "update", "delete"}
		item.Meta.Actions = item.Actions
	}
	item.Links.Self.Href = t.url + "/api/v1/items/" + a.itemID
	item.Links.Collections.Href = item.Links.Self.Href + "/collections"
	item.Links.Open.Href = t.url + "/sense/app/" + a.ID
	return item
}

// listItems lists apps: this tenant has no other resources. A name matches by part, ignoring case; an id must be equal.
func (t *Tenant) listItems(r *request) (*response, error) {
	query := r.URL.Query()
	name, space, wanted := query.Get("name"), query.Get("spaceId"), strings.Split(query.Get("resourceIds"), ",")
	switch {
	case query.Get("resourceType") != "app":
		return nil, badRequest("ITEMS-1", "the sandbox lists items of the resourceType app only")
	case len(wanted) > 100:
		return nil, badRequest("ITEMS-1", "resourceIds takes 100 ids at most")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	items := []itemAnswer{}
	for _, a := range t.apps {
		if t.visibleTo(a, r.user) && containsFold(a.Name, name) &&
			(space == "" || space == a.SpaceID || space == "personal" && a.SpaceID == "") &&
			(wanted[0] == "" || slices.Contains(wanted, a.ID)) {
			items = append(items, t.itemAnswer(a, query.Get("noActions") != "true"))
		}
	}
	p, err := paginate(t, r, "ITEMS-1", items, 10)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

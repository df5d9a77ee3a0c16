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

// appItem returns an app as the catalog lists it.
func (t *Tenant) appItem(a *app) itemAnswer {
	item := t.itemAnswer(a.itemID, a.SpaceID, t.ownerOf(a), a.created)
	item.Name, item.ResourceID, item.ResourceType, item.ResourceSubType = a.Name, a.ID, "app", a.SubType
	item.ResourceReloadStatus, item.ResourceReloadEndTime = strings.ToLower(a.lastStatus), timeOrNil(a.lastEnd)
	item.Links.Open.Href = t.url + "/sense/app/" + a.ID
	return item
}

// automationItem returns an automation as the catalog lists it.
func (t *Tenant) automationItem(a *automation) itemAnswer {
	item := t.itemAnswer(a.itemID, a.SpaceID, a.owner, a.created)
	item.Name, item.ResourceID, item.ResourceType = a.Name, a.ID, "automation"
	item.Links.Open.Href = t.url + "/automations/" + a.ID
	return item
}

func (t *Tenant) itemAnswer(id, spaceID string, owner *user, created time.Time) itemAnswer {
	item := itemAnswer{
		ID: id, SpaceID: spaceID, OwnerID: owner.id, CreatorID: owner.id, TenantID: t.id,
		ResourceCreatedAt: created.UTC(), ResourceUpdatedAt: created.UTC(), CreatedAt: created.UTC(), UpdatedAt: created.UTC(),
		CollectionIDs: []string{},
		Meta:          itemMeta{Actions: []string{}, Collections: []struct{}{}, Tags: []struct{}{}},
	}
	item.Links.Self.Href = t.url + "/api/v1/items/" + id
	item.Links.Collections.Href = item.Links.Self.Href + "/collections"
	return item
}

// visibleItems returns the items of a type that the user can see. The caller holds mu.
func (t *Tenant) visibleItems(kind string, u *user) []itemAnswer {
	var items []itemAnswer
	if kind == "app" {
		for _, a := range t.apps {
			if t.visibleTo(a, u) {
				items = append(items, t.appItem(a))
			}
		}
		return items
	}
	for _, a := range t.automations {
		if t.seenBy(u, a.SpaceID, a.owner) {
			items = append(items, t.automationItem(a))
		}
	}
	return items
}

// listItems lists apps or automations: this tenant has no other resources. A name matches by part, ignoring case; an id must be equal.
func (t *Tenant) listItems(r *request) (*response, error) {
	query := r.URL.Query()
	name, space, wanted := query.Get("name"), query.Get("spaceId"), strings.Split(query.Get("resourceIds"), ",")
	switch {
	case query.Get("resourceType") != "app" && query.Get("resourceType") != "automation":
		return nil, badRequest("ITEMS-1", "the sandbox lists items of the resourceTypes app and automation only")
	case len(wanted) > 100:
		return nil, badRequest("ITEMS-1", "resourceIds takes 100 ids at most")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	items := []itemAnswer{}
	for _, item := range t.visibleItems(query.Get("resourceType"), r.user) {
		if containsFold(item.Name, name) && (space == "" || space == item.SpaceID || space == "personal" && item.SpaceID == "") &&
			(wanted[0] == "" || slices.Contains(wanted, item.ResourceID)) {
			if query.Get("noActions") != "true" {
				item.Actions = []string{"read", "update", "delete"}
				item.Meta.Actions = item.Actions
			}
			items = append(items, item)
		}
	}
	p, err := paginate(t, r, "ITEMS-1", items, 10)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

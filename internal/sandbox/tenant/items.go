// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"cmp"
	"net/url"
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

// listItems lists apps: this tenant has no other resources.
func (t *Tenant) listItems(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	query := r.URL.Query()
	match, err := t.itemFilter(query)
	if err != nil {
		return nil, err
	}
	items := []itemAnswer{}
	for _, a := range t.apps {
		if t.visibleTo(a, r.user) && match(a) {
			items = append(items, t.itemAnswer(a, query.Get("noActions") != "true"))
		}
	}
	err = sortBy(items, query, "ITEMS-1", "+createdAt", map[string]func(itemAnswer) string{
		"createdAt": func(i itemAnswer) string { return sortable(i.CreatedAt) },
		"updatedAt": func(i itemAnswer) string { return sortable(i.UpdatedAt) },
		"name":      func(i itemAnswer) string { return strings.ToLower(i.Name) },
	})
	if err != nil {
		return nil, err
	}
	p, err := paginate(t, r, "ITEMS-1", items, 10)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

// itemFilter reads the query. Names are searched for, in whatever case; ids must be equal.
func (t *Tenant) itemFilter(query url.Values) (func(*app) bool, error) {
	kind, subtypes, bracket := strings.Cut(strings.TrimSuffix(query.Get("resourceType"), "]"), "[")
	ids := query.Get("resourceIds")
	switch {
	case bracket && query.Get("resourceSubType") != "":
		return nil, badRequest("ITEMS-1", "resourceSubType and the brackets of resourceType exclude each other")
	case kind == "" && (ids != "" || query.Get("resourceId") != ""):
		return nil, badRequest("ITEMS-1", "resourceId and resourceIds need resourceType")
	case strings.Count(ids, ",") >= 100:
		return nil, badRequest("ITEMS-1", "resourceIds takes 100 ids at most")
	}
	wanted := splitList(cmp.Or(ids, query.Get("resourceId")))
	allowed := splitList(query.Get("resourceSubType"))
	if bracket {
		allowed = strings.Split(subtypes, ",") // app[] is the list of the one empty subtype
	}
	space, text := query.Get("spaceId"), query.Get("query")
	return func(a *app) bool {
		return (kind == "" || kind == "app") &&
			containsFold(a.Name, query.Get("name")) && containsFold(a.Name, text) &&
			(space == "" || space == a.SpaceID || space == "personal" && a.SpaceID == "") &&
			(wanted == nil || slices.Contains(wanted, a.ID)) &&
			(allowed == nil || slices.Contains(allowed, a.SubType))
	}, nil
}

// splitList splits at commas; an empty text is no list.
func splitList(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// sortable writes a time so that the order of texts is that of times.
func sortable(moment time.Time) string { return moment.UTC().Format("2006-01-02T15:04:05.000000000Z") }

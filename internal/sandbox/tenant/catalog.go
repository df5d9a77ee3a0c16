// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Space is a space of the tenant.
type Space struct {
	ID      string
	Name    string
	Type    string // shared, managed or data
	created time.Time
	roles   map[string][]string // by user id; nil for a space without assignments
}

const usageAnalytics = "ANALYTICS"

// App is an app to be added to the tenant.
type App struct {
	ID       string // a UUID; made up when empty
	Name     string
	SpaceID  string        // empty for the personal space of APIKey's user
	SubType  string        // resourceSubType of the item; empty for a plain app
	Usage    string        // ANALYTICS when empty, DATA_PREPARATION for a script, DATAFLOW_PREP, SINGLE_TABLE_PREP, DIRECT_QUERY_MODE
	Duration time.Duration // of a reload; Config.ReloadDuration when 0
	Outcomes []string      // of its reloads, one after another: see SetOutcomes
	NoReload bool          // the callers may read the app but not reload it
}

// app is an app of the tenant.
type app struct {
	App
	itemID   string
	created  time.Time
	outcomes []string // of the reloads to come; the last one stays
	script   string   // empty if no script was set
	maker    *user    // the user who created it through the API; nil for an app of APIKey's user

	lastStatus string // of the last reload that ended; empty before
	lastEnd    time.Time
	lastGood   time.Time // end of the last reload that succeeded
}

// AddSpace adds a space and returns its id. kind is shared, managed or data.
func (t *Tenant) AddSpace(name, kind string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	space := &Space{ID: newObjectID(), Name: name, Type: kind, created: t.now()}
	t.spaces = append(t.spaces, space)
	return space.ID
}

// AddApp adds an app and returns its id.
func (t *Tenant) AddApp(a App) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.ID == "" {
		a.ID = uuid.NewString()
	}
	if a.Duration == 0 {
		a.Duration = t.config.ReloadDuration
	}
	if a.Usage == "" {
		a.Usage = usageAnalytics
	}
	t.apps = append(t.apps, &app{App: a, itemID: newObjectID(), created: t.now(), outcomes: a.Outcomes})
	return a.ID
}

// RemoveApp deletes an app. It reports whether there was one.
func (t *Tenant) RemoveApp(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := len(t.apps)
	t.apps = slices.DeleteFunc(t.apps, func(a *app) bool { return a.ID == id })
	return len(t.apps) < before
}

// SetOutcomes sets how the app's next reloads end, in this order: SUCCEEDED, FAILED, EXCEEDED_LIMIT or CANCELED. The last one applies to
// all later reloads. Without outcomes, reloads succeed. It reports whether the app exists.
func (t *Tenant) SetOutcomes(appID string, outcomes ...string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.findApp(appID)
	if a != nil {
		a.outcomes = outcomes
	}
	return a != nil
}

func (t *Tenant) findApp(id string) *app {
	for _, a := range t.apps {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// nextOutcome removes and returns the outcome of the reload that starts now.
func (a *app) nextOutcome() string {
	if scriptFails(a.script) {
		return statusFailed
	}
	return nextOf(&a.outcomes, statusSucceeded)
}

// nextOf removes and returns the first outcome, unless it is the last one, which stays. Without outcomes it returns byDefault.
func nextOf(outcomes *[]string, byDefault string) string {
	if len(*outcomes) == 0 {
		return byDefault
	}
	outcome := (*outcomes)[0]
	if len(*outcomes) > 1 {
		*outcomes = (*outcomes)[1:]
	}
	return outcome
}

// ownerOf returns the user who owns an app.
func (t *Tenant) ownerOf(a *app) *user {
	if a.maker != nil {
		return a.maker
	}
	return t.owner
}

type appAnswer struct {
	Attributes appAttributes  `json:"attributes"`
	Privileges []string       `json:"privileges,omitempty"`
	Create     []appPrivilege `json:"create"`
}

type appAttributes struct {
	ID                string     `json:"id"`
	Name              string     `json:"name"`
	Description       string     `json:"description"`
	OwnerID           string     `json:"ownerId"`
	CreatedDate       time.Time  `json:"createdDate"`
	ModifiedDate      time.Time  `json:"modifiedDate"`
	LastReloadTime    *time.Time `json:"lastReloadTime,omitempty"`
	PublishTime       string     `json:"publishTime"`
	OriginAppID       string     `json:"originAppId"`
	HasSectionAccess  bool       `json:"hasSectionAccess"`
	IsDirectQueryMode bool       `json:"isDirectQueryMode"`
	Encrypted         bool       `json:"encrypted"`
	Published         bool       `json:"published"`
	Usage             string     `json:"usage"`
}

type appPrivilege struct {
	Resource  string `json:"resource"`
	CanCreate bool   `json:"canCreate"`
}

func (t *Tenant) getApp(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.visibleApp(r)
	if err != nil {
		return nil, err
	}
	return ok(t.appAnswer(a, r.user)), nil
}

// visibleApp returns the app in the request's path. The caller holds mu.
func (t *Tenant) visibleApp(r *request) (*app, error) {
	a := t.findApp(r.PathValue("id"))
	if a == nil || !t.visibleTo(a, r.user) {
		return nil, notFound("APPS-4", "app", r.PathValue("id"))
	}
	return a, nil
}

func (t *Tenant) appAnswer(a *app, u *user) appAnswer {
	answer := appAnswer{
		Attributes: appAttributes{
			ID: a.ID, Name: a.Name, OwnerID: t.ownerOf(a).id, Encrypted: true, Usage: a.Usage,
			CreatedDate: a.created.UTC(), ModifiedDate: a.created.UTC(), LastReloadTime: timeOrNil(a.lastGood),
		},
		Privileges: []string{"read"},
		Create:     []appPrivilege{{Resource: "sheet", CanCreate: true}, {Resource: "bookmark", CanCreate: true}},
	}
	if t.mayReload(a, u) {
		answer.Privileges = append(answer.Privileges, "update", "delete", "reload")
	}
	if t.config.WithoutPrivileges {
		answer.Privileges = nil
	}
	return answer
}

type spaceAnswer struct {
	ID          string    `json:"id"`
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Type        string    `json:"type"`
	OwnerID     string    `json:"ownerId"`
	TenantID    string    `json:"tenantId"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
	Meta        spaceMeta `json:"meta"`
	Links       struct {
		Self        link `json:"self"`
		Assignments link `json:"assignments"`
	} `json:"links"`
}

type spaceMeta struct {
	Actions         []string `json:"actions"`
	Roles           []string `json:"roles"`
	AssignableRoles []string `json:"assignableRoles"`
}

func (t *Tenant) spaceAnswer(s *Space, u *user) spaceAnswer {
	answer := spaceAnswer{
		ID: s.ID, Name: s.Name, Type: s.Type, OwnerID: t.owner.id, TenantID: t.id, CreatedAt: s.created.UTC(), UpdatedAt: s.created.UTC(),
		Meta: spaceMeta{
			Actions: []string{"read", "update", "delete"}, Roles: s.rolesOf(u),
			AssignableRoles: []string{"consumer", "dataconsumer", "facilitator", "producer"},
		},
	}
	answer.Links.Self.Href = t.url + "/api/v1/spaces/" + s.ID
	answer.Links.Assignments.Href = answer.Links.Self.Href + "/assignments"
	return answer
}

// listSpaces lists spaces by part of the name, ignoring case, and by type.
func (t *Tenant) listSpaces(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	query := r.URL.Query()
	kinds := strings.Split(query.Get("type"), ",")
	found := []spaceAnswer{}
	for _, s := range t.spaces {
		if containsFold(s.Name, query.Get("name")) && (kinds[0] == "" || slices.Contains(kinds, s.Type)) {
			found = append(found, t.spaceAnswer(s, r.user))
		}
	}
	p, err := paginate(t, r, "SPACES-2", found, 10)
	if err != nil {
		return nil, err
	}
	type meta struct {
		Count int `json:"count"`
	}
	return ok(struct {
		*page[spaceAnswer]
		Meta meta `json:"meta"`
	}{p, meta{len(found)}}), nil
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

func timeOrNil(moment time.Time) *time.Time {
	if moment.IsZero() {
		return nil
	}
	moment = moment.UTC()
	return &moment
}

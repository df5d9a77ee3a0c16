// SPDX-License-Identifier: MPL-2.0

package tenant

import "net/http"

const roleTenantAdmin = "TenantAdmin"

// user is a user or a bot user of the tenant.
type user struct {
	id      string
	name    string
	subject string
	roles   []role
}

type role struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Level string `json:"level"`
}

func (u *user) admin() bool {
	for _, r := range u.roles {
		if r.Name == roleTenantAdmin {
			return true
		}
	}
	return false
}

// AddUser adds a user with the roles of these names and returns the user's id and an API key.
func (t *Tenant) AddUser(name string, roles ...string) (id, apiKey string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.addUser(name, roles...)
	return u.id, t.addKey(u)
}

// UserID returns the id of APIKey's user, a TenantAdmin.
func (t *Tenant) UserID() string { return t.owner.id }

func (t *Tenant) addUser(name string, roles ...string) *user {
	u := &user{id: newObjectID(), name: name, subject: "sandbox\\" + randomHex(4)}
	for _, name := range roles {
		u.roles = append(u.roles, role{ID: newObjectID(), Name: name, Type: "default", Level: "admin"})
	}
	t.users = append(t.users, u)
	return u
}

func (t *Tenant) findUser(id string) *user {
	for _, u := range t.users {
		if u.id == id {
			return u
		}
	}
	return nil
}

type userAnswer struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Subject       string `json:"subject"`
	Status        string `json:"status"`
	TenantID      string `json:"tenantId"`
	AssignedRoles []role `json:"assignedRoles"`
	Links         struct {
		Self link `json:"self"`
	} `json:"links"`
}

// getMe redirects to the caller's user record, as Qlik Cloud does.
func (t *Tenant) getMe(r *request) (*response, error) {
	header := http.Header{"Location": {"/api/v1/users/" + r.user.id}}
	return &response{status: http.StatusTemporaryRedirect, header: header}, nil
}

func (t *Tenant) getUser(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.findUser(r.PathValue("id"))
	if u == nil {
		return nil, notFound("USERS-7", "user", r.PathValue("id"))
	}
	answer := userAnswer{
		ID: u.id, Name: u.name, Subject: u.subject, Status: "active", TenantID: t.id,
		AssignedRoles: append([]role{}, u.roles...),
	}
	answer.Links.Self.Href = t.url + "/api/v1/users/" + u.id
	return ok(answer), nil
}

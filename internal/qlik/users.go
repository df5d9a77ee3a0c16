// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"net/http"
	"slices"
)

// RoleTenantAdmin is the role that may make tenant-level webhooks.
const RoleTenantAdmin = "TenantAdmin"

// User is the owner of the credentials: a person, or the bot user of an OAuth client.
type User struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Status        string `json:"status"`
	TenantID      string `json:"tenantId"`
	AssignedRoles []Role `json:"assignedRoles"`
}

// Role is a role of a user.
type Role struct {
	Name string `json:"name"`
}

// HasRole reports whether the user has the role with this name. The roles of a bot user are not documented.
func (u *User) HasRole(name string) bool {
	return slices.ContainsFunc(u.AssignedRoles, func(r Role) bool { return r.Name == name })
}

// Me returns the owner of the credentials, and the tenant's id. It is the cheapest proof that tenant URL and credentials belong together.
func (c *Client) Me(ctx context.Context) (*User, error) {
	var user User
	if err := c.do(ctx, request{method: http.MethodGet, path: "/api/v1/users/me"}, &user); err != nil {
		return nil, err
	}
	return &user, nil
}

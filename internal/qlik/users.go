// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"net/http"
	"slices"
)

// RoleTenantAdmin is the role that may make tenant-level webhooks.
const RoleTenantAdmin = "TenantAdmin"

// User is who the credentials belong to: a person, or the bot user of an OAuth client.
type User struct {
	ID            string `json:"id"`
	Name          string `json:"name"`
	Email         string `json:"email"`
	Subject       string `json:"subject"`
	Status        string `json:"status"`
	TenantID      string `json:"tenantId"`
	AssignedRoles []Role `json:"assignedRoles"`
}

// Role is a role of a user.
type Role struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// HasRole tells whether the user has the role of that name. What a bot user reports is not documented.
func (u *User) HasRole(name string) bool {
	return slices.ContainsFunc(u.AssignedRoles, func(r Role) bool { return r.Name == name })
}

// Me tells whose credentials these are, and the tenant's id. It is the cheapest proof that tenant URL and credentials belong
// together.
func (c *Client) Me(ctx context.Context) (*User, error) {
	var user User
	if err := c.do(ctx, request{method: http.MethodGet, path: "/api/v1/users/me"}, &user); err != nil {
		return nil, err
	}
	return &user, nil
}

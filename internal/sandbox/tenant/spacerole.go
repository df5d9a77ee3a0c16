// SPDX-License-Identifier: MPL-2.0

package tenant

import "slices"

// reloadingRoles are the roles that may reload a space's apps, by type of space (https://qlik.dev/manage/access-control/space-roles/).
var reloadingRoles = map[string][]string{
	"shared":  {"facilitator", "codeveloper", "producer"},
	"managed": {"facilitator", "operator"},
}

// Assign gives a user roles in a space: producer, operator, consumer and so on. From the first assignment on, only members see the space's
// apps: not even a TenantAdmin is an exception. Only a user with a suitable role can reload them.
func (t *Tenant) Assign(spaceID, userID string, roles ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.findSpace(spaceID); s != nil {
		if s.roles == nil {
			s.roles = map[string][]string{}
		}
		s.roles[userID] = roles
	}
}

func (t *Tenant) findSpace(id string) *Space {
	for _, s := range t.spaces {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// rolesOf returns the user's roles in the space. In a space without assignments, every user can manage.
func (s *Space) rolesOf(u *user) []string {
	if s.roles == nil {
		return []string{"facilitator"}
	}
	return append([]string{}, s.roles[u.id]...)
}

// visibleTo reports whether the user can see the app.
func (t *Tenant) visibleTo(a *app, u *user) bool { return t.seenBy(u, a.SpaceID, t.ownerOf(a)) }

// seenBy reports whether the user can see an object of a space, or of its owner's personal space.
func (t *Tenant) seenBy(u *user, spaceID string, owner *user) bool {
	if spaceID == "" {
		return u == owner || u.admin()
	}
	s := t.findSpace(spaceID)
	return s == nil || len(s.rolesOf(u)) > 0
}

// mayReload reports whether the user may reload the app.
func (t *Tenant) mayReload(a *app, u *user) bool {
	return !a.NoReload && t.visibleTo(a, u) && t.hasRole(u, a.SpaceID, reloadingRoles)
}

// hasRole reports whether the user has one of the roles in the space. It is true outside of spaces.
func (t *Tenant) hasRole(u *user, spaceID string, roles map[string][]string) bool {
	s := t.findSpace(spaceID)
	return s == nil || slices.ContainsFunc(s.rolesOf(u), func(role string) bool { return slices.Contains(roles[s.Type], role) })
}

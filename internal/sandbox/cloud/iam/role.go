// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type role struct {
	Role
	path        string
	description string
	created     time.Time
	trustText   string
	tags        wire.Tags
	inline      map[string]inlinePolicy
	attached    []string // ARNs of managed policies
	boundary    string   // ARN of a managed policy, or ""
	refusals    int      // how often a service is still told that it cannot assume the role
}

type inlinePolicy struct {
	text     string
	document *policy.Document
}

// find returns a role; the caller holds the lock.
func (s *Service) find(name string) (*role, error) {
	r, found := s.roles[name]
	if !found {
		return nil, wire.Errorf(404, "NoSuchEntity", "The role with name %s cannot be found.", name)
	}
	return r, nil
}

// names returns the names of all roles, sorted; the caller holds the lock.
func (s *Service) names() []string { return slices.Sorted(maps.Keys(s.roles)) }

func (s *Service) createRole(f *wire.Form) (func() (any, error), error) {
	r := &role{
		path:        f.Get("Path"),
		description: f.Get("Description"),
		trustText:   f.Get("AssumeRolePolicyDocument"),
		boundary:    f.Get("PermissionsBoundary"),
		tags:        wire.Tags{},
		inline:      map[string]inlinePolicy{},
	}
	if r.path == "" {
		r.path = "/"
	}
	tags := f.Tags("Tags")
	name := f.Get("RoleName")
	var err error
	if r.MaxSession, err = sessionDuration(f, time.Hour); err != nil {
		return nil, err
	}
	if r.Trust, err = trustPolicy(r.trustText); err != nil {
		return nil, err
	}
	if err := firstError(checkTags(nil, tags), s.checkBoundary(r.boundary)); err != nil {
		return nil, err
	}
	r.Name, r.ARN = name, s.roleARN(r.path, name)
	r.tags.Put(tags)
	return func() (any, error) {
		if _, exists := s.roles[name]; exists {
			return nil, wire.Errorf(409, "EntityAlreadyExists", "Role with name %s already exists.", name)
		}
		r.ID = wire.RandomID("AROA", 17)
		r.created = s.now()
		r.refusals = s.propagation
		s.roles[name] = r
		return roleResult{Role: r.answer()}, nil
	}, nil
}

func (s *Service) getRole(f *wire.Form) (func() (any, error), error) {
	return s.withRole(f, func(r *role) (any, error) {
		answer := r.answer()
		answer.LastUsed = &struct{}{}
		return roleResult{Role: answer}, nil
	})
}

func (s *Service) updateRole(f *wire.Form) (func() (any, error), error) {
	hasDescription, description := f.Has("Description"), f.Get("Description")
	session, err := sessionDuration(f, 0)
	if err != nil {
		return nil, err
	}
	return s.withRole(f, func(r *role) (any, error) {
		if hasDescription {
			r.description = description
		}
		if session != 0 {
			r.MaxSession = session
		}
		return struct{}{}, nil
	})
}

func (s *Service) updateAssumeRolePolicy(f *wire.Form) (func() (any, error), error) {
	text := f.Get("PolicyDocument")
	trust, err := trustPolicy(text)
	if err != nil {
		return nil, err
	}
	return s.withRole(f, func(r *role) (any, error) {
		r.trustText, r.Trust = text, trust
		return nil, nil
	})
}

func (s *Service) deleteRole(f *wire.Form) (func() (any, error), error) {
	return s.withRole(f, func(r *role) (any, error) {
		switch {
		case len(r.inline) > 0:
			return nil, wire.Errorf(409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
		case len(r.attached) > 0:
			return nil, wire.Errorf(409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
		}
		delete(s.roles, r.Name)
		return nil, nil
	})
}

func (s *Service) listRoles(f *wire.Form) (func() (any, error), error) {
	prefix := f.Get("PathPrefix")
	cut, err := pageOf[*role](f)
	if err != nil {
		return nil, err
	}
	return func() (any, error) {
		var matching []*role
		for _, name := range s.names() {
			if r := s.roles[name]; strings.HasPrefix(r.path, prefix) {
				matching = append(matching, r)
			}
		}
		page, rest, err := cut(matching)
		if err != nil {
			return nil, err
		}
		result := listRolesResult{more: rest}
		for _, r := range page {
			answer := r.answer()
			answer.Tags, answer.Boundary = nil, nil // the list leaves them out; GetRole has them
			result.Roles = append(result.Roles, answer)
		}
		return result, nil
	}, nil
}

// withRole returns what carries out an operation on the role that the request names.
func (s *Service) withRole(f *wire.Form, run func(*role) (any, error)) (func() (any, error), error) {
	name := f.Get("RoleName")
	return func() (any, error) {
		r, err := s.find(name)
		if err != nil {
			return nil, err
		}
		return run(r)
	}, nil
}

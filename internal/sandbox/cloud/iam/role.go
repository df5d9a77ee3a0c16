// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"cmp"
	"maps"
	"slices"
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
	refusals    int      // how many more attempts to assume the role are refused
}

type inlinePolicy struct {
	text     string
	document *policy.Document
}

// names returns the names of all roles, sorted; the caller holds the lock.
func (s *Service) names() []string { return slices.Sorted(maps.Keys(s.roles)) }

type createInput struct {
	roleInput
	Path, Description, AssumeRolePolicyDocument, PermissionsBoundary string
	MaxSessionDuration                                               *int
	Tags                                                             []wire.Tag
}

func (s *Service) createRole(c *wire.Call, in *createInput) ([]string, func() (any, error)) {
	arn := s.arnOf(in.Path, in.RoleName)
	if len(in.Tags) > 0 { // IAM User Guide, "Tag IAM roles"
		c.Also = wire.Each("iam:TagRole", arn)
	}
	return []string{arn}, func() (any, error) {
		r := &role{
			path: cmp.Or(in.Path, "/"), description: in.Description, trustText: in.AssumeRolePolicyDocument, boundary: in.PermissionsBoundary,
			tags: wire.Tags{}, inline: map[string]inlinePolicy{},
		}
		r.Name, r.ARN, r.MaxSession = in.RoleName, s.roleARN(in.Path, in.RoleName), time.Hour
		r.setSession(in.MaxSessionDuration)
		var err error
		if r.Trust, err = trustPolicy(r.trustText); err != nil {
			return nil, err
		}
		if err := r.tags.Change(in.Tags, nil, invalidTags); err != nil {
			return nil, err
		}
		if r.boundary != "" {
			if err := s.checkManaged(r.boundary); err != nil {
				return nil, err
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, exists := s.roles[r.Name]; exists {
			return nil, wire.Errorf(409, "EntityAlreadyExists", "Role with name %s already exists.", r.Name)
		}
		r.ID, r.created, r.refusals = wire.RandomID("AROA", 17), s.now(), s.propagation
		s.roles[r.Name] = r
		return roleResult{Role: r.answer()}, nil
	}
}

func (r *role) setSession(seconds *int) {
	if seconds != nil {
		r.MaxSession = time.Duration(*seconds) * time.Second
	}
}

// roleInput names the role that an operation is on.
type roleInput struct{ RoleName string }

// onRole returns an operation on an existing role. It runs under the lock.
func (s *Service) onRole(in roleInput, run func(*role) (any, error)) ([]string, func() (any, error)) {
	return []string{s.arnOf("", cmp.Or(in.RoleName, "*"))}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		r, found := s.roles[in.RoleName]
		if !found {
			return nil, wire.Errorf(404, "NoSuchEntity", "The role with name %s cannot be found.", in.RoleName)
		}
		return run(r)
	}
}

func (s *Service) getRole(_ *wire.Call, in *roleInput) ([]string, func() (any, error)) {
	return s.onRole(*in, func(r *role) (any, error) {
		answer := r.answer()
		answer.LastUsed = &struct{}{}
		return roleResult{Role: answer}, nil
	})
}

type updateInput struct {
	roleInput
	Description        *string
	MaxSessionDuration *int
}

func (s *Service) updateRole(_ *wire.Call, in *updateInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		if in.Description != nil {
			r.description = *in.Description
		}
		r.setSession(in.MaxSessionDuration)
		return struct{}{}, nil
	})
}

type trustInput struct {
	roleInput
	PolicyDocument string
}

func (s *Service) updateAssumeRolePolicy(_ *wire.Call, in *trustInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		trust, err := trustPolicy(in.PolicyDocument)
		if err == nil {
			r.trustText, r.Trust = in.PolicyDocument, trust
		}
		return nil, err
	})
}

func (s *Service) deleteRole(_ *wire.Call, in *roleInput) ([]string, func() (any, error)) {
	return s.onRole(*in, func(r *role) (any, error) {
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

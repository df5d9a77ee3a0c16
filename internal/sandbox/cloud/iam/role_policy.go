// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

func (s *Service) putRolePolicy(f *wire.Form) (func() (any, error), error) {
	text := f.Get("PolicyDocument")
	name := f.Get("PolicyName")
	document, err := malformed(policy.ParseIdentity(text))
	if err != nil {
		return nil, err
	}
	return s.withRole(f, func(r *role) (any, error) {
		total := length(text)
		for other, p := range r.inline {
			if other != name {
				total += length(p.text)
			}
		}
		if total > maxInlinePolicies {
			return nil, wire.Errorf(409, "LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, r.Name)
		}
		r.inline[name] = inlinePolicy{text: text, document: document}
		return nil, nil
	})
}

func (s *Service) getRolePolicy(f *wire.Form) (func() (any, error), error) {
	return s.withRolePolicy(f, func(r *role, name string) (any, error) {
		return rolePolicyResult{RoleName: r.Name, PolicyName: name, PolicyDocument: encodeDocument(r.inline[name].text)}, nil
	})
}

func (s *Service) deleteRolePolicy(f *wire.Form) (func() (any, error), error) {
	return s.withRolePolicy(f, func(r *role, name string) (any, error) {
		delete(r.inline, name)
		return nil, nil
	})
}

// withRolePolicy returns what carries out an operation on an inline policy that is there.
func (s *Service) withRolePolicy(f *wire.Form, run func(*role, string) (any, error)) (func() (any, error), error) {
	name := f.Get("PolicyName")
	return s.withRole(f, func(r *role) (any, error) {
		if _, found := r.inline[name]; !found {
			return nil, wire.Errorf(404, "NoSuchEntity", "The role policy with name %s cannot be found.", name)
		}
		return run(r, name)
	})
}

func (s *Service) listRolePolicies(f *wire.Form) (func() (any, error), error) {
	cut, err := pageOf[string](f)
	if err != nil {
		return nil, err
	}
	return s.withRole(f, func(r *role) (any, error) {
		page, rest, err := cut(slices.Sorted(maps.Keys(r.inline)))
		return listRolePoliciesResult{PolicyNames: page, more: rest}, err
	})
}

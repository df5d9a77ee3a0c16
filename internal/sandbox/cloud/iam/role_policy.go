// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type inlineInput struct {
	roleInput
	PolicyName string
}

type putInlineInput struct {
	inlineInput
	PolicyDocument string
}

func (s *Service) putRolePolicy(_ *wire.Call, in *putInlineInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		document, err := malformed(policy.ParseIdentity(in.PolicyDocument))
		if err != nil {
			return nil, err
		}
		total := length(in.PolicyDocument)
		for other, p := range r.inline {
			if other != in.PolicyName {
				total += length(p.text)
			}
		}
		if total > maxInlinePolicies {
			return nil, wire.Errorf(409, "LimitExceeded", "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, r.Name)
		}
		r.inline[in.PolicyName] = inlinePolicy{text: in.PolicyDocument, document: document}
		return nil, nil
	})
}

func (s *Service) getRolePolicy(_ *wire.Call, in *inlineInput) ([]string, func() (any, error)) {
	return s.onInlinePolicy(in, func(r *role, p inlinePolicy) (any, error) {
		return rolePolicyResult{RoleName: r.Name, PolicyName: in.PolicyName, PolicyDocument: encodeDocument(p.text)}, nil
	})
}

func (s *Service) deleteRolePolicy(_ *wire.Call, in *inlineInput) ([]string, func() (any, error)) {
	return s.onInlinePolicy(in, func(r *role, _ inlinePolicy) (any, error) {
		delete(r.inline, in.PolicyName)
		return nil, nil
	})
}

// onInlinePolicy returns an operation on an existing inline policy.
func (s *Service) onInlinePolicy(in *inlineInput, run func(*role, inlinePolicy) (any, error)) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		p, found := r.inline[in.PolicyName]
		if !found {
			return nil, wire.Errorf(404, "NoSuchEntity", "The role policy with name %s cannot be found.", in.PolicyName)
		}
		return run(r, p)
	})
}

func (s *Service) listRolePolicies(_ *wire.Call, in *roleInput) ([]string, func() (any, error)) {
	return s.onRole(*in, func(r *role) (any, error) {
		return listRolePoliciesResult{PolicyNames: slices.Sorted(maps.Keys(r.inline))}, nil
	})
}

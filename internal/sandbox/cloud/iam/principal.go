// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
)

// Role is what other services may know of a role.
type Role struct {
	Name       string
	ID         string // AROA…, another one when the role is made again
	ARN        string
	MaxSession time.Duration
	Trust      *policy.Document
}

// Role looks a role up by its name.
func (s *Service) Role(name string) (Role, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, found := s.roles[name]
	if !found {
		return Role{}, false
	}
	return r.Role, true
}

// RoleByARN looks a role up by its ARN.
func (s *Service) RoleByARN(arn string) (Role, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.roles {
		if r.ARN == arn {
			return r.Role, true
		}
	}
	return Role{}, false
}

// RoleID returns the unique id of the role with this ARN, or empty when there is none.
func (s *Service) RoleID(arn string) string {
	role, _ := s.RoleByARN(arn)
	return role.ID
}

// DelayNewRoles makes every role that is created from now on refuse to be assumed by a service the first tries times, as
// a role does on AWS until every part of it knows the role.
func (s *Service) DelayNewRoles(tries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.propagation = tries
}

// CanAssume reports whether a service (lambda.amazonaws.com) can assume the role. It counts as one of the tries of DelayNewRoles. A role
// that does not exist cannot be assumed. Of what conditions in the trust policy can go by, the service tells the account alone: that Lambda
// tells the function's ARN too is not documented.
func (s *Service) CanAssume(arn, service string) bool {
	return s.canAssume(arn, service, s.sourceAccount())
}

// CanAssumeFor is CanAssume for a service that says for which of its objects it asks, by ARN: the trust policy's conditions on
// aws:SourceArn and aws:SourceAccount go by that.
func (s *Service) CanAssumeFor(arn, service, source string) bool {
	return s.canAssume(arn, service, policy.Context{"aws:sourcearn": source, "aws:sourceaccount": s.account.ID})
}

// Trusts reports whether a role's trust policy lets a service assume it, as CanAssume does.
func (s *Service) Trusts(role Role, service string) bool {
	return role.Trust.Trusts("sts:AssumeRole", service, s.account.ID, s.sourceAccount())
}

func (s *Service) sourceAccount() policy.Context {
	return policy.Context{"aws:sourceaccount": s.account.ID}
}

func (s *Service) canAssume(arn, service string, context policy.Context) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.roles {
		if r.ARN != arn {
			continue
		}
		if r.refusals > 0 {
			r.refusals--
			return false
		}
		return r.Trust.Trusts("sts:AssumeRole", service, s.account.ID, context)
	}
	return false
}

// PassRole is what it takes to hand a role to a service. Source: IAM User Guide, "Grant a user permissions to pass a role to an
// AWS service".
const PassRole = "iam:PassRole"

// Decide says what a role's policies make of an action on a resource: inline and attached ones, within the permissions
// boundary when there is one. A role that does not exist may do nothing.
func (s *Service) Decide(role, action, resource string) policy.Effect {
	return s.DecideIn(role, action, resource, nil)
}

// DecideIn is Decide for a request of which the policies' conditions can know something: through which service it is made
// (kms:viaservice), to which service a role is handed (iam:passedtoservice).
func (s *Service) DecideIn(role, action, resource string, context policy.Context) policy.Effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, found := s.roles[role]
	if !found {
		return policy.ImplicitDeny
	}
	var documents []*policy.Document
	for _, p := range r.inline {
		documents = append(documents, p.document)
	}
	for _, arn := range r.attached {
		documents = append(documents, s.managed[arn])
	}
	effect := policy.Decide(documents, action, resource, context)
	if r.boundary == "" || effect != policy.Allow {
		return effect
	}
	return policy.Decide([]*policy.Document{s.managed[r.boundary]}, action, resource, context)
}

// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
)

// Role is the information on a role for other services.
type Role struct {
	Name       string
	ID         string // AROA…, different if the role is created again
	ARN        string
	MaxSession time.Duration
	Trust      *policy.Document
}

// Role returns the role with a name.
func (s *Service) Role(name string) (Role, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, found := s.roles[name]
	if !found {
		return Role{}, false
	}
	return r.Role, true
}

// RoleByARN returns the role with an ARN.
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

// RoleID returns the unique id of the role with this ARN, or "" if there is none.
func (s *Service) RoleID(arn string) string {
	role, _ := s.RoleByARN(arn)
	return role.ID
}

// DelayNewRoles delays roles that are created from now on. A service's first attempts to assume such a role fail; tries is their number.
// AWS behaves like this until a new role has propagated.
func (s *Service) DelayNewRoles(tries int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.propagation = tries
}

// CanAssume reports whether a service (lambda.amazonaws.com) can assume the role. The call counts as one of the tries of DelayNewRoles. A
// role that does not exist cannot be assumed. The service passes only the account to the trust policy's conditions: it is not documented
// that Lambda also passes the function's ARN.
func (s *Service) CanAssume(arn, service string) bool {
	return s.canAssume(arn, service, s.sourceAccount())
}

// CanAssumeFor works as CanAssume, but the service names, by ARN, the object for which it asks. The trust policy's conditions on
// aws:SourceArn and aws:SourceAccount use that ARN.
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

// PassRole is the permission to pass a role to a service. Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS
// service".
const PassRole = "iam:PassRole"

// Decide evaluates a role's policies for an action on a resource: inline and attached policies, limited by the permissions boundary, if
// any. A role that does not exist may do nothing.
func (s *Service) Decide(role, action, resource string) policy.Effect {
	return s.DecideIn(role, action, resource, nil)
}

// DecideIn works as Decide, but with a context for the policies' conditions: the service through which a request is made (kms:viaservice),
// the service to which a role is passed (iam:passedtoservice).
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

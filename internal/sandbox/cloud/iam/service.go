// SPDX-License-Identifier: MPL-2.0

// Package iam is the sandbox's AWS Identity and Access Management: roles, their policies, and the decision on what a role may do. Source:
// IAM API Reference, version 2010-05-08.
package iam

import (
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	apiVersion = "2010-05-08"
	namespace  = "https://iam.amazonaws.com/doc/2010-05-08/"
)

// Config configures the service.
type Config struct {
	Account wire.Account
	Now     func() time.Time
	// ManagedPolicies adds managed policies to the few AWS managed policies that the service knows: ARNs and documents.
	ManagedPolicies map[string]string
}

// Service is IAM. It is safe for concurrent use.
type Service struct {
	*api.Service
	account wire.Account
	now     func() time.Time
	managed map[string]*policy.Document

	mu          sync.Mutex
	roles       map[string]*role
	propagation int // how often a new role is refused to services
}

// New returns the service. It returns an error if a managed policy is invalid.
func New(cfg Config) (*Service, error) {
	managed, err := managedPolicies(cfg.Account.Partition().ID, cfg.ManagedPolicies)
	if err != nil {
		return nil, err
	}
	s := &Service{account: cfg.Account, now: cfg.Now, managed: managed, roles: map[string]*role{}}
	s.Service = api.New("iam", api.Query(apiVersion, namespace), api.Operations{
		"CreateRole":                    api.Of(s.createRole),
		"GetRole":                       api.Of(s.getRole),
		"UpdateRole":                    api.Of(s.updateRole),
		"UpdateAssumeRolePolicy":        api.Of(s.updateAssumeRolePolicy),
		"DeleteRole":                    api.Of(s.deleteRole),
		"PutRolePolicy":                 api.Of(s.putRolePolicy),
		"GetRolePolicy":                 api.Of(s.getRolePolicy),
		"ListRolePolicies":              api.Of(s.listRolePolicies),
		"DeleteRolePolicy":              api.Of(s.deleteRolePolicy),
		"AttachRolePolicy":              api.Of(s.attachRolePolicy),
		"DetachRolePolicy":              api.Of(s.detachRolePolicy),
		"ListAttachedRolePolicies":      api.Of(s.listAttachedRolePolicies),
		"PutRolePermissionsBoundary":    api.Of(s.putRolePermissionsBoundary),
		"DeleteRolePermissionsBoundary": api.Of(s.deleteRolePermissionsBoundary),
		"TagRole":                       api.Of(s.changeTags),
		"UntagRole":                     api.Of(s.changeTags),
		"ListRoleTags":                  api.Of(s.listRoleTags),
	})
	return s, nil
}

// arnOf returns the ARN of the role with a name. Access decisions also need the ARNs of roles that do not exist. The caller must not hold
// the lock.
func (s *Service) arnOf(path, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.roles[name]; ok {
		return found.ARN
	}
	return s.roleARN(path, name)
}

func (s *Service) roleARN(path, name string) string {
	return s.account.GlobalARN("iam", "role"+strings.TrimSuffix(path, "/")+"/"+name)
}

// Objects lists the ARNs of the existing objects.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var arns []string
	for _, name := range s.names() {
		arns = append(arns, s.roles[name].ARN)
	}
	return arns
}

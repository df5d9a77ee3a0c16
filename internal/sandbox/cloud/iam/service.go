// SPDX-License-Identifier: MPL-2.0

// Package iam is the sandbox's AWS Identity and Access Management: roles, their policies, and the decision what a role
// may do. Source: IAM API Reference, version 2010-05-08.
package iam

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	apiVersion = "2010-05-08"
	namespace  = "https://iam.amazonaws.com/doc/2010-05-08/"
)

// Config is what the service needs to know.
type Config struct {
	Account wire.Account
	Now     func() time.Time
	// ManagedPolicies are the managed policies that roles can be given, besides the few of AWS's that the service
	// knows: the policies' ARNs and documents.
	ManagedPolicies map[string]string
}

// Service is IAM. It is safe for concurrent use.
type Service struct {
	account wire.Account
	now     func() time.Time
	managed map[string]*policy.Document

	mu          sync.Mutex
	roles       map[string]*role
	propagation int // how often a new role is refused to services
}

// New makes the service. A managed policy that cannot be read is an error.
func New(cfg Config) (*Service, error) {
	managed, err := managedPolicies(cfg.Account.Partition().ID, cfg.ManagedPolicies)
	if err != nil {
		return nil, err
	}
	return &Service{account: cfg.Account, now: cfg.Now, managed: managed, roles: map[string]*role{}}, nil
}

// Scope returns the service's name in a credential scope.
func (s *Service) Scope() string { return "iam" }

// An operation reads its parameters and returns what carries it out.
type operation func(*Service, *wire.Form) (func() (any, error), error)

var operations = map[string]operation{
	"CreateRole":                    (*Service).createRole,
	"GetRole":                       (*Service).getRole,
	"ListRoles":                     (*Service).listRoles,
	"UpdateRole":                    (*Service).updateRole,
	"UpdateAssumeRolePolicy":        (*Service).updateAssumeRolePolicy,
	"DeleteRole":                    (*Service).deleteRole,
	"PutRolePolicy":                 (*Service).putRolePolicy,
	"GetRolePolicy":                 (*Service).getRolePolicy,
	"ListRolePolicies":              (*Service).listRolePolicies,
	"DeleteRolePolicy":              (*Service).deleteRolePolicy,
	"AttachRolePolicy":              (*Service).attachRolePolicy,
	"DetachRolePolicy":              (*Service).detachRolePolicy,
	"ListAttachedRolePolicies":      (*Service).listAttachedRolePolicies,
	"PutRolePermissionsBoundary":    (*Service).putRolePermissionsBoundary,
	"DeleteRolePermissionsBoundary": (*Service).deleteRolePermissionsBoundary,
	"TagRole":                       (*Service).tagRole,
	"UntagRole":                     (*Service).untagRole,
	"ListRoleTags":                  (*Service).listRoleTags,
	"ListInstanceProfilesForRole":   (*Service).listInstanceProfilesForRole,
}

// Call finds out what the request asks for.
func (s *Service) Call(r *wire.Request) (*wire.Call, error) {
	name, form, err := wire.ParseForm(r, apiVersion)
	if err != nil {
		return nil, err
	}
	op, found := operations[name]
	if !found {
		return nil, wire.Sender("InvalidAction", "Could not find operation %s for version %s", name, apiVersion)
	}
	call := &wire.Call{Operation: name, Action: "iam:" + name, Resources: []string{s.resourceOf(form)}}
	if name == "CreateRole" && form.Has("Tags.member.1.Key") { // IAM User Guide, "Tag IAM roles"
		call.Also = []wire.Permission{{Action: "iam:TagRole", Resource: call.Resources[0]}}
	}
	run, err := op(s, form)
	if err == nil {
		err = form.Unread()
	}
	call.Run = func() (*wire.Response, error) {
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		result, err := run()
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		return wire.QueryResponse(r, namespace, name, result)
	}
	return call, nil
}

// WriteError writes err as IAM does.
func (s *Service) WriteError(w http.ResponseWriter, r *wire.Request, err error) {
	wire.WriteQueryError(w, r, namespace, err)
}

// resourceOf returns the ARN of the role that a request is about. IAM decides about a role that does not exist too.
func (s *Service) resourceOf(f *wire.Form) string {
	name := f.Get("RoleName")
	if name == "" {
		name = "*"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.roles[name]; ok {
		return found.ARN
	}
	return s.roleARN(f.Get("Path"), name)
}

func (s *Service) roleARN(path, name string) string {
	return s.account.GlobalARN("iam", "role"+strings.TrimSuffix(path, "/")+"/"+name)
}

// Objects lists the ARNs of what exists.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var arns []string
	for _, name := range s.names() {
		arns = append(arns, s.roles[name].ARN)
	}
	return arns
}

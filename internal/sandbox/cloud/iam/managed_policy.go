// SPDX-License-Identifier: MPL-2.0

package iam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// The managed policies of AWS that the service knows. Source: AWS Managed Policy Reference Guide.
var awsManaged = map[string]string{
	"AdministratorAccess": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
	"service-role/AWSLambdaBasicExecutionRole": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Action":["logs:CreateLogGroup","logs:CreateLogStream","logs:PutLogEvents"],"Resource":"*"}]}`,
}

func managedPolicies(partition string, more map[string]string) (map[string]*policy.Document, error) {
	texts := map[string]string{}
	for name, text := range awsManaged {
		texts["arn:"+partition+":iam::aws:policy/"+name] = text
	}
	for arn, text := range more {
		texts[arn] = text
	}
	documents := map[string]*policy.Document{}
	for arn, text := range texts {
		document, err := policy.ParseIdentity(text)
		if err != nil {
			return nil, fmt.Errorf("reading the managed policy %s: %w", arn, err)
		}
		documents[arn] = document
	}
	return documents, nil
}

type attachInput struct {
	roleInput
	PolicyArn string
}

func (s *Service) attachRolePolicy(_ *wire.Call, in *attachInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		if err := s.checkManaged(in.PolicyArn); err != nil {
			return nil, err
		}
		if slices.Contains(r.attached, in.PolicyArn) {
			return nil, nil
		}
		if len(r.attached) == maxAttached {
			return nil, wire.Errorf(409, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
		}
		r.attached = append(r.attached, in.PolicyArn)
		return nil, nil
	})
}

func (s *Service) detachRolePolicy(_ *wire.Call, in *attachInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		i := slices.Index(r.attached, in.PolicyArn)
		if i < 0 {
			return nil, wire.Errorf(404, "NoSuchEntity", "Policy %s was not found.", in.PolicyArn)
		}
		r.attached = slices.Delete(r.attached, i, i+1)
		return nil, nil
	})
}

func (s *Service) listAttachedRolePolicies(_ *wire.Call, in *roleInput) ([]string, func() (any, error)) {
	return s.onRole(*in, func(r *role) (any, error) {
		result := listAttachedResult{}
		for _, arn := range r.attached {
			name := arn[strings.LastIndex(arn, "/")+1:]
			result.AttachedPolicies = append(result.AttachedPolicies, attachedPolicy{PolicyName: name, PolicyArn: arn})
		}
		return result, nil
	})
}

type boundaryInput struct {
	roleInput
	PermissionsBoundary string
}

func (s *Service) putRolePermissionsBoundary(_ *wire.Call, in *boundaryInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		if err := s.checkManaged(in.PermissionsBoundary); err != nil {
			return nil, err
		}
		r.boundary = in.PermissionsBoundary
		return nil, nil
	})
}

func (s *Service) deleteRolePermissionsBoundary(_ *wire.Call, in *roleInput) ([]string, func() (any, error)) {
	return s.onRole(*in, func(r *role) (any, error) {
		if r.boundary == "" {
			return nil, wire.Errorf(404, "NoSuchEntity", "Role %s does not have a permissions boundary.", r.Name)
		}
		r.boundary = ""
		return nil, nil
	})
}

func (s *Service) checkManaged(arn string) error {
	switch {
	case !strings.HasPrefix(arn, "arn:"):
		return wire.Sender("InvalidInput", "ARN %s is not valid.", arn)
	case s.managed[arn] == nil:
		return wire.Errorf(404, "NoSuchEntity", "Policy %s does not exist or is not attachable.", arn)
	}
	return nil
}

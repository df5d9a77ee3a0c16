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

func (s *Service) attachRolePolicy(f *wire.Form) (func() (any, error), error) {
	arn := f.Get("PolicyArn")
	return s.withRole(f, func(r *role) (any, error) {
		if err := s.checkManaged(arn); err != nil {
			return nil, err
		}
		if slices.Contains(r.attached, arn) {
			return nil, nil
		}
		if len(r.attached) == maxAttached {
			return nil, wire.Errorf(409, "LimitExceeded", "Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
		}
		r.attached = append(r.attached, arn)
		return nil, nil
	})
}

func (s *Service) detachRolePolicy(f *wire.Form) (func() (any, error), error) {
	arn := f.Get("PolicyArn")
	return s.withRole(f, func(r *role) (any, error) {
		i := slices.Index(r.attached, arn)
		if i < 0 {
			return nil, wire.Errorf(404, "NoSuchEntity", "Policy %s was not found.", arn)
		}
		r.attached = slices.Delete(r.attached, i, i+1)
		return nil, nil
	})
}

func (s *Service) listAttachedRolePolicies(f *wire.Form) (func() (any, error), error) {
	if prefix := f.Get("PathPrefix"); prefix != "" && prefix != "/" {
		return nil, wire.Sender("InvalidInput", "The sandbox does not support PathPrefix.")
	}
	cut, err := pageOf[string](f)
	if err != nil {
		return nil, err
	}
	return s.withRole(f, func(r *role) (any, error) {
		page, rest, err := cut(r.attached)
		result := listAttachedResult{more: rest}
		for _, arn := range page {
			name := arn[strings.LastIndex(arn, "/")+1:]
			result.AttachedPolicies = append(result.AttachedPolicies, attachedPolicy{PolicyName: name, PolicyArn: arn})
		}
		return result, err
	})
}

func (s *Service) putRolePermissionsBoundary(f *wire.Form) (func() (any, error), error) {
	arn := f.Get("PermissionsBoundary")
	if err := s.checkManaged(arn); err != nil {
		return nil, err
	}
	return s.withRole(f, func(r *role) (any, error) {
		r.boundary = arn
		return nil, nil
	})
}

func (s *Service) deleteRolePermissionsBoundary(f *wire.Form) (func() (any, error), error) {
	return s.withRole(f, func(r *role) (any, error) {
		if r.boundary == "" {
			return nil, wire.Errorf(404, "NoSuchEntity", "Role %s does not have a permissions boundary.", r.Name)
		}
		r.boundary = ""
		return nil, nil
	})
}

func (s *Service) checkBoundary(arn string) error {
	if arn == "" {
		return nil
	}
	return s.checkManaged(arn)
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

// listInstanceProfilesForRole is here because callers ask for it before they delete a role. There are no instance profiles.
func (s *Service) listInstanceProfilesForRole(f *wire.Form) (func() (any, error), error) {
	if _, err := pageOf[string](f); err != nil {
		return nil, err
	}
	return s.withRole(f, func(*role) (any, error) { return listInstanceProfilesResult{}, nil })
}

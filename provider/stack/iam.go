// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// iamCall is an operation of IAM.
type iamCall[In, Out any] func(context.Context, *In, ...func(*iam.Options)) (*Out, error)

// IAM holds the IAM calls that a stack makes.
//
// It is not the SDK's client, because that would make the binary a tenth larger. A program that calls methods by reflection, as a plugin
// does, keeps all methods of a type that may be in an interface. The client has 181 methods.
type IAM struct {
	GetRole       iamCall[iam.GetRoleInput, iam.GetRoleOutput]
	GetRolePolicy iamCall[iam.GetRolePolicyInput, iam.GetRolePolicyOutput]
	listAttached  listAttachedRolePolicies
	listInline    listRolePolicies

	CreateRole                    iamCall[iam.CreateRoleInput, iam.CreateRoleOutput]
	UpdateRole                    iamCall[iam.UpdateRoleInput, iam.UpdateRoleOutput]
	UpdateAssumeRolePolicy        iamCall[iam.UpdateAssumeRolePolicyInput, iam.UpdateAssumeRolePolicyOutput]
	PutRolePolicy                 iamCall[iam.PutRolePolicyInput, iam.PutRolePolicyOutput]
	PutRolePermissionsBoundary    iamCall[iam.PutRolePermissionsBoundaryInput, iam.PutRolePermissionsBoundaryOutput]
	DeleteRolePermissionsBoundary iamCall[iam.DeleteRolePermissionsBoundaryInput, iam.DeleteRolePermissionsBoundaryOutput]
	DetachRolePolicy              iamCall[iam.DetachRolePolicyInput, iam.DetachRolePolicyOutput]
	DeleteRolePolicy              iamCall[iam.DeleteRolePolicyInput, iam.DeleteRolePolicyOutput]
	DeleteRole                    iamCall[iam.DeleteRoleInput, iam.DeleteRoleOutput]
	TagRole                       iamCall[iam.TagRoleInput, iam.TagRoleOutput]
	UntagRole                     iamCall[iam.UntagRoleInput, iam.UntagRoleOutput]
}

// NewIAM creates a client in the same way as iam.NewFromConfig.
func NewIAM(config aws.Config, options ...func(*iam.Options)) IAM {
	c := iam.NewFromConfig(config, options...)
	return IAM{
		GetRole: c.GetRole, GetRolePolicy: c.GetRolePolicy, listAttached: c.ListAttachedRolePolicies, listInline: c.ListRolePolicies,
		CreateRole: c.CreateRole, UpdateRole: c.UpdateRole, UpdateAssumeRolePolicy: c.UpdateAssumeRolePolicy, PutRolePolicy: c.PutRolePolicy,
		PutRolePermissionsBoundary: c.PutRolePermissionsBoundary, DeleteRolePermissionsBoundary: c.DeleteRolePermissionsBoundary,
		DetachRolePolicy: c.DetachRolePolicy, DeleteRolePolicy: c.DeleteRolePolicy, DeleteRole: c.DeleteRole, TagRole: c.TagRole,
		UntagRole: c.UntagRole,
	}
}

// These two calls return pages. The types implement the interfaces of the SDK's paginators.
type (
	listAttachedRolePolicies iamCall[iam.ListAttachedRolePoliciesInput, iam.ListAttachedRolePoliciesOutput]
	listRolePolicies         iamCall[iam.ListRolePoliciesInput, iam.ListRolePoliciesOutput]
)

// ListAttachedRolePolicies implements iam.ListAttachedRolePoliciesAPIClient.
func (list listAttachedRolePolicies) ListAttachedRolePolicies(
	ctx context.Context, in *iam.ListAttachedRolePoliciesInput, options ...func(*iam.Options),
) (*iam.ListAttachedRolePoliciesOutput, error) {
	return list(ctx, in, options...)
}

// ListRolePolicies implements iam.ListRolePoliciesAPIClient.
func (list listRolePolicies) ListRolePolicies(
	ctx context.Context, in *iam.ListRolePoliciesInput, options ...func(*iam.Options),
) (*iam.ListRolePoliciesOutput, error) {
	return list(ctx, in, options...)
}

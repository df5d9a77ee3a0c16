// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

const timerRoleName = "qlik-task-timer-nightly-eu-central-1"

// roleDrifts are manual changes of the two IAM roles.
var roleDrifts = driftGroup{
	settings: `
  permissions_boundary_arn = "` + wideARN + `"
  role_path                = "/platform/"
  tags                     = { owner = "bi" }`,
	spec: func(spec *stack.Spec) {
		spec.PermissionsBoundaryARN, spec.RolePath, spec.Tags = wideARN, "/platform/", map[string]string{"owner": "bi"}
	},
	drifts: []drift{
		{"deleted", deleteRole(roleName), shown{"drift.function.environment": "other values of ROLE_ID", "drift.role": "missing",
			"role_arn": gone}, calls{
			"iam CreateRole", "iam PutRolePolicy", "lambda AddPermission", "lambda CreateFunction", "lambda DeleteFunction",
			"lambda PutFunctionEventInvokeConfig",
		}},
		{"made anew", inTurn(deleteRole(roleName), makeRole), shown{
			"drift.function.environment": "other values of ROLE_ID",
			"drift.role.description":     "none, should be What the task chain nightly's Lambda function may do.",
			"drift.role.path":            "/, should be /platform/",
			"drift.role.policy":          "missing",
			"drift.role.tags":            "none, should be managed-by = terraform-provider-qlik, owner = bi, qlik-instance =",
			"drift.role.trust_policy":    `{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}, should be`,
			"permissions_boundary_arn":   gone,
			"role_arn":                   "arn:aws:iam::123456789012:role/qlik-task-chain-nightly-eu-central-1",
		}, calls{
			"iam CreateRole", "iam DeleteRole", "iam DeleteRolePolicy", "iam PutRolePolicy", "lambda AddPermission",
			"lambda CreateFunction", "lambda DeleteFunction", "lambda PutFunctionEventInvokeConfig",
		}},
		{"policy deleted", deleteRolePolicy(roleName), shown{"drift.role.policy": "missing"}, calls{"iam PutRolePolicy"}},
		{"policy edited", putRolePolicy(roleName, "task-chain"),
			shown{"drift.role.policy": `{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}, should be`}, calls{"iam PutRolePolicy"}},
		{"policy added", putRolePolicy(roleName, "more"), shown{"drift.role.inline_policies": "more, should be none"},
			calls{"iam DeleteRolePolicy"}},
		{"policy attached", attachPolicy(roleName),
			shown{"drift.role.attached_policies": "arn:aws:iam::aws:policy/AdministratorAccess, should be none"}, calls{"iam DetachRolePolicy"}},
		{"trust edited", editTrust(roleName, "lambda.amazonaws.com", "ec2.amazonaws.com"),
			shown{"drift.role.trust_policy": `{"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]},"Action":"sts:AssumeRole"}, should be`},
			calls{"iam UpdateAssumeRolePolicy"}},
		{"boundary taken away", takeBoundaryAway(roleName), shown{"permissions_boundary_arn": gone}, calls{"iam PutRolePermissionsBoundary"}},
		{"boundary changed", changeBoundary(roleName),
			shown{"permissions_boundary_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}, calls{"iam PutRolePermissionsBoundary"}},
		{"description", updateRole(&iam.UpdateRoleInput{RoleName: aws.String(roleName), Description: aws.String("mine")}),
			shown{"drift.role.description": "mine, should be What the task chain nightly's Lambda function may do."}, calls{"iam UpdateRole"}},
		{"session duration", updateRole(&iam.UpdateRoleInput{RoleName: aws.String(roleName), MaxSessionDuration: aws.Int32(43200)}),
			shown{"drift.role.max_session_duration": "43200, should be 3600"}, calls{"iam UpdateRole"}},
		{"tag changed", tagRole(roleName, "owner", "me"), shown{"drift.role.tags": "owner = me, should be owner = bi"}, calls{"iam TagRole"}},
		{"tag added", tagRole(roleName, "cost-center", "1"), shown{"drift.role.tags": "cost-center = 1, should be none"}, calls{"iam UntagRole"}},
		{"timers' deleted", deleteRole(timerRoleName), shown{"drift.timer_role": "missing"}, calls{"iam CreateRole", "iam PutRolePolicy"}},
		{"timers' policy deleted", deleteRolePolicy(timerRoleName), shown{"drift.timer_role.policy": "missing"}, calls{"iam PutRolePolicy"}},
		{"timers' policy edited", putRolePolicy(timerRoleName, "task-chain"),
			shown{"drift.timer_role.policy": `{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}, should be`}, calls{"iam PutRolePolicy"}},
		{"timers' policy added", putRolePolicy(timerRoleName, "more"), shown{"drift.timer_role.inline_policies": "more, should be none"},
			calls{"iam DeleteRolePolicy"}},
		{"timers' policy attached", attachPolicy(timerRoleName),
			shown{"drift.timer_role.attached_policies": "arn:aws:iam::aws:policy/AdministratorAccess, should be none"},
			calls{"iam DetachRolePolicy"}},
		{"timers' trust edited", editTrust(timerRoleName, "scheduler.amazonaws.com"),
			shown{"drift.timer_role.trust_policy": `{"Effect":"Allow","Principal":{"Service":["scheduler.amazonaws.com"]},"Action":"sts:AssumeRole"}, should be`},
			calls{"iam UpdateAssumeRolePolicy"}},
		{"timers' boundary taken away", takeBoundaryAway(timerRoleName),
			shown{"drift.timer_role.permissions_boundary": "none, should be arn:aws:iam::123456789012:policy/wide"},
			calls{"iam PutRolePermissionsBoundary"}},
		{"timers' description", updateRole(&iam.UpdateRoleInput{RoleName: aws.String(timerRoleName), Description: aws.String("mine")}),
			shown{"drift.timer_role.description": "mine, should be How EventBridge Scheduler wakes the task chain nightly's Lambda function."},
			calls{"iam UpdateRole"}},
		{"timers' tag changed", tagRole(timerRoleName, "owner", "me"), shown{"drift.timer_role.tags": "owner = me, should be owner = bi"},
			calls{"iam TagRole"}},
	},
}

func deleteRolePolicy(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).DeleteRolePolicy(ctx,
			&iam.DeleteRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("task-chain")})
		return err
	}
}

func deleteRoleItself(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)})
		var gone *types.NoSuchEntityException
		if errors.As(err, &gone) {
			return nil
		}
		return err
	}
}

func deleteRole(name string) hand { return inTurn(deleteRolePolicy(name), deleteRoleItself(name)) }

// trustIn returns a trust policy without conditions.
func trustIn(services ...string) string {
	var list string
	for i, service := range services {
		if i > 0 {
			list += ","
		}
		list += `"` + service + `"`
	}
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":[` + list + `]},"Action":"sts:AssumeRole"}]}`
}

// makeRole recreates the function's role with the right name only.
func makeRole(ctx context.Context, h *harness) error {
	_, err := iam.NewFromConfig(h.AWS()).CreateRole(ctx, &iam.CreateRoleInput{
		RoleName: aws.String(roleName), AssumeRolePolicyDocument: aws.String(trustIn("lambda.amazonaws.com")),
	})
	return err
}

func putRolePolicy(name, policy string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: aws.String(name), PolicyName: aws.String(policy),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}`),
		})
		return err
	}
}

func attachPolicy(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
			RoleName: aws.String(name), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
		})
		return err
	}
}

func editTrust(name string, services ...string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
			RoleName: aws.String(name), PolicyDocument: aws.String(trustIn(services...)),
		})
		return err
	}
}

func takeBoundaryAway(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).DeleteRolePermissionsBoundary(ctx,
			&iam.DeleteRolePermissionsBoundaryInput{RoleName: aws.String(name)})
		return err
	}
}

func changeBoundary(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
			RoleName: aws.String(name), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/AdministratorAccess"),
		})
		return err
	}
}

func updateRole(input *iam.UpdateRoleInput) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).UpdateRole(ctx, input)
		return err
	}
}

func tagRole(name, key, value string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).TagRole(ctx, &iam.TagRoleInput{
			RoleName: aws.String(name), Tags: []types.Tag{{Key: aws.String(key), Value: aws.String(value)}},
		})
		return err
	}
}

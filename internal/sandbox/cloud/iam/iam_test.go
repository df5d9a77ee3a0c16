// SPDX-License-Identifier: MPL-2.0

package iam_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

const (
	trust     = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]}`
	allowRead = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:GetParameters","Resource":"*"}]}`
	basic     = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
	boundary  = "arn:aws:iam::123456789012:policy/boundary"
)

var (
	roleName   = aws.String("chain")
	policyName = aws.String("parameters")
)

func start(t *testing.T) (*cloud.Cloud, *iam.Client) {
	t.Helper()
	c := cloudtest.Start(t, cloud.Config{ManagedPolicies: map[string]string{boundary: allowRead}})
	return c, iam.NewFromConfig(cloudtest.UserConfig(c))
}

func createRole(t *testing.T, client *iam.Client, change ...func(*iam.CreateRoleInput)) *types.Role {
	t.Helper()
	input := &iam.CreateRoleInput{RoleName: roleName, AssumeRolePolicyDocument: aws.String(trust)}
	for _, c := range change {
		c(input)
	}
	out, err := client.CreateRole(t.Context(), input)
	if err != nil {
		t.Fatal(err)
	}
	return out.Role
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func TestRole(t *testing.T) {
	t.Parallel()
	c, client := start(t)
	ctx := t.Context()
	created := createRole(t, client, func(in *iam.CreateRoleInput) {
		in.Path, in.Description, in.MaxSessionDuration = aws.String("/qlik/"), aws.String("a <chain> & more"), aws.Int32(7200)
		in.PermissionsBoundary = aws.String(boundary)
		in.Tags = []types.Tag{{Key: aws.String("qlik-task-chain"), Value: aws.String("nightly")}}
	})
	got, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: roleName})
	if err != nil {
		t.Fatal(err)
	}
	role := got.Role
	if *role.Arn != "arn:aws:iam::123456789012:role/qlik/chain" || *role.RoleId != *created.RoleId ||
		!strings.HasPrefix(*role.RoleId, "AROA") {
		t.Errorf("ARN %s, id %s, created with id %s", *role.Arn, *role.RoleId, *created.RoleId)
	}
	if *role.Path != "/qlik/" || *role.Description != "a <chain> & more" || *role.MaxSessionDuration != 7200 || role.CreateDate.IsZero() {
		t.Errorf("path %s, description %s, session %d, created %v", *role.Path, *role.Description, *role.MaxSessionDuration, role.CreateDate)
	}
	if *role.PermissionsBoundary.PermissionsBoundaryArn != boundary || len(role.Tags) != 1 || *role.Tags[0].Value != "nightly" {
		t.Errorf("boundary %v, tags %v", role.PermissionsBoundary, role.Tags)
	}
	if document, err := url.PathUnescape(*role.AssumeRolePolicyDocument); err != nil || document != trust ||
		*role.AssumeRolePolicyDocument == trust {
		t.Errorf("the trust policy came back as %s (%v)", *role.AssumeRolePolicyDocument, err)
	}

	_, err = client.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: roleName, Description: aws.String("")})
	check(t, "UpdateRole", err)
	other := strings.Replace(trust, "lambda", "events", 1)
	_, err = client.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: roleName, PolicyDocument: aws.String(other)})
	check(t, "UpdateAssumeRolePolicy", err)
	_, err = client.DeleteRolePermissionsBoundary(ctx, &iam.DeleteRolePermissionsBoundaryInput{RoleName: roleName})
	check(t, "DeleteRolePermissionsBoundary", err)
	got, err = client.GetRole(ctx, &iam.GetRoleInput{RoleName: roleName})
	if err != nil {
		t.Fatal(err)
	}
	if got.Role.Description != nil || *got.Role.MaxSessionDuration != 7200 || got.Role.PermissionsBoundary != nil {
		t.Errorf("after the update: description %v, session %d, boundary %v", got.Role.Description, *got.Role.MaxSessionDuration,
			got.Role.PermissionsBoundary)
	}
	if !c.IAM().CanAssume(*role.Arn, "events.amazonaws.com") || c.IAM().CanAssume(*role.Arn, "lambda.amazonaws.com") {
		t.Error("the changed trust policy is not the one that counts")
	}
	if objects := c.Objects()["iam"]; !slices.Equal(objects, []string{*role.Arn}) {
		t.Errorf("objects %v", objects)
	}
	_, err = client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: roleName})
	check(t, "DeleteRole", err)
	_, err = client.GetRole(ctx, &iam.GetRoleInput{RoleName: roleName})
	cloudtest.WantError(t, err, 404, "NoSuchEntity", "The role with name chain cannot be found.")
	var missing *types.NoSuchEntityException
	if !errors.As(err, &missing) {
		t.Errorf("the SDK does not know the error %v", err)
	}
	if len(c.Objects()) != 0 {
		t.Errorf("objects %v are left", c.Objects())
	}
}

func TestRolePolicies(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	ctx := t.Context()
	createRole(t, client)
	put := &iam.PutRolePolicyInput{RoleName: roleName, PolicyName: policyName, PolicyDocument: aws.String(allowRead)}
	_, err := client.PutRolePolicy(ctx, put)
	check(t, "PutRolePolicy", err)
	_, err = client.PutRolePolicy(ctx, put)
	check(t, "PutRolePolicy again", err)
	got, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: roleName, PolicyName: policyName})
	if err != nil {
		t.Fatal(err)
	}
	if document, err := url.PathUnescape(*got.PolicyDocument); err != nil || document != allowRead {
		t.Errorf("the policy came back as %s (%v)", *got.PolicyDocument, err)
	}
	for range 2 { // attaching twice is no error
		_, err = client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: roleName, PolicyArn: aws.String(basic)})
		check(t, "AttachRolePolicy", err)
	}
	inline, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: roleName})
	if err != nil || !slices.Equal(inline.PolicyNames, []string{*policyName}) {
		t.Errorf("inline policies %v, %v", inline, err)
	}
	attached, err := client.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: roleName})
	if err != nil || len(attached.AttachedPolicies) != 1 || *attached.AttachedPolicies[0].PolicyName != "AWSLambdaBasicExecutionRole" {
		t.Errorf("attached policies %v, %v", attached, err)
	}

	remove := &iam.DeleteRoleInput{RoleName: roleName}
	_, err = client.DeleteRole(ctx, remove)
	cloudtest.WantError(t, err, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.")
	_, err = client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: roleName, PolicyName: policyName})
	check(t, "DeleteRolePolicy", err)
	_, err = client.DeleteRole(ctx, remove)
	cloudtest.WantError(t, err, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	detach := &iam.DetachRolePolicyInput{RoleName: roleName, PolicyArn: aws.String(basic)}
	_, err = client.DetachRolePolicy(ctx, detach)
	check(t, "DetachRolePolicy", err)
	_, err = client.DetachRolePolicy(ctx, detach)
	cloudtest.WantError(t, err, 404, "NoSuchEntity", "was not found")
	_, err = client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: roleName, PolicyName: policyName})
	cloudtest.WantError(t, err, 404, "NoSuchEntity", "The role policy with name parameters cannot be found.")
	_, err = client.DeleteRole(ctx, remove)
	check(t, "DeleteRole", err)
}

func TestRoleTags(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	ctx := t.Context()
	createRole(t, client)
	tags := []types.Tag{{Key: aws.String("b"), Value: aws.String("2")}, {Key: aws.String("a"), Value: aws.String("")}}
	_, err := client.TagRole(ctx, &iam.TagRoleInput{RoleName: roleName, Tags: tags})
	check(t, "TagRole", err)
	_, err = client.UntagRole(ctx, &iam.UntagRoleInput{RoleName: roleName, TagKeys: []string{"b", "none"}})
	check(t, "UntagRole", err)
	list, err := client.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: roleName})
	if err != nil || len(list.Tags) != 1 || *list.Tags[0].Key != "a" || *list.Tags[0].Value != "" {
		t.Errorf("tags %v, %v", list, err)
	}
	var many []types.Tag
	for i := range 50 {
		many = append(many, types.Tag{Key: aws.String(fmt.Sprint("key-", i)), Value: aws.String("v")})
	}
	_, err = client.TagRole(ctx, &iam.TagRoleInput{RoleName: roleName, Tags: many})
	cloudtest.WantError(t, err, 400, "InvalidInput", "at most 50 tags")
	_, err = client.TagRole(ctx, &iam.TagRoleInput{RoleName: roleName, Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("v")}}})
	cloudtest.WantError(t, err, 400, "InvalidInput", "reserved")
}

// TestRefusals lists what IAM does not take.
func TestRefusals(t *testing.T) {
	t.Parallel()
	_, client := start(t)
	ctx := t.Context()
	createRole(t, client)
	create := func(change func(*iam.CreateRoleInput)) error {
		input := &iam.CreateRoleInput{RoleName: aws.String("another"), AssumeRolePolicyDocument: aws.String(trust)}
		change(input)
		_, err := client.CreateRole(ctx, input)
		return err
	}
	put := func(role, document string) error {
		_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(role), PolicyName: policyName,
			PolicyDocument: aws.String(document)})
		return err
	}
	long := strings.Replace(allowRead, `"*"`, `["arn:aws:ssm:::`+strings.Repeat("x", 10_240)+`"]`, 1)
	attach := func(arn string) error {
		_, err := client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: roleName, PolicyArn: aws.String(arn)})
		return err
	}
	tests := map[string]struct {
		err           error
		status        int
		code, message string
	}{
		"role exists": {create(func(in *iam.CreateRoleInput) { in.RoleName = roleName }), 409, "EntityAlreadyExists",
			"Role with name chain already exists."},
		"name": {create(func(in *iam.CreateRoleInput) { in.RoleName = aws.String("a b") }), 400, "ValidationError",
			`'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`},
		"name too long": {create(func(in *iam.CreateRoleInput) { in.RoleName = aws.String(strings.Repeat("x", 65)) }), 400, "ValidationError",
			"less than or equal to 64"},
		"path": {create(func(in *iam.CreateRoleInput) { in.Path = aws.String("qlik") }), 400, "ValidationError",
			"'path' failed to satisfy constraint: Member must satisfy regular expression pattern"},
		"description": {create(func(in *iam.CreateRoleInput) { in.Description = aws.String(strings.Repeat("x", 1001)) }), 400,
			"ValidationError", "1000"},
		"session": {create(func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(60) }), 400, "ValidationError",
			"maxSessionDuration"},
		"boundary": {create(func(in *iam.CreateRoleInput) { in.PermissionsBoundary = aws.String(boundary + "x") }), 404, "NoSuchEntity",
			"does not exist"},
		"trust": {create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = aws.String(allowRead) }), 400,
			"MalformedPolicyDocument", "Principal"},
		"trust too long": {create(func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = aws.String(long) }), 409, "LimitExceeded",
			"ACLSizePerRole: 2048"},
		"policy":          {put("chain", trust), 400, "MalformedPolicyDocument", "principal"},
		"policy, no JSON": {put("chain", "{"), 400, "MalformedPolicyDocument", "Syntax errors in policy."},
		"policy too long": {put("chain", long), 409, "LimitExceeded", "10240"},
		"policy, no role": {put("none", allowRead), 404, "NoSuchEntity", "The role with name none cannot be found."},
		"attach nothing":  {attach("arn:aws:iam::aws:policy/None"), 404, "NoSuchEntity", "does not exist or is not attachable"},
		"attach no ARN":   {attach("AWSLambdaBasicExecutionRole"), 400, "InvalidInput", "ARN"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloudtest.WantError(t, tt.err, tt.status, tt.code, tt.message)
		})
	}
	_, err := client.CreateUser(ctx, &iam.CreateUserInput{UserName: aws.String("x")})
	cloudtest.WantError(t, err, 400, "InvalidAction", "CreateUser")
	_, err = client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: roleName, MaxItems: aws.Int32(0)})
	cloudtest.WantError(t, err, 400, "ValidationError", "maxItems")
}

// TestNewRoleCannotBeAssumedYet is IAM's eventual consistency, as Lambda sees it.
func TestNewRoleCannotBeAssumedYet(t *testing.T) {
	t.Parallel()
	c, client := start(t)
	c.IAM().DelayNewRoles(2)
	arn := *createRole(t, client).Arn
	var got []bool
	for range 4 {
		got = append(got, c.IAM().CanAssume(arn, "lambda.amazonaws.com"))
	}
	if want := []bool{false, false, true, true}; !slices.Equal(got, want) {
		t.Errorf("assumable %v, want %v", got, want)
	}
	if c.IAM().CanAssume(arn+"x", "lambda.amazonaws.com") {
		t.Error("a role that does not exist can be assumed")
	}
}

// TestBoundary shows that a role may do what both its policies and its boundary allow.
func TestBoundary(t *testing.T) {
	t.Parallel()
	c, client := start(t)
	ctx := t.Context()
	createRole(t, client)
	_, err := client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: roleName,
		PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")})
	check(t, "AttachRolePolicy", err)
	role := iam.NewFromConfig(cloudtest.RoleConfig(t, c, *roleName))
	_, err = role.GetRole(ctx, &iam.GetRoleInput{RoleName: roleName})
	check(t, "GetRole as an administrator", err)
	_, err = client.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{RoleName: roleName,
		PermissionsBoundary: aws.String(boundary)})
	check(t, "PutRolePermissionsBoundary", err)
	_, err = role.GetRole(ctx, &iam.GetRoleInput{RoleName: roleName})
	cloudtest.WantError(t, err, 403, "AccessDenied", "iam:GetRole")
}

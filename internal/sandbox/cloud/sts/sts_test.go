// SPDX-License-Identifier: MPL-2.0

package sts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

const (
	userTrust   = `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::123456789012:root"}}}`
	lambdaTrust = `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}}`
	mayAssume   = `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}`
)

func createRole(t *testing.T, c *cloud.Cloud, name, trust, policy string) {
	t.Helper()
	client := iam.NewFromConfig(cloudtest.UserConfig(c))
	if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String(name),
		AssumeRolePolicyDocument: aws.String(trust)}); err != nil {
		t.Fatal(err)
	}
	if policy == "" {
		return
	}
	if _, err := client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(policy)}); err != nil {
		t.Fatal(err)
	}
}

func assume(t *testing.T, config aws.Config, role, session string, seconds int32) (*sts.AssumeRoleOutput, error) {
	t.Helper()
	return sts.NewFromConfig(config).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/" + role), RoleSessionName: aws.String(session), DurationSeconds: aws.Int32(seconds),
	})
}

func TestAssumeRole(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	createRole(t, c, "deployer", userTrust, mayAssume)
	createRole(t, c, "second", userTrust, "")
	user := cloudtest.UserConfig(c)
	got, err := assume(t, user, "deployer", "session", 900)
	if err != nil {
		t.Fatal(err)
	}
	const arn = "arn:aws:sts::123456789012:assumed-role/deployer/session"
	if *got.AssumedRoleUser.Arn != arn || !strings.HasSuffix(*got.AssumedRoleUser.AssumedRoleId, ":session") {
		t.Errorf("assumed %s, %s", *got.AssumedRoleUser.Arn, *got.AssumedRoleUser.AssumedRoleId)
	}
	if left := time.Until(*got.Credentials.Expiration); left < 14*time.Minute || left > 15*time.Minute {
		t.Errorf("the credentials are valid for %v, want 15 minutes", left)
	}
	role := cloudtest.KeyConfig(c, *got.Credentials.AccessKeyId, *got.Credentials.SecretAccessKey, *got.Credentials.SessionToken)
	who, err := sts.NewFromConfig(role).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != arn || *who.UserId != *got.AssumedRoleUser.AssumedRoleId {
		t.Errorf("the caller is %v, %v", who, err)
	}
	if _, err := assume(t, role, "second", "chained", 3600); err != nil {
		t.Errorf("a role that may assume another: %v", err)
	}
	_, err = assume(t, role, "second", "chained", 3601)
	cloudtest.WantError(t, err, 400, "ValidationError", "1 hour session limit")
}

func TestAssumeRoleRefusals(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	createRole(t, c, "deployer", userTrust, "")
	createRole(t, c, "function", lambdaTrust, "")
	user := cloudtest.UserConfig(c)
	tests := map[string]struct {
		config        aws.Config
		role, session string
		seconds       int32
		status        int
		code, message string
	}{
		"not trusted": {user, "function", "session", 900, 403, "AccessDenied",
			"User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: sts:AssumeRole on resource: " +
				"arn:aws:iam::123456789012:role/function"},
		"no such role": {user, "none", "session", 900, 403, "AccessDenied", "role/none"},
		"not allowed": {cloudtest.RoleConfig(t, c, "function"), "deployer", "session", 900, 403, "AccessDenied",
			"no identity-based policy allows the sts:AssumeRole action"},
		"session":   {user, "deployer", "a b", 900, 400, "ValidationError", "roleSessionName"},
		"too short": {user, "deployer", "session", 899, 400, "ValidationError", "durationSeconds"},
		"too long":  {user, "deployer", "session", 7200, 400, "ValidationError", "MaxSessionDuration set for this role"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := assume(t, tt.config, tt.role, tt.session, tt.seconds)
			cloudtest.WantError(t, err, tt.status, tt.code, tt.message)
		})
	}
	client := sts.NewFromConfig(user)
	_, err := client.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String("not-an-arn-but-long-enough"),
		RoleSessionName: aws.String("session")})
	cloudtest.WantError(t, err, 400, "ValidationError", "is invalid")
	_, err = client.GetSessionToken(t.Context(), nil)
	cloudtest.WantError(t, err, 400, "InvalidAction", "GetSessionToken")
	_, err = client.AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::123456789012:role/deployer"), RoleSessionName: aws.String("session"), Policy: aws.String(mayAssume),
	})
	cloudtest.WantError(t, err, 400, "ValidationException", `does not support the field "Policy"`)
	if _, _, _, err := c.STS().Issue("none", "session"); err == nil {
		t.Error("credentials were issued for a role that does not exist")
	}
}

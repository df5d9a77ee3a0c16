// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// as is the environment of a role with these statements of a policy.
func (w *world) as(role, statements string) []string {
	w.t.Helper()
	client := iam.NewFromConfig(w.AWS())
	if _, err := client.CreateRole(w.t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(role), AssumeRolePolicyDocument: aws.String(`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}}`),
	}); err != nil {
		w.t.Fatal(err)
	}
	if statements != "" {
		if _, err := client.PutRolePolicy(w.t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String(role), PolicyName: aws.String("command"),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[` + statements + `]}`),
		}); err != nil {
			w.t.Fatal(err)
		}
	}
	keys, err := cloudtest.RoleConfig(w.t, w.Cloud, role).Credentials.Retrieve(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return w.environment("AWS_ACCESS_KEY_ID="+keys.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+keys.SecretAccessKey,
		"AWS_SESSION_TOKEN="+keys.SessionToken)
}

// viewing lets an identity find a chain and read its viewers' key.
const viewing = `{"Effect":"Allow","Action":["ssm:GetParametersByPath","ssm:DescribeParameters"],"Resource":"*"},
	{"Effect":"Allow","Action":["lambda:GetFunction","lambda:ListTags"],"Resource":"*"},
	{"Effect":"Allow","Action":"apigateway:GET","Resource":"*"}`

// TestSigned checks a chain with operator_auth = "iam": the command signs its operations, and the record names the identity.
func TestSigned(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), func(spec *stack.Spec) { spec.OperatorAuth = chain.OperatorAuthIAM })
	operator := w.as("operator", viewing+`,{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}`)
	visitor := w.as("visitor", viewing)
	if r := w.playIn(operator, "", "start", "nightly", "--reason", "by hand", "--wait", "--interval", "100ms"); r.code != 0 ||
		!strings.Contains(r.out, "assumed-role/operator/") {
		t.Errorf("an operator: %+v", r)
	}
	if r := w.playIn(operator, "", "pause", "nightly"); r.code != 0 {
		t.Errorf("without a body: %+v", r)
	}
	if r := w.playIn(visitor, "", "start", "nightly"); r.code != 4 || !strings.Contains(r.err, "Grant your identity execute-api:Invoke") {
		t.Errorf("a visitor operates: %+v", r)
	}
	if r := w.playIn(visitor, "", "runs", "nightly"); r.code != 0 || !strings.Contains(r.out, "succeeded") {
		t.Errorf("a visitor reads: %+v", r)
	}
}

// TestRights checks what an identity without rights is answered, and that looking needs the viewers' key only.
func TestRights(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), func(spec *stack.Spec) { spec.ViewerKey = true })
	nothing := w.as("nothing", "")
	for _, args := range [][]string{{"list"}, {"runs", "nightly"}, {"logs", "nightly"}, {"purge", "nightly", "--keep-webhook", "--yes"}} {
		if r := w.playIn(nothing, "", args...); r.code != 4 || !strings.Contains(r.err, "Grant your AWS identity this permission") || r.out != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
	operators, err := w.APIKey(t.Context(), "qlik-task-chain-nightly")
	if err != nil {
		t.Fatal(err)
	}
	viewers, err := w.APIKey(t.Context(), "qlik-task-chain-nightly.viewers")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(w.must("page", "nightly", "--viewer")); got != viewers || got == operators {
		t.Errorf("the viewers' key is %q, want %q", got, viewers)
	}
	const values = "GetApiKey"
	before := len(w.Cloud.Calls())
	w.must("runs", "nightly")
	read := 0
	for _, call := range w.Cloud.Calls()[before:] {
		if call.Operation == values {
			read++
		}
		if call.UserAgent != "" && call.Operation != "Invoke" && strings.Contains(call.UserAgent, "aws-sdk-go-v2") &&
			!strings.Contains(call.UserAgent, "qlik-chain/1.2.3") {
			t.Errorf("%s is called as %q", call.Operation, call.UserAgent)
		}
	}
	if read != 1 {
		t.Errorf("runs has read %d keys, want the viewers' only", read)
	}
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// as is the environment of a role with these statements of a policy.
func (w *world) as(role, statements string) []string {
	w.t.Helper()
	client := iam.NewFromConfig(w.AWS())
	if _, err := client.CreateRole(w.t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(role),
		AssumeRolePolicyDocument: aws.String(
			`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}}`,
		),
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

// commandPolicy returns the statements of examples/iam/command.json.
func (w *world) commandPolicy() []statement {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "iam", "command.json"))
	var document struct{ Statement []statement }
	if err == nil {
		err = json.Unmarshal([]byte(strings.NewReplacer("${region}", w.Cloud.Region(), "${account}", w.Cloud.Account()).Replace(string(text))),
			&document)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return document.Statement
}

// statement is a statement of a policy.
type statement struct {
	Sid, Effect      string
	Action, Resource any
}

// statements writes statements as the content of a list.
func statements(t *testing.T, all []statement) string {
	t.Helper()
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Trim(string(text), "[]")
}

// TestCommandPolicy checks that command.json is what looking and operating take, and that each statement of it is needed.
func TestCommandPolicy(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), func(spec *stack.Spec) { spec.ViewerKey = true })
	w.deploy(orders(), nil)
	if _, err := ssm.NewFromConfig(w.AWS()).DeleteParameter(t.Context(), &ssm.DeleteParameterInput{
		Name: aws.String("/qlik-task-chain/orders/owner/1"),
	}); err != nil {
		t.Fatal(err)
	}
	all := w.commandPolicy()
	lines := [][]string{
		{"list"}, {"page", "nightly"}, {"page", "nightly", "--key"}, {"page", "nightly", "--viewer"}, {"start", "nightly", "extract"},
		{"runs", "nightly"}, {"run", "nightly"}, {"pause", "nightly"}, {"resume", "nightly"}, {"redrive", "nightly"}, {"logs", "nightly"},
		{"signal", "orders", "erp"},
	}
	denied := func(env []string) []string {
		var failed []string
		for _, args := range lines {
			if r := w.playIn(env, "", args...); r.code != 0 {
				failed = append(failed, strings.Join(args, " ")+": "+r.err)
			}
		}
		return failed
	}
	if failed := denied(w.as("whole", statements(t, all))); len(failed) > 0 {
		t.Errorf("command.json is not enough: %s", strings.Join(failed, ""))
	}
	if r := w.playIn(w.as("seeker", statements(t, all)), "", "runs", "nightl"); r.code != 3 || !strings.Contains(r.err, "Did you mean") {
		t.Errorf("an unknown chain: %+v", r)
	}
	for i, one := range all {
		if len(denied(w.as("without-"+one.Sid, statements(t, slices.Delete(slices.Clone(all), i, i+1))))) == 0 {
			t.Errorf("the statement %s of command.json is not needed", one.Sid)
		}
	}
}

// TestSigned checks a chain with operator_auth = "iam": the command signs its operations, and the record names the identity.
func TestSigned(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), func(spec *stack.Spec) { spec.OperatorAuth = chain.OperatorAuthIAM })
	viewing := statements(t, w.commandPolicy())
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
		r := w.playIn(nothing, "", args...)
		if r.code != 4 || !strings.Contains(r.err, "Grant your AWS identity this permission") || r.out != "" {
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

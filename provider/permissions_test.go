// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
)

// maxManagedPolicy is how long a customer managed policy may be, in characters without white space. Source: IAM User Guide, "IAM and AWS
// STS quotas".
const maxManagedPolicy = 6144

// policyFile is a policy of examples/iam for the sandbox's account: its text, and its statements.
type policyFile struct {
	name       string
	text       string
	statements []policyStatement
}

type policyStatement struct {
	Sid       string
	Effect    string
	Action    oneOrMore
	Resource  oneOrMore
	Condition json.RawMessage `json:",omitempty"`
}

// oneOrMore is a string or a list of them.
type oneOrMore []string

func (l *oneOrMore) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*l = oneOrMore{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(l))
}

// readPolicyFile fills in the placeholders of a file as its guide says, and these: a place, its text, and so on.
func readPolicyFile(t *testing.T, name string, more ...string) policyFile {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", "iam", name))
	if err != nil {
		t.Fatal(err)
	}
	places := append([]string{"${account}", "123456789012", "${region}", "eu-central-1", "${kms_key_arn}", kmsKeyARN}, more...)
	f := policyFile{name: name, text: strings.NewReplacer(places...).Replace(string(text))}
	if strings.Contains(f.text, "${") {
		t.Errorf("%s has a place that its guide does not fill in", name)
	}
	var document struct{ Statement []policyStatement }
	if err := json.Unmarshal([]byte(f.text), &document); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	f.statements = document.Statement
	if n := len(strings.Join(strings.Fields(f.text), "")); n > maxManagedPolicy {
		t.Errorf("%s has %d characters, and a managed policy may have %d: move statements to another file", name, n, maxManagedPolicy)
	}
	return f
}

// only returns the policy with one action of some statements.
func (f policyFile) only(t *testing.T, action string, sids ...string) policyFile {
	t.Helper()
	var some []policyStatement
	for _, statement := range f.statements {
		if slices.Contains(sids, statement.Sid) && slices.Contains(statement.Action, action) {
			statement.Action = oneOrMore{action}
			some = append(some, statement)
		}
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": some})
	if err != nil || len(some) != len(sids) {
		t.Fatalf("%s has not %s in each of %q: %v", f.name, action, sids, err)
	}
	return policyFile{name: "some-" + f.name, text: string(text), statements: some}
}

// withRolePath returns the policy for an account with its roles in a path: platform/.
func (f policyFile) withRolePath(path string) policyFile {
	f.text = regexp.MustCompile(`"arn:aws:iam::123456789012:role/(qlik-task-[a-z]+-\*)"`).ReplaceAllString(f.text,
		`$0, "arn:aws:iam::123456789012:role/`+path+`$1"`)
	return f
}

// grant is one action on one resource that a statement allows: the least that can be taken away.
type grant struct {
	name     string // for messages
	document *policy.Document
}

func (f policyFile) grants(t *testing.T) []grant {
	t.Helper()
	var all []grant
	for _, statement := range f.statements {
		for _, action := range statement.Action {
			if strings.ContainsAny(action, "*?") {
				t.Errorf("%s, statement %s: %s is more than one action", f.name, statement.Sid, action)
			}
			for _, resource := range statement.Resource {
				one := statement
				one.Action, one.Resource = oneOrMore{action}, oneOrMore{resource}
				text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": one})
				if err != nil {
					t.Fatal(err)
				}
				document, err := policy.ParseIdentity(string(text))
				if err != nil {
					t.Fatalf("%s, statement %s: %v", f.name, statement.Sid, err)
				}
				all = append(all, grant{fmt.Sprintf("%s, statement %s: %s on %s", f.name, statement.Sid, action, resource), document})
			}
		}
	}
	return all
}

// expectNeeded takes each grant of the files away, and fails when every call would still be allowed.
func expectNeeded(t *testing.T, calls []cloud.Call, files ...policyFile) {
	t.Helper()
	needed := map[string]bool{}
	var grants []grant
	for _, f := range files {
		grants = append(grants, f.grants(t)...)
	}
	for _, call := range calls {
		for _, permission := range call.Permissions {
			var by []string
			for _, g := range grants {
				if policy.Decide([]*policy.Document{g.document}, permission.Action, permission.Resource, permission.Context) == policy.Allow {
					by = append(by, g.name)
				}
			}
			if len(by) == 1 {
				needed[by[0]] = true
			}
		}
	}
	for _, g := range grants {
		if !needed[g.name] {
			t.Errorf("examples/iam/%s is not needed: no call of this life was allowed by it alone. Take it away, or let this life make the call",
				g.name)
		}
	}
	t.Logf("least policy: %d of %d grants needed for %d calls", len(needed), len(grants), len(calls))
}

// forAWarning is the one action that Terraform does without.
const forAWarning = "ssm:DescribeParameters"

// expectAllowed fails with what was denied.
func expectAllowed(t *testing.T, calls []cloud.Call, files ...policyFile) {
	t.Helper()
	var names []string
	for _, f := range files {
		names = append(names, "examples/iam/"+f.name)
	}
	for _, call := range calls {
		for _, permission := range call.Permissions {
			if !permission.Allowed && permission.Action != forAWarning {
				t.Errorf("%s %s was denied: add %s on %s to %s", call.Service, call.Operation, permission.Action, permission.Resource,
					strings.Join(names, " or "))
			}
		}
	}
}

// madeBy returns the calls that a role signed.
func madeBy(role string, calls []cloud.Call) []cloud.Call {
	return slices.DeleteFunc(calls, func(call cloud.Call) bool { return call.Role != role })
}

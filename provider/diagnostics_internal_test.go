// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// TestProblemsOfOneCause checks that several steps with the same problem make one error at the first, and that no problem is lost.
func TestProblemsOfOneCause(t *testing.T) {
	t.Parallel()
	at := func(elements ...string) chain.Path { return elements }
	var diags diag.Diagnostics
	addProblems(&diags, "Invalid task chain", []chain.Problem{
		{Path: at("steps", "a", "after", "x"), Message: `There is no step "x".`},
		{Path: at("steps", "a", "retry", "interval"), Message: "Too short."},
		{Path: at("steps", "b", "after", "x"), Message: `There is no step "x".`},
		{Path: at("steps", "b", "delay"), Message: "Too short."},
		{Path: at("steps", "c", "after", "x"), Message: `There is no step "x".`},
		{Path: at("timezone"), Message: "Missing."},
	})
	want := []struct {
		at   path.Path
		text string
	}{
		{path.Root("steps").AtMapKey("a"), `steps["a"].after["x"]: There is no step "x". The same in b and c.`},
		{path.Root("steps").AtMapKey("a"), `steps["a"].retry.interval: Too short.`},
		{path.Root("steps").AtMapKey("b"), `steps["b"].delay: Too short.`},
		{path.Root("timezone"), "timezone: Missing."},
	}
	if len(diags) != len(want) {
		t.Fatalf("%d diagnostics, want %d: %v", len(diags), len(want), diags)
	}
	for i, d := range diags {
		located, ok := d.(diag.DiagnosticWithPath)
		if !ok || !located.Path().Equal(want[i].at) || d.Detail() != want[i].text {
			t.Errorf("diagnostic %d is %q at %v, want %q at %s", i, d.Detail(), d, want[i].text, want[i].at)
		}
	}
}

// TestExamplesOfTypes checks that each object, map and list of users has an example, and that the provider accepts its form.
func TestExamplesOfTypes(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	var look func(fields []field)
	look = func(fields []field) {
		for i := range fields {
			f := &fields[i]
			if slices.Contains([]kind{anObject, anObjectMap, aTextMap, aDurationMap, aTextSet}, f.kind) {
				used[f.name] = true
				example, braces := examples[f.name], "{}"
				if f.kind == aTextSet {
					braces = "[]"
				}
				if !strings.HasPrefix(example, braces[:1]) || !strings.HasSuffix(example, braces[1:]) {
					t.Errorf("the example of %s is %q", f.name, example)
				}
				if name, _, found := strings.Cut(strings.Trim(example, "{ }"), " = "); found && f.kind == anObject && !hasField(f.fields, name) {
					t.Errorf("the example of %s has no such attribute: %s", f.name, name)
				}
			}
			look(f.fields)
		}
	}
	look(append(resourceFields(), awsField()))
	for name := range examples {
		if !used[name] {
			t.Errorf("no attribute is called %s", name)
		}
	}
	for other, name := range otherNames {
		if !used[name] && !hasField(append(stepFields(), chainFields()...), name) {
			t.Errorf("%s stands for %s, which does not exist", other, name)
		}
	}
}

func hasField(fields []field, name string) bool {
	for _, f := range fields {
		if f.name == name {
			return true
		}
	}
	return false
}

// TestOneAdvice checks that the error of the first call to a tenant says once what to do, and keeps Qlik Cloud's answer.
func TestOneAdvice(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusBadGateway} {
		answer := &qlik.Error{Method: "GET", URL: "https://acme/api/v1/users/me", Status: status, TraceID: "t1"}
		err := explainQlik("https://acme", answer)
		text := err.Error()
		if !strings.Contains(text, "GET https://acme/api/v1/users/me") || !strings.Contains(text, "trace id t1") {
			t.Errorf("%d: Qlik Cloud's answer is lost: %s", status, text)
		}
		if strings.Count(strings.ToLower(text), "check ") > 1 || strings.Contains(text, "neither expired") {
			t.Errorf("%d: the advice comes twice: %s", status, text)
		}
		if !errors.Is(err, answer) {
			t.Errorf("%d: the error no longer is Qlik Cloud's", status)
		}
	}
}

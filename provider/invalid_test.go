package provider_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// says matches text that Terraform has wrapped to its own width and drawn a line beside.
func says(words string) *regexp.Regexp {
	var pattern strings.Builder
	for i, word := range strings.Fields(words) {
		if i > 0 {
			pattern.WriteString(`[\s│]+`)
		}
		pattern.WriteString(regexp.QuoteMeta(word))
	}
	return regexp.MustCompile(pattern.String())
}

// TestAccInvalidChain: every refusal, several at once, each at its attribute; nothing is called.
func TestAccInvalidChain(t *testing.T) {
	t.Parallel()
	variables := make([]string, 21)
	for i := range variables {
		variables[i] = fmt.Sprintf("v%d = \"x\"", i)
	}
	tests := map[string]struct {
		apps string
		want []string
	}{
		"unknown key": {
			`extract = { id = "` + sandbox.AppExtract + `" }
			 load = { id = "` + sandbox.AppTransform + `", after = { extrct = "success" } }`,
			[]string{`apps["load"].after["extrct"]`, "extract"},
		},
		"self reference": {
			`load = { id = "` + sandbox.AppExtract + `", after = { load = "success" } }`,
			[]string{`apps["load"].after["load"]`},
		},
		"cycle": {
			`a = { id = "` + sandbox.AppExtract + `", after = { c = "success" } }
			 b = { id = "` + sandbox.AppTransform + `", after = { a = "success" } }
			 c = { id = "` + sandbox.AppArchive + `", after = { b = "failure" } }`,
			[]string{"a → b → c → a"},
		},
		"the same app twice": {
			`a = { id = "` + sandbox.AppExtract + `" }
			 b = { id = "` + strings.ToUpper(sandbox.AppExtract) + `" }`,
			[]string{`apps["b"].id`, `"a"`},
		},
		"not a UUID": {`a = { id = "sales" }`, []string{`apps["a"].id`, "UUID"}},
		"condition": {
			`a = { id = "` + sandbox.AppExtract + `" }
			 b = { id = "` + sandbox.AppTransform + `", after = { a = "succeeded" } }`,
			[]string{`apps["b"].after["a"]`, "completion"},
		},
		"too many variables": {
			`a = { id = "` + sandbox.AppExtract + `", variables = { ` + strings.Join(variables, ", ") + ` } }`,
			[]string{`apps["a"].variables`, "20"},
		},
		"long variable": {
			`a = { id = "` + sandbox.AppExtract + `", variables = { v = "` + strings.Repeat("x", 257) + `" } }`,
			[]string{`apps["a"].variables["v"]`, "256"},
		},
		"weight":      {`a = { id = "` + sandbox.AppExtract + `", weight = 11 }`, []string{`apps["a"].weight`, "10"}},
		"weight zero": {`a = { id = "` + sandbox.AppExtract + `", weight = 0 }`, []string{`apps["a"].weight`}},
		"no apps":     {``, []string{"apps"}},
		"several at once": {
			`a = { id = "sales", weight = 0 }
			 b = { id = "` + sandbox.AppExtract + `", after = { z = "success", b = "failure" } }`,
			[]string{`apps["a"].id`, `apps["a"].weight`, `apps["b"].after["z"]`, `apps["b"].after["b"]`},
		},
		"too large": {largeChain(100), []string{"4096"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			for _, words := range test.want {
				h.run(resource.TestStep{Config: h.chain(test.apps), PlanOnly: true, ExpectError: says(words)})
			}
			if calls := h.Cloud.Calls(); len(calls) > 0 {
				t.Errorf("AWS was called: %v", calls)
			}
			if calls := h.Tenant.Calls(); len(calls) > 0 {
				t.Errorf("the tenant was called: %v", calls)
			}
		})
	}
}

func largeChain(n int) string {
	var apps strings.Builder
	for i := range n {
		fmt.Fprintf(&apps, "app_number_%03d = { id = \"7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b4%03d\" }\n", i, i)
	}
	return apps.String()
}

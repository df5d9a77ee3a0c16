// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// numbers returns 0 to n-1 with commas between them.
func numbers(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(i)
	}
	return strings.Join(all, ",")
}

// texts returns values that AWS's constraints distinguish: lengths, and characters of many kinds. With all, it returns many more.
func texts(all bool) []string {
	values := []string{"2026-11"}
	last := rune(0x7f)
	if all {
		last = 0x17f
	}
	for c := rune(1); c <= last; c++ {
		if all || !unicode.IsLetter(c) && !unicode.IsDigit(c) && (c >= ' ' || unicode.IsSpace(c)) {
			values = append(values, "a"+string(c)+"b")
		}
	}
	for _, c := range "éЖשع中あ한\u00a0\u0301\u0661\u2003\u2028\u3000\u200b\u20ac\u2160½😀𝒜\ufffd" {
		values = append(values, "a"+string(c)+"b")
	}
	for _, n := range []int{2, 20, 21, 32, 33, 64, 65, 127, 128, 129, 200, 201, 255, 256, 257, 512, 513, 1024, 1025, 2048, 2049} {
		values = append(values, strings.Repeat("a", n))
		if all {
			values = append(values, strings.Repeat("ä", n))
		}
	}
	return values
}

// checker asks the provider whether it takes a configuration, as a plan begins.
type checker struct {
	server tfprotov6.ProviderServer
	schema *tfprotov6.Schema
}

func newChecker(t *testing.T) *checker {
	t.Helper()
	server := providerserver.NewProtocol6(provider.New(testedVersion)())()
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return &checker{server, schemas.ResourceSchemas["qlik_task_chain"]}
}

// refuses returns the first error about a chain with these arguments; empty for none. Each error has to name its attribute.
func (c *checker) refuses(t *testing.T, arguments map[string]any) string {
	t.Helper()
	all := map[string]any{"name": "nightly", "steps": map[string]any{"a": map[string]any{"app": anApp}}}
	maps.Copy(all, arguments)
	value, err := valueOf(c.schema.ValueType(), all)
	if err != nil {
		return err.Error() // Terraform itself refuses it
	}
	config, err := tfprotov6.NewDynamicValue(c.schema.ValueType(), value)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.server.ValidateResourceConfig(t.Context(),
		&tfprotov6.ValidateResourceConfigRequest{TypeName: "qlik_task_chain", Config: &config})
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(answer.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
	if i < 0 {
		return ""
	}
	if answer.Diagnostics[i].Attribute == nil {
		t.Errorf("%v: the error names no attribute: %s", arguments, answer.Diagnostics[i].Detail)
	}
	return answer.Diagnostics[i].Summary + ": " + answer.Diagnostics[i].Detail
}

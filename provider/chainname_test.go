// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// TestNameOfNoChain checks that an invalid chain name is refused before AWS is called, wherever a chain is named.
func TestNameOfNoChain(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	schemas, err := c.server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	config := func(schema *tfprotov6.Schema, name string) *tfprotov6.DynamicValue {
		value, err := valueOf(schema.ValueType(), map[string]any{"name": name})
		if err != nil {
			t.Fatal(err)
		}
		dynamic, err := tfprotov6.NewDynamicValue(schema.ValueType(), value)
		if err != nil {
			t.Fatal(err)
		}
		return &dynamic
	}
	for what, validate := range map[string]func(name string) ([]*tfprotov6.Diagnostic, error){
		"data source": func(name string) ([]*tfprotov6.Diagnostic, error) {
			out, err := c.server.ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
				TypeName: "qlik_task_chain", Config: config(schemas.DataSourceSchemas["qlik_task_chain"], name)})
			return out.Diagnostics, err
		},
		"ephemeral resource": func(name string) ([]*tfprotov6.Diagnostic, error) {
			out, err := c.server.ValidateEphemeralResourceConfig(t.Context(), &tfprotov6.ValidateEphemeralResourceConfigRequest{
				TypeName: "qlik_task_chain_key", Config: config(schemas.EphemeralResourceSchemas["qlik_task_chain_key"], name)})
			return out.Diagnostics, err
		},
		"action": func(name string) ([]*tfprotov6.Diagnostic, error) {
			const action = "qlik_start_chain"
			server, _ := c.server.(tfprotov6.ActionServer)
			out, err := server.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{
				ActionType: action, Config: config(schemas.ActionSchemas[action].Schema, name)})
			return out.Diagnostics, err
		},
		"import": func(name string) ([]*tfprotov6.Diagnostic, error) {
			out, err := c.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "qlik_task_chain", ID: name})
			return out.Diagnostics, err
		},
	} {
		for name, taken := range map[string]bool{"nightly": true, "Nightly chain": false, strings.Repeat("a", 33): false} {
			diagnostics, err := validate(name)
			if err != nil {
				t.Fatal(err)
			}
			if (len(diagnostics) == 0) != taken {
				t.Errorf("%s %q: %+v", what, name, diagnostics)
			}
			for _, d := range diagnostics {
				if !strings.Contains(d.Detail, "1 to 32 lower-case letters") {
					t.Errorf("%s %q: %s", what, name, d.Detail)
				}
			}
		}
	}
}

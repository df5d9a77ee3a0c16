// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// schemaVersion is the version of the state's form. When you change an attribute's name, type or meaning, increase it. Then add an upgrader
// from the previous version, and a state of that version to testdata/state.
const schemaVersion = 3

// UpgradeState returns the upgraders for states of earlier versions.
func (r *taskChainResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{
		// Version 1 has more attributes, and versions 2 and 3 have dynamic ones instead of objects. The next refresh finds their values in
		// AWS and Qlik Cloud.
		0: {StateUpgrader: r.changeAttributes},
		1: {StateUpgrader: r.changeAttributes},
		2: {StateUpgrader: r.changeAttributes},
	}
}

// changeAttributes keeps the attributes that still exist, and drops the others. An attribute that is new or has another type becomes null.
func (r *taskChainResource) changeAttributes(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	var current resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &current)
	kind := current.Schema.Type().TerraformType(ctx)
	text, err := withoutDynamic(req.RawState.JSON, current.Schema)
	var value tftypes.Value
	if err == nil {
		state := tfprotov6.RawState{JSON: text}
		value, err = state.UnmarshalWithOpts(kind,
			tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}})
	}
	if err != nil {
		resp.Diagnostics.AddError("Upgrading the state failed",
			"The state of the chain was written by an earlier version of the provider and cannot be read: "+
				sentence(err)+" Import the chain anew: `terraform state rm` it, then `terraform import`.")
		return
	}
	resp.State = tfsdk.State{Schema: current.Schema, Raw: value}
}

// withoutDynamic returns a state without the attributes that had other types before they became dynamic.
func withoutDynamic(state []byte, current schema.Schema) ([]byte, error) {
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(state, &attributes); err != nil {
		return nil, err
	}
	for name, attribute := range current.Attributes {
		if attribute.GetType().Equal(types.DynamicType) {
			delete(attributes, name)
		}
	}
	return json.Marshal(attributes)
}

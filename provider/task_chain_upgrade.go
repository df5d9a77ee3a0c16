// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// schemaVersion is the version of the state's form. Whoever changes what an attribute means, or its name or type, raises it, adds an
// upgrader from the version before, and a state of that version to testdata/state.
const schemaVersion = 1

// UpgradeState lifts the states of earlier versions.
func (r *taskChainResource) UpgradeState(context.Context) map[int64]resource.StateUpgrader {
	return map[int64]resource.StateUpgrader{
		// Version 1 has more attributes. What a chain has of them, the refresh that comes next finds in AWS and Qlik Cloud.
		0: {StateUpgrader: r.addAttributes},
	}
}

// addAttributes leaves what there is, drops what is no more, and makes what is new null.
func (r *taskChainResource) addAttributes(ctx context.Context, req resource.UpgradeStateRequest, resp *resource.UpgradeStateResponse) {
	var current resource.SchemaResponse
	r.Schema(ctx, resource.SchemaRequest{}, &current)
	kind := current.Schema.Type().TerraformType(ctx)
	value, err := req.RawState.UnmarshalWithOpts(kind, tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}})
	if err != nil {
		resp.Diagnostics.AddError("Upgrading the state failed", "The state of the chain was written by an earlier version of the provider and cannot be read: "+
			sentence(err)+" Import the chain anew: `terraform state rm` it, then `terraform import`.")
		return
	}
	resp.State = tfsdk.State{Schema: current.Schema, Raw: value}
}

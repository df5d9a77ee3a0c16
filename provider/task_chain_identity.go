// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// identityModel is what identifies a chain.
type identityModel struct {
	Name      types.String `tfsdk:"name"`
	TenantID  types.String `tfsdk:"tenant_id"`
	AccountID types.String `tfsdk:"account_id"`
	Region    types.String `tfsdk:"region"`
}

// IdentitySchema describes the identity. An import needs the name. The rest protects a chain of the same name elsewhere.
func (r *taskChainResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"name":       identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the chain."},
		"tenant_id":  identityschema.StringAttribute{OptionalForImport: true, Description: "ID of the Qlik Cloud tenant."},
		"account_id": identityschema.StringAttribute{OptionalForImport: true, Description: "ID of the AWS account."},
		"region":     identityschema.StringAttribute{OptionalForImport: true, Description: "AWS region."},
	}}
}

// setIdentity writes the identity. identity is nil if Terraform is too old to keep one.
func setIdentity(ctx context.Context, identity *tfsdk.ResourceIdentity, name types.String, place stack.Place) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.Set(ctx, identityModel{
		Name: name, TenantID: types.StringValue(place.TenantID), AccountID: types.StringValue(place.Account),
		Region: types.StringValue(place.Region),
	})
}

// ImportState reads the chain's name, or its identity. Read adds the rest.
func (r *taskChainResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	if req.ID != "" {
		checkImportName(&resp.Diagnostics, req.ID)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), req.ID)...)
		return
	}
	var identity identityModel
	if resp.Diagnostics.Append(req.Identity.Get(ctx, &identity)...); resp.Diagnostics.HasError() {
		return
	}
	connection, err := r.connector.connect(ctx)
	if err != nil {
		addErrors(&resp.Diagnostics, "Connecting failed", err, "")
		return
	}
	if err := identity.checkPlace(connection.place); err != nil {
		resp.Diagnostics.AddError("The chain is somewhere else", sentence(err))
		return
	}
	checkImportName(&resp.Diagnostics, identity.Name.ValueString())
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("name"), identity.Name)...)
}

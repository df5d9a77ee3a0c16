// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// dataSource is what all data sources have in common.
type dataSource struct {
	name      string // without the provider's
	connector *connector
}

// Metadata names the data source.
func (d *dataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_" + d.name
}

// Configure takes the connector from the provider's Configure.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse) {
	d.connector = asConnector(req.ProviderData, &resp.Diagnostics)
}

// begin reads the configuration into a model, and connects to the tenant. When that fails, it reports the failure and returns false.
func (d *dataSource) begin(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse, model any) (lookUp, bool) {
	if resp.Diagnostics.Append(req.Config.Get(ctx, model)...); resp.Diagnostics.HasError() {
		return lookUp{}, false
	}
	return d.lookUp(ctx, &resp.Diagnostics)
}

// lookUp connects to the tenant. When that fails, it reports the failure and returns false.
func (d *dataSource) lookUp(ctx context.Context, diags *diag.Diagnostics) (lookUp, bool) {
	tenant, err := d.connector.connectTenant(ctx)
	if err != nil {
		addErrors(diags, "Connecting failed", err, "")
		return lookUp{}, false
	}
	return lookUp{tenant}, true
}

// spaceModel holds the arguments that say where a data source looks for apps.
type spaceModel struct {
	Space   types.String `tfsdk:"space"`
	SpaceID types.String `tfsdk:"space_id"`
}

// spaceAttributes returns the arguments that say where to look.
func spaceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"space": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Name of the space to look in, exactly as it is, in upper and lower case too. Default: every space that the " +
				"provider's credentials can " +
				"see. Conflicts with `space_id`.",
			Validators: []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("space_id")), stringvalidator.LengthAtLeast(1)},
		},
		"space_id": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "ID of the space to look in, or `" + personalSpace +
				"` for the personal space of the provider's credentials. Conflicts with `space`.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
}

// place finds the space. When that fails, it reports the failure and returns false.
func (m *spaceModel) place(ctx context.Context, l lookUp, diags *diag.Diagnostics) (place, bool) {
	if m.Space.IsNull() {
		return place{id: m.SpaceID.ValueString()}, true
	}
	space, err := l.space(ctx, m.Space.ValueString())
	if err != nil {
		addLookUpError(diags, "space", "space", err)
		return place{}, false
	}
	return place{id: space.ID, title: space.Name}, true
}

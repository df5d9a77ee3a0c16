// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*spaceDataSource)(nil)

// spaceDataSource looks one space up.
type spaceDataSource struct{ dataSource }

type foundSpaceModel struct {
	Name        types.String `tfsdk:"name"`
	ID          types.String `tfsdk:"id"`
	Type        types.String `tfsdk:"type"`
	Description types.String `tfsdk:"description"`
	OwnerID     types.String `tfsdk:"owner_id"`
	Roles       types.Set    `tfsdk:"roles"`
}

func newSpaceDataSource() datasource.DataSource { return &spaceDataSource{dataSource{name: "space"}} }

// Schema describes the data source's attributes.
func (*spaceDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A shared, managed or data space of the tenant, looked up by its name. It needs no AWS credentials.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Name of the space, exactly as it is, in upper and lower case too. Personal spaces have none.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the space."},
			"type":        schema.StringAttribute{Computed: true, MarkdownDescription: "`shared`, `managed` or `data`."},
			"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the space; null without one."},
			"owner_id":    schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the user who owns the space."},
			"roles": schema.SetAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Roles of the provider's credentials in the space, such as `facilitator`, `operator` or `producer`.",
			},
		},
	}
}

// Read finds the space.
func (d *spaceDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model foundSpaceModel
	l, ok := d.begin(ctx, req, resp, &model)
	if !ok {
		return
	}
	space, err := l.space(ctx, model.Name.ValueString())
	if err != nil {
		addLookUpError(&resp.Diagnostics, "name", "space", err)
		return
	}
	model.ID, model.Type, model.OwnerID = types.StringValue(space.ID), types.StringValue(space.Type), types.StringValue(space.OwnerID)
	model.Description = stringOrNull(space.Description)
	roles, diags := types.SetValueFrom(ctx, types.StringType, append([]string{}, space.Meta.Roles...))
	resp.Diagnostics.Append(diags...)
	model.Roles = roles
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

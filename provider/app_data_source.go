// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

var _ datasource.DataSourceWithConfigure = (*appDataSource)(nil)

// appDataSource looks one app up.
type appDataSource struct{ dataSource }

type appModel struct {
	spaceModel
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	OwnerID     types.String `tfsdk:"owner_id"`
	SubType     types.String `tfsdk:"sub_type"`
}

func newAppDataSource() datasource.DataSource { return &appDataSource{} }

// Metadata names the data source.
func (*appDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_app"
}

// Schema describes the data source's attributes.
func (*appDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "ID of the app, a UUID. Exactly one of `id` and `name` is needed.",
			Validators: []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
				stringvalidator.ConflictsWith(path.MatchRoot("space"), path.MatchRoot("space_id")), stringvalidator.LengthAtLeast(1)},
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Name of the app, exactly as it is, in upper and lower case too. Names are not unique in Qlik Cloud: several " +
				"apps of the name are an error " +
				"that lists them.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
	maps.Copy(attributes, spaceAttributes())
	attributes["space_id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "ID of the app's space; null in a personal space. As an argument the space to look in, or `" + personalSpace +
			"` for the personal space of the " +
			"provider's credentials. Conflicts with `space`.",
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the app; null without one."},
		"owner_id":    schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the user who owns the app."},
		"sub_type": schema.StringAttribute{Computed: true,
			MarkdownDescription: "What kind of app it is in Qlik Cloud's catalog, such as a data flow; null for a plain app."},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "An app of the tenant, looked up by its ID, or by its name and where it is. It needs no AWS credentials.",
		Attributes:          attributes,
	}
}

// Read finds the app.
func (d *appDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model appModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	l, ok := d.lookUp(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	by, find := "id", func(place) (*qlik.Item, error) { return l.appByID(ctx, model.ID.ValueString()) }
	if model.ID.IsNull() {
		by, find = "name", func(in place) (*qlik.Item, error) { return l.app(ctx, model.Name.ValueString(), in) }
	}
	in, ok := model.place(ctx, l, &resp.Diagnostics)
	if !ok {
		return
	}
	item, err := find(in)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root(by), "Looking the app up failed", sentence(err))
		return
	}
	if model.ID.IsNull() {
		model.ID = types.StringValue(item.ResourceID)
	}
	if model.Name.IsNull() {
		model.Name = types.StringValue(item.Name)
	}
	if model.SpaceID.IsNull() {
		model.SpaceID = stringOrNull(item.SpaceID)
	}
	model.Description, model.OwnerID, model.SubType = stringOrNull(item.Description), types.StringValue(item.OwnerID),
		stringOrNull(item.ResourceSubType)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

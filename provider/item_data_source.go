// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// itemModel holds what the data sources of apps and automations have in common.
type itemModel struct {
	spaceModel
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	OwnerID     types.String `tfsdk:"owner_id"`
}

// itemAttributes returns the attributes of itemModel.
func itemAttributes(kind itemKind) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "ID of the " + kind.one + ", a UUID. Exactly one of `id` and `name` is needed.",
			Validators: []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")),
				stringvalidator.ConflictsWith(path.MatchRoot("space"), path.MatchRoot("space_id")), stringvalidator.LengthAtLeast(1)},
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Name of the " + kind.one + ", exactly as it is, in upper and lower case too. Names are not unique in Qlik " +
				"Cloud: several " + kind.many + " of the name are an error that lists them.",
			Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
	maps.Copy(attributes, spaceAttributes())
	attributes["space_id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "ID of the " + kind.one + "'s space; null in a personal space. As an argument the space to look in, or `" +
			personalSpace + "` for the personal space of the provider's credentials. Conflicts with `space`.",
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["description"] = schema.StringAttribute{
		Computed: true, MarkdownDescription: "Description of the " + kind.one + "; null without one.",
	}
	attributes["owner_id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the user who owns the " + kind.one + "."}
	return attributes
}

// find looks the item up and sets the attributes. When that fails, it reports the failure and returns false.
func (m *itemModel) find(ctx context.Context, l lookUp, kind itemKind, diags *diag.Diagnostics) (*qlik.Item, bool) {
	by, find := "id", func(place) (*qlik.Item, error) { return l.itemByID(ctx, kind, m.ID.ValueString()) }
	if m.ID.IsNull() {
		by, find = "name", func(in place) (*qlik.Item, error) { return l.item(ctx, kind, m.Name.ValueString(), in) }
	}
	in, ok := m.place(ctx, l, diags)
	if !ok {
		return nil, false
	}
	item, err := find(in)
	if err != nil {
		addLookUpError(diags, by, kind.one, err)
		return nil, false
	}
	if m.ID.IsNull() {
		m.ID = types.StringValue(item.ResourceID)
	}
	if m.Name.IsNull() {
		m.Name = types.StringValue(item.Name)
	}
	if m.SpaceID.IsNull() {
		m.SpaceID = stringOrNull(item.SpaceID)
	}
	m.Description, m.OwnerID = stringOrNull(item.Description), types.StringValue(item.OwnerID)
	return item, true
}

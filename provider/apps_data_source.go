// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

var (
	_ datasource.DataSourceWithConfigure      = (*appsDataSource)(nil)
	_ datasource.DataSourceWithValidateConfig = (*appsDataSource)(nil)
)

// appsDataSource lists apps.
type appsDataSource struct{ dataSource }

type appsModel struct {
	spaceModel
	NameRegex types.String `tfsdk:"name_regex"`
	IDs       types.Map    `tfsdk:"ids"`
	Apps      []listedApp  `tfsdk:"apps"`
}

type listedApp struct {
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Description types.String `tfsdk:"description"`
	OwnerID     types.String `tfsdk:"owner_id"`
	SpaceID     types.String `tfsdk:"space_id"`
	SubType     types.String `tfsdk:"sub_type"`
}

func newAppsDataSource() datasource.DataSource { return &appsDataSource{dataSource{name: "apps"}} }

// Schema describes the data source's attributes.
func (*appsDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"name_regex": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Regular expression that the apps' names match, in RE2 syntax. It may match anywhere in the name: `^` and `$` " +
				"bind it to the whole, and " +
				"`(?i)` before it makes upper and lower case the same. Default: every name.",
		},
		"ids": schema.MapAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The apps' IDs by their names, for `for_each`. Two apps of the same name are an error that lists them, since " +
				"one of them would be missing here.",
		},
		"apps": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: "The apps, sorted by name.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id":          schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the app."},
				"name":        schema.StringAttribute{Computed: true, MarkdownDescription: "Name of the app."},
				"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the app; null without one."},
				"owner_id":    schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the user who owns the app."},
				"space_id":    schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the app's space; null in a personal space."},
				"sub_type": schema.StringAttribute{Computed: true,
					MarkdownDescription: "What kind of app it is in Qlik Cloud's catalog; null for a plain app."},
			}},
		},
	}
	maps.Copy(attributes, spaceAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "The apps of the tenant that the provider's credentials can see, by space and by a pattern of their names. It " +
			"needs no AWS credentials.",
		Attributes: attributes,
	}
}

// ValidateConfig reports an invalid pattern.
func (*appsDataSource) ValidateConfig(ctx context.Context, req datasource.ValidateConfigRequest, resp *datasource.ValidateConfigResponse) {
	var pattern types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("name_regex"), &pattern)...)
	if _, err := regexp.Compile(pattern.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name_regex"), "Invalid regular expression",
			sentence(fmt.Errorf("%q cannot be used: %w", pattern.ValueString(), err)))
	}
}

// Read lists the apps.
func (d *appsDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model appsModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	pattern, err := regexp.Compile(model.NameRegex.ValueString())
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name_regex"), "Invalid regular expression", sentence(err))
		return
	}
	l, ok := d.lookUp(ctx, &resp.Diagnostics)
	if !ok {
		return
	}
	in, ok := model.place(ctx, l, &resp.Diagnostics)
	if !ok {
		return
	}
	items, err := l.apps(ctx, in, pattern.MatchString)
	if err == nil {
		err = l.refuseTwins(ctx, items)
	}
	if err != nil {
		resp.Diagnostics.AddError("Listing the apps failed", sentence(err))
		return
	}
	ids := make(map[string]string, len(items))
	model.Apps = make([]listedApp, len(items))
	for n, item := range items {
		ids[item.Name] = item.ResourceID
		model.Apps[n] = listedApp{
			ID: types.StringValue(item.ResourceID), Name: types.StringValue(item.Name), Description: stringOrNull(item.Description),
			OwnerID: types.StringValue(item.OwnerID), SpaceID: stringOrNull(item.SpaceID), SubType: stringOrNull(item.ResourceSubType),
		}
	}
	model.IDs = stringMap(ids)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// refuseTwins fails when two of the apps have the same name. The apps are sorted by name.
func (l lookUp) refuseTwins(ctx context.Context, items []qlik.Item) error {
	var twins []qlik.Item
	for n, item := range items {
		if n > 0 && items[n-1].Name == item.Name || n+1 < len(items) && items[n+1].Name == item.Name {
			twins = append(twins, item)
		}
	}
	if len(twins) == 0 {
		return nil
	}
	describe, err := l.describeItem(ctx)
	if err != nil {
		return err
	}
	return fmt.Errorf("several of the apps have the same name: %s. Narrow the list by space or name_regex until names are unique, or use "+
		"qlik_app with an id",
		several(twins, describe))
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var _ datasource.DataSourceWithConfigure = (*appDataSource)(nil)

// appDataSource looks one app up.
type appDataSource struct{ dataSource }

type appModel struct {
	itemModel
	SubType types.String `tfsdk:"sub_type"`
}

func newAppDataSource() datasource.DataSource { return &appDataSource{dataSource{name: "app"}} }

// Schema describes the data source's attributes.
func (*appDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := itemAttributes(appKind)
	attributes["sub_type"] = schema.StringAttribute{
		Computed: true, MarkdownDescription: "What kind of app it is in Qlik Cloud's catalog, such as a data flow; null for a plain app.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "An app of the tenant, looked up by its ID, or by its name and where it is. A script, a data flow and a table " +
			"recipe are apps, too. It needs no AWS credentials.",
		Attributes: attributes,
	}
}

// Read finds the app.
func (d *appDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model appModel
	l, ok := d.begin(ctx, req, resp, &model)
	if !ok {
		return
	}
	item, ok := model.find(ctx, l, appKind, &resp.Diagnostics)
	if !ok {
		return
	}
	model.SubType = stringOrNull(item.ResourceSubType)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var _ datasource.DataSourceWithConfigure = (*automationDataSource)(nil)

// automationDataSource looks one automation up. It reads the catalog: Qlik Cloud shows an automation itself to its owner only.
type automationDataSource struct{ dataSource }

func newAutomationDataSource() datasource.DataSource {
	return &automationDataSource{dataSource{name: "automation"}}
}

// Schema describes the data source's attributes.
func (*automationDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An automation of Qlik Automate, looked up by its ID, or by its name and where it is. It needs no AWS credentials.",
		Attributes:          itemAttributes(automationKind),
	}
}

// Read finds the automation.
func (d *automationDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model itemModel
	l, ok := d.begin(ctx, req, resp, &model)
	if !ok {
		return
	}
	if _, ok := model.find(ctx, l, automationKind, &resp.Diagnostics); !ok {
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

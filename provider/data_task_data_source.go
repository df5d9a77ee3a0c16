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
)

var _ datasource.DataSourceWithConfigure = (*dataTaskDataSource)(nil)

// dataTaskDataSource looks one data task up.
type dataTaskDataSource struct{ dataSource }

type dataTaskModel struct {
	spaceModel
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Project     types.String `tfsdk:"project"`
	ProjectID   types.String `tfsdk:"project_id"`
	Type        types.String `tfsdk:"type"`
	Description types.String `tfsdk:"description"`
	OwnerID     types.String `tfsdk:"owner_id"`
}

func newDataTaskDataSource() datasource.DataSource {
	return &dataTaskDataSource{dataSource{name: "data_task"}}
}

// Schema describes the data source's attributes.
func (*dataTaskDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	notEmpty := stringvalidator.LengthAtLeast(1)
	attributes := map[string]schema.Attribute{
		"id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "ID of the data task, such as `task-cYSY`. It is unique in its project only. Exactly one of `id` and `name` is " +
				"needed.",
			Validators: []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name")), notEmpty},
		},
		"name": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Name of the data task, exactly as it is, in upper and lower case too. Several data tasks of the name are an " +
				"error that lists them.",
			Validators: []validator.String{notEmpty},
		},
		"project": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "Name of the data integration project, exactly as it is, in upper and lower case too. Default: every project " +
				"that the provider's credentials can see, each with a request of its own. Conflicts with `project_id`.",
			Validators: []validator.String{stringvalidator.ConflictsWith(path.MatchRoot("project_id")), notEmpty},
		},
		"project_id": schema.StringAttribute{
			Optional: true, Computed: true,
			MarkdownDescription: "ID of the data integration project, 24 hexadecimal digits. Conflicts with `project`.",
			Validators:          []validator.String{notEmpty},
		},
	}
	maps.Copy(attributes, spaceAttributes())
	attributes["space_id"] = schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "ID of the project's space. As an argument the space to look in. Conflicts with `space`.",
		Validators:          []validator.String{notEmpty, stringvalidator.NoneOf(personalSpace)},
	}
	maps.Copy(attributes, map[string]schema.Attribute{
		"type": schema.StringAttribute{Computed: true,
			MarkdownDescription: "Type of the data task, such as `TRANSFORM`. A `REPLICATION` or a `STREAMING_…` task runs until it is stopped."},
		"description": schema.StringAttribute{Computed: true, MarkdownDescription: "Description of the data task; null without one."},
		"owner_id":    schema.StringAttribute{Computed: true, MarkdownDescription: "ID of the user who owns the data task."},
	})
	resp.Schema = schema.Schema{
		MarkdownDescription: "A data task of Qlik Talend Cloud, looked up by its ID or its name, and by its project and space. It needs no AWS " +
			"credentials.",
		Attributes: attributes,
	}
}

// Read finds the data task.
func (d *dataTaskDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model dataTaskModel
	l, ok := d.begin(ctx, req, resp, &model)
	if !ok {
		return
	}
	in, ok := model.place(ctx, l, &resp.Diagnostics)
	if !ok {
		return
	}
	projects, err := l.projects(ctx, model.ProjectID.ValueString(), model.Project.ValueString(), in)
	if err != nil {
		by := "project"
		if model.Project.IsNull() {
			by = "project_id"
		}
		addLookUpError(&resp.Diagnostics, by, "project", err)
		return
	}
	task, err := l.dataTask(ctx, model.ID.ValueString(), model.Name.ValueString(), projects, in)
	if err != nil {
		by := "id"
		if model.ID.IsNull() {
			by = "name"
		}
		addLookUpError(&resp.Diagnostics, by, "data task", err)
		return
	}
	model.found(task)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// found sets the attributes. Those that the configuration sets keep its spelling.
func (m *dataTaskModel) found(task *foundTask) {
	for _, attribute := range []struct {
		to    *types.String
		value string
	}{
		{&m.ID, task.ID}, {&m.Name, task.Name}, {&m.Project, task.project.Name}, {&m.ProjectID, task.project.ID},
		{&m.SpaceID, task.project.SpaceID},
	} {
		if attribute.to.IsNull() {
			*attribute.to = stringOrNull(attribute.value)
		}
	}
	m.Type, m.OwnerID = types.StringValue(string(task.Type)), types.StringValue(task.OwnerID)
	m.Description = stringOrNull(task.Description)
}

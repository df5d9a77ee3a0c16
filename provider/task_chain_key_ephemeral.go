// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/boolvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

var (
	_ ephemeral.EphemeralResource              = (*taskChainKeyEphemeral)(nil)
	_ ephemeral.EphemeralResourceWithConfigure = (*taskChainKeyEphemeral)(nil)
)

// taskChainKeyEphemeral reads the value of a chain's API key. Terraform stores it nowhere.
type taskChainKeyEphemeral struct{ connector *connector }

type taskChainKeyModel struct {
	Name     types.String `tfsdk:"name"`
	APIKeyID types.String `tfsdk:"api_key_id"`
	Viewer   types.Bool   `tfsdk:"viewer"`
	Signal   types.Bool   `tfsdk:"signal"`
	Header   types.String `tfsdk:"header"`
	Value    types.String `tfsdk:"value"`
}

func newTaskChainKeyEphemeral() ephemeral.EphemeralResource { return &taskChainKeyEphemeral{} }

// Metadata names the ephemeral resource.
func (r *taskChainKeyEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_task_chain_key"
}

// Configure takes the connector from the provider's Configure.
func (r *taskChainKeyEphemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse) {
	r.connector = asConnector(req.ProviderData, &resp.Diagnostics)
}

// Schema describes the ephemeral resource's attributes.
func (r *taskChainKeyEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An API key of a task chain, for Qlik's REST connector or a secrets manager. It is read when Terraform runs, and " +
			"is " +
			"in neither plan nor state. Needs Terraform 1.10.",
		Attributes: map[string]schema.Attribute{
			"api_key_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "ID of the key: a chain's `api_key_id`, `viewer_key_id`, `signal_key_id` or `webhook_key_id`. With it, the " +
					"key of a chain that is created, or that gets another key, in the same apply is read " +
					"after that. Exactly one of `api_key_id` and `name` is needed.",
				Validators: []validator.String{stringvalidator.ExactlyOneOf(path.MatchRoot("api_key_id"), path.MatchRoot("name"))},
			},
			"name": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Name of a chain that is deployed already, perhaps by another configuration.",
				Validators:          []validator.String{chainName()},
			},
			"viewer": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read the key for those who may look at the chain and change nothing, instead of the operators' " +
					"key. With `name` only. " +
					"Default: `false`.",
				Validators: []validator.Bool{boolvalidator.ConflictsWith(path.MatchRoot("api_key_id"))},
			},
			"signal": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether to read the key that sends signals and does nothing else, instead of the operators' key. With `name` " +
					"only. Default: `false`.",
				Validators: []validator.Bool{boolvalidator.ConflictsWith(path.MatchRoot("api_key_id"), path.MatchRoot("viewer"))},
			},
			"header": schema.StringAttribute{
				Computed: true, MarkdownDescription: "Name of the header to show the key in: `" + stack.APIKeyHeader + "`.",
			},
			"value": schema.StringAttribute{
				Computed: true, Sensitive: true, MarkdownDescription: "The key itself.",
			},
		},
	}
}

// Open reads the key.
func (r *taskChainKeyEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var model taskChainKeyModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	connection, err := r.connector.connect(ctx)
	if err != nil {
		addErrors(&resp.Diagnostics, "Connecting failed", err, "")
		return
	}
	s := stack.New(connection.clients, connection.place, model.Name.ValueString(), stack.Known{APIKeyID: model.APIKeyID.ValueString()})
	read := s.CallersKey
	switch {
	case model.Viewer.ValueBool():
		read = s.ViewersKey
	case model.Signal.ValueBool():
		read = s.SignalKey
	}
	value, err := read(ctx)
	if err != nil {
		resp.Diagnostics.AddError("Reading the chain's API key failed", sentence(err))
		return
	}
	model.Header, model.Value = types.StringValue(stack.APIKeyHeader), types.StringValue(value)
	resp.Diagnostics.Append(resp.Result.Set(ctx, &model)...)
}

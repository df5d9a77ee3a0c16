// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

var _ datasource.DataSourceWithConfigure = (*taskChainDataSource)(nil)

// taskChainDataSource reads a chain that this or another configuration has deployed.
type taskChainDataSource struct{ dataSource }

type deployedChainModel struct {
	Name               types.String `tfsdk:"name"`
	Steps              types.Map    `tfsdk:"steps"`
	APIKeyID           types.String `tfsdk:"api_key_id"`
	DeadLetterQueueURL types.String `tfsdk:"dead_letter_queue_url"`
	Cycle              types.Object `tfsdk:"cycle"`
	Diagram            types.String `tfsdk:"diagram"`
	ExpectBy           types.Object `tfsdk:"expect_by"`
	FailureLog         types.Object `tfsdk:"failure_log"`
	FunctionARN        types.String `tfsdk:"function_arn"`
	InvokeURL          types.String `tfsdk:"invoke_url"`
	MaxDuration        types.Object `tfsdk:"max_duration"`
	MaxRunning         types.Int32  `tfsdk:"max_running"`
	NotifyOn           types.Set    `tfsdk:"notify_on"`
	OperatorAuth       types.String `tfsdk:"operator_auth"`
	Overlap            types.String `tfsdk:"overlap"`
	PageURL            types.String `tfsdk:"page_url"`
	RestAPIID          types.String `tfsdk:"rest_api_id"`
	RoleARN            types.String `tfsdk:"role_arn"`
	Schedule           types.Object `tfsdk:"schedule"`
	ScheduleGroupName  types.String `tfsdk:"schedule_group_name"`
	SignalKeyID        types.String `tfsdk:"signal_key_id"`
	SummaryAt          types.String `tfsdk:"summary_at"`
	TableName          types.String `tfsdk:"table_name"`
	TagsAll            types.Map    `tfsdk:"tags_all"`
	TenantID           types.String `tfsdk:"tenant_id"`
	Timezone           types.String `tfsdk:"timezone"`
	UsagePlanID        types.String `tfsdk:"usage_plan_id"`
	ViewerKeyID        types.String `tfsdk:"viewer_key_id"`
	WebhookID          types.String `tfsdk:"webhook_id"`
	WebhookKeyID       types.String `tfsdk:"webhook_key_id"`
}

func newTaskChainDataSource() datasource.DataSource {
	return &taskChainDataSource{dataSource{name: "task_chain"}}
}

// deployedTexts are the attributes that the data source takes over from the resource, with their descriptions.
var deployedTexts = map[string]string{
	"api_key_id":            "ID of the operators' API Gateway API key; the ephemeral resource `qlik_task_chain_key` reads its value.",
	"dead_letter_queue_url": "URL of the SQS queue that holds the events which the function could not handle.",
	"function_arn":          "ARN of the Lambda function.",
	"invoke_url":            "URL of the chain: a GET returns it.",
	"operator_auth":         "How operators prove that they may operate the chain: `key` or `iam`.",
	"page_url":              "Address of the chain's live page, which asks for a key of the chain.",
	"rest_api_id":           "ID of the API Gateway REST API.",
	"role_arn":              "ARN of the Lambda function's execution role.",
	"schedule_group_name":   "Name of the EventBridge Scheduler group of the chain's waits.",
	"signal_key_id":         "ID of the API Gateway API key for signals; null without one.",
	"table_name":            "Name of the DynamoDB table that holds the chain's state and record.",
	"tenant_id":             "ID of the Qlik Cloud tenant that the chain belongs to.",
	"timezone":              "Time zone of the cycles, schedules and guards, and of the times in the record.",
	"usage_plan_id":         "ID of the API Gateway usage plan.",
	"viewer_key_id":         "ID of the API Gateway API key for viewers; null without one.",
	"webhook_id":            "ID of the Qlik Cloud webhook; null where the provider's credentials cannot see it.",
	"webhook_key_id":        "ID of the API Gateway API key that the webhook has.",
}

// Schema describes the data source's attributes.
func (*taskChainDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"name": schema.StringAttribute{Required: true, MarkdownDescription: "Name of the chain.", Validators: []validator.String{chainName()}},
		"steps": schema.MapNestedAttribute{
			Computed: true, MarkdownDescription: "The chain's steps, as in the argument `steps` of the resource. What a step leaves to its " +
				"default is null.",
			NestedObject: schema.NestedAttributeObject{Attributes: computed(stepFields())},
		},
		"diagram": schema.StringAttribute{Computed: true, MarkdownDescription: "The chain as a Mermaid flowchart."},
		"tags_all": schema.MapAttribute{
			Computed: true, ElementType: types.StringType, MarkdownDescription: "The tags of the chain's function, without the chain's own.",
		},
	}
	maps.Copy(attributes, computed(ownFields()))
	for name, description := range deployedTexts {
		attributes[name] = schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A task chain that is deployed already, perhaps by another configuration, in the provider's tenant, AWS account " +
			"and region. It is only read: " +
			"the AWS identity needs the rights to read that a refresh of the resource needs.",
		Attributes: attributes,
	}
}

// computed returns the fields as attributes of a data source.
func computed(fields []field) map[string]schema.Attribute {
	all := make(map[string]schema.Attribute, len(fields))
	for i := range fields {
		all[fields[i].name] = fields[i].computed()
	}
	return all
}

func (f *field) computed() schema.Attribute {
	switch f.kind {
	case aNumber:
		return schema.Int32Attribute{Computed: true, MarkdownDescription: f.doc}
	case aDecimal:
		return schema.Float64Attribute{Computed: true, MarkdownDescription: f.doc}
	case aFlag:
		return schema.BoolAttribute{Computed: true, MarkdownDescription: f.doc}
	case aTextSet:
		return schema.SetAttribute{Computed: true, MarkdownDescription: f.doc, ElementType: types.StringType}
	case aTextMap, aDurationMap:
		return schema.MapAttribute{Computed: true, MarkdownDescription: f.doc, ElementType: types.StringType}
	case anObject:
		return schema.SingleNestedAttribute{Computed: true, MarkdownDescription: f.doc, Attributes: computed(f.fields)}
	default:
		return schema.StringAttribute{Computed: true, MarkdownDescription: f.doc}
	}
}

// Read reads the deployed chain.
func (d *taskChainDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model deployedChainModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	connection, err := d.connector.connect(ctx)
	if err != nil {
		addErrors(&resp.Diagnostics, "Connecting failed", err, "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	name := model.Name.ValueString()
	found, err := stack.New(connection.clients, connection.place, name, stack.Known{}).Find(ctx)
	if err != nil {
		addErrors(&resp.Diagnostics, "Reading the chain failed", err, "")
		return
	}
	if err := checkDeployed(name, &found, connection.place); err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("name"), "No such task chain", sentence(err))
		return
	}
	chain := taskChainModel{Name: model.Name}
	chain.setFound(&found, nil) //nolint:contextcheck // the type of a value asks nothing
	chain.setPlace(connection.place)
	deployed := &deployedChainModel{Name: chain.Name, TagsAll: chain.TagsAll, Diagram: types.StringValue(draw.Of(found.Definition).Mermaid())}
	for name := range deployedTexts {
		attributeOf(deployed, name).Set(attributeOf(&chain, name))
	}
	for _, f := range append(ownFields(), stepsField()) {
		value := f.typed(fieldOf(reflect.ValueOf(found.Definition).Elem(), f.name)) //nolint:contextcheck // likewise
		attributeOf(deployed, f.name).Set(reflect.ValueOf(value))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, deployed)...)
}

// checkDeployed fails when there is no chain, or when its definition, its function or its stage is missing.
func checkDeployed(name string, found *stack.State, place stack.Place) error {
	where := fmt.Sprintf("for the tenant %s in the AWS account %s, region %s", place.TenantID, place.Account, place.Region)
	if found.Empty() {
		return fmt.Errorf("there is no task chain %q %s. Check its name, and which tenant, account and region the provider is configured "+
			"for", name, where)
	}
	var missing []string
	for _, part := range []struct {
		title string
		there bool
	}{
		{"the definition", found.Definition != nil}, {"the Lambda function", found.FunctionARN != ""},
		{"the REST API's stage", found.InvokeURL != ""},
	} {
		if !part.there {
			missing = append(missing, part.title)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the task chain %q %s is incomplete: %s cannot be found. Apply its configuration, then read it again",
		name, where,
		strings.Join(missing, " and "))
}

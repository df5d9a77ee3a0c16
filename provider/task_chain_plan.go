package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// ValidateConfig refuses a wrong chain before anything is called, with all its problems at once.
func (r *taskChainResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config taskChainModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	config.checkDefinition(&resp.Diagnostics)
	checkKMSKey(&resp.Diagnostics, config.KMSKeyARN)
}

// ModifyPlan makes the plan say what apply will do: what can be computed now is, and what somebody deleted or changed by hand
// becomes a change.
func (r *taskChainResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if req.Plan.Raw.IsNull() { // destroy
		return
	}
	var plan taskChainModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	r.planDefinition(&plan, resp)
	r.planCode(&plan, resp)
	r.planProvider(ctx, &plan, req, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Drift = stringMap(nil)
	for _, component := range plan.components() {
		if component.IsNull() {
			*component = types.StringUnknown()
		}
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

func (r *taskChainResource) planDefinition(plan *taskChainModel, resp *resource.ModifyPlanResponse) {
	plan.DefinitionSHA256, plan.Diagram = types.StringUnknown(), types.StringUnknown()
	definition, whole := plan.checkDefinition(&resp.Diagnostics)
	if !whole {
		return
	}
	warnUnconnected(&resp.Diagnostics, definition)
	sum, err := definition.SHA256()
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("apps"), "Invalid task chain", sentence(err))
		return
	}
	plan.DefinitionSHA256, plan.Diagram = types.StringValue(sum), types.StringValue(draw.Of(definition).Mermaid())
}

func (r *taskChainResource) planCode(plan *taskChainModel, resp *resource.ModifyPlanResponse) {
	plan.CodeSHA256 = types.StringUnknown()
	if plan.Architecture.IsUnknown() {
		return
	}
	code, err := bundle.Load(plan.Architecture.ValueString())
	if err != nil {
		resp.Diagnostics.AddError("No Lambda function to deploy", sentence(err))
		return
	}
	plan.CodeSHA256 = types.StringValue(code.SHA256)
}

// planProvider plans what comes from the provider's configuration, and proves its credentials: a plan that cannot be applied
// is found out now.
func (r *taskChainResource) planProvider(ctx context.Context, plan *taskChainModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	plan.CredentialsFingerprint, plan.TagsAll, plan.TenantID = types.StringUnknown(), types.MapUnknown(types.StringType), types.StringUnknown()
	if r.connector == nil || r.connector.settings.unknown {
		return
	}
	if tags, ok := plan.allTags(r.connector.settings.defaultTags); ok {
		checkTags(&resp.Diagnostics, tags)
		plan.TagsAll = stringMap(tags)
	}
	// That the credentials change is planned, but not to which: a saved plan may be applied by another job, with its own ones.
	if !req.State.Raw.IsNull() {
		var deployed types.String
		resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("credentials_fingerprint"), &deployed)...)
		if deployed.ValueString() == r.connector.settings.credentials.Fingerprint() {
			plan.CredentialsFingerprint = deployed
		}
	}
	connection, err := r.connector.connect(ctx)
	if err != nil {
		addErrors(&resp.Diagnostics, "Connecting failed", err, "")
		return
	}
	plan.TenantID = types.StringValue(connection.place.TenantID)
	checkKMSKeyPlace(&resp.Diagnostics, plan.KMSKeyARN, connection.place)
}

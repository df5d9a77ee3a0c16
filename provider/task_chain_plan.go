// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// ValidateConfig refuses a wrong chain before anything is called, with all its problems at once.
func (r *taskChainResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config taskChainModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &config)...); resp.Diagnostics.HasError() {
		return
	}
	config.checkDefinition(&resp.Diagnostics)
	checkKMSKey(&resp.Diagnostics, "kms_key_arn", config.KMSKeyARN)
	checkKMSKey(&resp.Diagnostics, "log_group_kms_key_arn", config.LogGroupKMSKeyARN)
	checkSourceIPRanges(&resp.Diagnostics, config.SourceIPRanges)
	config.checkAlarms(&resp.Diagnostics)
	if credentials, known := config.writeOnlyCredentials(); known && !config.CredentialsWO.IsNull() {
		checkCredentials(&resp.Diagnostics, credentials)
	}
}

// checkCredentials reports write-only credentials that cannot be used, without telling them.
func checkCredentials(diags *diag.Diagnostics, credentials qlik.Credentials) {
	if err := credentials.Validate(); err != nil {
		diags.AddAttributeError(path.Root("credentials_wo"), "Invalid Qlik Cloud credentials", sentence(err))
	}
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
	var state *taskChainModel // nil when the chain is to be created
	if !req.State.Raw.IsNull() {
		state = new(taskChainModel)
		if resp.Diagnostics.Append(req.State.Get(ctx, state)...); resp.Diagnostics.HasError() {
			return
		}
	}
	r.planProvider(ctx, &plan, state, req, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.Drift = stringMap(nil)
	for _, component := range plan.components() {
		if component.IsNull() {
			*component = types.StringUnknown()
		}
	}
	plan.planViewerKey(state)
	if state != nil {
		plan.planRotation(state)
		plan.planRole(state)
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
func (r *taskChainResource) planProvider(ctx context.Context, plan, state *taskChainModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	plan.CredentialsFingerprint, plan.TagsAll, plan.TenantID = types.StringUnknown(), types.MapUnknown(types.StringType), types.StringUnknown()
	if r.connector == nil || r.connector.settings.unknown {
		return
	}
	if tags, ok := plan.allTags(r.connector.settings.defaultTags); ok {
		checkTags(&resp.Diagnostics, tags)
		plan.TagsAll = stringMap(tags)
	}
	if state != nil {
		r.planCredentials(plan, state)
	}
	connection, err := r.connector.connect(ctx)
	if err != nil {
		addErrors(&resp.Diagnostics, "Connecting failed", err, "")
		return
	}
	plan.TenantID = types.StringValue(connection.place.TenantID)
	check := rightsCheck{connector: r.connector, plan: plan, before: state, config: req.Config, diags: &resp.Diagnostics}
	check.run(ctx)
	checkAlarmActionsPlace(&resp.Diagnostics, plan.AlarmActions, connection.place)
	checkKMSKeyPlace(&resp.Diagnostics, "kms_key_arn", plan.KMSKeyARN, connection.place)
	checkKMSKeyPlace(&resp.Diagnostics, "log_group_kms_key_arn", plan.LogGroupKMSKeyARN, connection.place)
}

// planCredentials plans that the credentials stay, where they do. That they change is planned, but not to which: a saved plan may be
// applied by another job, with its own ones.
func (r *taskChainResource) planCredentials(plan, state *taskChainModel) {
	if !plan.CredentialsWOVersion.Equal(state.CredentialsWOVersion) {
		return
	}
	if plan.CredentialsWOVersion.IsNull() {
		if state.CredentialsFingerprint.ValueString() == r.connector.settings.credentials.Fingerprint() {
			plan.CredentialsFingerprint = state.CredentialsFingerprint
		}
		return
	}
	for setting := range state.Drift.Elements() {
		if strings.HasPrefix(setting, "parameter.credentials") {
			return // they are written again, and nobody can tell whether the configuration still has the same ones
		}
	}
	if !state.CredentialsFingerprint.IsNull() {
		plan.CredentialsFingerprint = state.CredentialsFingerprint
	}
}

// planRotation plans that a rotation makes other API keys.
func (m *taskChainModel) planRotation(state *taskChainModel) {
	rotates := !state.APIKeyRotation.Equal(m.APIKeyRotation)
	for setting, id := range map[string]*types.String{"api_key": &m.APIKeyID, "webhook_key": &m.WebhookKeyID, "viewer_key": &m.ViewerKeyID} {
		_, alone := state.Drift.Elements()[setting+".rotation"]
		if (rotates || alone) && !id.IsNull() {
			*id = types.StringUnknown()
		}
	}
}

// planViewerKey plans that the key for viewers comes, stays or goes.
func (m *taskChainModel) planViewerKey(state *taskChainModel) {
	switch {
	case m.ViewerKey.IsUnknown():
		m.ViewerKeyID = types.StringUnknown()
	case !m.ViewerKey.ValueBool():
		m.ViewerKeyID = types.StringNull()
	case state == nil || state.ViewerKeyID.IsNull():
		m.ViewerKeyID = types.StringUnknown()
	default:
		m.ViewerKeyID = state.ViewerKeyID
	}
}

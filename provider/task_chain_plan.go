// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"strings"
	"time"

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
	config.checkThrottle(&resp.Diagnostics)
	checkTags(&resp.Diagnostics, knownTags(config.Tags), config.Tags)
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
	var state *taskChainModel // nil if the chain is to be created
	if !req.State.Raw.IsNull() {
		state = new(taskChainModel)
		if resp.Diagnostics.Append(req.State.Get(ctx, state)...); resp.Diagnostics.HasError() {
			return
		}
	}
	if req.Plan.Raw.IsNull() {
		if r.connectFor(ctx, state, &resp.Diagnostics); !resp.Diagnostics.HasError() {
			r.planDeletion(ctx, state, nil, "", &resp.Diagnostics)
		}
		return
	}
	var plan taskChainModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	r.planDefinition(&plan, resp)
	r.planCode(&plan, resp)
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
		if attribute := plan.replacing(state); attribute != "" {
			r.planDeletion(ctx, state, &plan, attribute, &resp.Diagnostics)
		}
		plan.planRotation(state)
		plan.planRole(state)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	if !r.keepWords(ctx, &plan, state, req, resp) && resp.Plan.Raw.Equal(req.State.Raw) {
		plan.planBehind(ctx, req.Private, &resp.Diagnostics)
		resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
	}
}

func (r *taskChainResource) planDefinition(plan *taskChainModel, resp *resource.ModifyPlanResponse) {
	plan.DefinitionSHA256, plan.Diagram = types.StringUnknown(), types.StringUnknown()
	definition, whole := plan.checkDefinition(&resp.Diagnostics)
	if !whole {
		return
	}
	warnUnconnected(&resp.Diagnostics, definition)
	warnClocks(&resp.Diagnostics, definition, time.Now())
	plan.warnUnheard(&resp.Diagnostics, definition)
	sum, err := definition.SHA256()
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("steps"), "Invalid task chain", sentence(err))
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
// is found out now. Nothing that it plans is taken from the provider's settings here, see noted: what is not noted is known after the
// apply.
func (r *taskChainResource) planProvider(ctx context.Context, plan, state *taskChainModel, req resource.ModifyPlanRequest,
	resp *resource.ModifyPlanResponse) {
	plan.CredentialsFingerprint, plan.TagsAll = types.StringUnknown(), types.MapUnknown(types.StringType)
	var note *noted
	if state != nil {
		if note = readNoted(ctx, req.Private, &resp.Diagnostics); note != nil {
			plan.planCredentials(state, note)
			plan.planTags(note)
			checkAllTags(&resp.Diagnostics, stringsOf(plan.TagsAll), plan.Tags)
		}
	}
	connection := r.connectFor(ctx, state, &resp.Diagnostics)
	if connection == nil {
		return
	}
	if note != nil {
		note.warnKept(plan, r.connector.settings, &resp.Diagnostics)
	} else if tags, known := plan.allTags(r.connector.settings.defaultTags); known {
		checkAllTags(&resp.Diagnostics, tags, plan.Tags)
	}
	check := rightsCheck{connector: r.connector, plan: plan, before: state, config: req.Config, diags: &resp.Diagnostics}
	check.run(ctx)
	r.connector.warnOtherChains(ctx, plan, state, &resp.Diagnostics)
	checkAlarmActionsPlace(&resp.Diagnostics, plan.AlarmActions, connection.place)
	checkKMSKeyPlace(&resp.Diagnostics, "kms_key_arn", plan.KMSKeyARN, connection.place)
	checkKMSKeyPlace(&resp.Diagnostics, "log_group_kms_key_arn", plan.LogGroupKMSKeyARN, connection.place)
}

// connectFor connects for the plan of a chain, and refuses one that is deployed elsewhere, also if it was not refreshed. It returns nil if
// it has reported why not, or if an argument of the provider is not known yet.
func (r *taskChainResource) connectFor(ctx context.Context, state *taskChainModel, diags *diag.Diagnostics) *connection {
	if r.connector == nil || r.connector.settings.unknown {
		return nil
	}
	connection, err := r.connector.connect(ctx)
	if err != nil {
		addErrors(diags, "Connecting failed", err, "")
		return nil
	}
	if state == nil {
		return connection
	}
	if err := state.checkPlace(connection.place); err != nil {
		addErrors(diags, "The chain is somewhere else", err, "")
		return nil
	}
	return connection
}

// planCredentials plans that the credentials stay, where they do. That they change is planned, but not to which: the apply has its own.
func (m *taskChainModel) planCredentials(state *taskChainModel, note *noted) {
	own := m.CredentialsWOVersion.IsNull()
	others := own && state.CredentialsFingerprint.ValueString() != note.CredentialsFingerprint
	if others || !m.CredentialsWOVersion.Equal(state.CredentialsWOVersion) {
		return
	}
	for setting := range state.Drift.Elements() {
		if !own && strings.HasPrefix(setting, "parameter.credentials") {
			return // they are written again, and it is unknown whether the configuration still has the same ones
		}
	}
	if !state.CredentialsFingerprint.IsNull() {
		m.CredentialsFingerprint = state.CredentialsFingerprint
	}
}

// planTags plans the chain's tags with the default tags that were noted.
func (m *taskChainModel) planTags(note *noted) {
	if tags, known := m.allTags(note.DefaultTags); known {
		m.TagsAll = stringMap(tags)
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

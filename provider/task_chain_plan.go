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

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// ValidateConfig reports all problems of a chain at once, before any call.
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
	config.checkSignalKey(&resp.Diagnostics)
	config.checkSettings(&resp.Diagnostics)
	checkTags(&resp.Diagnostics, knownTags(config.Tags), config.Tags)
}

// checkSignalKey refuses a key where operators sign: API Gateway takes no key instead of a signature.
func (m *taskChainModel) checkSignalKey(diags *diag.Diagnostics) {
	if m.SignalKey.ValueBool() && m.OperatorAuth.ValueString() == chain.OperatorAuthIAM {
		diags.AddAttributeError(path.Root("signal_key"), "A key cannot send signals to this chain", "With operator_auth = \"iam\", each POST "+
			"is signed. Remove signal_key, and let the sender's identity in IAM invoke POST/signal/* of the chain's API alone.")
	}
}

// checkCredentials reports write-only credentials that cannot be used, without showing them.
func checkCredentials(diags *diag.Diagnostics, credentials qlik.Credentials) {
	if err := credentials.Validate(); err != nil {
		diags.AddAttributeError(path.Root("credentials_wo"), "Invalid Qlik Cloud credentials", sentence(err))
	}
}

// ModifyPlan completes the plan with what apply will do. It computes what can be computed now. What was changed or deleted outside of
// Terraform becomes a change.
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
	plan.warnPlanned(&resp.Diagnostics)
	r.planCode(&plan, resp)
	r.planProvider(ctx, &plan, state, req, resp)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.planPause(ctx, state, req, &resp.Diagnostics)
	plan.Drift = stringMap(nil)
	for _, component := range plan.components() {
		if component.IsNull() {
			*component = types.StringUnknown()
		}
	}
	plan.planOptionalKeys(state)
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

// warnPlanned reports what is wrong or doubtful in the chain that is planned.
func (m *taskChainModel) warnPlanned(diags *diag.Diagnostics) {
	definition, whole := m.checkDefinition(diags)
	if !whole {
		return
	}
	warnUnconnected(diags, definition)
	warnClocks(diags, definition, time.Now())
	m.warnUnheard(diags, definition)
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

// planProvider plans what depends on the provider's configuration. It checks the provider's credentials, so that a plan that cannot be
// applied fails now. It plans nothing from the provider's current settings, see noted: what is not in the notes is known after the apply.
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
	warnNativeTasks(ctx, connection.clients.Qlik, plan, state, &resp.Diagnostics)
	checkAlarmActionsPlace(&resp.Diagnostics, plan.AlarmActions, connection.place)
	plan.checkEventBusPlace(&resp.Diagnostics, connection.place)
	plan.checkOwnEvents(&resp.Diagnostics, connection.place)
	checkKMSKeyPlace(&resp.Diagnostics, "kms_key_arn", plan.KMSKeyARN, connection.place)
	checkKMSKeyPlace(&resp.Diagnostics, "log_group_kms_key_arn", plan.LogGroupKMSKeyARN, connection.place)
}

// connectFor connects for the plan of a chain. It refuses a chain that is deployed elsewhere, even without a refresh. It returns nil if it
// has reported an error, or if an argument of the provider is unknown.
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

// planCredentials plans that the credentials stay, if they do. Otherwise it plans an unknown value, because the apply has its own
// credentials.
func (m *taskChainModel) planCredentials(state *taskChainModel, note *noted) {
	own := m.CredentialsWOVersion.IsNull()
	others := own && state.CredentialsFingerprint.ValueString() != note.CredentialsFingerprint
	if others || !m.CredentialsWOVersion.Equal(state.CredentialsWOVersion) {
		return
	}
	for setting := range state.Drift.Elements() {
		if !own && strings.HasPrefix(setting, "parameter.credentials") {
			return // they are written again, and the configuration may have other ones now
		}
	}
	if !state.CredentialsFingerprint.IsNull() {
		m.CredentialsFingerprint = state.CredentialsFingerprint
	}
}

// planTags plans the chain's tags with the default tags in the notes.
func (m *taskChainModel) planTags(note *noted) {
	if tags, known := m.allTags(note.DefaultTags); known {
		m.TagsAll = stringMap(tags)
	}
}

// planRotation plans new API keys for a rotation.
func (m *taskChainModel) planRotation(state *taskChainModel) {
	rotates := !state.APIKeyRotation.Equal(m.APIKeyRotation)
	for setting, id := range map[string]*types.String{
		"api_key": &m.APIKeyID, "webhook_key": &m.WebhookKeyID, "viewer_key": &m.ViewerKeyID, "signal_key": &m.SignalKeyID,
	} {
		_, alone := state.Drift.Elements()[setting+".rotation"]
		if (rotates || alone) && !id.IsNull() {
			*id = types.StringUnknown()
		}
	}
}

// planOptionalKeys plans whether the viewers' and the signals' key are created, stay or are deleted.
func (m *taskChainModel) planOptionalKeys(state *taskChainModel) {
	had := &taskChainModel{}
	if state != nil {
		had = state
	}
	m.ViewerKeyID = optionalKey(m.ViewerKey, had.ViewerKeyID)
	m.SignalKeyID = optionalKey(m.SignalKey, had.SignalKeyID)
}

// optionalKey plans the id of a key. The previous one is null without a key.
func optionalKey(wanted types.Bool, previous types.String) types.String {
	switch {
	case wanted.IsUnknown():
		return types.StringUnknown()
	case !wanted.ValueBool():
		return types.StringNull()
	case previous.IsNull():
		return types.StringUnknown()
	default:
		return previous
	}
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

var (
	_ resource.Resource                   = (*taskChainResource)(nil)
	_ resource.ResourceWithConfigure      = (*taskChainResource)(nil)
	_ resource.ResourceWithValidateConfig = (*taskChainResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*taskChainResource)(nil)
	_ resource.ResourceWithIdentity       = (*taskChainResource)(nil)
	_ resource.ResourceWithImportState    = (*taskChainResource)(nil)
	_ resource.ResourceWithUpgradeState   = (*taskChainResource)(nil)
)

// These are the default timeouts of the operations. The slowest part is API Gateway's limit of calls, which several chains share.
const (
	createTimeout = 30 * time.Minute
	readTimeout   = 10 * time.Minute
	updateTimeout = 30 * time.Minute
	deleteTimeout = time.Hour
)

type taskChainResource struct{ connector *connector }

func newTaskChainResource() resource.Resource { return &taskChainResource{} }

// Metadata names the resource.
func (r *taskChainResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_task_chain"
}

// Configure takes the connector from the provider's Configure.
func (r *taskChainResource) Configure(_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse) {
	r.connector = asConnector(req.ProviderData, &resp.Diagnostics)
}

// Create deploys the chain.
func (r *taskChainResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan taskChainModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Create(ctx, createTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	name := plan.Name.ValueString()
	r.apply(ctx, &applying{plan: &plan, config: req.Config, state: &resp.State, private: resp.Private, identity: resp.Identity,
		diags: &resp.Diagnostics, wayOn: fmt.Sprintf("What was made so far is in the state. Apply again to have it deleted and the chain made "+
			"anew, or run `terraform untaint` on this "+
			"resource (the chain %s) and apply again to go on from here.", name)})
}

// Update changes the deployed chain to match the plan.
func (r *taskChainResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan, state taskChainModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := plan.Timeouts.Update(ctx, updateTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r.apply(ctx, &applying{plan: &plan, before: &state, config: req.Config, state: &resp.State, private: resp.Private,
		identity: resp.Identity, diags: &resp.Diagnostics, wayOn: "What was changed so far is in the state. Apply again to go on from here."})
	if !resp.Diagnostics.HasError() {
		checkPlanned(req.Plan.Raw, resp.State.Raw, &resp.Diagnostics)
	}
}

// applying is one create or update.
type applying struct {
	plan     *taskChainModel
	before   *taskChainModel // nil in a create
	config   tfsdk.Config    // for write-only attributes
	state    *tfsdk.State
	private  privateState
	identity *tfsdk.ResourceIdentity
	diags    *diag.Diagnostics
	wayOn    string // what to do after a failure
}

// known returns what the state contains. An update always looks for alarms.
func (a *applying) known() stack.Known {
	if a.before == nil {
		return stack.Known{Alarms: !a.plan.AlarmActions.IsNull()}
	}
	known := a.before.known()
	known.Alarms = true
	return known
}

// apply changes the stack to match the plan, and writes what it has reached to the state.
func (r *taskChainResource) apply(ctx context.Context, a *applying) {
	plan, diags := a.plan, a.diags
	definition, whole := plan.checkDefinition(diags)
	if diags.HasError() || !whole {
		return
	}
	s := r.open(ctx, plan, a.known(), (*stack.Stack).Find, diags, "Nothing was changed.")
	if s == nil {
		return
	}
	spec := r.spec(plan, definition)
	if err := s.Admit(a.before == nil, spec); err != nil {
		addErrors(diags, "Setting up the chain failed", err, "")
		return
	}
	check := rightsCheck{connector: r.connector, plan: plan, before: a.before, config: a.config, applying: true, diags: diags}
	if check.run(ctx); diags.HasError() {
		return
	}
	note := a.completePlan(ctx, r.connector.settings.note(s.Place))
	var paused types.Bool
	if diags.Append(a.config.GetAttribute(ctx, path.Root("paused"), &paused)...); diags.HasError() {
		return
	}
	spec.KeepPause = paused.IsNull()
	spec.TenantURL, spec.Tags, s.Endpoints = note.TenantURL, stringsOf(plan.TagsAll), note.Endpoints
	checkAllTags(diags, spec.Tags, plan.Tags)
	if r.giveCredentials(ctx, spec, a); diags.HasError() {
		return
	}
	if err := s.checkPlan(plan, spec); err != nil {
		addErrors(diags, "The plan no longer fits the chain", err, "Nothing was changed.")
		return
	}
	plan.setPlace(s.connection.place)
	code, err := bundle.Load(spec.Architecture)
	if err != nil {
		diags.AddError("No Lambda function to deploy", sentence(err))
		return
	}
	spec.CodeZip, spec.CodeSHA256 = code.Zip, code.SHA256
	bring := s.Apply
	if a.before == nil {
		bring = s.Create
	}
	reached, err := bring(ctx, spec)
	if untouched, ok := errors.AsType[*stack.UntouchedError](err); ok { // the state stays as it is, and in a create has no chain
		addErrors(diags, "Setting up the chain failed", untouched.Err, "Nothing was changed.")
		return
	}
	diags.Append(setIdentity(ctx, a.identity, plan.Name, s.connection.place)...)
	plan.setApplied(&reached)
	diags.Append(a.state.Set(ctx, plan)...)
	note.write(ctx, a.private, diags)
	writePrivate(ctx, a.private, behindKey, map[string]string{}, diags)
	if !spec.KeepPause {
		writePrivate(ctx, a.private, pauseKey, (*chain.Operation)(nil), diags) // from now on it is Terraform's
	}
	if err != nil {
		addErrors(diags, "Setting up the chain failed", err, a.wayOn)
	}
}

// completePlan completes the plan with the values that were left to the apply, from the provider's settings here. The planned values come
// from the notes of the last refresh. It returns the new notes.
func (a *applying) completePlan(ctx context.Context, here *noted) *noted {
	note := here
	if a.before != nil {
		if earlier := readNoted(ctx, a.private, a.diags); earlier != nil {
			note = earlier
		}
	}
	if a.plan.CredentialsFingerprint.IsUnknown() {
		note.CredentialsFingerprint = here.CredentialsFingerprint
	}
	if a.plan.TagsAll.IsUnknown() {
		tags, _ := a.plan.allTags(here.DefaultTags) // all are known in an apply
		a.plan.TagsAll, note.DefaultTags = stringMap(tags), here.DefaultTags
	}
	return note
}

// giveCredentials adds the credentials to the spec: the write-only ones, or the provider's own. If the plan keeps the function's
// credentials, their fingerprint stays.
func (r *taskChainResource) giveCredentials(ctx context.Context, spec *stack.Spec, a *applying) {
	if !a.plan.CredentialsWOVersion.IsNull() {
		var config taskChainModel
		if a.diags.Append(a.config.Get(ctx, &config)...); a.diags.HasError() {
			return
		}
		spec.Credentials, _ = config.writeOnlyCredentials() // all are known in an apply
		checkCredentials(a.diags, spec.Credentials)
	}
	spec.CredentialsFingerprint = spec.Credentials.Fingerprint()
	if planned := a.plan.CredentialsFingerprint; !planned.IsUnknown() {
		spec.CredentialsFingerprint = planned.ValueString()
	}
}

// Read refreshes the state with what exists.
func (r *taskChainResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var model taskChainModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Read(ctx, readTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	before := model
	s := r.open(ctx, &model, model.known(), (*stack.Stack).Find, &resp.Diagnostics, "")
	if s == nil {
		return
	}
	// The identity is also written for a chain that no longer exists: the framework requires it.
	resp.Diagnostics.Append(setIdentity(ctx, resp.Identity, model.Name, s.connection.place)...)
	if s.found.Empty() {
		resp.State.RemoveResource(ctx)
		return
	}
	model.setFound(&s.found, r.connector.settings.defaultTags) //nolint:contextcheck // the type of a value asks nothing
	if before.TagsAll.IsNull() {                               // an import
		before = model
	}
	model.setPlace(s.connection.place)
	r.connector.noteRefreshed(model.Name.ValueString())
	r.connector.settings.note(s.Place).write(ctx, resp.Private, &resp.Diagnostics)
	drift, behind := r.drift(&before, &model, s)
	model.Drift = stringMap(drift)
	writePrivate(ctx, resp.Private, behindKey, behind, &resp.Diagnostics)
	s.notePause(ctx, &before, &model, req, resp)
	resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
}

// opened is a chain's stack that was looked up.
type opened struct {
	*stack.Stack
	found      stack.State
	connection *connection
}

// finder looks a stack up: stack.Stack.Find, or FindToDelete.
type finder func(*stack.Stack, context.Context) (stack.State, error)

// open connects, and looks the chain's stack up. When that fails, it reports the failure with the hint and returns nil.
func (r *taskChainResource) open(ctx context.Context, m *taskChainModel, known stack.Known, find finder, diags *diag.Diagnostics,
	hint string) *opened {
	c, err := r.connector.connect(ctx)
	if err != nil {
		addErrors(diags, "Connecting failed", err, hint)
		return nil
	}
	if err := m.checkPlace(c.place); err != nil {
		addErrors(diags, "The chain is somewhere else", err, hint)
		return nil
	}
	s := stack.New(c.clients, c.place, m.Name.ValueString(), known)
	found, err := find(s, ctx)
	if err != nil {
		addErrors(diags, "Reading the chain failed", err, hint)
		return nil
	}
	return &opened{Stack: s, found: found, connection: c}
}

// checkPlan fails if an apply could not do exactly what the plan shows.
func (o *opened) checkPlan(plan *taskChainModel, spec *stack.Spec) error {
	var found taskChainModel
	found.setComponents(&o.found)
	if err := checkStale(plan, &found); err != nil {
		return err
	}
	if spec.CredentialsFingerprint != spec.Credentials.Fingerprint() && o.WritesCredentials(spec) {
		return fmt.Errorf("the function's credentials have to be written again, and the plan keeps credentials (fingerprint %s) that are not "+
			"the ones here. Plan and apply with the same credentials; of credentials_wo, also raise credentials_wo_version",
			spec.CredentialsFingerprint)
	}
	return nil
}

// spec returns the stack that a model describes, without the tags, the code and the credentials' fingerprint. The caller adds these: the
// found ones to compare a state with what exists, or the wanted ones to apply them.
func (r *taskChainResource) spec(m *taskChainModel, d *chain.Definition) *stack.Spec {
	settings, _ := m.readSettings()
	return &stack.Spec{
		TenantURL: r.connector.settings.tenantURL, Credentials: r.connector.settings.credentials,
		Reconciliation: settings.Reconciliation, ViewerKey: m.ViewerKey.ValueBool(), SignalKey: m.SignalKey.ValueBool(),
		Settings: stack.Settings{
			Definition: d, EventType: m.EventType.ValueString(), WebhookLevel: m.WebhookLevel.ValueString(),
			Architecture: m.Architecture.ValueString(), MemorySize: m.MemorySize.ValueInt32(), LogRetentionInDays: m.LogRetentionInDays.ValueInt32(),
			PointInTimeRecovery: m.PointInTimeRecovery.ValueBool(), KMSKeyARN: m.KMSKeyARN.ValueString(),
			LogGroupKMSKeyARN:  m.LogGroupKMSKeyARN.ValueString(),
			CredentialsVersion: m.credentialsVersion(),
			APIKeyRotation:     m.APIKeyRotation.ValueString(), SigningSecretRotation: m.SigningSecretRotation.ValueString(),
			PermissionsBoundaryARN: m.PermissionsBoundaryARN.ValueString(), RolePath: m.RolePath.ValueString(),
			ReservedConcurrency: m.ReservedConcurrentExecutions.ValueInt32Pointer(), SourceIPRanges: sortedTexts(m.SourceIPRanges),
			Throttle: settings.Throttle, Events: settings.Events,
			Paused: m.Paused.ValueBool(), OperatorAuth: m.OperatorAuth.ValueString(),
			AlarmActions: sortedTexts(m.AlarmActions), Metrics: m.Metrics.IsNull() || m.Metrics.ValueBool(),
		},
	}
}

// Delete deletes the chain.
func (r *taskChainResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var model taskChainModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	timeout, diags := model.Timeouts.Delete(ctx, deleteTimeout)
	resp.Diagnostics.Append(diags...)
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	s := r.open(ctx, &model, model.known(), (*stack.Stack).FindToDelete, &resp.Diagnostics, "Nothing was deleted.")
	if s == nil {
		return
	}
	if r.refuseDeletion(&model, s, &resp.Diagnostics); resp.Diagnostics.HasError() {
		return
	}
	left, err := s.Delete(ctx)
	if err != nil {
		model.setComponents(&left)
		resp.Diagnostics.Append(resp.State.Set(ctx, &model)...)
		addErrors(&resp.Diagnostics, "Deleting the chain failed", err, "What is left is in the state. Destroy again to go on from here.")
	}
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// taskChainModel is the resource in Terraform's configuration, plan and state.
type taskChainModel struct {
	Name  types.String  `tfsdk:"name"`
	Steps types.Dynamic `tfsdk:"steps"`

	APIKeyRotation        types.String  `tfsdk:"api_key_rotation"`
	CredentialsWO         types.Dynamic `tfsdk:"credentials_wo"` // null except in a configuration
	CredentialsWOVersion  types.Int64   `tfsdk:"credentials_wo_version"`
	SigningSecretRotation types.String  `tfsdk:"signing_secret_rotation"`

	AlarmActions                 types.Set      `tfsdk:"alarm_actions"`
	Cycle                        types.Dynamic  `tfsdk:"cycle"`
	Events                       types.Dynamic  `tfsdk:"events"`
	ExpectBy                     types.Dynamic  `tfsdk:"expect_by"`
	FailureLog                   types.Dynamic  `tfsdk:"failure_log"`
	MaxDuration                  types.Dynamic  `tfsdk:"max_duration"`
	MaxRunning                   types.Int32    `tfsdk:"max_running"`
	NotifyOn                     types.Set      `tfsdk:"notify_on"`
	Overlap                      types.String   `tfsdk:"overlap"`
	Schedule                     types.Dynamic  `tfsdk:"schedule"`
	SummaryAt                    types.String   `tfsdk:"summary_at"`
	Metrics                      types.Bool     `tfsdk:"metrics"`
	LogGroupKMSKeyARN            types.String   `tfsdk:"log_group_kms_key_arn"`
	PermissionsBoundaryARN       types.String   `tfsdk:"permissions_boundary_arn"`
	Reconciliation               types.Dynamic  `tfsdk:"reconciliation"`
	ReservedConcurrentExecutions types.Int32    `tfsdk:"reserved_concurrent_executions"`
	RolePath                     types.String   `tfsdk:"role_path"`
	SourceIPRanges               types.Set      `tfsdk:"source_ip_ranges"`
	Throttle                     types.Dynamic  `tfsdk:"throttle"`
	Timeouts                     timeouts.Value `tfsdk:"timeouts"`

	Architecture        types.String `tfsdk:"architecture"`
	CheckApps           types.Bool   `tfsdk:"check_apps"`
	DeletionProtection  types.Bool   `tfsdk:"deletion_protection"`
	EventType           types.String `tfsdk:"event_type"`
	HistoryDays         types.Int32  `tfsdk:"history_days"`
	KMSKeyARN           types.String `tfsdk:"kms_key_arn"`
	LogRetentionInDays  types.Int32  `tfsdk:"log_retention_in_days"`
	MemorySize          types.Int32  `tfsdk:"memory_size"`
	OperatorAuth        types.String `tfsdk:"operator_auth"`
	Paused              types.Bool   `tfsdk:"paused"`
	PointInTimeRecovery types.Bool   `tfsdk:"point_in_time_recovery"`
	SignalKey           types.Bool   `tfsdk:"signal_key"`
	Tags                types.Map    `tfsdk:"tags"`
	Timezone            types.String `tfsdk:"timezone"`
	ViewerKey           types.Bool   `tfsdk:"viewer_key"`
	WebhookLevel        types.String `tfsdk:"webhook_level"`

	AccountID          types.String `tfsdk:"account_id"`
	APIKeyID           types.String `tfsdk:"api_key_id"`
	DeadLetterQueueURL types.String `tfsdk:"dead_letter_queue_url"`
	FunctionARN        types.String `tfsdk:"function_arn"`
	InstanceID         types.String `tfsdk:"instance_id"`
	InvokeURL          types.String `tfsdk:"invoke_url"`
	PageURL            types.String `tfsdk:"page_url"`
	Region             types.String `tfsdk:"region"`
	RestAPIID          types.String `tfsdk:"rest_api_id"`
	RoleARN            types.String `tfsdk:"role_arn"`
	ScheduleGroupName  types.String `tfsdk:"schedule_group_name"`
	SignalKeyID        types.String `tfsdk:"signal_key_id"`
	TableName          types.String `tfsdk:"table_name"`
	TenantID           types.String `tfsdk:"tenant_id"`
	UsagePlanID        types.String `tfsdk:"usage_plan_id"`
	ViewerKeyID        types.String `tfsdk:"viewer_key_id"`
	WebhookID          types.String `tfsdk:"webhook_id"`
	WebhookKeyID       types.String `tfsdk:"webhook_key_id"`

	CodeSHA256             types.String `tfsdk:"code_sha256"`
	CredentialsFingerprint types.String `tfsdk:"credentials_fingerprint"`
	Drift                  types.Map    `tfsdk:"drift"`
	TagsAll                types.Map    `tfsdk:"tags_all"`
}

// components returns the attributes that stand for existing components. In the state, each is null after its component was deleted outside
// of Terraform. The instance is null if nothing names it.
func (m *taskChainModel) components() []*types.String {
	return []*types.String{
		&m.APIKeyID, &m.DeadLetterQueueURL, &m.FunctionARN, &m.InstanceID, &m.InvokeURL, &m.PageURL, &m.RestAPIID, &m.RoleARN,
		&m.ScheduleGroupName,
		&m.TableName,
		&m.UsagePlanID, &m.WebhookID, &m.WebhookKeyID,
	}
}

// partID is an ID that a service has generated for a part of the chain.
type partID struct {
	attribute      string
	planned, found types.String
	fromName       bool // it follows from the chain's name and place
}

// generatedIDs returns the IDs that the plan of an existing chain shows, each with the one that was found.
func (m *taskChainModel) generatedIDs(found *taskChainModel) []partID {
	return []partID{
		{"api_key_id", m.APIKeyID, found.APIKeyID, false},
		{"dead_letter_queue_url", m.DeadLetterQueueURL, found.DeadLetterQueueURL, true},
		{"invoke_url", m.InvokeURL, found.InvokeURL, true},
		{"page_url", m.PageURL, found.PageURL, true},
		{"rest_api_id", m.RestAPIID, found.RestAPIID, false},
		{"signal_key_id", m.SignalKeyID, found.SignalKeyID, false},
		{"usage_plan_id", m.UsagePlanID, found.UsagePlanID, false},
		{"viewer_key_id", m.ViewerKeyID, found.ViewerKeyID, false},
		{"webhook_id", m.WebhookID, found.WebhookID, false},
		{"webhook_key_id", m.WebhookKeyID, found.WebhookKeyID, false},
	}
}

// known returns what the state knows: the ids of the objects that cannot be found by name.
func (m *taskChainModel) known() stack.Known {
	return stack.Known{
		Instance:  m.InstanceID.ValueString(),
		Function:  m.FunctionARN.ValueString() != "",
		RestAPIID: m.RestAPIID.ValueString(), APIKeyID: m.APIKeyID.ValueString(), WebhookKeyID: m.WebhookKeyID.ValueString(),
		SignalKeyID: m.SignalKeyID.ValueString(),
		ViewerKeyID: m.ViewerKeyID.ValueString(), UsagePlanID: m.UsagePlanID.ValueString(), WebhookID: m.WebhookID.ValueString(),
		DeadLetterQueueURL: m.DeadLetterQueueURL.ValueString(),
		Alarms:             !m.AlarmActions.IsNull(),
	}
}

// setComponents stores which components exist.
func (m *taskChainModel) setComponents(state *stack.State) {
	m.InstanceID = stringOrNull(state.Instance)
	m.APIKeyID = stringOrNull(state.APIKeyID)
	m.DeadLetterQueueURL = stringOrNull(state.DeadLetterQueueURL)
	m.FunctionARN = stringOrNull(state.FunctionARN)
	m.InvokeURL, m.PageURL = stringOrNull(state.InvokeURL), types.StringNull()
	if state.InvokeURL != "" {
		m.PageURL = types.StringValue(stack.PageURL(state.InvokeURL))
	}
	m.RestAPIID = stringOrNull(state.RestAPIID)
	m.RoleARN = stringOrNull(state.RoleARN)
	m.ScheduleGroupName = stringOrNull(state.ScheduleGroupName)
	m.SignalKeyID = stringOrNull(state.SignalKeyID)
	m.TableName = stringOrNull(state.TableName)
	m.UsagePlanID = stringOrNull(state.UsagePlanID)
	m.ViewerKeyID = stringOrNull(state.ViewerKeyID)
	m.WebhookID = stringOrNull(state.WebhookID)
	m.WebhookKeyID = stringOrNull(state.WebhookKeyID)
	m.CodeSHA256 = stringOrNull(state.CodeSHA256)
	m.CredentialsFingerprint = stringOrNull(state.CredentialsFingerprint)
}

// setApplied stores what a create or an update has done so far. The configured attributes stay as planned: the next refresh corrects those
// that were not reached.
func (m *taskChainModel) setApplied(state *stack.State) {
	m.setComponents(state)
	m.APIKeyRotation = stringOrNull(state.APIKeyRotation) // after a failed apply, perhaps still the previous one
	m.Drift = stringMap(nil)
}

// setFound stores what was found. For a missing component, its settings stay as they were: another attribute shows that it is missing.
func (m *taskChainModel) setFound(state *stack.State, defaultTags map[string]string) {
	m.setComponents(state)
	if state.Definition != nil {
		m.setChain(state.Definition)
	}
	if state.TableName != "" {
		m.PointInTimeRecovery, m.KMSKeyARN = types.BoolValue(state.PointInTimeRecovery), stringOrNull(state.KMSKeyARN)
	}
	if state.TableName != "" && state.FunctionARN != "" || m.Paused.IsNull() {
		m.Paused = types.BoolValue(state.Paused)
	}
	m.ViewerKey, m.SignalKey = types.BoolValue(state.ViewerKeyID != ""), types.BoolValue(state.SignalKeyID != "")
	if m.DeletionProtection.IsNull() { // an import: only the configuration contains it
		m.DeletionProtection = types.BoolValue(false)
	}
	if state.LogGroupName != "" {
		m.LogRetentionInDays, m.LogGroupKMSKeyARN = types.Int32Value(state.LogRetentionInDays), stringOrNull(state.LogGroupKMSKeyARN)
	}
	if state.RoleARN != "" {
		m.PermissionsBoundaryARN = stringOrNull(state.PermissionsBoundaryARN)
	}
	if m.RolePath.IsNull() { // an import; otherwise a role that was recreated elsewhere would force a replacement of the chain
		m.RolePath = types.StringValue(cmp.Or(state.RolePath, "/"))
	}
	if state.APIKeyID != "" {
		m.APIKeyRotation = stringOrNull(state.APIKeyRotation)
	}
	if state.SigningSecret {
		m.SigningSecretRotation = stringOrNull(state.SigningSecretRotation)
	}
	if state.RestAPIID != "" {
		m.SourceIPRanges = textSetOrNull(state.SourceIPRanges)
	}
	m.setSettings(state)
	if state.WebhookID != "" {
		m.EventType, m.WebhookLevel = types.StringValue(state.EventType), types.StringValue(state.WebhookLevel)
	}
	if state.FunctionARN != "" {
		m.Architecture, m.MemorySize = types.StringValue(state.Architecture), types.Int32Value(state.MemorySize)
		m.ReservedConcurrentExecutions = types.Int32PointerValue(state.ReservedConcurrency)
		m.AlarmActions = textSetOrNull(state.AlarmActions)
		m.setMetrics(state.Metrics)
		m.OperatorAuth = types.StringValue(state.OperatorAuth)
		m.setTags(state.Tags, defaultTags)
		m.setCredentialsVersion(state.CredentialsVersion)
	}
}

// setTags splits the found tags into the provider's and the chain's.
func (m *taskChainModel) setTags(found, defaults map[string]string) {
	before := stringsOf(m.TagsAll)
	m.TagsAll = stringMap(found)
	if !m.TagsAll.IsNull() && maps.Equal(before, found) {
		return // no tag has changed, so the chain's share is what it was
	}
	own := map[string]string{}
	for key, value := range found {
		if defaults[key] != value {
			own[key] = value
		}
	}
	if len(own) == 0 && m.Tags.IsNull() {
		return
	}
	m.Tags = stringMap(own)
}

// allTags returns the provider's default tags together with the chain's. ok is false while one of the chain's is unknown.
func (m *taskChainModel) allTags(defaults map[string]string) (tags map[string]string, ok bool) {
	if m.Tags.IsUnknown() {
		return nil, false
	}
	tags = map[string]string{}
	maps.Copy(tags, defaults)
	for key, value := range m.Tags.Elements() {
		text, isString := value.(types.String)
		if !isString || text.IsUnknown() {
			return nil, false
		}
		tags[key] = text.ValueString()
	}
	return tags, true
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// stringMap returns a map of strings. It is empty for nil.
func stringMap(m map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(m))
	for key, value := range m {
		elements[key] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}

// stringsOf returns a map's known strings.
func stringsOf(m types.Map) map[string]string {
	known := map[string]string{}
	for key, value := range m.Elements() {
		if text, ok := value.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			known[key] = text.ValueString()
		}
	}
	return known
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// taskChainModel is the resource in Terraform's configuration, plan and state.
type taskChainModel struct {
	Name types.String `tfsdk:"name"`
	Apps types.Map    `tfsdk:"apps"`

	APIKeyRotation        types.String `tfsdk:"api_key_rotation"`
	CredentialsWO         types.Object `tfsdk:"credentials_wo"` // null but in a configuration
	CredentialsWOVersion  types.Int64  `tfsdk:"credentials_wo_version"`
	SigningSecretRotation types.String `tfsdk:"signing_secret_rotation"`

	AlarmActions                 types.Set      `tfsdk:"alarm_actions"`
	ExpectBy                     types.Object   `tfsdk:"expect_by"`
	Metrics                      types.Bool     `tfsdk:"metrics"`
	LogGroupKMSKeyARN            types.String   `tfsdk:"log_group_kms_key_arn"`
	PermissionsBoundaryARN       types.String   `tfsdk:"permissions_boundary_arn"`
	Reconciliation               types.Object   `tfsdk:"reconciliation"`
	ReservedConcurrentExecutions types.Int32    `tfsdk:"reserved_concurrent_executions"`
	RolePath                     types.String   `tfsdk:"role_path"`
	SourceIPRanges               types.Set      `tfsdk:"source_ip_ranges"`
	Throttle                     types.Object   `tfsdk:"throttle"`
	Timeouts                     timeouts.Value `tfsdk:"timeouts"`

	Architecture        types.String `tfsdk:"architecture"`
	CheckApps           types.Bool   `tfsdk:"check_apps"`
	EventType           types.String `tfsdk:"event_type"`
	HistoryDays         types.Int32  `tfsdk:"history_days"`
	KMSKeyARN           types.String `tfsdk:"kms_key_arn"`
	LogRetentionInDays  types.Int32  `tfsdk:"log_retention_in_days"`
	MaxDepth            types.Int32  `tfsdk:"max_depth"`
	MemorySize          types.Int32  `tfsdk:"memory_size"`
	OperatorAuth        types.String `tfsdk:"operator_auth"`
	Paused              types.Bool   `tfsdk:"paused"`
	PointInTimeRecovery types.Bool   `tfsdk:"point_in_time_recovery"`
	Tags                types.Map    `tfsdk:"tags"`
	Timezone            types.String `tfsdk:"timezone"`
	ViewerKey           types.Bool   `tfsdk:"viewer_key"`
	WebhookLevel        types.String `tfsdk:"webhook_level"`

	APIKeyID           types.String `tfsdk:"api_key_id"`
	DeadLetterQueueURL types.String `tfsdk:"dead_letter_queue_url"`
	FunctionARN        types.String `tfsdk:"function_arn"`
	InvokeURL          types.String `tfsdk:"invoke_url"`
	RestAPIID          types.String `tfsdk:"rest_api_id"`
	RoleARN            types.String `tfsdk:"role_arn"`
	ScheduleGroupName  types.String `tfsdk:"schedule_group_name"`
	TableName          types.String `tfsdk:"table_name"`
	TenantID           types.String `tfsdk:"tenant_id"`
	UsagePlanID        types.String `tfsdk:"usage_plan_id"`
	ViewerKeyID        types.String `tfsdk:"viewer_key_id"`
	WebhookID          types.String `tfsdk:"webhook_id"`
	WebhookKeyID       types.String `tfsdk:"webhook_key_id"`

	CodeSHA256             types.String `tfsdk:"code_sha256"`
	CredentialsFingerprint types.String `tfsdk:"credentials_fingerprint"`
	DefinitionSHA256       types.String `tfsdk:"definition_sha256"`
	Diagram                types.String `tfsdk:"diagram"`
	Drift                  types.Map    `tfsdk:"drift"`
	TagsAll                types.Map    `tfsdk:"tags_all"`
}

// components are the attributes that say that a component exists: null in the state when somebody deleted it.
func (m *taskChainModel) components() []*types.String {
	return []*types.String{
		&m.APIKeyID, &m.DeadLetterQueueURL, &m.FunctionARN, &m.InvokeURL, &m.RestAPIID, &m.RoleARN, &m.ScheduleGroupName, &m.TableName,
		&m.UsagePlanID, &m.WebhookID, &m.WebhookKeyID,
	}
}

// known are the ids by which the stack finds what no name leads to.
func (m *taskChainModel) known() stack.Known {
	return stack.Known{
		Function:  m.FunctionARN.ValueString() != "",
		RestAPIID: m.RestAPIID.ValueString(), APIKeyID: m.APIKeyID.ValueString(), WebhookKeyID: m.WebhookKeyID.ValueString(),
		ViewerKeyID: m.ViewerKeyID.ValueString(), UsagePlanID: m.UsagePlanID.ValueString(), WebhookID: m.WebhookID.ValueString(),
	}
}

// setComponents writes which components there are.
func (m *taskChainModel) setComponents(state *stack.State) {
	m.APIKeyID = stringOrNull(state.APIKeyID)
	m.DeadLetterQueueURL = stringOrNull(state.DeadLetterQueueURL)
	m.FunctionARN = stringOrNull(state.FunctionARN)
	m.InvokeURL = stringOrNull(state.InvokeURL)
	m.RestAPIID = stringOrNull(state.RestAPIID)
	m.RoleARN = stringOrNull(state.RoleARN)
	m.ScheduleGroupName = stringOrNull(state.ScheduleGroupName)
	m.TableName = stringOrNull(state.TableName)
	m.UsagePlanID = stringOrNull(state.UsagePlanID)
	m.ViewerKeyID = stringOrNull(state.ViewerKeyID)
	m.WebhookID = stringOrNull(state.WebhookID)
	m.WebhookKeyID = stringOrNull(state.WebhookKeyID)
	m.CodeSHA256 = stringOrNull(state.CodeSHA256)
	m.CredentialsFingerprint = stringOrNull(state.CredentialsFingerprint)
}

// setDefinition writes what follows from the stored definition: null when there is none.
func (m *taskChainModel) setDefinition(state *stack.State) error {
	if state.Definition == nil {
		m.DefinitionSHA256, m.Diagram = types.StringNull(), types.StringNull()
		return nil
	}
	sum, err := state.Definition.SHA256()
	if err != nil {
		return err
	}
	m.DefinitionSHA256, m.Diagram = types.StringValue(sum), types.StringValue(draw.Of(state.Definition).Mermaid())
	return nil
}

// setApplied takes over what a create or an update has brought about so far. The configured attributes stay as planned:
// the next refresh corrects those that were not reached.
func (m *taskChainModel) setApplied(state *stack.State) error {
	m.setComponents(state)
	m.APIKeyRotation = stringOrNull(state.APIKeyRotation) // of an apply that failed, perhaps still the previous one
	m.Drift = stringMap(nil)
	if m.TagsAll.IsUnknown() {
		m.TagsAll = types.MapNull(types.StringType)
	}
	return m.setDefinition(state)
}

// setFound takes over what was found. What a missing component would show stays as it was; that it is missing shows elsewhere.
func (m *taskChainModel) setFound(state *stack.State, defaultTags map[string]string) error {
	m.setComponents(state)
	if err := m.setDefinition(state); err != nil {
		return err
	}
	if state.Definition != nil {
		m.setChain(state.Definition)
	}
	if state.TableName != "" {
		m.PointInTimeRecovery, m.KMSKeyARN = types.BoolValue(state.PointInTimeRecovery), stringOrNull(state.KMSKeyARN)
	}
	if state.TableName != "" && state.FunctionARN != "" || m.Paused.IsNull() {
		m.Paused = types.BoolValue(state.Paused)
	}
	m.ViewerKey = types.BoolValue(state.ViewerKeyID != "")
	if state.LogGroupName != "" {
		m.LogRetentionInDays, m.LogGroupKMSKeyARN = types.Int32Value(state.LogRetentionInDays), stringOrNull(state.LogGroupKMSKeyARN)
	}
	if state.RoleARN != "" {
		m.PermissionsBoundaryARN = stringOrNull(state.PermissionsBoundaryARN)
	}
	if m.RolePath.IsNull() { // an import; else a role that somebody made anew elsewhere would have the chain replaced
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
	if state.InvokeURL != "" {
		m.Throttle = throttleValue(state.Throttle)
	}
	m.setReconciliation(state.Reconciliation)
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
	return nil
}

// setTags splits the found tags into those of the provider and those of the chain.
func (m *taskChainModel) setTags(found, defaults map[string]string) {
	before := stringsOf(m.TagsAll)
	m.TagsAll = stringMap(found)
	if !m.TagsAll.IsNull() && maps.Equal(before, found) {
		return // nobody changed a tag, so the chain's share is what it was
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

// allTags are the provider's default tags and the chain's; ok is false while one of the chain's is unknown.
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

// checkTags reports tags that AWS would refuse, or that are the chain's own, before anything is created.
func checkTags(diags *diag.Diagnostics, tags map[string]string) {
	report := func(format string, args ...any) {
		diags.AddAttributeError(path.Root("tags"), "Invalid tags", fmt.Sprintf(format, args...)+
			" This holds for the chain's tags and the provider's default_tags together.")
	}
	if most := 50 - len(stack.OwnTags); len(tags) > most {
		report("There are %d tags. AWS allows 50 on an object, of which %d are the chain's own.", len(tags), len(stack.OwnTags))
	}
	byLower := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		lower := strings.ToLower(key)
		switch {
		case slices.Contains(stack.OwnTags, lower):
			report("The tag %q is the chain's own. Take it away.", key)
		case strings.HasPrefix(lower, "aws:"):
			report("The tag %q begins with aws:, which AWS keeps for itself. Rename it.", key)
		case key == "" || utf8.RuneCountInString(key) > 128 || utf8.RuneCountInString(tags[key]) > 256:
			report("The tag %q is too long or has no key. A key has 1 to 128 characters, a value at most 256.", key)
		case byLower[lower] != "":
			report("The tags %q and %q differ in upper and lower case only, which IAM refuses. Rename one.", byLower[lower], key)
		}
		byLower[lower] = key
	}
}

// checkPlace fails when the chain in the state was deployed for another tenant, or in another account or region, than the
// provider is configured for: it can neither be changed nor deleted from here, and a second one beside it would start everything
// twice.
func (m *taskChainModel) checkPlace(place stack.Place) error {
	var differences []string
	compare := func(what, deployed, configured string) {
		if deployed != "" && deployed != configured {
			differences = append(differences, fmt.Sprintf("%s %s, not %s", what, deployed, configured))
		}
	}
	compare("the tenant", m.TenantID.ValueString(), place.TenantID)
	if function, err := arn.Parse(m.FunctionARN.ValueString()); err == nil {
		compare("the AWS account", function.AccountID, place.Account)
		compare("the AWS region", function.Region, place.Region)
	}
	if len(differences) == 0 {
		return nil
	}
	return fmt.Errorf("the chain %s was deployed for %s, which the provider is configured for. Configure the provider as it was then; to move the chain, "+
		"destroy it first, or leave it there with `terraform state rm`", m.Name.ValueString(), strings.Join(differences, ", and "))
}

func stringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// stringMap makes a map of strings, an empty one of nil.
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

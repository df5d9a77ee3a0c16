package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// taskChainModel is the resource in Terraform's configuration, plan and state.
type taskChainModel struct {
	Name types.String `tfsdk:"name"`
	Apps types.Map    `tfsdk:"apps"`

	Architecture       types.String `tfsdk:"architecture"`
	EventType          types.String `tfsdk:"event_type"`
	LogRetentionInDays types.Int32  `tfsdk:"log_retention_in_days"`
	MemorySize         types.Int32  `tfsdk:"memory_size"`
	Tags               types.Map    `tfsdk:"tags"`
	WebhookLevel       types.String `tfsdk:"webhook_level"`

	APIKeyID    types.String `tfsdk:"api_key_id"`
	FunctionARN types.String `tfsdk:"function_arn"`
	InvokeURL   types.String `tfsdk:"invoke_url"`
	RestAPIID   types.String `tfsdk:"rest_api_id"`
	RoleARN     types.String `tfsdk:"role_arn"`
	UsagePlanID types.String `tfsdk:"usage_plan_id"`
	WebhookID   types.String `tfsdk:"webhook_id"`

	CodeSHA256             types.String `tfsdk:"code_sha256"`
	CredentialsFingerprint types.String `tfsdk:"credentials_fingerprint"`
	DefinitionSHA256       types.String `tfsdk:"definition_sha256"`
	Diagram                types.String `tfsdk:"diagram"`
	Drift                  types.Map    `tfsdk:"drift"`
	TagsAll                types.Map    `tfsdk:"tags_all"`
}

// components are the attributes that say that a component exists: null in the state when somebody deleted it.
func (m *taskChainModel) components() []*types.String {
	return []*types.String{&m.APIKeyID, &m.FunctionARN, &m.InvokeURL, &m.RestAPIID, &m.RoleARN, &m.UsagePlanID, &m.WebhookID}
}

// known are the ids by which the stack finds what no name leads to.
func (m *taskChainModel) known() stack.Known {
	return stack.Known{
		RestAPIID: m.RestAPIID.ValueString(), APIKeyID: m.APIKeyID.ValueString(),
		UsagePlanID: m.UsagePlanID.ValueString(), WebhookID: m.WebhookID.ValueString(),
	}
}

// setComponents writes which components there are.
func (m *taskChainModel) setComponents(state *stack.State) {
	m.APIKeyID = stringOrNull(state.APIKeyID)
	m.FunctionARN = stringOrNull(state.FunctionARN)
	m.InvokeURL = stringOrNull(state.InvokeURL)
	m.RestAPIID = stringOrNull(state.RestAPIID)
	m.RoleARN = stringOrNull(state.RoleARN)
	m.UsagePlanID = stringOrNull(state.UsagePlanID)
	m.WebhookID = stringOrNull(state.WebhookID)
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
	m.DefinitionSHA256, m.Diagram = types.StringValue(sum), types.StringValue(state.Definition.Mermaid())
	return nil
}

// setApplied takes over what a create or an update has brought about so far. The configured attributes stay as planned:
// the next refresh corrects those that were not reached.
func (m *taskChainModel) setApplied(state *stack.State) error {
	m.setComponents(state)
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
		m.setApps(state.Definition)
	}
	if state.LogGroupName != "" {
		m.LogRetentionInDays = types.Int32Value(state.LogRetentionInDays)
	}
	if state.WebhookID != "" {
		m.EventType, m.WebhookLevel = types.StringValue(state.EventType), types.StringValue(state.WebhookLevel)
	}
	if state.FunctionARN != "" {
		m.Architecture, m.MemorySize = types.StringValue(state.Architecture), types.Int32Value(state.MemorySize)
		m.setTags(state.Tags, defaultTags)
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

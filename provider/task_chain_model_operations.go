// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// throttleTypes are the attributes of throttle, as in the schema.
var throttleTypes = map[string]attr.Type{"rate_limit": types.Float64Type, "burst_limit": types.Int32Type}

func throttleValue(t *stack.Throttle) types.Object {
	if t == nil {
		return types.ObjectNull(throttleTypes)
	}
	return types.ObjectValueMust(throttleTypes, map[string]attr.Value{
		"rate_limit": types.Float64Value(t.RateLimit), "burst_limit": types.Int32Value(t.BurstLimit),
	})
}

// checkThrottle reports the one limit that API Gateway cannot distinguish from no limit: each plan would show a change.
func (m *taskChainModel) checkThrottle(diags *diag.Diagnostics) {
	if t := m.throttle(); t != nil && *t == stack.UnsetThrottle {
		diags.AddAttributeError(path.Root("throttle"), "Not a limit",
			fmt.Sprintf("API Gateway reports %s for an API without a limit. Remove throttle, or change one of its values.", t))
	}
}

// throttle returns the attribute's value, or nil.
func (m *taskChainModel) throttle() *stack.Throttle {
	values := m.Throttle.Attributes()
	rate, isRate := values["rate_limit"].(types.Float64)
	burst, isBurst := values["burst_limit"].(types.Int32)
	if !isRate || !isBurst {
		return nil
	}
	return &stack.Throttle{RateLimit: rate.ValueFloat64(), BurstLimit: burst.ValueInt32()}
}

// sortedTexts returns a set's strings, sorted.
func sortedTexts(set types.Set) []string {
	var all []string
	for _, element := range set.Elements() {
		if text, ok := element.(types.String); ok {
			all = append(all, text.ValueString())
		}
	}
	slices.Sort(all)
	return all
}

// setMetrics stores whether there are metrics. They are the default, which a configuration may state or leave out.
func (m *taskChainModel) setMetrics(found bool) {
	switch {
	case !found:
		m.Metrics = types.BoolValue(false)
	case !m.Metrics.ValueBool():
		m.Metrics = types.BoolNull()
	}
}

func textSetOrNull(texts []string) types.Set {
	if len(texts) == 0 {
		return types.SetNull(types.StringType)
	}
	elements := make([]attr.Value, len(texts))
	for i, text := range texts {
		elements[i] = types.StringValue(text)
	}
	return types.SetValueMust(types.StringType, elements)
}

// credentialsVersion returns the version of the write-only credentials as the function gets it. It is empty without them.
func (m *taskChainModel) credentialsVersion() string {
	if m.CredentialsWOVersion.IsNull() {
		return ""
	}
	return strconv.FormatInt(m.CredentialsWOVersion.ValueInt64(), 10)
}

// setCredentialsVersion stores the version that the function has. If it is not a number, it was changed outside of Terraform: then there is
// no version.
func (m *taskChainModel) setCredentialsVersion(found string) {
	m.CredentialsWOVersion = types.Int64Null()
	if version, err := strconv.ParseInt(found, 10, 64); err == nil {
		m.CredentialsWOVersion = types.Int64Value(version)
	}
}

// writeOnlyCredentials returns the write-only credentials of a configuration. known is false while one of them is known only after apply.
func (m *taskChainModel) writeOnlyCredentials() (credentials qlik.Credentials, known bool) {
	if m.CredentialsWO.IsUnknown() {
		return credentials, false
	}
	known = true
	text := func(name string) string {
		value, _ := m.CredentialsWO.Attributes()[name].(types.String)
		known = known && !value.IsUnknown()
		return value.ValueString()
	}
	credentials = qlik.Credentials{APIKey: text("api_key"), ClientID: text("client_id"), ClientSecret: text("client_secret")}
	return credentials, known
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

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

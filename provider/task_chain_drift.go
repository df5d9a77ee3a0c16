// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// drift is what differs from how the chain was left, in the words of that, but for what an attribute shows: a setting that is what the
// found attributes say. Some attributes say what several objects are to be, and show what one of them is; the others are compared with
// what they were to be.
func (r *taskChainResource) drift(before, found *taskChainModel, s *opened) map[string]string {
	unexplained := map[string]bool{}
	for _, difference := range s.Differences(r.specOf(found)) {
		unexplained[difference.Setting] = true
	}
	drift := map[string]string{}
	for _, difference := range s.Differences(r.specOf(before)) {
		if unexplained[difference.Setting] {
			drift[difference.Setting] = difference.String()
		}
	}
	return drift
}

// specOf says what the stack is according to a state.
func (r *taskChainResource) specOf(m *taskChainModel) *stack.Spec {
	definition, _ := m.readDefinition()
	spec := r.spec(m, definition)
	spec.CredentialsFingerprint = m.CredentialsFingerprint.ValueString()
	spec.CodeSHA256 = m.CodeSHA256.ValueString()
	spec.Tags = stringsOf(m.TagsAll)
	return spec
}

// planRole plans another ARN for a role that somebody made anew in another path.
func (m *taskChainModel) planRole(state *taskChainModel) {
	if _, elsewhere := state.Drift.Elements()["role.path"]; elsewhere {
		m.RoleARN = types.StringUnknown()
	}
}

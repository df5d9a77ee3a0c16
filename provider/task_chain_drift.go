// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// drift is what differs from how the chain was left, in the words of that, but for what an attribute shows: a setting that is what the
// found attributes say. Some attributes say what several objects are to be, and show what one of them is; the others are compared with
// what they were to be.
//
// What is as the chain was left, and not as the found attributes say, is behind. It is no drift if the plan goes back to how the chain was
// left. If the plan stays with what was found, the change did not come to its end: the apply was killed.
func (r *taskChainResource) drift(left, found *taskChainModel, s *opened) (drift, behind map[string]string) {
	then, drift, behind := map[string]string{}, map[string]string{}, map[string]string{}
	for _, difference := range s.Differences(r.specOf(left)) {
		then[difference.Setting] = difference.String()
	}
	for _, difference := range s.Differences(r.specOf(found)) {
		if words, differed := then[difference.Setting]; differed {
			drift[difference.Setting] = words
		} else {
			behind[difference.Setting] = difference.String()
		}
	}
	return drift, behind
}

// behindKey is where the private state has what is behind.
const behindKey = "behind"

// planBehind makes a plan that would change nothing one that completes what is behind, which Terraform could not show otherwise.
func (m *taskChainModel) planBehind(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	behind := readPrivate[map[string]string](ctx, private, behindKey, diags)
	if len(behind) == 0 {
		return
	}
	m.Drift = types.MapUnknown(types.StringType)
	var list strings.Builder
	for _, setting := range slices.Sorted(maps.Keys(behind)) {
		fmt.Fprintf(&list, "\n- %s is %s", setting, behind[setting])
	}
	diags.AddAttributeWarning(path.Root("drift"), fmt.Sprintf("The latest change of %s did not come to its end", m.Name.ValueString()),
		"Parts of the chain are as before it. The plan completes it:"+list.String())
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

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

// drift compares what was found with how the chain was left. It returns the differences that no attribute shows, in the words of that
// comparison. An attribute that stands for several objects shows only one of them, so the other objects are compared with how they were
// left.
//
// behind holds what is as the chain was left but differs from the found attributes. If the plan returns to how the chain was left, that is
// no drift. If the plan keeps what was found, the change is incomplete: the apply was killed.
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

// behindKey is the key of what is behind in the private state.
const behindKey = "behind"

// planBehind adds a change to a plan that would otherwise be empty, if something is behind. Otherwise Terraform would not complete it.
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

// specOf returns the stack that a state describes.
func (r *taskChainResource) specOf(m *taskChainModel) *stack.Spec {
	definition, _ := m.readDefinition()
	spec := r.spec(m, definition)
	spec.CredentialsFingerprint = m.CredentialsFingerprint.ValueString()
	spec.CodeSHA256 = m.CodeSHA256.ValueString()
	spec.Tags = stringsOf(m.TagsAll)
	return spec
}

// planRole plans another ARN for a role that was recreated in another path.
func (m *taskChainModel) planRole(state *taskChainModel) {
	if _, elsewhere := state.Drift.Elements()["role.path"]; elsewhere {
		m.RoleARN = types.StringUnknown()
	}
}

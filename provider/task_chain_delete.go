// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// replacing returns the attribute that forces a replacement of the chain, or an empty text.
func (m *taskChainModel) replacing(state *taskChainModel) string {
	for _, attribute := range []struct {
		name           string
		planned, known types.String
	}{{"name", m.Name, state.Name}, {"role_path", m.RolePath, state.RolePath}} {
		if !attribute.planned.Equal(attribute.known) {
			return attribute.name
		}
	}
	return ""
}

// planDeletion refuses the deletion of a protected chain, and warns about a run in progress. attribute is the one that forces the
// replacement by plan. plan is nil if the chain is to be destroyed. The protection in plan counts too, because after an import the state
// does not have it yet.
func (r *taskChainResource) planDeletion(ctx context.Context, state, plan *taskChainModel, attribute string, diags *diag.Diagnostics) {
	s := r.glance(ctx, state)
	protected := state.DeletionProtection.ValueBool() || plan != nil && plan.DeletionProtection.ValueBool()
	if protected && (s == nil || s.FindOwner(ctx) != nil || !s.Unfinished()) {
		addProtected(diags, state, attribute)
		return
	}
	if s == nil {
		return
	}
	under, runs, wait := s.UnderWay(ctx), "", "the run has"
	switch len(under.Runs) {
	case 0:
		return
	case 1:
		runs = fmt.Sprintf("its run %s is under way", under.Runs[0])
	default:
		runs, wait = fmt.Sprintf("its runs %s are under way", chain.Listed(under.Runs)), "they have"
	}
	diags.AddWarning("A run is under way", fmt.Sprintf("The plan deletes the task chain %s while %s. Steps that have not ended: %d. "+
		"Reloads under way end in Qlik Cloud, and no further step starts. Wait until %s ended, or cancel.",
		state.Name.ValueString(), runs, under.Steps, wait))
}

// glance returns the chain's stack for an optional look. It is nil if the provider is not connected to where the chain is.
func (r *taskChainResource) glance(ctx context.Context, state *taskChainModel) *stack.Stack {
	if r.connector == nil || r.connector.settings.unknown {
		return nil
	}
	c, err := r.connector.connect(ctx)
	if err != nil || state.checkPlace(c.place) != nil {
		return nil // the apply reports it
	}
	return stack.New(c.clients, c.place, state.Name.ValueString(), state.known())
}

// refuseDeletion refuses it during an apply. The plan may come from another environment, or may replace the chain with -replace, which a
// provider cannot see in the plan.
func (r *taskChainResource) refuseDeletion(state *taskChainModel, s *opened, diags *diag.Diagnostics) {
	if state.DeletionProtection.ValueBool() && !s.Unfinished() {
		addProtected(diags, state, "")
	}
}

func addProtected(diags *diag.Diagnostics, state *taskChainModel, attribute string) {
	doing := "destroyed"
	if attribute != "" {
		doing = "replaced because of another " + attribute
	}
	diags.AddAttributeError(path.Root("deletion_protection"), "The chain is protected from deletion",
		fmt.Sprintf("The task chain %s cannot be %s: deletion_protection is on. Destroying or replacing it loses the record of all runs. "+
			"Set deletion_protection = false, apply that, and plan again.",
			state.Name.ValueString(), doing))
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// pauseKey is the key of the latest pause or resume in the private state: a plan has only what the refresh has read.
const pauseKey = "pause"

// notePause notes who has paused or resumed the chain. Without a change since the last refresh, an earlier note stays.
func (o *opened) notePause(ctx context.Context, before, now *taskChainModel, req resource.ReadRequest, resp *resource.ReadResponse) {
	note := readPrivate[*chain.Operation](ctx, req.Private, pauseKey, &resp.Diagnostics)
	switch {
	case now.Paused.ValueBool():
		note = o.found.PausedBy
	case before.Paused.ValueBool():
		note = o.LastResume(ctx)
	}
	writePrivate(ctx, resp.Private, pauseKey, note, &resp.Diagnostics)
}

// planPause plans whether the chain is paused. Without a value in the configuration it stays as it is. It warns of what a plan would undo,
// and of a pause that the configuration does not know of.
func (m *taskChainModel) planPause(ctx context.Context, state *taskChainModel, req resource.ModifyPlanRequest, diags *diag.Diagnostics) {
	var wanted types.Bool
	if diags.Append(req.Config.GetAttribute(ctx, path.Root("paused"), &wanted)...); diags.HasError() {
		return
	}
	is := state != nil && state.Paused.ValueBool()
	if wanted.IsNull() {
		m.Paused = types.BoolValue(is)
	}
	if state == nil || wanted.IsUnknown() {
		return
	}
	by := readPrivate[*chain.Operation](ctx, req.Private, pauseKey, diags)
	byHand := by != nil && by.By != stack.ByTerraform
	switch {
	case wanted.IsNull() && is:
		diags.AddAttributeWarning(path.Root("paused"), "The chain is paused", fmt.Sprintf("It is %s. The configuration does not set paused, "+
			"so this plan leaves it paused, also after paused = true was removed. To resume it, set paused = false, or send POST /resume.",
			m.describe("paused", by)))
	case !wanted.IsNull() && is && !wanted.ValueBool() && byHand:
		diags.AddAttributeWarning(path.Root("paused"), "The plan resumes a chain that was paused by hand", fmt.Sprintf("It is %s. An apply "+
			"resumes it, because the configuration has paused = false. To leave a pause to operators, remove paused.", m.describe("paused", by)))
	case wanted.ValueBool() && !is && byHand:
		diags.AddAttributeWarning(path.Root("paused"), "The plan pauses a chain that was resumed by hand", fmt.Sprintf("It was %s. An apply "+
			"pauses it again, because the configuration has paused = true. To leave it running, remove paused.", m.describe("resumed", by)))
	}
}

// describe says who has paused or resumed the chain, when and why.
func (m *taskChainModel) describe(what string, by *chain.Operation) string {
	if by == nil {
		return what
	}
	zone, err := time.LoadLocation(m.Timezone.ValueString())
	if err != nil {
		zone = time.UTC
	}
	text := fmt.Sprintf("%s by %s, %s", what, by.By, by.At.In(zone).Format("2006-01-02 15:04 MST"))
	if by.Reason != "" {
		text += ": " + by.Reason
	}
	return text
}

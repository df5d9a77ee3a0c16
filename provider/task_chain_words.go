// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// keepWords empties a plan that only writes the definition differently, for example "90m" for "1h30m". It reports whether it did. Terraform
// allows it: a planned value may be the configuration's or the state's. It takes the attribute as a whole, so a plan that changes anything
// else shows the configuration's words.
//
// It does so only in the plan that has refreshed the chain. When Terraform applies a change, it plans it once more, without a refresh. That
// plan must not be empty if the first one was not: a value may have been unknown then.
func (r *taskChainResource) keepWords(
	ctx context.Context, plan, state *taskChainModel, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) bool {
	if state == nil || !r.connector.wasRefreshed(state.Name.ValueString()) {
		return false
	}
	kept := *plan
	for _, f := range resourceFields() {
		planned, isDynamic := attributeOf(plan, f.name).Interface().(types.Dynamic)
		previous, _ := attributeOf(state, f.name).Interface().(types.Dynamic)
		if isDynamic && !planned.IsNull() && !previous.IsNull() {
			attributeOf(&kept, f.name).Set(reflect.ValueOf(previous))
		}
	}
	wanted, read := plan.readDefinition()
	same, _ := kept.readDefinition()
	settings, readSettings := plan.readSettings()
	sameSettings, _ := kept.readSettings()
	if len(read.unknown)+len(readSettings.unknown) > 0 || !reflect.DeepEqual(wanted.Canonical(), same.Canonical()) ||
		!reflect.DeepEqual(settings, sameSettings) {
		return false
	}
	empty := resp.Plan
	resp.Diagnostics.Append(empty.Set(ctx, &kept)...)
	if !empty.Raw.Equal(req.State.Raw) || len(readPrivate[map[string]string](ctx, req.Private, behindKey, &resp.Diagnostics)) > 0 {
		return false
	}
	resp.Plan = empty
	return true
}

// noteRefreshed records that a chain was refreshed with this configuration of the provider. Terraform creates the configuration again for
// each plan and each apply.
func (c *connector) noteRefreshed(chain string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refreshed == nil {
		c.refreshed = map[string]bool{}
	}
	c.refreshed[chain] = true
}

func (c *connector) wasRefreshed(chain string) bool {
	if c == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.refreshed[chain]
}

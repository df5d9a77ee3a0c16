// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// changesOnly checks that a plan updates a resource in place and changes just these attributes.
type changesOnly struct {
	address    string
	attributes []string
}

func expectChangesOnly(address string, attributes ...string) plancheck.PlanCheck {
	slices.Sort(attributes)
	return changesOnly{address, attributes}
}

func (c changesOnly) CheckPlan(_ context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges {
		if change.Address != c.address {
			continue
		}
		if !change.Change.Actions.Update() {
			resp.Error = fmt.Errorf("%s: the plan is to %v, not to update in place", c.address, change.Change.Actions)
			return
		}
		before, after, unknown := attributes(change.Change.Before), attributes(change.Change.After), attributes(change.Change.AfterUnknown)
		var changed []string
		for name, value := range before {
			if !reflect.DeepEqual(value, after[name]) || unknown[name] == true {
				changed = append(changed, name)
			}
		}
		for name := range unknown {
			if _, there := before[name]; !there && unknown[name] == true {
				changed = append(changed, name)
			}
		}
		slices.Sort(changed)
		if !slices.Equal(changed, c.attributes) {
			resp.Error = fmt.Errorf("%s: the plan changes %q instead of %q", c.address, changed, c.attributes)
		}
		return
	}
	resp.Error = fmt.Errorf("%s: not in the plan", c.address)
}

func attributes(value any) map[string]any {
	m, _ := value.(map[string]any)
	return m
}

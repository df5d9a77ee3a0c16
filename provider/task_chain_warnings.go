// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// warnClocks warns about times that do not exist in spring, or exist twice in autumn, because the clocks change.
func warnClocks(diags *diag.Diagnostics, d *chain.Definition, now time.Time) {
	var at chain.Path
	var parts []string // one warning: Terraform shows only one of several with the same title
	for _, problem := range slices.Backward(d.ClockProblems(now)) {
		at, parts = problem.Path, append(parts, problem.Path.String()+": "+problem.Message)
	}
	if len(parts) == 0 {
		return
	}
	slices.Reverse(parts)
	diags.AddAttributeWarning(attributePath(at), "A time that the clocks change", strings.Join(parts, "\n\n"))
}

// warnUnheard warns about what only alarm_actions would be notified of, if there are none.
func (m *taskChainModel) warnUnheard(diags *diag.Diagnostics, d *chain.Definition) {
	if !m.AlarmActions.IsNull() {
		return
	}
	var unheard []string
	for name, has := range map[string]bool{
		"expect_by": d.ExpectBy != nil, "max_duration": d.MaxDuration != nil, "notify_on": len(d.NotifyOn) > 0,
	} {
		if has {
			unheard = append(unheard, name)
		}
	}
	for key, step := range d.Steps {
		for name, has := range map[string]bool{"expect_by": step.ExpectBy != nil, "max_duration": step.MaxDuration != nil} {
			if has {
				unheard = append(unheard, chain.Path{"steps", key, name}.String())
			}
		}
	}
	if len(unheard) == 0 {
		return
	}
	slices.Sort(unheard)
	diags.AddAttributeWarning(path.Root("alarm_actions"), "No notification",
		fmt.Sprintf("The chain has %s, and no alarm_actions: the record has what happens, and no "+
			"notification goes out. Set alarm_actions to an SNS topic.", chain.Listed(firstOf(unheard))))
}

// firstOf returns the first of many names, and how many more there are.
func firstOf(names []string) []string {
	const most = 5
	if len(names) <= most+1 {
		return names
	}
	return append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
}

// chainsTimeout limits how long a plan reads the definitions of other chains. They are only for a warning.
const chainsTimeout = 30 * time.Second

// chainsByStep returns the chains of the account and region by the ids of their steps. It returns nothing when they cannot be read. It
// reads them once in a process.
func (c *connector) chainsByStep(ctx context.Context, client stack.Clients) map[string][]string {
	c.mu.Lock()
	if c.chains == nil {
		c.chains = sync.OnceValue(func() map[string][]string {
			ctx, cancel := context.WithTimeout(ctx, chainsTimeout)
			defer cancel()
			chains, err := stack.ChainsByStep(ctx, client.SSM)
			if err != nil {
				return nil
			}
			return chains
		})
	}
	chains := c.chains
	c.mu.Unlock()
	return chains()
}

// warnOtherChains warns about apps, automations and data tasks that are new to the chain and also in another chain. The end of such a run
// continues both chains, and two chains that start what the other begins with never end.
func (c *connector) warnOtherChains(ctx context.Context, plan, before *taskChainModel, diags *diag.Diagnostics) {
	wanted, _ := plan.readDefinition()
	added := map[string]string{} // keys by step id
	for key, s := range wanted.Steps {
		if startsSomethingKnown(s) {
			added[s.ID(key)] = key
		}
	}
	if before != nil {
		deployed, _ := before.readDefinition()
		for key, s := range deployed.Steps {
			delete(added, s.ID(key))
		}
	}
	connection, err := c.connect(ctx)
	if len(added) == 0 || err != nil {
		return
	}
	others := map[string][]string{} // steps by chain
	for id, names := range c.chainsByStep(ctx, connection.clients) {
		key, isNew := added[id]
		for _, name := range names {
			if isNew && name != plan.Name.ValueString() {
				others[name] = append(others[name], key)
			}
		}
	}
	if len(others) == 0 {
		return
	}
	var parts, shared []string // one warning: Terraform shows only one of several with the same title
	what, run := "An app", "reload of such an app"
	for _, name := range slices.Sorted(maps.Keys(others)) {
		slices.Sort(others[name])
		shared = append(shared, others[name][0])
		parts = append(parts, fmt.Sprintf("%q has %s", name, chain.Listed(firstOf(others[name]))))
		if slices.ContainsFunc(others[name], func(key string) bool { return wanted.Steps[key].Kind() != chain.KindApp }) {
			what, run = "The same work", "run of it"
		}
	}
	diags.AddAttributeWarning(path.Root("steps").AtMapKey(slices.Min(shared)), what+" in two chains",
		fmt.Sprintf("Other task chains in this account and region have what steps of this one start: %s. The end of a %s carries both chains "+
			"on. Check that neither starts what the other begins with: they would start each other until max_starts_per_hour stops them.",
			strings.Join(firstOf(parts), "; "), run))
}

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
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
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
		"summary_at": d.SummaryAt != "",
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

// newSteps returns the keys of the steps that the plan adds to the chain, by step id. It leaves out signals and steps with an unknown
// target.
func newSteps(wanted *chain.Definition, before *taskChainModel) map[string]string {
	added := map[string]string{}
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
	return added
}

// warnOtherChains warns about apps, automations and data tasks that are new to the chain and also in another chain. The end of such a run
// continues both chains, and two chains that start what the other begins with never end.
func (c *connector) warnOtherChains(ctx context.Context, plan, before *taskChainModel, diags *diag.Diagnostics) {
	wanted, _ := plan.readDefinition()
	added := newSteps(wanted, before)
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

// nativeTasksTimeout limits how long a plan reads Qlik Cloud's own tasks. They are only for a warning.
const nativeTasksTimeout = 10 * time.Second

// mostTaskApps is the maximum number of apps in one request for their tasks. It keeps the URL below 4 KB.
const mostTaskApps = 50

// warnNativeTasks warns about apps that are new to the chain and that an enabled task of Qlik Cloud's own scheduler reloads too. It makes
// one request at most, for the first apps. It does nothing if Qlik Cloud refuses.
func warnNativeTasks(ctx context.Context, client *qlik.Client, plan, before *taskChainModel, diags *diag.Diagnostics) {
	wanted, _ := plan.readDefinition()
	apps := map[string]string{} // keys by the id of the app
	for _, key := range newSteps(wanted, before) {
		if s := wanted.Steps[key]; s.Kind() == chain.KindApp && s.Enabled {
			apps[strings.ToLower(s.App)] = key
		}
	}
	if len(apps) == 0 {
		return
	}
	ids := slices.Sorted(maps.Keys(apps))
	ctx, cancel := context.WithTimeout(ctx, nativeTasksTimeout)
	defer cancel()
	tasks, err := client.ScheduledTasksOf(ctx, ids[:min(len(ids), mostTaskApps)])
	if err != nil {
		return
	}
	names := map[string][]string{} // of tasks, by step
	for _, task := range tasks {
		if key, there := apps[strings.ToLower(task.ResourceID)]; there && task.Enabled {
			names[key] = append(names[key], fmt.Sprintf("%q", task.Name))
		}
	}
	if len(names) == 0 {
		return
	}
	keys := slices.Sorted(maps.Keys(names))
	var parts []string // one warning: Terraform shows only one of several with the same title
	for _, key := range keys {
		slices.Sort(names[key])
		parts = append(parts, fmt.Sprintf("%s (%s)", key, strings.Join(firstOf(names[key]), ", ")))
	}
	diags.AddAttributeWarning(path.Root("steps").AtMapKey(keys[0]), "An app with a task in Qlik Cloud",
		fmt.Sprintf("Enabled tasks in Qlik Cloud also reload apps of this chain: %s. Such an app is reloaded twice, and each reload carries the "+
			"chain on. Disable these tasks, unless they are what starts the chain.", strings.Join(firstOf(parts), "; ")))
}

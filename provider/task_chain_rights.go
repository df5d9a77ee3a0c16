// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

const (
	// checkTimeout limits the duration of the check: an apply does not fail because Qlik Cloud is slow to report permissions.
	checkTimeout = 3 * time.Minute
	// maxDetailed is for how many steps the report describes what to do. It only names the rest.
	maxDetailed = 20
)

// rightsCheck checks, before the deployment, whether the function will be able to start the chain's steps. A plan warns. An apply fails if
// Qlik Cloud refuses a start. If Qlik Cloud gives no answer, the check only warns. A data task without an end is an error in both.
type rightsCheck struct {
	connector    *connector
	plan, before *taskChainModel // before is nil for a chain that is to be created
	config       tfsdk.Config    // for write-only attributes
	applying     bool
	diags        *diag.Diagnostics
}

// checkedStep is a step with a target to check.
type checkedStep struct {
	key, id string // see chain.Step.ID
	target  chain.Target
	started bool // by the chain: otherwise only a start by an operator would fail
}

func (c *rightsCheck) run(ctx context.Context) {
	steps := c.steps()
	if len(steps) == 0 {
		return
	}
	credentials, known := c.credentials(ctx)
	if !known {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	rights, err := c.connector.rightsOf(ctx, credentials)
	if err != nil {
		c.unsure(err)
		return
	}
	found, err := rights.of(ctx, steps)
	switch {
	case areRefused(err):
		c.refused(err)
		return
	case err != nil:
		c.unsure(err)
	}
	c.report(ctx, rights, steps, found)
}

// startedByChain reports whether the chain starts a step by itself.
func startedByChain(d *chain.Definition, step chain.Step) bool {
	return len(step.After) > 0 || d.Schedule != nil || step.Schedule != nil || step.Retry != nil
}

// steps returns the steps to check. These are the steps with a target that is new to the chain, or that the chain now starts itself. They
// are all steps if the credentials are new, or if the check has just been enabled.
func (c *rightsCheck) steps() []checkedStep {
	if c.plan.CheckApps.IsUnknown() || !c.checks(c.plan) {
		return nil
	}
	wanted, _ := c.plan.readDefinition()
	previous, started := map[string]bool{}, map[string]bool{} // by step id
	if c.before != nil && c.checks(c.before) && c.plan.CredentialsFingerprint.Equal(c.before.CredentialsFingerprint) {
		deployed, _ := c.before.readDefinition()
		for key, step := range deployed.Steps {
			id := step.ID(key)
			previous[id] = previous[id] || step.Enabled
			started[id] = started[id] || startedByChain(deployed, step)
		}
	}
	var steps []checkedStep
	for _, key := range slices.Sorted(maps.Keys(wanted.Steps)) {
		step := wanted.Steps[key]
		id, starts := step.ID(key), startedByChain(wanted, step)
		if isNew := !previous[id] || starts && !started[id]; step.Enabled && isNew && startsSomethingKnown(step) {
			steps = append(steps, checkedStep{key, id, step.Target(), starts})
		}
	}
	return steps
}

// startsSomethingKnown reports whether a step starts something, and the plan knows what.
func startsSomethingKnown(step chain.Step) bool {
	target := step.Target()
	return target.ID != "" && (target.Kind != chain.KindDataTask || target.Project != "")
}

func (c *rightsCheck) checks(m *taskChainModel) bool {
	return m.CheckApps.IsNull() || m.CheckApps.ValueBool()
}

// credentials returns the credentials that the function will have, as far as they are known. They are unknown if the function keeps
// credentials from another environment.
func (c *rightsCheck) credentials(ctx context.Context) (qlik.Credentials, bool) {
	if c.plan.CredentialsWOVersion.IsNull() {
		own, planned := c.connector.settings.credentials, c.plan.CredentialsFingerprint
		return own, planned.IsUnknown() || planned.ValueString() == own.Fingerprint()
	}
	var config taskChainModel
	if c.diags.Append(c.config.Get(ctx, &config)...); c.diags.HasError() {
		return qlik.Credentials{}, false
	}
	credentials, known := config.writeOnlyCredentials()
	return credentials, known && credentials.Validate() == nil
}

// report reports the steps that the function cannot start.
func (c *rightsCheck) report(ctx context.Context, rights *rights, steps []checkedStep, found map[string]right) {
	var silent []string
	var blocking, harmless, endless []checkedStep
	for _, s := range steps {
		right, asked := found[s.id]
		switch {
		case !asked || right == rightGiven:
		case right == rightUnknown:
			silent = append(silent, s.key)
		case right == neverEnds:
			endless = append(endless, s)
		case s.started:
			blocking = append(blocking, s)
		default:
			harmless = append(harmless, s)
		}
	}
	if len(silent) > 0 {
		c.diags.AddAttributeWarning(path.Root("steps"), c.doubt(), fmt.Sprintf("Qlik Cloud does not say whether the function's "+
			"credentials may start %s. If they may not, the step will not start, and the record will say why.", named(silent)))
	}
	lacking := slices.Concat(endless, blocking, harmless)
	if len(lacking) == 0 {
		return
	}
	identity, places := rights.placesOf(ctx, lacking[:min(len(lacking), maxDetailed)])
	c.reportLacking(lacking, found, func(s checkedStep) string {
		if found[s.id] == neverEnds {
			return describeEndless(s, places[s.id])
		}
		return c.describe(s, found[s.id], identity, places[s.id])
	})
}

// reportLacking makes one diagnostic for each cause, at the first step that has it.
func (c *rightsCheck) reportLacking(lacking []checkedStep, found map[string]right, describe func(checkedStep) string) {
	titles, groups := []string{}, map[string][]checkedStep{}
	for _, s := range lacking {
		title := c.title(s, found[s.id])
		if groups[title] == nil {
			titles = append(titles, title)
		}
		groups[title] = append(groups[title], s)
	}
	described := 0
	for _, title := range titles {
		var texts, rest []string
		fails := false
		for _, s := range groups[title] {
			fails = fails || found[s.id] == neverEnds || s.started && c.applying
			if described < maxDetailed {
				texts = append(texts, describe(s))
				described++
			} else {
				rest = append(rest, s.key)
			}
		}
		if len(rest) > 0 {
			texts = append(texts, fmt.Sprintf("The same holds for %d more: %s.", len(rest), named(rest)))
		}
		add := c.diags.AddAttributeWarning
		if fails {
			add = c.diags.AddAttributeError
		}
		add(path.Root("steps").AtMapKey(groups[title][0].key), title, strings.Join(texts, "\n\n"))
	}
}

// title returns the title of a step's diagnostic, with the chain's name: Terraform shows only one of several chains' warnings with the same
// title.
func (c *rightsCheck) title(s checkedStep, right right) string {
	switch right {
	case neverEnds:
		return "A data task without an end"
	case targetMissing:
		what := strings.ReplaceAll(string(s.target.Kind), "_", " ")
		return fmt.Sprintf("%s of the chain %s not found", strings.ToUpper(what[:1])+what[1:], c.plan.Name.ValueString())
	default:
		return fmt.Sprintf("The function of %s may not start a step", c.plan.Name.ValueString())
	}
}

func named(keys []string) string {
	if more := len(keys) - maxDetailed; more > 0 {
		return strings.Join(keys[:maxDetailed], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return chain.Listed(keys)
}

// describeEndless describes a data task that can be no step.
func describeEndless(s checkedStep, place targetPlace) string {
	return fmt.Sprintf("steps[%q].data_task: %s runs until it is stopped, because it replicates, streams or captures changes. A step that "+
		"waits for its end would never settle. Remove the step, and let the task run by itself; a step can run a task that ends.",
		s.key, place.target(s.target))
}

func (c *rightsCheck) describe(s checkedStep, right right, identity string, place targetPlace) string {
	what := fmt.Sprintf("steps[%q].%s: %s", s.key, s.target.Kind, place.target(s.target))
	var text string
	switch {
	case right == targetMissing:
		text = fmt.Sprintf("%s does not exist, or cannot be seen by %s as Qlik Cloud says. Correct the id; or, if it is right: %s", what,
			identity, place.repair())
	case s.target.Kind == chain.KindApp:
		text = fmt.Sprintf("%s may not be reloaded by %s as Qlik Cloud says: its privileges lack \"reload\". %s", what, identity,
			place.repair())
	case place.personal:
		text = fmt.Sprintf("%s may not be run by %s which are not its owner's. %s", what, identity, place.repair())
	default:
		text = fmt.Sprintf("%s may not be run by %s as their roles in its space say. %s", what, identity, place.repair())
	}
	switch {
	case !s.started:
		text += " Neither a schedule nor another step starts this one, so the chain can do without; a start of it through the chain would fail."
	case !c.applying:
		text += " An apply will refuse this before it creates or changes anything."
	default:
		text += " Nothing was created or changed."
	}
	return text + " The check is off with check_apps = false."
}

// refused reports credentials that the tenant refuses. They can only be write-only ones: with the provider's own, an earlier call would
// have failed.
func (c *rightsCheck) refused(err error) {
	add := c.diags.AddAttributeWarning
	if c.applying {
		add = c.diags.AddAttributeError
	}
	add(path.Root("credentials_wo"), "Qlik Cloud refuses the function's credentials", "The function could start nothing with them. "+
		sentence(err))
}

func (c *rightsCheck) unsure(err error) {
	c.diags.AddAttributeWarning(path.Root("steps"), c.doubt(), "Asking Qlik Cloud for it failed, which keeps nothing from "+
		"being deployed. If the function may not start a step, the record will say why. "+sentence(err))
}

func (c *rightsCheck) doubt() string {
	return fmt.Sprintf("It is unknown whether the function of %s may start its steps", c.plan.Name.ValueString())
}

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
	// maxDetailed is for how many apps the report describes what to do. It only names the rest.
	maxDetailed = 20
)

// rightsCheck checks, before the deployment, whether the function will be able to reload the chain's apps. A plan warns. An apply fails if
// Qlik Cloud refuses a reload. If Qlik Cloud gives no answer, the check only warns.
type rightsCheck struct {
	connector    *connector
	plan, before *taskChainModel // before is nil for a chain that is to be created
	config       tfsdk.Config    // for write-only attributes
	applying     bool
	diags        *diag.Diagnostics
}

// checkedStep is a step with an app to check.
type checkedStep struct {
	key, id string
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
	ids := make([]string, len(steps))
	for i, step := range steps {
		ids[i] = step.id
	}
	found, err := rights.of(ctx, ids)
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

// steps returns the steps to check. These are the steps with an app that is new to the chain, or that the chain now starts itself. They are
// all steps if the credentials are new, or if the check has just been enabled.
func (c *rightsCheck) steps() []checkedStep {
	if c.plan.CheckApps.IsUnknown() || !c.checks(c.plan) {
		return nil
	}
	wanted, _ := c.plan.readDefinition()
	previous, started := map[string]bool{}, map[string]bool{} // by the apps' ids
	if c.before != nil && c.checks(c.before) && c.plan.CredentialsFingerprint.Equal(c.before.CredentialsFingerprint) {
		deployed, _ := c.before.readDefinition()
		for _, step := range deployed.Steps {
			id := strings.ToLower(step.App)
			previous[id] = previous[id] || step.Enabled
			started[id] = started[id] || startedByChain(deployed, step)
		}
	}
	var steps []checkedStep
	for _, key := range slices.Sorted(maps.Keys(wanted.Steps)) {
		step := wanted.Steps[key]
		id := strings.ToLower(step.App)
		if isNew := !previous[id] || startedByChain(wanted, step) && !started[id]; id != "" && step.Enabled && isNew {
			steps = append(steps, checkedStep{key, step.App, startedByChain(wanted, step)})
		}
	}
	return steps
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

// report reports the apps that the function cannot reload.
func (c *rightsCheck) report(ctx context.Context, rights *reloadRights, steps []checkedStep, found map[string]reloadRight) {
	var silent []string
	var blocking, harmless []checkedStep
	for _, s := range steps {
		right, asked := found[s.id]
		switch {
		case !asked || right == rightGiven:
		case right == rightUnknown:
			silent = append(silent, s.key)
		case s.started:
			blocking = append(blocking, s)
		default:
			harmless = append(harmless, s)
		}
	}
	if len(silent) > 0 {
		c.diags.AddAttributeWarning(path.Root("steps"), c.doubt(), fmt.Sprintf("Qlik Cloud does not say what the function's "+
			"credentials may do with the apps of %s. If they may not reload one, its step will not start, and the record will say why.",
			named(silent)))
	}
	lacking := slices.Concat(blocking, harmless)
	if len(lacking) == 0 {
		return
	}
	detailed := lacking[:min(len(lacking), maxDetailed)]
	ids := make([]string, len(detailed))
	for i, s := range detailed {
		ids[i] = s.id
	}
	identity, places := rights.placesOf(ctx, ids)
	var warnings []string // one warning: Terraform shows only the first of several with the same summary
	for _, s := range detailed {
		if text := c.describe(s, found[s.id], identity, places); s.started && c.applying {
			c.diags.AddAttributeError(path.Root("steps").AtMapKey(s.key), c.summary(), text)
		} else {
			warnings = append(warnings, text)
		}
	}
	if rest := lacking[len(detailed):]; len(rest) > 0 {
		var keys []string
		for _, s := range rest {
			keys = append(keys, s.key)
		}
		warnings = append(warnings, fmt.Sprintf("The same holds for %d more: %s.", len(rest), named(keys)))
	}
	if len(warnings) > 0 {
		c.diags.AddAttributeWarning(path.Root("steps"), c.summary(), strings.Join(warnings, "\n\n"))
	}
}

// summary returns the warning's title with the chain's name. Terraform shows only one of several chains' warnings with the same title.
func (c *rightsCheck) summary() string {
	return fmt.Sprintf("The function of %s may not reload an app", c.plan.Name.ValueString())
}

func named(keys []string) string {
	if more := len(keys) - maxDetailed; more > 0 {
		return strings.Join(keys[:maxDetailed], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return chain.Listed(keys)
}

func (c *rightsCheck) describe(s checkedStep, right reloadRight, identity string, places map[string]reloadPlace) string {
	place := places[strings.ToLower(s.id)]
	app := fmt.Sprintf("steps[%q].app: The app %s", s.key, s.id)
	if place.app != "" {
		app = fmt.Sprintf("steps[%q].app: The app %q (%s)", s.key, place.app, s.id)
	}
	text := fmt.Sprintf("%s may not be reloaded by %s as Qlik Cloud says: its privileges lack \"reload\". %s", app, identity, place.repair())
	if right == appMissing {
		text = fmt.Sprintf("%s does not exist, or cannot be seen by %s as Qlik Cloud says. Correct the id; or, if it is right: %s", app, identity,
			place.repair())
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
	add(path.Root("credentials_wo"), "Qlik Cloud refuses the function's credentials", "The function could start no reload with them. "+
		sentence(err))
}

func (c *rightsCheck) unsure(err error) {
	c.diags.AddAttributeWarning(path.Root("steps"), c.doubt(), "Asking Qlik Cloud for it failed, which keeps nothing from "+
		"being deployed. If the function may not reload an app, its step will not start, and the record will say why. "+sentence(err))
}

func (c *rightsCheck) doubt() string {
	return fmt.Sprintf("It is unknown whether the function of %s may reload its apps", c.plan.Name.ValueString())
}

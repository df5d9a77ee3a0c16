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
	// checkTimeout is how long the check may take: an apply does not fail because Qlik Cloud is slow to say who may do what.
	checkTimeout = 3 * time.Minute
	// toldApps is how many apps are told of, each with what to do. The rest is named.
	toldApps = 20
)

// rightsCheck looks whether the function will be able to reload the chain's apps, before it is deployed. A plan warns; an apply refuses
// what Qlik Cloud has said no to. That it does not say is never more than a warning.
type rightsCheck struct {
	connector    *connector
	plan, before *taskChainModel // before is nil for a chain that is to be created
	config       tfsdk.Config    // for what is write-only
	applying     bool
	diags        *diag.Diagnostics
}

// checkedStep is a step whose app is looked at.
type checkedStep struct {
	key, id string
	started bool // by the chain: else only somebody's start by hand would fail
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
	c.tell(ctx, rights, steps, found)
}

// startedByChain tells whether the chain starts a step by itself.
func startedByChain(d *chain.Definition, step chain.Step) bool {
	return len(step.After) > 0 || d.Schedule != nil || step.Schedule != nil || step.Retry != nil
}

// steps are those whose app is new to the chain, or is now started by it, or all of them when the credentials, or the check itself, are
// new.
func (c *rightsCheck) steps() []checkedStep {
	if c.plan.CheckApps.IsUnknown() || !c.checks(c.plan) {
		return nil
	}
	wanted, _ := c.plan.readDefinition()
	former, started := map[string]bool{}, map[string]bool{} // by the apps' ids
	if c.before != nil && c.checks(c.before) && c.plan.CredentialsFingerprint.Equal(c.before.CredentialsFingerprint) {
		deployed, _ := c.before.readDefinition()
		for _, step := range deployed.Steps {
			id := strings.ToLower(step.App)
			former[id] = former[id] || step.Enabled
			started[id] = started[id] || startedByChain(deployed, step)
		}
	}
	var steps []checkedStep
	for _, key := range slices.Sorted(maps.Keys(wanted.Steps)) {
		step := wanted.Steps[key]
		id := strings.ToLower(step.App)
		if isNew := !former[id] || startedByChain(wanted, step) && !started[id]; id != "" && step.Enabled && isNew {
			steps = append(steps, checkedStep{key, step.App, startedByChain(wanted, step)})
		}
	}
	return steps
}

func (c *rightsCheck) checks(m *taskChainModel) bool {
	return m.CheckApps.IsNull() || m.CheckApps.ValueBool()
}

// credentials are those that the function will have, as far as they are known. It keeps credentials that another environment has given it.
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

// tell reports the apps that cannot be reloaded.
func (c *rightsCheck) tell(ctx context.Context, rights *reloadRights, steps []checkedStep, found map[string]reloadRight) {
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
	told := lacking[:min(len(lacking), toldApps)]
	ids := make([]string, len(told))
	for i, s := range told {
		ids[i] = s.id
	}
	identity, places := rights.placesOf(ctx, ids)
	var warnings []string // in one: of several with the same summary, Terraform shows the first
	for _, s := range told {
		if text := c.sentencesOf(s, found[s.id], identity, places); s.started && c.applying {
			c.diags.AddAttributeError(path.Root("steps").AtMapKey(s.key), c.summary(), text)
		} else {
			warnings = append(warnings, text)
		}
	}
	if rest := lacking[len(told):]; len(rest) > 0 {
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

// summary has the chain's name in it, as Terraform shows one warning of several chains' with the same summary.
func (c *rightsCheck) summary() string {
	return fmt.Sprintf("The function of %s may not reload an app", c.plan.Name.ValueString())
}

func named(keys []string) string {
	if more := len(keys) - toldApps; more > 0 {
		return strings.Join(keys[:toldApps], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return chain.Listed(keys)
}

func (c *rightsCheck) sentencesOf(s checkedStep, right reloadRight, identity string, places map[string]reloadPlace) string {
	place := places[strings.ToLower(s.id)]
	app := fmt.Sprintf("steps[%q].app: The app %s", s.key, s.id)
	if place.app != "" {
		app = fmt.Sprintf("steps[%q].app: The app %q (%s)", s.key, place.app, s.id)
	}
	text := fmt.Sprintf("%s may not be reloaded by %s as Qlik Cloud says: its privileges lack \"reload\". %s", app, identity, place.mend())
	if right == appMissing {
		text = fmt.Sprintf("%s does not exist, or cannot be seen by %s as Qlik Cloud says. Correct the id; or, if it is right: %s", app, identity,
			place.mend())
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

// refused reports credentials that the tenant does not take. Only write-only ones can be such: with the provider's own, nothing gets so
// far.
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
	return fmt.Sprintf("Nobody knows whether the function of %s may reload its apps", c.plan.Name.ValueString())
}

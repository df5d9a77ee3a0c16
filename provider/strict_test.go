// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// TestAccMisspelled checks that Terraform does not drop misspelled attributes. A plan reports them at the line of their step, with all
// other problems.
func TestAccMisspelled(t *testing.T) {
	t.Parallel()
	extract := `a = { app = "` + sandbox.AppExtract + `", retires = { max_attempts = 3 }, schedule = { rate = "1h", timezon = "UTC" } }`
	transform := `b = { app = "` + sandbox.AppTransform + `", aftr = { a = "success" }, enable = false, wait_for = "any", weight = "high" }`
	dashboard := `c = { ap = "` + sandbox.AppDashboard + `", owner = null, partial = [true] }`
	at := func(line, problem string) string { return ": " + line + " " + problem }
	newHarness(t, nil).refuses(chainResource(extract+"\n"+transform+"\n"+dashboard, `cycle = { begin = "20:00" }`),
		at(extract, `steps["a"].retires: There is no attribute "retires". Did you mean "retry"?`),
		at(extract, `steps["a"].schedule.timezon: There is no attribute "timezon". Did you mean "timezone"?`),
		at(transform, `steps["b"].aftr: There is no attribute "aftr". Did you mean "after"?`),
		at(transform, `steps["b"].enable: There is no attribute "enable". Did you mean "enabled"?`),
		at(transform, `steps["b"].weight: This must be a whole number.`),
		at(dashboard, `steps["c"].ap: There is no attribute "ap". Did you mean "app"?`),
		at(dashboard, `steps["c"].owner: There is no attribute "owner". There are after, app, automation,`),
		at(dashboard, `steps["c"].partial: This must be true or false.`),
		`: cycle = { begin = "20:00" } cycle.begin: There is no attribute "begin". Did you mean "begins"?`)
}

// TestAccMisspelledSettings checks the same for the objects that are no part of the definition.
func TestAccMisspelledSettings(t *testing.T) {
	t.Parallel()
	reconciliation := `reconciliation = { enable = false, enable_webhook = "yes", interval = "4m" }`
	throttle := `throttle = { rate_limit = "many", burst = 5 }`
	credentials := `credentials_wo = { api_ky = "a key", client_secret = ["no text"] }`
	at := func(line, problem string) string { return ": " + line + " " + problem }
	newHarness(t, nil).refuses(chainResource(nightlySteps, reconciliation, throttle, credentials, "credentials_wo_version = 1"),
		at(reconciliation, `reconciliation.enable: There is no attribute "enable". Did you mean "enabled"?`),
		at(reconciliation, `reconciliation.enable_webhook: This must be true or false.`),
		at(reconciliation, `reconciliation.interval: 4m is not from 5m to 24h.`),
		at(throttle, `throttle.rate_limit: This must be a number.`),
		at(throttle, `throttle.burst: There is no attribute "burst". Did you mean "burst_limit"?`),
		at(credentials, `credentials_wo.api_ky: There is no attribute "api_ky". Did you mean "api_key"?`),
		at(credentials, `credentials_wo.client_secret: This must be a text.`))
}

// TestAccMisspelledProvider checks the same for the provider's arguments.
func TestAccMisspelledProvider(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	aws := `aws = { regoin = "eu-central-1", assume_role = { role = "arn", session_name = "a b" }, endpoints = { sns = "x", sqs = [] }, use_fips = true, use_dualstack_endpoint = 2 }`
	l := newLife(t, faultAnswer, 1000)
	l.configure("provider \"qlik\" {\n  " + aws + "\n}\n" + chainResource(nightlySteps))
	for _, command := range []string{"validate", "plan"} {
		output, err := l.terraform(command, "-no-color")
		for _, problem := range []string{
			`aws.regoin: There is no attribute "regoin". Did you mean "region"?`,
			`aws.assume_role.role: There is no attribute "role". Did you mean "role_arn"?`,
			`aws.assume_role.session_name: The value holds the character ' ', which STS refuses.`,
			`aws.endpoints.sns: There is no attribute "sns". Did you mean "sqs"?`,
			`aws.endpoints.sqs: This must be a text.`,
			`aws.use_fips: There is no attribute "use_fips". Did you mean "use_fips_endpoint"?`,
			`aws.use_dualstack_endpoint: This must be true or false.`,
		} {
			if err == nil || !strings.Contains(output, aws+" "+problem) {
				t.Errorf("terraform %s: %v, %s\nwant: %s", command, err, output, problem)
			}
		}
	}
	if calls := h.Cloud.Calls(); len(calls) > 0 {
		t.Errorf("AWS was called: %v", calls)
	}
}

// TestAccProviderInOtherForms checks the provider's aws from merge, conditionals, and sensitive, ephemeral and unknown values. Empty texts
// and null mean the default.
func TestAccProviderInOtherForms(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	before, after, _ := strings.Cut(h.providerConfig(), "aws = {")
	l := newLife(t, faultAnswer, 1000)
	for _, region := range []string{"terraform_data.region.output", `"` + h.Cloud.Region() + `"`} {
		l.configure(fmt.Sprintf(`%saws = merge(local.aws, {
    region       = %s
    profile      = ""
    assume_role  = var.role == null ? null : { role_arn = var.role, external_id = "id" }
    default_tags = tomap({ team = sensitive("bi"), owner = var.role, area = var.area })

    use_fips_endpoint = "false"
  })
}

locals {
  aws = {
    %s

variable "role" {
  type    = string
  default = null
}

variable "area" {
  type      = string
  ephemeral = true
  default   = "sales"
}

resource "terraform_data" "region" {
  input = %q
}
%s`, before, region, after, h.Cloud.Region(), chainResource(nightlySteps)))
		if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := l.plan("-target=qlik_task_chain.test")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(attributes(plan.ResourceChanges[0].Change.After)["tags_all"]); got != "map[area:sales team:bi]" {
		t.Errorf("the chain's tags are %v", got)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccSettingsInOtherForms checks objects from conditionals and variables, and values that are known after the apply. The same in other
// words is no change, also after an import, and null means the default.
func TestAccSettingsInOtherForms(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	settings := func(reconciliation, throttle, credentials, version string) string {
		return h.chain(nightlySteps, "reconciliation = "+reconciliation, "throttle = "+throttle, "credentials_wo = "+credentials,
			"credentials_wo_version = "+version) + fmt.Sprintf(`
resource "terraform_data" "settings" {
  input = { interval = "1h", rate = 50, key = %q }
}

variable "none" {
  type    = string
  default = null
}
`, h.Tenant.APIKey())
	}
	known := `{ interval = terraform_data.settings.output.interval }`
	l.configure(settings(known, `{ rate_limit = terraform_data.settings.output.rate, burst_limit = 5 }`,
		`{ api_key = terraform_data.settings.output.key }`, "1"))
	if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
		t.Fatal(err)
	}
	inOtherWords := settings(`tomap({ interval = "60m", enabled = "true" })`, `{ rate_limit = "50.0", burst_limit = "5" }`,
		fmt.Sprintf("tomap({ api_key = %q })", h.Tenant.APIKey()), "1")
	l.configure(inOtherWords)
	if err := l.expectNoChange(); err != nil {
		t.Error(err)
	}
	imports := newLife(t, faultAnswer, 1000)
	imports.configure(inOtherWords + "\n" + example(t, "resources/qlik_task_chain/import-by-string-id.tf"))
	plan, err := imports.plan("-target=qlik_task_chain.test")
	if err != nil {
		t.Fatal(err)
	}
	if change := plan.ResourceChanges[0].Change; change.Importing == nil || !change.Actions.NoOp() {
		t.Errorf("the import plans to %v: %s", change.Actions, difference(change))
	}
	ignoring := settings(`{ interval = "2h" }`, `{ rate_limit = 50, burst_limit = 7 }`, known, "1")
	ignoring = strings.Replace(ignoring, known, `{ api_key = "other" }`, 1)
	l.configure(strings.Replace(ignoring, "timezone =",
		"lifecycle { ignore_changes = [reconciliation.interval, throttle.burst_limit] }\n  timezone =", 1))
	if err := l.expectNoChange(); err != nil {
		t.Error(err)
	}
	none := `var.none == null ? null : `
	l.configure(settings(none+`{ interval = var.none }`, none+`{ rate_limit = 1, burst_limit = 1 }`, none+`{ api_key = var.none }`, "null"))
	if err := errors.Join(l.apply(), l.expectNoChange(), h.expectSweeps(t.Context(), "ENABLED", "rate(15 minutes)", `"max_age_seconds":21600}`)); err != nil {
		t.Error(err)
	}
	l.configure(h.chain(nightlySteps))
	if err := errors.Join(l.apply(), l.expectNoChange(), l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// inOtherForms are the steps of asWritten in other words and of other types.
const (
	asWritten = `
  locals {
    hurry = "5"
    steps = {
      extract = {
        app = "` + sandbox.AppExtract + `", retry = { max_attempts = 3, interval = "90m", retry_on = ["failed", "exceeded_limit"] }
      }
      transform = { app = sensitive("` + sandbox.AppTransform + `"), after = { extract = "success" }, delay = "1h30m", weight = 5 }
      dashboard = { app = "` + sandbox.AppDashboard + `", after = { transform = "success" } }
    }
  }`
	inOtherForms = `
  variable "defaults" {
    type    = any
    default = { partial = "false", enabled = true, when = null }
  }
  locals {
    hurry = "5"
    ids = {
      extract = "` + sandbox.AppExtract + `", transform = "` + sandbox.AppTransform + `", dashboard = "` + sandbox.AppDashboard + `"
    }
    last  = tomap({ app = local.ids.dashboard })
    steps = merge(
      { for key in ["extract"] : key => merge(var.defaults, {
        app = local.ids[key], retry = { interval = "1h30m", max_attempts = "3", retry_on = toset(["exceeded_limit", "failed"]) } }) },
      {
        transform = {
          app = sensitive(local.ids.transform), after = tomap({ extract = "success" }), delay = "90m", weight = local.hurry, variables = {}
        }
        dashboard = { app = local.last.app, after = { transform = local.hurry == "" ? null : "success" } }
      })
  }`
)

// stepsOfLocal returns a chain with the steps of a local value.
func (h *harness) stepsOfLocal(locals string, more ...string) string {
	config := h.chain("", more...)
	return strings.Replace(config, "steps = {\n\n  }", "steps = local.steps", 1) + locals
}

// TestAccStepsInOtherForms checks steps from for, merge, conditionals and variables, in every type that Terraform would convert. Steps with
// the same meaning are no change, also after an import. If something else changes, the plan shows the other words once.
func TestAccStepsInOtherForms(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.stepsOfLocal(asWritten))
	if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
		t.Fatal(err)
	}
	l.configure(h.stepsOfLocal(inOtherForms))
	if err := l.expectNoChange(); err != nil {
		t.Error(err)
	}
	plan, err := l.plan("-refresh=false")
	if err != nil {
		t.Fatal(err)
	}
	words := difference(plan.ResourceChanges[0].Change)
	if !strings.HasPrefix(words, "steps: ") || strings.Contains(words, ";") {
		t.Errorf("without a refresh, the plan shows something else than the other words: %s", words)
	}
	changed := h.stepsOfLocal(inOtherForms, "history_days = 7")
	l.configure(changed)
	if plan, err = l.plan(); err != nil {
		t.Fatal(err)
	}
	words = difference(plan.ResourceChanges[0].Change)
	if !strings.Contains(words, "delay:90m") || !strings.Contains(words, "history_days: 7") {
		t.Errorf("the plan does not show the other words beside the change: %s", words)
	}
	if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
		t.Error(err)
	}
	imports := newLife(t, faultAnswer, 1000)
	plain := strings.Replace(changed, "sensitive(local.ids.transform)", "local.ids.transform", 1) // a mark would be a change
	imports.configure(plain + "\n" + example(t, "resources/qlik_task_chain/import-by-string-id.tf"))
	if plan, err = imports.plan(); err != nil {
		t.Fatal(err)
	}
	if change := plan.ResourceChanges[0].Change; change.Importing == nil || !change.Actions.NoOp() {
		t.Errorf("the import plans to %v: %s", change.Actions, difference(change))
	}
	ignoring := strings.Replace(changed, "timezone =", "lifecycle { ignore_changes = [steps.transform.weight] }\n  timezone =", 1)
	l.configure(strings.Replace(ignoring, `hurry = "5"`, `hurry = "7"`, 1))
	if err := errors.Join(l.expectNoChange(), l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccStepsKnownAfterApply checks a plan with an unknown app and with steps in other words. It is applied as planned, although the
// result means the same. Completely unknown steps can be planned too.
func TestAccStepsKnownAfterApply(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	steps := func(delay string) string {
		return `{
      extract   = { app = terraform_data.app.output }
      transform = { app = "` + sandbox.AppTransform + `", after = { extract = "success" }, delay = "` + delay + `" }
    }`
	}
	for trigger, written := range []string{
		steps("1h30m"), steps("90m"), steps("5400s"), `jsondecode(terraform_data.app.output == "" ? "{}" : jsonencode(` + steps("90m") + `))`,
	} {
		l.configure(h.stepsOfLocal(fmt.Sprintf(`
locals {
  steps = %s
}

resource "terraform_data" "app" {
  input            = %q
  triggers_replace = %d
}
`, written, sandbox.AppExtract, trigger)))
		if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

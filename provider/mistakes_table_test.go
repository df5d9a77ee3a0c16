// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"fmt"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

const (
	appOne  = `app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b4001"`
	idTwo   = `7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b4002`
	afterHR = appOne + `, after = { hr = "success" }`
)

// stepMistakes are mistakes in a step, beside the steps hr and crm.
var stepMistakes = []mistake{
	// Names of attributes.
	{name: "retries for retry", source: "https://github.com/PrefectHQ/prefect: the argument of a task is called retries",
		hcl:  `load = { ` + appOne + `, retries = 3 } ` + here,
		says: `There is no attribute "retries". Did you mean "retry"?`},
	{name: "depends_on for after", source: "https://github.com/databricks/terraform-provider-databricks/issues/2722",
		hcl:  `load = { ` + appOne + `, depends_on = ["hr"] } ` + here,
		says: `There is no attribute "depends_on". Did you mean "after"?`},
	{name: "app_id for app", source: "the attribute of the community provider and of Qlik's API: appId",
		hcl:  `load = { app_id = "` + idTwo + `" } ` + here,
		says: `There is no attribute "app_id". Did you mean "app"?`},
	{name: "timeout for max_duration", source: "https://github.com/databricks/terraform-provider-databricks/issues/1527: timeout_seconds",
		hcl:  `load = { ` + afterHR + `, timeout = "2h" } ` + here,
		says: `There is no attribute "timeout". Did you mean "max_duration"?`},
	{name: "attempts for max_attempts",
		hcl:  `load = { ` + appOne + `, retry = { attempts = 3 } } ` + here,
		says: `There is no attribute "attempts". Did you mean "max_attempts"?`},
	{name: "depends for after, several lines",
		hcl:  "load = { " + here + "\n  " + appOne + "\n  afters = { hr = \"success\" }\n}",
		says: `There is no attribute "afters". Did you mean "after"?`},

	// Outcomes and links.
	{name: "succeeded", source: "Qlik Cloud's own word for the status of a reload",
		hcl:  `load = { ` + appOne + `, after = { hr = "SUCCEEDED" } } ` + here,
		says: `"SUCCEEDED" is not a condition. Did you mean "success"?`},
	{name: "failed",
		hcl:  `load = { ` + appOne + `, after = { hr = "failed" } } ` + here,
		says: `"failed" is not a condition. Did you mean "failure"?`},
	{name: "ALL_DONE", source: "https://github.com/databricks/cli/issues/1360: run_if",
		hcl:  `load = { ` + appOne + `, after = { hr = "success", crm = "success" }, wait_for = "ALL_DONE" } ` + here,
		says: `"ALL_DONE" is not a way to wait. Use "all", "any", "all_started" or "all_settled".`},
	{name: "a list of upstreams", source: "https://github.com/databricks/databricks-sdk-py/issues/505: depends_on = ['task1']",
		hcl:  `load = { ` + appOne + `, after = ["hr"] } ` + here,
		says: `steps["load"].after: This must be an object or a map, such as { hr = "success" }.`},
	{name: "an upstream as a text",
		hcl:  `load = { ` + appOne + `, after = "hr" } ` + here,
		says: `steps["load"].after: This must be an object or a map, such as { hr = "success" }.`},
	{name: "an upstream in another case",
		hcl:  `load = { ` + appOne + `, after = { HR = "success" } } ` + here,
		says: `There is no step "HR" in the chain. Did you mean "hr"?`},
	{name: "an upstream that does not exist",
		hcl:  `load = { ` + appOne + `, after = { warehouse = "success" } } ` + here,
		says: `There is no step "warehouse" in the chain. Use a key of steps, or add the step.`},
	{name: "itself", hcl: `load = { ` + appOne + `, after = { load = "failure" } } ` + here,
		says: `The step "load" starts after itself.`},
	{name: "a cycle", hcl: "load = { " + appOne + ", after = { report = \"success\" } } " + here +
		"\nreport = { app = \"" + idTwo + "\", after = { load = \"success\" } }",
		says: `The steps start each other in a circle: load → report → load. Remove one of these links.`},

	// Ids and kinds.
	{name: "the app's name for its id", hcl: `load = { app = "Load Sales" } ` + here,
		says: `"Load Sales" is not an app id. Use the app's UUID`},
	{name: "the app's address for its id", source: "https://help.qlik.com: the address that the hub shows",
		hcl:  `load = { app = "https://acme.eu.qlikcloud.com/sense/app/` + idTwo + `/overview" } ` + here,
		says: `is not an app id. Write "` + idTwo + `" alone.`},
	{name: "an id in braces", source: "QlikView and the Qlik Management Console show GUIDs so",
		hcl:  `load = { app = "{` + idTwo + `}" } ` + here,
		says: `is not an app id. Write "` + idTwo + `" alone.`},
	{name: "an id without hyphens", hcl: `load = { app = "7b0a3a523a0c4e0e9d3f0c6f1a2b4002" } ` + here,
		says: `is not an app id.`},
	{name: "a step without a target", hcl: `load = { after = { hr = "success" } } ` + here,
		says: `The step starts nothing. Set one of app, automation, data_task and signal.`},
	{name: "two targets", hcl: `load = { ` + appOne + `, automation = "` + idTwo + `" } ` + here,
		says: `The step has both app and automation. Remove one of the two`},
	{name: "a data task as a text", hcl: `load = { data_task = "task-cYSY" } ` + here,
		says: `steps["load"].data_task: This must be an object, such as { project = "…", task = "…" }.`},
	{name: "a signal as a flag", hcl: `load = { signal = true } ` + here,
		says: `steps["load"].signal: This must be an object, such as {}.`},
	{name: "a retry of a signal", hcl: `load = { signal = {}, retry = { max_attempts = 3 } } ` + here,
		says: `The chain starts nothing for a signal, so it cannot start it again. Remove retry.`},
	{name: "variables for an automation", hcl: `load = { automation = "` + idTwo + `", variables = { a = "b" } } ` + here,
		says: `Qlik Cloud passes variables to the reload of an app only. Remove variables.`},
	{name: "the same app twice", hcl: "load = { " + appOne + " }\nreport = { " + afterHR + " } " + here,
		says: `The step "load" has the same app. It can be in a chain once`},

	// Types.
	{name: "a retry as a number", hcl: `load = { ` + appOne + `, retry = 3 } ` + here,
		says: `steps["load"].retry: This must be an object, such as { max_attempts = 3 }.`},
	{name: "yes for true", hcl: `load = { ` + appOne + `, partial = "yes" } ` + here,
		says: `steps["load"].partial: This must be true or false.`},
	{name: "a number in words", hcl: `load = { ` + appOne + `, weight = "high" } ` + here,
		says: `steps["load"].weight: This must be a whole number.`},
	{name: "a weight out of range", hcl: `load = { ` + appOne + `, weight = 100 } ` + here,
		says: `The weight 100 is out of range. Use 1 to 10`},
	{name: "a step that is only the app", hcl: `load = "` + idTwo + `" ` + here,
		says: `steps["load"]: This must be an object, such as { app = "…" }.`},
	{name: "a list in a variable", hcl: `load = { ` + appOne + `, variables = { years = [2025, 2026] } } ` + here,
		says: `steps["load"].variables["years"]: This must be a text.`},

	// Durations.
	{name: "seconds", source: "https://github.com/databricks/terraform-provider-databricks/issues/1527: timeout_seconds = 3600",
		hcl:  `load = { ` + afterHR + `, delay = 300 } ` + here,
		says: `"300" is not a duration: use whole days, hours, minutes and seconds, such as`},
	{name: "a duration in words", source: "rate(5 minutes) of EventBridge",
		hcl:  `load = { ` + appOne + `, schedule = { rate = "5 minutes" } } ` + here,
		says: `"5 minutes" is not a duration: write "5m"`},
	{name: "an ISO duration", source: "ISO 8601, as Qlik's automations show them",
		hcl:  `load = { ` + afterHR + `, delay = "PT5M" } ` + here,
		says: `"PT5M" is not a duration: write "5m"`},
	{name: "a duration too long", hcl: `load = { ` + afterHR + `, delay = "3650d" } ` + here,
		says: `The delay 3650d is out of range.`},

	// Guards.
	{name: "one equals sign", hcl: `load = { ` + afterHR + `, when = "weekday = 1" } ` + here,
		says: `Did you mean "weekday == 1"?`},
	{name: "a day's name", hcl: `load = { ` + afterHR + `, when = "weekday == 'Monday'" } ` + here,
		says: `The variable weekday is a number, 1 (Monday) to 7 (Sunday), never the text "Monday".`},
	{name: "Sunday as 0", source: "https://github.com/winglang/wing/issues/7115: Sunday is 0 in Unix",
		hcl: `load = { ` + afterHR + `, when = "weekday == 0" } ` + here, says: `The variable weekday is 1 (Monday) to 7 (Sunday), never 0.`},
	{name: "a function", hcl: `load = { ` + afterHR + `, when = "now().Hour() < 6" } ` + here,
		says: `A guard has no functions. Use variables, literals and operators.`},
	{name: "a result in upper case", hcl: `load = { ` + afterHR + `, when = "results['hr'] == 'SUCCESS'" } ` + here,
		says: `The result of hr is`},
	{name: "an upstream that the guard misspells", hcl: `load = { ` + afterHR + `, when = "results['hrr'] == 'failed'" } ` + here,
		says: `The step does not start after "hrr". Did you mean "hr"?`},
	{name: "a guard at the beginning", hcl: `load = { ` + appOne + `, when = "weekday == 1" } ` + here,
		says: `Nothing ever asks this guard: without after, no other step starts this one. Remove it, or add after.`},

	// Schedules.
	{name: "a cron of Unix", source: "https://github.com/winglang/wing/issues/7115: 15 12 * * 0",
		hcl:  `load = { ` + appOne + `, schedule = { cron = "15 12 * * 0" } } ` + here,
		says: `such as "0 5 * * ? *" for 05:00 each day. Did you mean "15 12 ? * SUN *"?`},
	{name: "no question mark", source: "https://github.com/cds-snc/notification-terraform/pull/344: */1 * * * * *",
		hcl: `load = { ` + appOne + `, schedule = { cron = "*/1 * * * * *" } } ` + here, says: `question mark in one of the two`},
	{name: "a cron with seconds", source: "https://github.com/aws/aws-cdk/issues/6053: 0 50 5 ? * * *",
		hcl: `load = { ` + appOne + `, schedule = { cron = "0 50 5 ? * * *" } } ` + here, says: `seven fields`},
	{name: "the word cron", source: "https://github.com/zappa/Zappa/issues/941",
		hcl:  `load = { ` + appOne + `, schedule = { cron = "cron(15 * * * ? *)" } } ` + here,
		says: `The expression stands in cron(…). Write what is between the brackets alone`},
	{name: "a schedule as a text", hcl: `load = { ` + appOne + `, schedule = "0 5 * * ? *" } ` + here,
		says: `steps["load"].schedule: This must be an object, such as { cron = "0 5 * * ? *" }.`},
	{name: "a schedule after others", hcl: `load = { ` + afterHR + `, schedule = { cron = "0 5 * * ? *" } } ` + here,
		says: `A schedule is for a step where a chain begins, and this one starts after others.`},
	{name: "the zone of a schedule", hcl: `load = { ` + appOne + `, schedule = { cron = "0 5 * * ? *", timezone = "Berlin" } } ` + here,
		says: `There is no time zone "Berlin". Did you mean "Europe/Berlin"?`},
}

const oneStep = `  steps = { hr = { ` + appOne + ` } }`

// chainMistakes are mistakes in the chain beside its steps.
var chainMistakes = []mistake{
	{name: "task for steps", source: "https://github.com/CrowdStrike/terraform-provider-crowdstrike/issues/423",
		hcl: `  step = {} ` + here + "\n" + oneStep, says: `An argument named "step" is not expected here.`},
	{name: "blocks of steps", source: "https://github.com/databricks/terraform-provider-databricks/issues/2722: task { … }",
		hcl: "  steps { " + here + "\n    " + appOne + "\n  }", says: `Did you mean to define argument "steps"?`},
	{name: "a list of steps", hcl: `  steps = [{ ` + appOne + ` }] ` + here,
		says: `steps: This must be an object or a map, such as { hr = { app = "…" } }.`},
	{name: "no steps", hcl: `  steps = {} ` + here, says: `The chain has no steps. Add at least one.`},
	{name: "a Windows time zone", source: "https://github.com/unicode-org/cldr: windowsZones.xml",
		hcl: `  timezone = "W. Europe Standard Time" ` + here + "\n" + oneStep, says: `Use an IANA name, such as "Europe/Berlin".`},
	{name: "an offset for a time zone", hcl: `  timezone = "GMT+1" ` + here + "\n" + oneStep, says: `There is no time zone "GMT+1".`},
	{name: "a misspelled time zone", hcl: `  timezone = "Europe/Zürich" ` + here + "\n" + oneStep, says: `Did you mean "Europe/Zurich"?`},
	{name: "no time zone",
		hcl:  `  schedule = { cron = "0 5 * * ? *" }` + "\n" + oneStep,
		says: `Set timezone, such as "Europe/Zurich", or "UTC".`},
	{name: "an attribute of the schedule",
		hcl:  `  schedule = { crom = "0 5 * * ? *" } ` + here + "\n" + oneStep,
		says: `Did you mean "cron"?`},
	{name: "a schedule in a block", hcl: "  schedule { " + here + "\n    cron = \"0 5 * * ? *\"\n  }\n" + oneStep,
		says: `Did you mean to define argument "schedule"?`},
	{name: "a cycle of two days",
		hcl:  `  cycle = { every = "48h" } ` + here + "\n" + oneStep,
		says: `Use a part of a day in whole minutes`},
	{name: "a key's alias", source: "https://docs.aws.amazon.com/kms: alias/aws/dynamodb",
		hcl:  `  kms_key_arn = "alias/aws/dynamodb" ` + here + "\n" + oneStep,
		says: `is not the ARN of a KMS key.`},
	{name: "a single address", hcl: `  source_ip_ranges = ["203.0.113.7"] ` + here + "\n" + oneStep, says: `is not a CIDR block.`},
	{name: "an architecture", source: "the name in Go and Docker: amd64", hcl: `  architecture = "amd64" ` + here + "\n" + oneStep,
		says: `"x86_64"`},
	{name: "a retention", hcl: `  log_retention_in_days = 31 ` + here + "\n" + oneStep, says: `value must be one of`},
	{name: "an overlap",
		hcl:  `  overlap = "queue_one" ` + here + "\n  " + `schedule = { rate = "90m" }` + "\n" + oneStep,
		says: `is none of the ways to overlap. Use`},
}

// providerMistakes are mistakes in the provider's arguments.
var providerMistakes = []mistake{
	{name: "a tenant without https", source: "https://qlik.dev: contexts are created with a host name",
		hcl:  `  tenant_url = "acme.eu.qlikcloud.com" ` + here,
		says: `write it as https://acme.eu.qlikcloud.com`},
	{name: "a tenant in upper case",
		hcl:  `  tenant_url = "HTTPS://ACME.EU.QLIKCLOUD.COM" ` + here,
		says: `write it as https://acme.eu.qlikcloud.com`},
	{name: "the hub's address",
		hcl:  `  tenant_url = "https://acme.eu.qlikcloud.com/analytics/home" ` + here,
		says: `write it as https://acme.eu.qlikcloud.com`},
	{name: "http", hcl: `  tenant_url = "http://acme.eu.qlikcloud.com" ` + here, says: `write it as https://acme.eu.qlikcloud.com`},
	{name: "a key with Bearer", source: "https://qlik.dev: Authorization: Bearer <key>",
		hcl: `  tenant_url = "https://acme.eu.qlikcloud.com"
  api_key = "Bearer eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9" ` + here, says: `begins with "Bearer ": write the key without it.`},
	{name: "a key and a client", hcl: `  api_key = "key" ` + here + `
  client_id = "id"
  client_secret = "secret"`, says: `Remove api_key, or the other two.`},
	{name: "an availability zone for a region", hcl: `  aws = { region = "eu-central-1a" } ` + here, says: `Did you mean "eu-central-1"?`},
	{name: "a region in other words", hcl: `  aws = { region = "Europe (Frankfurt)" } ` + here, says: `Did you mean "eu-central-1"?`},
	{name: "region beside aws", source: "https://registry.terraform.io/providers/hashicorp/aws: region is an argument of its provider",
		hcl: `  region = "eu-central-1" ` + here, says: `An argument named "region" is not expected here.`},
	{name: "a block of aws",
		hcl:  "  aws { " + here + "\n    region = \"eu-central-1\"\n  }",
		says: `Did you mean to define argument "aws"?`},
	{name: "an access key", source: "https://registry.terraform.io/providers/hashicorp/aws: access_key",
		hcl:  `  aws = { access_key = "AKIA" } ` + here,
		says: `There is no attribute "access_key". Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the environment.`},
	{name: "a role",
		hcl:  `  aws = { assume_role = { arn = "arn:aws:iam::123456789012:role/deploy" } } ` + here,
		says: `Did you mean "role_arn"?`},
}

// planMistakes are whole configurations. Their provider has the alias ALIAS. Only a plan notices what is wrong.
func planMistakes(h *harness) []mistake {
	key := fmt.Sprintf("api_key = %q", h.Tenant.APIKey())
	provider := func(credentials, aws string) string {
		return strings.Replace(h.providerWith(credentials, aws), "{", "{\n  alias = \"ALIAS\"", 1)
	}
	right := provider(key, `profile = "right"`)
	chain := func(provider, steps string) string {
		return provider + "resource \"qlik_task_chain\" \"ALIAS\" { # HEADER\n  provider = qlik.ALIAS\n  name = \"ALIAS\"\n  steps = {\n" +
			steps + "\n  }\n}\n"
	}
	atHeader := func(config string) string { return strings.Replace(config, "# HEADER", here, 1) }
	nightly := fmt.Sprintf("    hr = { app = %q }\n    load = { app = %q, after = { hr = \"success\" } }",
		sandbox.AppExtract, sandbox.AppTransform)
	revoked := h.Tenant.AddAPIKey()
	h.Tenant.RevokeAPIKey(revoked)
	return []mistake{
		{name: "no AWS credentials", hcl: atHeader(chain(provider(key, ""), nightly)),
			says: "There are no AWS credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"},
		{name: "a profile that does not exist", hcl: atHeader(chain(provider(key, `profile = "prod"`), nightly)),
			says: "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the provider's argument aws"},
		{name: "an unknown access key", hcl: atHeader(chain(provider(key, `profile = "unknown"`), nightly)),
			says: "AWS does not know the provider's credentials. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, to valid ones"},
		{name: "a wrong secret", hcl: atHeader(chain(provider(key, `profile = "wrong"`), nightly)),
			says: "AWS refused the signature of the provider's calls"},
		{name: "an expired API key", hcl: atHeader(chain(provider(fmt.Sprintf("api_key = %q", revoked), `profile = "right"`), nightly)),
			says: "refused the provider's credentials. An API key expires: create a new one in Qlik Cloud"},
		{name: "no API key", hcl: strings.Replace(provider("", `profile = "right"`), `provider "qlik" {`, `provider "qlik" { `+here, 1) +
			chain("", nightly), says: "Set the provider's argument api_key (or the environment variable QLIK_API_KEY)"},
		{name: "an app that does not exist", hcl: chain(right, `    hr = { app = "`+idTwo+`" }
    load = { app = "`+idTwo[:35]+`9", after = { hr = "success" } } `+here),
			says: "App of the chain p07 not found"},
		{name: "the name of an app", hcl: right + `data "qlik_app" "ALIAS" {
  provider = qlik.ALIAS
  name     = "Extrct sales" ` + here + `
}
`, says: `App not found`},
		{name: "the id of an app", hcl: right + `data "qlik_app" "ALIAS" {
  provider = qlik.ALIAS
  id       = "` + idTwo + `" ` + here + `
}
`, says: `App not found`},
		{name: "the name of a space", hcl: right + `data "qlik_space" "ALIAS" {
  provider = qlik.ALIAS
  name     = "Sales" ` + here + `
}
`, says: `Space not found`},
	}
}

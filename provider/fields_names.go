// SPDX-License-Identifier: MPL-2.0

package provider

import "strings"

// otherNames maps names that other tools have for an attribute to the attribute. Sources: the schemas of databricks_job, of Airflow's
// operators, of GitHub's workflows, and of the aws provider.
var otherNames = map[string]string{
	"depends_on": "after", "needs": "after", "run_after": "after", "triggered_by": "after", "upstream": "after", "upstreams": "after",
	"condition": "when", "guard": "when", "if": "when",
	"join": "wait_for", "run_if": "wait_for", "trigger_rule": "wait_for",
	"execution_timeout": "max_duration", "timeout": "max_duration", "timeout_minutes": "max_duration", "timeout_seconds": "max_duration",
	"deadline": "expect_by", "sla": "expect_by",
	"parameters": "variables", "params": "variables",
	"retries": "retry", "max_retries": "retry",
	"disabled": "enabled", "priority": "weight", "wait": "delay",
	"concurrency": "max_running", "task": "data_task", "trigger": "schedule",
}

// elsewhere says where users set what is no attribute here, though other providers have it.
var elsewhere = map[string]string{
	"access_key": inEnvironment, "secret_key": inEnvironment, "token": inEnvironment,
}

const inEnvironment = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the environment."

// examples has a value, in HCL, of each attribute that is an object, a map or a list. Errors about the type show it.
var examples = map[string]string{
	"after": `{ hr = "success" }`, "assume_role": `{ role_arn = "…" }`, "aws": `{ region = "eu-central-1" }`,
	"carry_over": `{ budget = "35d" }`, "credentials_wo": `{ api_key = var.api_key }`, "cycle": `{ begins = "18:00" }`,
	"data_task": `{ project = "…", task = "…" }`, "days": `["MON"]`, "default_tags": `{ team = "bi" }`, "endpoints": `{ sts = "…" }`,
	"events": `{ bus = "default" }`, "except": `["2026-12-25"]`, "expect_by": `{ time = "06:00" }`, "max_duration": `{ after = "2h" }`,
	"notify_on": `["failure"]`, "reconciliation": `{ interval = "30m" }`, "retry": `{ max_attempts = 3 }`, "retry_on": `["failed"]`,
	"schedule": `{ cron = "0 5 * * ? *" }`, "signal": `{}`, "steps": `{ hr = { app = "…" } }`,
	"throttle": `{ burst_limit = 10, rate_limit = 5 }`, "variables": `{ mode = "full" }`,
}

// elementExample returns the example of one element of a map of objects.
func elementExample(name string) string {
	_, element, _ := strings.Cut(examples[name], " = ")
	return strings.TrimSuffix(element, " }")
}

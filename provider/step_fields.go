// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// stepFields returns the attributes of one step. Their values are checked together with the whole definition.
func stepFields() []field {
	return []field{
		// Exactly one of these attributes says what the step starts.
		{name: "app", kind: aText, doc: "ID of the Qlik app that this step reloads, a UUID. A script, a data flow and a table recipe are apps, " +
			"too. Each step has exactly one of `app`, `automation`, `data_task` and `signal`, and the same can be in a chain once."},
		{name: "automation", kind: aText, doc: "ID of the automation of Qlik Automate that this step runs, a UUID. A run that finishes with " +
			"warnings has succeeded. Nothing is passed to it."},
		{name: "data_task", kind: anObject, fields: dataTaskFields(), doc: "The data integration task of Qlik Talend Cloud that this step " +
			"runs. It has to end: a plan refuses replications, streaming tasks, and landings that capture changes."},
		{name: "signal", kind: anObject, fields: signalFields(), doc: "Starts nothing: the step waits until something outside Qlik Cloud " +
			"reports with `POST /signal/{step}`, or by an event of EventBridge, that it is done. `{}` is enough. Without `after`, each signal " +
			"begins a run."},

		// These attributes determine when the step starts.
		{name: "after", kind: aTextMap, doc: "What starts this step: the names of other steps, and for each the outcome of its reload: " +
			"`success`, `failure` (failed, or a limit exceeded) or `completion` (any end, a canceled reload included). With several, the step " +
			"starts when all of them have ended so; see `wait_for`. Without `after`, the step is where a chain begins: its `schedule` starts it, " +
			"the chain's, a person, or whatever else reloads the app."},
		{name: "schedule", kind: anObject, fields: scheduleFields(), doc: "Starts this step at set times, in a run of its own; only for a step " +
			"without `after`. An EventBridge Scheduler schedule keeps them to the minute. It does nothing while `enabled` is `false`. Default: " +
			"the chain's `schedule` starts this step, if it has one."},
		{name: "expect_by", kind: anObject, fields: expectByFields(), doc: "The time of day by which this step has to have succeeded, or been " +
			"skipped without being blocked or expired, in the cycle of the last schedule before that time. If it has not, the `alarm_actions` are " +
			"notified why. Nothing is expected while `enabled` is `false`. An EventBridge Scheduler schedule looks at that time, to the minute. " +
			"Default: never."},
		{name: "wait_for", kind: aText, doc: "Which of several steps in `after` this one waits for. `all` (default): all have ended as `after` " +
			"says. `any`: the first one has, once in a run. `all_started`: as `all`, but passing over steps that do not start because they are " +
			"not needed, disabled, or refused by their guard; at least one has to start. `all_settled`: all have ended or been skipped, however, " +
			"for clean-up and reports."},
		{name: "carry_over", kind: aDurationMap, doc: "Steps in `after`. Their last result of an earlier cycle counts while this cycle has " +
			"none, and how old that result may be: " + durations(chain.MinCarryOver, chain.MaxCarryOver) + " With `{ budget = \"35d\" }`, a daily " +
			"step takes the budget of the month. Only for a step with several steps in `after`. Default: every result is of the same cycle."},
		{name: "max_duration", kind: anObject, fields: maxDurationFields("reload"), doc: "How long this step may take, from the request of its " +
			"reload on: " + durations(chain.MinDelay, chain.MaxStepDuration) + " In whole minutes. Time in Qlik Cloud's queue counts. Default: " +
			"any time."},
		{name: "max_starts_per_hour", kind: aNumber, doc: fmt.Sprintf("How often the chain starts this step within an hour, 1 to %d. Past it, "+
			"the step is parked and reported, until an operator resumes it: two chains that start each other's apps would go on for ever. Default: "+
			"`%d`.", chain.MaxMaxStartsPerHour, chain.DefaultMaxStartsPerHour)},
		{name: "when", kind: aText, doc: fmt.Sprintf("Guard: an expression of at most %d characters that must be true when the step is due, "+
			"such as `weekday in 1..5 and hour < 6`. If it is false, the step does not start, and the record says why. Numbers: `weekday` (1 = "+
			"Monday to 7 = Sunday), `day`, `month` and `year` of the cycle's date, `hour` and `minute` of the clock in the chain's `timezone`, and "+
			"of the reload that made the step due `duration` (seconds) and `attempt` (1 for the first). Texts: `date` (`\"2026-11-24\"`, the "+
			"cycle's), `timezone`, `results[\"hr\"]` (how the step hr of `after` ended: `\"succeeded\"`, `\"failed\"`, `\"canceled\"` or "+
			"`\"skipped\"`), `status` (`\"success\"`, `\"failure\"` or `\"canceled\"`), `upstream` (the name of the step that made this "+
			"one due, the last of several) and `origin` (the name of the step that began the run). True or "+
			"false: `by_reload` (the run began with a reload that the chain did not start). Operators: `==`, `!=`, `<`, `<=`, `>`, `>=`, "+
			"`in` (a list `[6, 7]` or a range `1..5`), `and`, `or`, `not`, `? :`, arithmetic, `startsWith`, `endsWith`, `contains` "+
			"and `matches` (a regular expression). There are no functions.", chain.MaxGuardLength)},
		{name: "delay", kind: aDuration, doc: "How long to wait once the step is due, before it starts: " +
			durations(chain.MinDelay, chain.MaxDelay) + " In whole minutes. Default: no delay."},
		{name: "retry", kind: anObject, fields: retryFields(), doc: "Starts the app's reload again when it has failed, also one that another " +
			"client started. Steps `after` this one see the failure when no attempt is left. A canceled reload is not started again. Default: " +
			"one attempt."},

		// These attributes determine what the step starts.
		{name: "enabled", kind: aFlag, byDefault: true, doc: "Whether the chain may start this step. A reload of its app that another client " +
			"starts carries the chain on all the same. Default: `true`."},
		{name: "partial", kind: aFlag, doc: "Whether to reload partially. Default: `false`."},
		{name: "variables", kind: aTextMap, doc: fmt.Sprintf("Variables for the app's load script: at most %d, with names and values of at most "+
			"%d characters. In a value, `${run.id}`, `${run.cycle}` (the date of the run's cycle) and `${run.origin}` (the "+
			"steps at which it began) stand for those of the run; in HCL, write `$${run.id}`. They are stored in clear text; put no secret "+
			"here.", chain.MaxVariables, chain.VariableMaxLength)},
		{name: "weight", kind: aNumber, doc: fmt.Sprintf("Weight of the reload in the tenant's queue, %d to %d; a higher one goes first. "+
			"Default: Qlik Cloud's, which is 1.", chain.MinWeight, chain.MaxWeight)},
	}
}

func dataTaskFields() []field {
	return []field{
		{name: "project", kind: aText, required: true, doc: "ID of the data project."},
		{name: "task", kind: aText, required: true, doc: "ID of the task in the project, such as `task-cYSY`."},
	}
}

func signalFields() []field {
	return []field{
		{name: "event_pattern", kind: aText, doc: fmt.Sprintf("Events of EventBridge that report the step, as JSON of at most %d characters: "+
			"`jsonencode({ source = [\"aws.glue\"] })`. Terraform deploys a rule. Each event counts once. The rule is off while the step's "+
			"`enabled` is `false`. Default: no events, only requests.", chain.MaxEventPattern)},
		{name: "event_bus", kind: aText, doc: "Name of the event bus, which has to exist in the chain's region: a custom one, or a partner's " +
			"such as `aws.partner/fivetran.com/acme`. Default: `" + chain.DefaultEventBus + "`, with the events of AWS's own services."},
		{name: "outcome", kind: aText, doc: "What an event reports: `success`, `failure` or `canceled`, or the path of a word in the event " +
			"such as `$.detail.status`. Usual words are understood, such as `SUCCEEDED`, `error` and `timed out`; an unknown word, or none, is a " +
			"failure. Default: `success`."},
		{name: "quiet_for", kind: aDuration, doc: "Several signals count as one, as soon as no further one has come for this long: " +
			durations(chain.MinDelay, chain.MaxQuietFor) + " In whole minutes. Many objects in S3 are one start, then. The worst of the " +
			"outcomes counts: a failure, or else a cancellation. After 12 hours they count even if more come. Default: each signal counts, " +
			"and at once."},
	}
}

func retryFields() []field {
	return []field{
		{name: "max_attempts", kind: aNumber, required: true, doc: fmt.Sprintf("How often the reload is started at most, the first attempt "+
			"included: 2 to %d.", chain.MaxAttempts)},
		{name: "interval", kind: aDuration, doc: "How long to wait between the first failure and the second attempt: " +
			durations(chain.MinDelay, chain.MaxInterval) + " In whole minutes. Default: `" + chain.DefaultInterval.String() + "`."},
		{name: "backoff_rate", kind: aDecimal, doc: fmt.Sprintf("What each further wait is multiplied by, 1 to %v. The last wait may be `%s` "+
			"long. Default: `%v`.", chain.MaxBackoffRate, chain.MaxInterval, chain.DefaultBackoffRate)},
		{name: "retry_on", kind: aTextSet, doc: fmt.Sprintf("Which failures to retry: `%s` (an error in the reload) and `%s` (it took longer, "+
			"or more memory, than the tenant allows). Default: both.", chain.RetryOnFailed, chain.RetryOnExceededLimit)},
	}
}

// durations describes the allowed durations.
func durations(least, most chain.Duration) string {
	return fmt.Sprintf("`%s` to `%s`, in days, hours, minutes and seconds, such as `1h30m`.", least, most)
}

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

// examples has a value, in HCL, of each attribute that is an object, a map or a list. Errors about the type show it.
var examples = map[string]string{ //nolint:gosec // credentials_wo is the name of an attribute
	"after": `{ hr = "success" }`, "assume_role": `{ role_arn = "…" }`, "aws": `{ region = "eu-central-1" }`,
	"carry_over": `{ budget = "35d" }`, "credentials_wo": `{ api_key = var.api_key }`, "cycle": `{ begins = "18:00" }`,
	"data_task": `{ project = "…", task = "…" }`, "days": `["MON"]`, "default_tags": `{ team = "bi" }`, "endpoints": `{ sts = "…" }`,
	"events": `{ bus = "default" }`, "except": `["2026-12-25"]`, "expect_by": `{ time = "06:00" }`, "failure_log": `{ lines = 20 }`,
	"max_duration": `{ after = "2h" }`,
	"notify_on":    `["failure"]`, "reconciliation": `{ interval = "30m" }`, "retry": `{ max_attempts = 3 }`, "retry_on": `["failed"]`,
	"schedule": `{ cron = "0 5 * * ? *" }`, "signal": `{}`, "steps": `{ hr = { app = "…" } }`,
	"throttle": `{ burst_limit = 10, rate_limit = 5 }`, "variables": `{ mode = "full" }`,
}

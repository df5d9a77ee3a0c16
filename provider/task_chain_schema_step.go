// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// stepAttributes are the attributes of one step. Their values are checked with the definition, all at once.
func stepAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"app": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "ID of the Qlik app, a UUID. An app can be in a chain once.",
		},

		// When the step starts.
		"after": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "What starts this step: the names of other steps, and for each the outcome of its reload: `success`, `failure` (failed, or a limit " +
				"exceeded) or `completion` (any end, a canceled reload included). With several, the step starts when all of them have ended so; see " +
				"`wait_for`. Without `after`, the step is where a chain begins: its `schedule` starts it, the chain's, a person, or whatever else reloads the app.",
		},
		"schedule": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Starts this step at set times, in a run of its own; only for a step without `after`. An EventBridge Scheduler schedule keeps them to " +
				"the minute. Changed in place; it does nothing while `enabled` is `false`. Default: the chain's `schedule` starts this step, if it has one.",
			Attributes: scheduleAttributes(),
		},
		"expect_by": expectByAttribute("The time of day by which this step has to have succeeded, or been skipped without being blocked or expired, in the cycle of the last schedule before " +
			"that time. If it has not, the `alarm_actions` are notified why. Nothing is expected while `enabled` is `false`."),
		"wait_for": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Which of several steps in `after` this one waits for. `all` (default): all have ended as `after` says. `any`: the first one has, once in a " +
				"run. `all_started`: as `all`, but passing over steps that do not start because they are not needed, disabled, or refused by their guard; at least one has to " +
				"start. `all_settled`: all have ended or been skipped, however, for clean-up and reports.",
		},
		"carry_over": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "Steps in `after` whose last result of an earlier cycle counts while this cycle has none, and how old that result may be: " +
				durations(chain.MinCarryOver, chain.MaxCarryOver) + " With `{ budget = \"35d\" }`, a daily step takes the budget of the month. Only for a step with several steps in " +
				"`after`. Default: every result is of the same cycle.",
		},
		"max_duration": maxDurationAttribute("How long this step may take, from the request of its reload on: "+durations(chain.MinDelay, chain.MaxStepDuration)+
			" In whole minutes. Time in Qlik Cloud's queue counts.", "reload"),
		"max_starts_per_hour": schema.Int32Attribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("How often the chain starts this step within an hour, 1 to %d. Past it, the step is parked and reported, until an operator resumes it: two chains "+
				"that start each other's apps would go on for ever. Default: `%d`.", chain.MaxMaxStartsPerHour, chain.DefaultMaxStartsPerHour),
		},
		"when": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Guard: an expression of at most %d characters that must be true when the step is due, such as "+
				"`weekday in 1..5 and hour < 6`. If it is false, the step does not start, and the record says why. Numbers: `weekday` (1 = Monday to 7 = Sunday), "+
				"`day`, `month` and `year` of the cycle's date, `hour` and `minute` of the clock in the chain's `timezone`, and of the reload that made the step due "+
				"`duration` (seconds) and `attempt` (1 for the first). Texts: `date` (`\"2026-11-24\"`, the cycle's), `timezone`, `results[\"hr\"]` (how the step hr of `after` "+
				"ended: `\"succeeded\"`, `\"failed\"`, `\"canceled\"` or `\"skipped\"`), `status` (`\"success\"`, `\"failure\"` or `\"canceled\"`), `upstream` (the "+
				"name of the step whose reload made this one due, the last of several) and `origin` (the name of the step whose reload began the run). "+
				"Operators: `==`, `!=`, `<`, `<=`, `>`, `>=`, `in` (a list `[6, 7]` or a range `1..5`), `and`, `or`, `not`, `? :`, arithmetic, `startsWith`, "+
				"`endsWith`, `contains` and `matches` (a regular expression). There are no functions.", chain.MaxGuardLength),
		},
		"delay": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "How long to wait once the step is due, before it starts: " + durations(chain.MinDelay, chain.MaxDelay) + " In whole minutes. " +
				"Default: no delay.",
		},
		"retry": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Starts the app's reload again when it has failed, also one that somebody else started. Steps `after` this one hear of the failure when " +
				"no attempt is left. A canceled reload is not started again. Default: one attempt.",
			Attributes: retryAttributes(),
		},

		// What is started.
		"enabled": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(true),
			MarkdownDescription: "Whether the chain may start this step. A reload of its app that somebody else starts carries the chain on all the same. Default: `true`.",
		},
		"partial": schema.BoolAttribute{
			Optional: true, Computed: true, Default: booldefault.StaticBool(false),
			MarkdownDescription: "Whether to reload partially. Default: `false`.",
		},
		"variables": schema.MapAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: fmt.Sprintf("Variables for the app's load script: at most %d, with names and values of at most %d characters. They are stored in "+
				"clear text; put no secret here.", chain.MaxVariables, chain.VariableMaxLength),
		},
		"weight": schema.Int32Attribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("Weight of the reload in the tenant's queue, %d to %d; a higher one goes first. Default: Qlik Cloud's, which is 1.",
				chain.MinWeight, chain.MaxWeight),
		},
	}
}

func expectByAttribute(description string) schema.SingleNestedAttribute {
	days := make([]string, len(chain.Days()))
	for i, day := range chain.Days() {
		days[i] = "`" + string(day) + "`"
	}
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description + " An EventBridge Scheduler schedule looks at that time, to the minute. Changed in place. Default: never.",
		Attributes: map[string]schema.Attribute{
			"time": schema.StringAttribute{
				Required:            true,
				MarkdownDescription: "Hours and minutes, such as `06:00`. A time that the clocks leave out in spring does not come; one that they show twice in autumn comes once.",
			},
			"timezone": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Time zone of `time`, an IANA name such as `Europe/Zurich`. Default: the chain's `timezone`.",
			},
			"days": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Days of the week on which it is expected: " + strings.Join(days, ", ") + ". They are those of the cycles' dates: with the default `cycle`, a `time` of `22:00` " +
					"on `TUE` is late on Monday. Default: every day.",
			},
		},
	}
}

func maxDurationAttribute(description, of string) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		Optional:            true,
		MarkdownDescription: description + " Changed in place. Default: any time.",
		Attributes: map[string]schema.Attribute{
			"after": schema.StringAttribute{Required: true, MarkdownDescription: "The longest duration, such as `2h`."},
			"on_exceeded": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: fmt.Sprintf("What happens to a %s that takes longer: `%s` (default), the `alarm_actions` are notified and it goes on, or `%s`, it is canceled as well.",
					of, chain.OnExceededAlarm, chain.OnExceededCancel),
			},
		},
	}
}

func scheduleAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cron": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "The times of day, as the six fields of a [cron expression of EventBridge Scheduler]" +
				"(https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based): minutes, hours, day-of-month, month, day-of-week (1 = `SUN`) and " +
				"year, with `?` in one of the two fields for days. `0 5 ? * MON-FRI *` is 05:00, Monday to Friday. A time that the clocks leave out in spring does " +
				"not come; one that they show twice in autumn comes once. Either this or `rate`.",
		},
		"rate": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "How long from one start to the next: " + durations(chain.MinRate, chain.MaxRate) + " In whole minutes, by elapsed time. The first start is " +
				"when the schedule is created. Either this or `cron`.",
		},
		"timezone": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Time zone of `cron` and `except`, an IANA name such as `Europe/Berlin`. Default: the chain's `timezone`.",
		},
		"except": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: fmt.Sprintf("Dates on which `cron` starts nothing, such as holidays: `[\"2026-12-25\"]`, at most %d. The function's log says so on such a date. Changed without a call to "+
				"EventBridge Scheduler: the function looks at them. Default: none.", chain.MaxExcept),
		},
	}
}

func retryAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"max_attempts": schema.Int32Attribute{
			Required:            true,
			MarkdownDescription: fmt.Sprintf("How often the reload is started at most, the first attempt included: 2 to %d.", chain.MaxAttempts),
		},
		"interval": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "How long to wait between the first failure and the second attempt: " + durations(chain.MinDelay, chain.MaxInterval) + " In whole " +
				"minutes. Default: `" + chain.DefaultInterval.String() + "`.",
		},
		"backoff_rate": schema.Float64Attribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("What each further wait is multiplied by, 1 to %v. The last wait may be `%s` long. Default: `%v`.",
				chain.MaxBackoffRate, chain.MaxInterval.String(), chain.DefaultBackoffRate),
		},
		"retry_on": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: fmt.Sprintf("Which failures to retry: `%s` (an error in the reload) and `%s` (it took longer, or more memory, than the tenant "+
				"allows). Default: both.", chain.RetryOnFailed, chain.RetryOnExceededLimit),
		},
	}
}

// durations describes what a duration may be.
func durations(least, most chain.Duration) string {
	return fmt.Sprintf("`%s` to `%s`, in days, hours, minutes and seconds, such as `1h30m`.", least, most)
}

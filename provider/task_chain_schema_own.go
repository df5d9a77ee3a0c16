// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// ownAttributes are the attributes of what a chain's definition has besides its steps, but for those that have a default in the plan.
func ownAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"cycle": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "The chain's business day. A step that waits for others takes their results of one cycle together, never of two. A run belongs to the cycle in which it " +
				"begins, and a cycle has the date of its middle: that from 18:00 on Monday to 18:00 on Tuesday is Tuesday's. Changed in place; runs under way keep theirs. Default: " +
				"from `18:00` to `18:00`.",
			Attributes: map[string]schema.Attribute{
				"begins": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "When a cycle begins, in the chain's `timezone`: a time of day, or a day and a time for cycles of a week, such as `FRI 18:00`. Choose a time at which " +
						"nothing runs. A time that the clocks leave out in spring is the first after the gap. Default: `" + chain.DefaultCycleBegins + "`.",
				},
				"every": schema.StringAttribute{
					Optional: true,
					MarkdownDescription: "How long a cycle is: a part of a day that divides it into whole minutes, such as `12h` for a chain that runs twice a day or `1h` for an hourly one, or " +
						"`7d`. Default: `24h`.",
				},
			},
		},
		"expect_by": expectByAttribute("The time of day by which the chain has to be done. It is done when, in the cycle of the last schedule before that time, each step has succeeded or was skipped " +
			"without being blocked or expired. If it is not, the `alarm_actions` are notified of what is not done, and why. Steps with `enabled = false` do not count."),
		"max_duration": maxDurationAttribute("How long a run may take: "+durations(chain.MinDelay, chain.MaxRunDuration)+" In whole minutes. The time in which a run only waits for "+
			"another one does not count.", "run"),
		"max_running": schema.Int32Attribute{
			Optional: true,
			MarkdownDescription: fmt.Sprintf("The most reloads that the chain has under way at a time, 1 to %d. What is due beyond it waits its turn. Default: no limit. Changed in place.",
				chain.MaxMaxRunning),
		},
		"notify_on": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "The ends of runs of which the SNS topics in `alarm_actions` are notified: `failure`, `recovered` (a step failed, and its failure branch succeeded) and `success`. " +
				"Default: `[\"failure\"]`. Changed in place.",
		},
		"overlap": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What a schedule does when it comes while the run that it began before is under way: `allow` (default) begins another run, `queue` begins one when the other has " +
				"ended, `skip` begins none; the record says so. Changed in place.",
		},
		"schedule": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Begins one run at set times, at every enabled step without `after` and without a `schedule` of its own: the recommended way for a nightly chain. An EventBridge " +
				"Scheduler schedule keeps the times to the minute. Changed in place. Default: runs begin with reloads from elsewhere, with the schedules of steps, or with `POST /start`.",
			Attributes: scheduleAttributes(),
		},
	}
}

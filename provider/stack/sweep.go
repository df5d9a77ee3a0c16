// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// sweepName is the name of the schedule for the sweep: the function compares the chain's record with Qlik Cloud's. A step's schedule has
// hex digits instead.
const sweepName = schedulePrefix + "sweep"

// sweep returns that schedule. It also exists when it is disabled, and keeps its settings.
func (c *schedules) sweep(want *Spec) recurringSchedule {
	r := want.Reconciliation
	input, err := json.Marshal(chain.Sweep{
		Source: chain.SweepSource, Webhook: c.sweptWebhook(), EnableWebhook: r.EnableWebhook, MaxAgeSeconds: int(r.MaxAge / time.Second),
		// The other event names the reload by another id than the list of reloads.
		Reloads: want.EventType == qlik.EventReloadFinished,
	})
	if err != nil {
		panic(fmt.Sprintf("texts and numbers always encode: %v", err))
	}
	return recurringSchedule{
		setting: "reconciliation", description: "Compares Qlik Cloud's record with that of the task chain " + c.s.chain + ".",
		expression: (&chain.Schedule{Rate: chain.Duration(r.Interval)}).Expression(), timezone: chain.DefaultTimezone, enabled: r.Enabled,
		input: string(input),
	}
}

// sweptWebhook returns the id of the webhook. If the webhook is missing, it returns the id in the schedule: reporting the missing webhook
// is enough.
func (c *schedules) sweptWebhook() string {
	if id := c.s.webhook.id(); id != "" {
		return id
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return inputOf(c.seen[sweepName]).Webhook
}

// inputOf returns a schedule's input for the function, if that is a sweep.
func inputOf(found *scheduler.GetScheduleOutput) chain.Sweep {
	var input chain.Sweep
	if found == nil || found.Target == nil || json.Unmarshal([]byte(aws.ToString(found.Target.Input)), &input) != nil ||
		input.Source != chain.SweepSource {
		return chain.Sweep{}
	}
	return input
}

// readSweep reads the settings from a schedule. It returns nil when the chain cannot have written them.
func readSweep(found *scheduler.GetScheduleOutput) *Reconciliation {
	input := inputOf(found)
	if input.Source == "" {
		return nil
	}
	var number, unit string
	if n, err := fmt.Sscanf(aws.ToString(found.ScheduleExpression), "rate(%s %s", &number, &unit); n != 2 || err != nil {
		return nil
	}
	units := map[string]time.Duration{"minute)": time.Minute, "minutes)": time.Minute, "hour)": time.Hour, "hours)": time.Hour}
	count, err := strconv.Atoi(number)
	if err != nil || units[unit] == 0 {
		return nil
	}
	return &Reconciliation{
		Enabled: found.State == types.ScheduleStateEnabled, Interval: time.Duration(count) * units[unit],
		MaxAge: time.Duration(input.MaxAgeSeconds) * time.Second, EnableWebhook: input.EnableWebhook,
	}
}

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

// sweepName is the name of the schedule that has the function compare Qlik Cloud's record with the chain's. A step's has hex digits there.
const sweepName = schedulePrefix + "sweep"

// sweep is that schedule. It is there when it is disabled too, and keeps the settings.
func (c *schedules) sweep(want *Spec) recurringSchedule {
	r := want.Reconciliation
	input, err := json.Marshal(chain.Sweep{
		Source: chain.SweepSource, Webhook: c.sweptWebhook(), EnableWebhook: r.EnableWebhook, MaxAgeSeconds: int(r.MaxAge / time.Second),
		// The other event does not name the reload by the id that the list of reloads has.
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

// sweptWebhook is the id of the webhook; while that is missing, the one that the schedule has: that the webhook is missing says it all.
func (c *schedules) sweptWebhook() string {
	if id := c.s.webhook.id(); id != "" {
		return id
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return inputOf(c.seen[sweepName]).Webhook
}

// inputOf is what a schedule hands to the function, when that is a sweep.
func inputOf(found *scheduler.GetScheduleOutput) chain.Sweep {
	var input chain.Sweep
	if found == nil || found.Target == nil || json.Unmarshal([]byte(aws.ToString(found.Target.Input)), &input) != nil ||
		input.Source != chain.SweepSource {
		return chain.Sweep{}
	}
	return input
}

// readSweep reads the settings back out of a schedule; nil when they are not such as the chain writes.
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

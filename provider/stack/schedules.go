// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// schedules are the recurring schedules of the chain's group. The function's timers are in the same group, but their names begin
// differently.
type schedules struct {
	s    *Stack
	mu   sync.Mutex // guards seen
	seen map[string]*scheduler.GetScheduleOutput
}

// schedulePrefix is the beginning of the names of recurring schedules. No other name in the group begins with it.
const schedulePrefix = "schedule-"

// recurringSchedule is one wanted schedule.
type recurringSchedule struct {
	setting     string // its name in differences
	description string
	expression  string
	timezone    string
	enabled     bool
	input       string // JSON
}

func (c *schedules) object() string { return c.s.scheduleGroupName() + "/" + schedulePrefix + "*" }

// wanted returns the wanted schedules by their names.
func (c *schedules) wanted(want *Spec) map[string]recurringSchedule {
	all := map[string]recurringSchedule{sweepName: c.sweep(want)}
	if d := want.Definition; d.Schedule != nil {
		all[scheduleName("")] = recurringSchedule{
			setting:     "schedule",
			description: "Begins a run of the task chain " + c.s.chain + ".",
			expression:  d.Schedule.Expression(), timezone: d.ScheduleTimezone(d.Schedule),
			enabled: len(d.ScheduledSteps()) > 0, input: scheduledInput(""),
		}
	}
	for key, step := range want.Definition.Steps {
		if step.Schedule != nil {
			all[scheduleName(key)] = recurringSchedule{
				setting:     fmt.Sprintf("schedules[%q]", key),
				description: "Starts " + key + " of the task chain " + c.s.chain + ".",
				expression:  step.Schedule.Expression(), timezone: want.Definition.ScheduleTimezone(step.Schedule),
				enabled: step.Enabled, input: scheduledInput(key),
			}
		}
	}
	if expression := want.Definition.SummaryExpression(); expression != "" {
		all[scheduleName(summaryKey)] = recurringSchedule{
			setting:     fmt.Sprintf("schedules[%q]", "summary_at"),
			description: "Sends the daily summary of the task chain " + c.s.chain + ".",
			expression:  expression, timezone: cmp.Or(want.Definition.Timezone, chain.DefaultTimezone), enabled: true, input: summaryInput(),
		}
	}
	for _, deadline := range want.Definition.Deadlines() {
		key := deadline.Key()
		all[scheduleName("deadline "+key)] = recurringSchedule{
			setting:     fmt.Sprintf("schedules[%q]", "expect_by "+key),
			description: "Looks whether the task chain " + c.s.chain + " has done what is expected by " + key + ".",
			expression:  deadline.Expression(), timezone: deadline.Timezone, enabled: true, input: deadlineInput(key),
		}
	}
	return all
}

// scheduleName returns the schedule's name, which is always 41 characters long. EventBridge Scheduler allows 64, and not every character
// that a step's key may have. An empty key stands for the chain's own schedule.
func scheduleName(key string) string {
	sum := sha256.Sum256([]byte(key))
	return schedulePrefix + hex.EncodeToString(sum[:16])
}

// scheduledInput returns a chain.Scheduled in which EventBridge Scheduler fills in the time. An empty key stands for the chain's schedule.
// The key's angle brackets are escaped, as JSON's encoder does: otherwise a key could look like such a placeholder.
func scheduledInput(key string) string {
	if key == "" {
		return fmt.Sprintf(`{"source":%q,"time":%q}`, chain.ScheduledSource, chain.ScheduledTime)
	}
	step, err := json.Marshal(key)
	if err != nil {
		panic(fmt.Sprintf("a string always encodes: %v", err))
	}
	return fmt.Sprintf(`{"source":%q,"step":%s,"time":%q}`, chain.ScheduledSource, step, chain.ScheduledTime)
}

// deadlineInput returns a chain.DeadlineCheck in the same way. A deadline's key has no character that JSON escapes.
func deadlineInput(key string) string {
	return fmt.Sprintf(`{"source":%q,"deadline":%q,"time":%q}`, chain.DeadlineSource, key, chain.ScheduledTime)
}

// summaryKey names the schedule of the daily summary. No step has such a key: it begins with a control character.
const summaryKey = "\x00summary"

// summaryInput returns a chain.SummaryCheck in the same way.
func summaryInput() string {
	return fmt.Sprintf(`{"source":%q,"time":%q}`, chain.SummarySource, chain.ScheduledTime)
}

// These limits apply when Lambda does not accept the invocation. EventBridge Scheduler's own default is to retry for a day, which is too
// late to start a reload.
const (
	scheduleMaxAge     = 6 * time.Hour
	scheduleMaxRetries = 185
)

// list lists the schedules. It fails when there is no group.
func (c *schedules) list(ctx context.Context) ([]types.ScheduleSummary, error) {
	return listed(ctx, scheduler.NewListSchedulesPaginator(c.s.Scheduler, &scheduler.ListSchedulesInput{
		GroupName: aws.String(c.s.scheduleGroupName()), NamePrefix: aws.String(schedulePrefix),
	}), func(page *scheduler.ListSchedulesOutput) []types.ScheduleSummary { return page.Schedules })
}

// look reads the listed schedules. The group calls it.
func (c *schedules) look(ctx context.Context, summaries []types.ScheduleSummary) error {
	if c.s.brief {
		for _, found := range summaries {
			c.note(aws.ToString(found.Name), &scheduler.GetScheduleOutput{Name: found.Name})
		}
		return nil
	}
	return together(ctx, summaries, func(ctx context.Context, found types.ScheduleSummary) error {
		return c.findOne(ctx, aws.ToString(found.Name))
	})
}

func (c *schedules) findOne(ctx context.Context, name string) error {
	out, err := c.s.Scheduler.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: aws.String(c.s.scheduleGroupName()),
		Name: aws.String(name)})
	if isNotFound(err) {
		return nil
	}
	if err == nil {
		c.note(name, out)
	}
	return err
}

// note remembers the schedule that was found under a name; nil for none.
func (c *schedules) note(name string, found *scheduler.GetScheduleOutput) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[name] = found
	if found == nil {
		delete(c.seen, name)
	}
}

// forget forgets all schedules, for a group that is looked up or created again.
func (c *schedules) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = map[string]*scheduler.GetScheduleOutput{}
}

func (c *schedules) diff(want *Spec) []Difference {
	if !c.s.scheduleGroup.exists() {
		return nil // reported by the group
	}
	var all []Difference
	wanted := c.wanted(want)
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		all = append(all, c.diffOne(want, name, wanted[name])...)
	}
	for _, name := range slices.Sorted(maps.Keys(c.seen)) {
		if _, isWanted := wanted[name]; !isWanted {
			all = append(all, Difference{"schedules." + name, aws.ToString(c.seen[name].ScheduleExpression), "none"})
		}
	}
	return all
}

func (c *schedules) diffOne(want *Spec, name string, wanted recurringSchedule) []Difference {
	seen := c.seen[name]
	if seen == nil {
		return []Difference{{Setting: wanted.setting, Have: missing}}
	}
	update := c.update(want, name, wanted)
	have, target := describe(seen.Target), describe(update.Target)
	return unequal(wanted.setting+".", []Difference{
		{"description", aws.ToString(seen.Description), wanted.description},
		{"expression", aws.ToString(seen.ScheduleExpression), wanted.expression},
		{"timezone", aws.ToString(seen.ScheduleExpressionTimezone), wanted.timezone},
		{"state", string(seen.State), string(update.State)},
		{"start_date", momentOrNone(seen.StartDate), momentOrNone(nil)},
		{"end_date", momentOrNone(seen.EndDate), momentOrNone(nil)},
		{"action_after_completion", string(seen.ActionAfterCompletion), string(update.ActionAfterCompletion)},
		{"flexible_time_window", string(seen.FlexibleTimeWindow.Mode), string(update.FlexibleTimeWindow.Mode)},
		{"kms_key", orNone(aws.ToString(seen.KmsKeyArn)), orNone("")},
		{"target", have.arn, target.arn},
		{"role", have.role, target.role},
		{"input", have.input, target.input},
		{"dead_letter_queue", have.deadLetters, target.deadLetters},
		{"maximum_event_age_in_seconds", have.maxAge, target.maxAge},
		{"maximum_retry_attempts", have.maxRetries, target.maxRetries},
	})
}

func momentOrNone(t *time.Time) string {
	if t == nil {
		return "none"
	}
	return t.UTC().Format(time.RFC3339)
}

// targetSettings are a target's settings in words.
type targetSettings struct{ arn, role, input, deadLetters, maxAge, maxRetries string }

func describe(target *types.Target) targetSettings {
	d := targetSettings{
		arn: aws.ToString(target.Arn), role: aws.ToString(target.RoleArn), input: orNone(aws.ToString(target.Input)), deadLetters: "none",
		maxAge: number(nil), maxRetries: number(nil),
	}
	if config := target.DeadLetterConfig; config != nil {
		d.deadLetters = orNone(aws.ToString(config.Arn))
	}
	if policy := target.RetryPolicy; policy != nil {
		d.maxAge, d.maxRetries = number(policy.MaximumEventAgeInSeconds), number(policy.MaximumRetryAttempts)
	}
	return d
}

// update returns the call that sets all settings.
func (c *schedules) update(want *Spec, name string, wanted recurringSchedule) *scheduler.UpdateScheduleInput {
	state := types.ScheduleStateEnabled
	if !wanted.enabled {
		state = types.ScheduleStateDisabled
	}
	return &scheduler.UpdateScheduleInput{
		GroupName: aws.String(c.s.scheduleGroupName()), Name: aws.String(name), Description: aws.String(wanted.description),
		ScheduleExpression: aws.String(wanted.expression), ScheduleExpressionTimezone: aws.String(wanted.timezone), State: state,
		FlexibleTimeWindow:    &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		ActionAfterCompletion: types.ActionAfterCompletionNone,
		Target: &types.Target{
			Arn: aws.String(c.s.functionARN()), RoleArn: aws.String(c.s.timerRole.arn(want)), Input: aws.String(wanted.input),
			DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(c.s.queueARN())},
			RetryPolicy: &types.RetryPolicy{
				MaximumEventAgeInSeconds: aws.Int32(int32(scheduleMaxAge / time.Second)), MaximumRetryAttempts: aws.Int32(scheduleMaxRetries),
			},
		},
	}
}

func (c *schedules) ensure(ctx context.Context, want *Spec) error {
	wanted := c.wanted(want)
	stale := slices.DeleteFunc(slices.Collect(maps.Keys(c.seen)), func(name string) bool { _, isWanted := wanted[name]; return isWanted })
	differing := slices.DeleteFunc(slices.Collect(maps.Keys(wanted)), func(name string) bool {
		return len(c.diffOne(want, name,
			wanted[name])) == 0
	})
	return errors.Join(
		together(ctx, stale, c.removeOne),
		together(ctx, differing, func(ctx context.Context, name string) error {
			return c.ensureOne(ctx, c.update(want, name, wanted[name]))
		}))
}

// ensureOne creates or changes a schedule.
func (c *schedules) ensureOne(ctx context.Context, in *scheduler.UpdateScheduleInput) error {
	name := aws.ToString(in.Name)
	one := &namedSchedule{c, name}
	var err error
	if one.exists() {
		err = retry(ctx, propagationTimeout, schedulerNotYetTrusted, func(ctx context.Context) error {
			return done(c.s.Scheduler.UpdateSchedule(ctx, in))
		})
	} else {
		err = create(ctx, one, func(ctx context.Context) error {
			return done(c.s.Scheduler.CreateSchedule(ctx, (*scheduler.CreateScheduleInput)(in)))
		})
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.note(name, &scheduler.GetScheduleOutput{
		Name: in.Name, Description: in.Description, State: in.State, ScheduleExpression: in.ScheduleExpression,
		ScheduleExpressionTimezone: in.ScheduleExpressionTimezone, FlexibleTimeWindow: in.FlexibleTimeWindow,
		ActionAfterCompletion: in.ActionAfterCompletion, Target: in.Target,
	})
	return nil
}

// namedSchedule is one schedule, for create.
type namedSchedule struct {
	c    *schedules
	name string
}

func (one *namedSchedule) find(ctx context.Context) error {
	one.c.note(one.name, nil)
	return one.c.findOne(ctx, one.name)
}

func (one *namedSchedule) exists() bool {
	one.c.mu.Lock()
	defer one.c.mu.Unlock()
	return one.c.seen[one.name] != nil
}

func (c *schedules) removeOne(ctx context.Context, name string) error {
	_, err := c.s.Scheduler.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{GroupName: aws.String(c.s.scheduleGroupName()),
		Name: aws.String(name)})
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("%s: %w", name, err)
	}
	c.note(name, nil)
	return nil
}

// remove deletes the schedules while the function that they start still exists.
func (c *schedules) remove(ctx context.Context) error {
	if !c.s.scheduleGroup.exists() || !c.s.ours(c.s.scheduleGroup.tags) {
		return nil
	}
	return together(ctx, slices.Collect(maps.Keys(c.seen)), c.removeOne)
}

// report does not say whether there are schedules: the group does, because they are deleted with it.
func (c *schedules) report(state *State) { state.Reconciliation = readSweep(c.seen[sweepName]) }

// schedulerNotYetTrusted reports whether EventBridge Scheduler refuses the role. It does until IAM's change has reached it.
func schedulerNotYetTrusted(err error) bool {
	return hasCode(err, "ValidationException") && strings.Contains(err.Error(), "must allow AWS EventBridge Scheduler to assume the role")
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// stepTypes are the attributes of one step, as in the schema.
var stepTypes = map[string]attr.Type{
	"app":                 types.StringType,
	"after":               types.MapType{ElemType: types.StringType},
	"schedule":            types.ObjectType{AttrTypes: scheduleTypes},
	"expect_by":           types.ObjectType{AttrTypes: expectByTypes},
	"wait_for":            types.StringType,
	"carry_over":          types.MapType{ElemType: types.StringType},
	"max_duration":        types.ObjectType{AttrTypes: maxDurationTypes},
	"max_starts_per_hour": types.Int32Type,
	"when":                types.StringType,
	"delay":               types.StringType,
	"retry":               types.ObjectType{AttrTypes: retryTypes},
	"enabled":             types.BoolType,
	"partial":             types.BoolType,
	"variables":           types.MapType{ElemType: types.StringType},
	"weight":              types.Int32Type,
}

// scheduleTypes are the attributes of schedule.
var scheduleTypes = map[string]attr.Type{
	"cron": types.StringType, "rate": types.StringType, "timezone": types.StringType, "except": types.SetType{ElemType: types.StringType},
}

// cycleTypes are the attributes of cycle.
var cycleTypes = map[string]attr.Type{"begins": types.StringType, "every": types.StringType}

// maxDurationTypes are the attributes of max_duration.
var maxDurationTypes = map[string]attr.Type{"after": types.StringType, "on_exceeded": types.StringType}

// expectByTypes are the attributes of expect_by.
var expectByTypes = map[string]attr.Type{"time": types.StringType, "timezone": types.StringType, "days": types.SetType{ElemType: types.StringType}}

// retryTypes are the attributes of retry.
var retryTypes = map[string]attr.Type{
	"max_attempts": types.Int32Type,
	"interval":     types.StringType,
	"backoff_rate": types.Float64Type,
	"retry_on":     types.SetType{ElemType: types.StringType},
}

// checkDefinition reports everything that is wrong with the chain as far as it is known. Whether something unknown will be
// right, nobody can tell yet: problems in which an unknown value has a part are none.
func (m *taskChainModel) checkDefinition(diags *diag.Diagnostics) (d *chain.Definition, whole bool) {
	d, read := m.readDefinition()
	problems := slices.DeleteFunc(d.Validate(), func(p chain.Problem) bool { return slices.ContainsFunc(read.unknown, p.Concerns) })
	problems = append(problems, read.problems...)
	slices.SortStableFunc(problems, func(a, b chain.Problem) int { return slices.Compare(a.Path, b.Path) })
	addProblems(diags, problems)
	if len(read.unknown) > 0 || len(problems) > 0 {
		return d, false
	}
	_, err := d.Store()
	var tooLarge *chain.TooLargeError
	switch {
	case errors.As(err, &tooLarge):
		diags.AddAttributeError(path.Root("steps"), "Task chain too large", sentence(err))
	case err != nil:
		diags.AddAttributeError(path.Root("steps"), "Invalid task chain", sentence(err))
	}
	return d, err == nil
}

// warnUnconnected points at steps that stand alone. Terraform drops an attribute that it does not know inside of steps without a
// word, so a misspelled "after" would otherwise go unseen.
func warnUnconnected(diags *diag.Diagnostics, d *chain.Definition) {
	for _, key := range d.Unconnected() {
		diags.AddAttributeWarning(path.Root("steps").AtMapKey(key), "Step without a link",
			fmt.Sprintf("The step %q starts after no other step, and no other starts after it. If that is not meant, look at how \"after\" is "+
				"spelled: Terraform ignores attributes that it does not know inside of steps.", key))
	}
}

// setChain writes a stored definition back. Where the user said the same in other words, "90m" for "1h30m", these stay.
func (m *taskChainModel) setChain(found *chain.Definition) {
	m.Timezone = types.StringValue(cmp.Or(found.Timezone, chain.DefaultTimezone))
	m.setOwn(found)
	m.HistoryDays = int32Value(cmp.Or(found.HistoryDays, chain.DefaultHistoryDays))
	before := m.Steps.Elements()
	steps := make(map[string]attr.Value, len(found.Steps))
	for key, step := range found.Steps {
		values := stepValues(step)
		if words, ok := before[key].(types.Object); ok {
			keepWords(values, words.Attributes(), step, found.Timezone)
		}
		steps[key] = types.ObjectValueMust(stepTypes, values)
	}
	m.Steps = types.MapValueMust(types.ObjectType{AttrTypes: stepTypes}, steps)
}

// keepWords puts those of the words that leave the step's meaning, in a chain of this time zone, as it is in place of its values.
func keepWords(values, words map[string]attr.Value, step chain.Step, timezone string) {
	meaning := step.Canonical(timezone)
	for name, word := range words {
		if word.Equal(values[name]) {
			continue
		}
		said := maps.Clone(values)
		said[name] = word
		read := &reading{}
		if again := read.step("", types.ObjectValueMust(stepTypes, said)); len(read.unknown) == 0 && reflect.DeepEqual(again.Canonical(timezone), meaning) {
			values[name] = word
		}
	}
}

// stepValues are a step's attributes. What the definition is silent about is null, except where the schema has a default.
func stepValues(step chain.Step) map[string]attr.Value {
	return map[string]attr.Value{
		"app": types.StringValue(step.App), "after": textsOrNull(step.After), "wait_for": stringOrNull(string(step.WaitFor)),
		"when": stringOrNull(step.When), "delay": durationOrNull(time.Duration(step.Delay)), "retry": retryValue(step.Retry),
		"schedule": scheduleValue(step.Schedule), "expect_by": expectByValue(step.ExpectBy), "carry_over": agesOrNull(step.CarryOver),
		"max_duration": maxDurationValue(step.MaxDuration), "max_starts_per_hour": int32OrNull(step.MaxStartsPerHour),
		"enabled": types.BoolValue(step.Enabled), "partial": types.BoolValue(step.Partial), "variables": textsOrNull(step.Variables), "weight": int32OrNull(step.Weight),
	}
}

func scheduleValue(schedule *chain.Schedule) types.Object {
	if schedule == nil {
		return types.ObjectNull(scheduleTypes)
	}
	return types.ObjectValueMust(scheduleTypes, map[string]attr.Value{
		"cron": stringOrNull(schedule.Cron), "rate": durationOrNull(time.Duration(schedule.Rate)), "timezone": stringOrNull(schedule.Timezone),
		"except": textSetOrNull(schedule.Except),
	})
}

func cycleValue(cycle *chain.Cycle) types.Object {
	if cycle == nil {
		return types.ObjectNull(cycleTypes)
	}
	return types.ObjectValueMust(cycleTypes, map[string]attr.Value{"begins": stringOrNull(cycle.Begins), "every": durationOrNull(time.Duration(cycle.Every))})
}

func maxDurationValue(limit *chain.MaxDuration) types.Object {
	if limit == nil {
		return types.ObjectNull(maxDurationTypes)
	}
	return types.ObjectValueMust(maxDurationTypes, map[string]attr.Value{
		"after": durationOrNull(time.Duration(limit.After)), "on_exceeded": stringOrNull(string(limit.OnExceeded)),
	})
}

func expectByValue(expect *chain.ExpectBy) types.Object {
	if expect == nil {
		return types.ObjectNull(expectByTypes)
	}
	var days []string
	for _, day := range expect.Days {
		days = append(days, string(day))
	}
	return types.ObjectValueMust(expectByTypes, map[string]attr.Value{
		"time": types.StringValue(expect.Time), "timezone": stringOrNull(expect.Timezone), "days": textSetOrNull(days),
	})
}

// ownValues are the attributes of what a chain has besides its steps, as they are.
func (m *taskChainModel) ownValues() map[string]attr.Value {
	return map[string]attr.Value{
		"cycle": m.Cycle, "schedule": m.Schedule, "overlap": m.Overlap, "max_running": m.MaxRunning, "max_duration": m.MaxDuration,
		"expect_by": m.ExpectBy, "notify_on": m.NotifyOn,
	}
}

// setOwn writes back what a stored definition has besides its steps, in the words of the user where these mean the same.
func (m *taskChainModel) setOwn(found *chain.Definition) {
	var ends []string
	for _, end := range found.NotifyOn {
		ends = append(ends, string(end))
	}
	stored := map[string]attr.Value{
		"cycle": cycleValue(found.Cycle), "schedule": scheduleValue(found.Schedule), "overlap": stringOrNull(string(found.Overlap)),
		"max_running": int32OrNull(found.MaxRunning), "max_duration": maxDurationValue(found.MaxDuration),
		"expect_by": expectByValue(found.ExpectBy), "notify_on": textSetOrNull(ends),
	}
	meaning := func(values map[string]attr.Value) (*chain.Definition, bool) {
		read, d := &reading{}, &chain.Definition{Timezone: found.Timezone}
		fields{reading: read, values: values}.own(d)
		return d.Canonical(), len(read.unknown) == 0
	}
	want, _ := meaning(stored)
	keeps := func(name string) bool {
		said, word := maps.Clone(stored), m.ownValues()[name]
		if word.IsNull() {
			return false
		}
		said[name] = word
		got, ok := meaning(said)
		return ok && reflect.DeepEqual(got, want)
	}
	setUnless(keeps("cycle"), &m.Cycle, stored["cycle"])
	setUnless(keeps("schedule"), &m.Schedule, stored["schedule"])
	setUnless(keeps("overlap"), &m.Overlap, stored["overlap"])
	setUnless(keeps("max_running"), &m.MaxRunning, stored["max_running"])
	setUnless(keeps("max_duration"), &m.MaxDuration, stored["max_duration"])
	setUnless(keeps("expect_by"), &m.ExpectBy, stored["expect_by"])
	setUnless(keeps("notify_on"), &m.NotifyOn, stored["notify_on"])
}

// setUnless sets an attribute of the model, unless what it says is kept.
func setUnless[T attr.Value](keep bool, attribute *T, value attr.Value) {
	if typed, ok := value.(T); ok && !keep {
		*attribute = typed
	}
}

func retryValue(retry *chain.Retry) types.Object {
	if retry == nil {
		return types.ObjectNull(retryTypes)
	}
	rate, on := types.Float64Null(), types.SetNull(types.StringType)
	if retry.BackoffRate != 0 {
		rate = types.Float64Value(retry.BackoffRate)
	}
	if len(retry.RetryOn) > 0 {
		ways := make([]attr.Value, len(retry.RetryOn))
		for i, way := range retry.RetryOn {
			ways[i] = types.StringValue(string(way))
		}
		on = types.SetValueMust(types.StringType, ways)
	}
	return types.ObjectValueMust(retryTypes, map[string]attr.Value{
		"max_attempts": int32Value(retry.MaxAttempts), "interval": durationOrNull(time.Duration(retry.Interval)), "backoff_rate": rate, "retry_on": on,
	})
}

func textsOrNull[T ~string](m map[string]T) types.Map {
	if len(m) == 0 {
		return types.MapNull(types.StringType)
	}
	values := make(map[string]attr.Value, len(m))
	for key, value := range m {
		values[key] = types.StringValue(string(value))
	}
	return types.MapValueMust(types.StringType, values)
}

func agesOrNull(ages map[string]chain.Duration) types.Map {
	if len(ages) == 0 {
		return types.MapNull(types.StringType)
	}
	values := make(map[string]attr.Value, len(ages))
	for key, age := range ages {
		values[key] = types.StringValue(age.String())
	}
	return types.MapValueMust(types.StringType, values)
}

func int32OrNull(n int) types.Int32 {
	if n == 0 {
		return types.Int32Null()
	}
	return int32Value(n)
}

func durationOrNull(d time.Duration) types.String {
	if d == 0 {
		return types.StringNull()
	}
	return types.StringValue(chain.FormatDuration(d))
}

func int32Value(n int) types.Int32 {
	return types.Int32Value(int32(n)) //nolint:gosec // a valid definition's numbers are small
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// reading turns Terraform's values into a definition. What is not known yet, or cannot be read, is missing from it.
type reading struct {
	unknown  []chain.Path // of the values that are missing
	problems []chain.Problem
}

// readDefinition reads the chain's definition.
func (m *taskChainModel) readDefinition() (*chain.Definition, *reading) {
	r := &reading{}
	f := fields{reading: r, values: map[string]attr.Value{
		"name": m.Name, "timezone": m.Timezone, "history_days": m.HistoryDays, "steps": m.Steps,
	}}
	d := &chain.Definition{
		Version: chain.Version, Name: f.text("name"), Timezone: f.textOrSilent("timezone"),
		HistoryDays: f.numberOrSilent("history_days"), Steps: map[string]chain.Step{},
	}
	fields{reading: r, values: m.ownValues()}.own(d)
	if f.has("steps") {
		for key, step := range m.Steps.Elements() {
			d.Steps[key] = r.step(key, step)
		}
	}
	return d, r
}

func (r *reading) step(key string, value attr.Value) chain.Step {
	f, ok := fields{reading: r, path: chain.Path{"steps"}, values: map[string]attr.Value{key: value}}.object(key)
	if !ok {
		return chain.Step{Enabled: true}
	}
	step := chain.Step{
		App: f.text("app"), WaitFor: chain.WaitFor(f.textOrSilent("wait_for")), When: f.textOrSilent("when"),
		CarryOver: ages(f, "carry_over"), MaxStartsPerHour: f.numberOrSilent("max_starts_per_hour"),
		Delay: chain.Duration(f.duration("delay")), Enabled: f.flag("enabled", true), Partial: f.flag("partial", false),
		Variables: texts[string](f, "variables"), After: texts[chain.Condition](f, "after"), Weight: f.numberOrSilent("weight"),
	}
	step.Schedule, step.MaxDuration, step.ExpectBy = f.schedule(), f.maxDuration(), f.expectBy()
	if retry, ok := f.object("retry"); ok {
		step.Retry = &chain.Retry{
			MaxAttempts: retry.number("max_attempts"), Interval: chain.Duration(retry.duration("interval")), BackoffRate: retry.rateOrSilent("backoff_rate"),
			RetryOn: retry.retryOn(),
		}
	}
	return step
}

// fields are the attributes of an object, or the elements of a map, at a path. Names that are not there count as null.
type fields struct {
	reading *reading
	path    chain.Path
	values  map[string]attr.Value
}

func (f fields) at(name string) chain.Path { return append(slices.Clip(f.path), name) }

// has tells whether there is a value. One that is unknown is noted.
func (f fields) has(name string) bool {
	value := f.values[name]
	if value == nil || value.IsNull() {
		return false
	}
	if value.IsUnknown() {
		f.reading.unknown = append(f.reading.unknown, f.at(name))
		return false
	}
	return true
}

// refuse reports a value that a definition cannot hold.
func (f fields) refuse(name, message string) {
	f.reading.unknown = append(f.reading.unknown, f.at(name))
	f.reading.problems = append(f.reading.problems, chain.Problem{Path: f.at(name), Message: message})
}

// refuseSilent reports a value that would read as none in a definition, and so as the default.
func (f fields) refuseSilent(name, is string) {
	f.refuse(name, fmt.Sprintf("%s is %s. Give it a value, or leave it out.", name, is))
}

func (f fields) object(name string) (fields, bool) {
	object, ok := f.values[name].(types.Object)
	if !f.has(name) || !ok {
		return fields{}, false
	}
	return fields{reading: f.reading, path: f.at(name), values: object.Attributes()}, true
}

func (f fields) text(name string) string {
	text, ok := f.values[name].(types.String)
	if !f.has(name) || !ok {
		return ""
	}
	return text.ValueString()
}

func (f fields) textOrSilent(name string) string {
	text := f.text(name)
	if text == "" && f.has(name) {
		f.refuseSilent(name, "empty")
	}
	return text
}

func (f fields) flag(name string, byDefault bool) bool {
	flag, ok := f.values[name].(types.Bool)
	if !f.has(name) || !ok {
		return byDefault
	}
	return flag.ValueBool()
}

func (f fields) number(name string) int {
	number, ok := f.values[name].(types.Int32)
	if !f.has(name) || !ok {
		return 0
	}
	return int(number.ValueInt32())
}

func (f fields) numberOrSilent(name string) int {
	number := f.number(name)
	if number == 0 && f.has(name) {
		f.refuseSilent(name, "0")
	}
	return number
}

func (f fields) rateOrSilent(name string) float64 {
	rate, ok := f.values[name].(types.Float64)
	if !f.has(name) || !ok {
		return 0
	}
	if rate.ValueFloat64() == 0 {
		f.refuseSilent(name, "0")
	}
	return rate.ValueFloat64()
}

func (f fields) duration(name string) time.Duration {
	if !f.has(name) {
		return 0
	}
	d, err := chain.ParseDuration(f.text(name))
	if err != nil {
		f.refuse(name, sentence(err))
		return 0
	}
	return d
}

// texts reads a map of strings. Those that are null or unknown are there and empty: their keys are known.
func texts[T ~string](f fields, name string) map[string]T {
	m, ok := f.values[name].(types.Map)
	if !f.has(name) || !ok {
		return nil
	}
	inner := fields{reading: f.reading, path: f.at(name), values: m.Elements()}
	read := make(map[string]T, len(inner.values))
	for key := range inner.values {
		read[key] = T(inner.text(key))
	}
	return read
}

func (f fields) retryOn() []chain.RetryOn { return setOf[chain.RetryOn](f, "retry_on") }

// ages reads a map of durations, likewise.
func ages(f fields, name string) map[string]chain.Duration {
	m, ok := f.values[name].(types.Map)
	if !f.has(name) || !ok {
		return nil
	}
	inner := fields{reading: f.reading, path: f.at(name), values: m.Elements()}
	read := make(map[string]chain.Duration, len(inner.values))
	for key, value := range inner.values {
		if value.IsNull() {
			inner.refuse(key, "The duration is null. Give it a value, or leave the entry out.")
		}
		read[key] = chain.Duration(inner.duration(key))
	}
	return read
}

// own reads what a chain has besides its steps, and what is the same in other attributes.
func (f fields) own(d *chain.Definition) {
	d.Schedule, d.MaxDuration, d.ExpectBy = f.schedule(), f.maxDuration(), f.expectBy()
	d.Overlap, d.MaxRunning = chain.Overlap(f.textOrSilent("overlap")), f.numberOrSilent("max_running")
	d.NotifyOn = setOf[chain.NotifyOn](f, "notify_on")
	if cycle, ok := f.object("cycle"); ok {
		d.Cycle = &chain.Cycle{Begins: cycle.textOrSilent("begins"), Every: chain.Duration(cycle.duration("every"))}
	}
}

func (f fields) schedule() *chain.Schedule {
	schedule, ok := f.object("schedule")
	if !ok {
		return nil
	}
	return &chain.Schedule{
		Cron: schedule.textOrSilent("cron"), Rate: chain.Duration(schedule.duration("rate")), Timezone: schedule.textOrSilent("timezone"),
		Except: setOf[string](schedule, "except"),
	}
}

func (f fields) maxDuration() *chain.MaxDuration {
	limit, ok := f.object("max_duration")
	if !ok {
		return nil
	}
	return &chain.MaxDuration{After: chain.Duration(limit.duration("after")), OnExceeded: chain.OnExceeded(limit.textOrSilent("on_exceeded"))}
}

func (f fields) expectBy() *chain.ExpectBy {
	expect, ok := f.object("expect_by")
	if !ok {
		return nil
	}
	return &chain.ExpectBy{Time: expect.text("time"), Timezone: expect.textOrSilent("timezone"), Days: setOf[chain.Day](expect, "days")}
}

// setOf reads a set of strings, sorted.
func setOf[T ~string](f fields, name string) []T {
	set, ok := f.values[name].(types.Set)
	if !f.has(name) || !ok {
		return nil
	}
	texts := make([]T, 0, len(set.Elements()))
	for _, element := range set.Elements() {
		one := fields{reading: f.reading, path: f.path, values: map[string]attr.Value{name: element}}
		if one.has(name) {
			texts = append(texts, T(one.text(name)))
		}
	}
	if len(set.Elements()) == 0 {
		f.refuseSilent(name, "empty")
	}
	slices.Sort(texts)
	return texts
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// checkDefinition reports everything that is wrong with the known part of the chain. Problems that depend on an unknown value are not
// reported: the value may turn out valid.
func (m *taskChainModel) checkDefinition(diags *diag.Diagnostics) (d *chain.Definition, whole bool) {
	d, read := m.readDefinition()
	problems := slices.DeleteFunc(d.Validate(), func(p chain.Problem) bool { return slices.ContainsFunc(read.unknown, p.Concerns) })
	problems = append(problems, read.problems...)
	slices.SortStableFunc(problems, func(a, b chain.Problem) int { return slices.Compare(a.Path, b.Path) })
	addProblems(diags, "Invalid task chain", problems)
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

// warnUnconnected warns about steps without any connection to another step, at the first of them.
func warnUnconnected(diags *diag.Diagnostics, d *chain.Definition) {
	keys := d.Unconnected()
	if len(keys) == 0 {
		return
	}
	text := fmt.Sprintf("The step %q starts after no other step, and no other starts after it.", keys[0])
	if len(keys) > 1 {
		text += " The same holds for " + named(keys[1:]) + "."
	}
	diags.AddAttributeWarning(path.Root("steps").AtMapKey(keys[0]), "Step without a link", text+" If that is not meant, add \"after\".")
}

// readDefinition reads the chain's definition.
func (m *taskChainModel) readDefinition() (*chain.Definition, *decoder) {
	values := map[string]attr.Value{}
	for _, f := range chainFields() {
		values[f.name], _ = attributeOf(m, f.name).Interface().(attr.Value)
	}
	return decode(chainFields(), values)
}

// decode decodes a definition, or some attributes of one.
func decode(fields []field, values map[string]attr.Value) (*chain.Definition, *decoder) {
	decoder, d := &decoder{}, &chain.Definition{Version: chain.Version}
	decoder.object(nil, fields, values, reflect.ValueOf(d).Elem())
	return d, decoder
}

// attributeOf returns the model's field for an attribute.
func attributeOf(model any, name string) reflect.Value {
	fields := reflect.ValueOf(model).Elem()
	for i := range fields.NumField() {
		if fields.Type().Field(i).Tag.Get("tfsdk") == name {
			return fields.Field(i)
		}
	}
	panic(fmt.Sprintf("%T has no attribute %q", model, name))
}

// setChain stores a definition that was found. If the user wrote the same in other words, for example "90m" for "1h30m", the user's words
// stay.
func (m *taskChainModel) setChain(found *chain.Definition) {
	m.Timezone = types.StringValue(cmp.Or(found.Timezone, chain.DefaultTimezone))
	m.HistoryDays = types.Int32Value(int32(cmp.Or(found.HistoryDays, chain.DefaultHistoryDays))) //nolint:gosec // a valid one is small
	for _, f := range ownFields() {
		m.setOwn(&f, found)
	}
	m.setSteps(found)
}

// setOwn stores one attribute of a definition besides its steps, unless the model's value means the same.
func (m *taskChainModel) setOwn(f *field, found *chain.Definition) {
	attribute, stored := attributeOf(m, f.name), fieldOf(reflect.ValueOf(found).Elem(), f.name)
	word, _ := attribute.Interface().(attr.Value)
	said, read := decode([]field{*f}, map[string]attr.Value{f.name: word})
	said.Timezone = found.Timezone
	meaning := func(d *chain.Definition) any {
		return fieldOf(reflect.ValueOf(d.Canonical()).Elem(), f.name).Interface()
	}
	if !word.IsNull() && len(read.unknown) == 0 && reflect.DeepEqual(meaning(said), meaning(found)) {
		return
	}
	value := f.typed(stored)
	if f.kind == anObject {
		value = dynamicOf(f, stored)
	}
	attribute.Set(reflect.ValueOf(value))
}

// dynamicOf returns an object's attribute. It is null if the definition does not set it.
func dynamicOf(f *field, stored reflect.Value) types.Dynamic {
	if f.isSilent(stored) {
		return types.DynamicNull()
	}
	return types.DynamicValue(f.words(stored))
}

// setSteps stores the steps. What has the same meaning in the state stays: all steps, single steps, or single attributes.
func (m *taskChainModel) setSteps(found *chain.Definition) {
	said, read := decode([]field{stepsField()}, map[string]attr.Value{"steps": m.Steps})
	written, _ := members(plain(m.Steps))
	whole := len(read.unknown) == 0 && len(written) == len(found.Steps)
	steps := make(map[string]attr.Value, len(found.Steps))
	for key, step := range found.Steps {
		before, there := said.Steps[key]
		if there && len(read.unknown) == 0 && reflect.DeepEqual(before.Canonical(found.Timezone), step.Canonical(found.Timezone)) {
			steps[key] = written[key]
			continue
		}
		whole = false
		steps[key] = stepWords(step, written[key], found.Timezone)
	}
	if !whole {
		m.Steps = types.DynamicValue(objectOf(steps))
	}
}

// stepWords returns a step as users would write it. It keeps the attributes of the previous value that have the same meaning in a chain of
// this time zone.
func stepWords(step chain.Step, before attr.Value, timezone string) types.Object {
	fields, meaning := stepFields(), step.Canonical(timezone)
	values := words(fields, reflect.ValueOf(step))
	written, _ := members(plain(before))
	for name, word := range written {
		said := maps.Clone(values)
		said[name] = word
		read, again := &decoder{}, chain.Step{}
		read.object(nil, fields, said, reflect.ValueOf(&again).Elem())
		if len(read.unknown) == 0 && reflect.DeepEqual(again.Canonical(timezone), meaning) {
			values[name] = word
		}
	}
	return objectOf(values)
}

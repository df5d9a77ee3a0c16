package provider

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// stepTypes are the attributes of one step, as in the schema.
var stepTypes = map[string]attr.Type{
	"id":        types.StringType,
	"after":     types.MapType{ElemType: types.StringType},
	"enabled":   types.BoolType,
	"partial":   types.BoolType,
	"variables": types.MapType{ElemType: types.StringType},
	"weight":    types.Int32Type,
}

// objectOptions read an object whose attributes may be null or unknown.
var objectOptions = basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true, UnhandledUnknownAsEmpty: true}

// definition reads the chain's definition. What is not known yet is missing from it, and its path is in unknown.
func (m *taskChainModel) definition() (d *chain.Definition, unknown []chain.Path) {
	d = &chain.Definition{Version: chain.Version, Name: m.Name.ValueString(), Apps: map[string]chain.Step{}}
	note := func(value attr.Value, path ...string) {
		if value.IsUnknown() {
			unknown = append(unknown, path)
		}
	}
	note(m.Name, "name")
	note(m.Apps, "apps")
	for key, element := range m.Apps.Elements() {
		note(element, "apps", key)
		step := chain.Step{Enabled: true}
		object, _ := element.(types.Object) // an unknown step has no attributes
		for name, value := range object.Attributes() {
			note(value, "apps", key, name)
			switch value := value.(type) {
			case types.String: // id
				step.ID = value.ValueString()
			case types.Bool:
				switch {
				case value.IsNull() || value.IsUnknown():
				case name == "enabled":
					step.Enabled = value.ValueBool()
				case name == "partial":
					step.Partial = value.ValueBool()
				}
			case types.Int32: // weight
				step.Weight = int(value.ValueInt32())
			case types.Map:
				for inner, element := range value.Elements() {
					note(element, "apps", key, name, inner)
					text, _ := element.(types.String) // unknown and null ones read as ""
					if name == "after" {
						step.After = with(step.After, inner, chain.Condition(text.ValueString()))
					} else {
						step.Variables = with(step.Variables, inner, text.ValueString())
					}
				}
			}
		}
		d.Apps[key] = step
	}
	return d, unknown
}

func with[V any](m map[string]V, key string, value V) map[string]V {
	if m == nil {
		m = map[string]V{}
	}
	m[key] = value
	return m
}

// checkDefinition reports everything that is wrong with the chain as far as it is known. Whether something unknown will be
// right, nobody can tell yet: problems at or below an unknown value are none.
func (m *taskChainModel) checkDefinition(diags *diag.Diagnostics) (d *chain.Definition, whole bool) {
	d, unknown := m.definition()
	problems := slices.DeleteFunc(d.Validate(), func(p chain.Problem) bool {
		return slices.ContainsFunc(unknown, func(u chain.Path) bool { return len(p.Path) >= len(u) && slices.Equal(p.Path[:len(u)], u) })
	})
	addProblems(diags, problems)
	if len(unknown) > 0 || len(problems) > 0 {
		return d, false
	}
	value, limit, fits, err := stack.EncodeDefinition(d)
	switch {
	case err != nil:
		diags.AddAttributeError(path.Root("apps"), "Invalid task chain", sentence(err))
	case !fits:
		diags.AddAttributeError(path.Root("apps"), "Task chain too large",
			fmt.Sprintf("The definition takes %d bytes, and what stores it holds %d. Split the chain in two, or shorten names and variables.", len(value), limit))
	}
	return d, err == nil && fits
}

// warnUnconnected points at steps that stand alone. Terraform drops an attribute that it does not know inside of apps without a
// word, so a misspelled "after" would otherwise go unseen.
func warnUnconnected(diags *diag.Diagnostics, d *chain.Definition) {
	for _, key := range d.Unconnected() {
		diags.AddAttributeWarning(path.Root("apps").AtMapKey(key), "Step without a link",
			fmt.Sprintf("The step %q starts after no other step, and no other starts after it. If that is not meant, look at how \"after\" is "+
				"spelled: Terraform ignores attributes that it does not know inside of apps.", key))
	}
}

// setApps writes a stored definition back as the steps, unless these say the same already, perhaps in other words: an empty
// map instead of none.
func (m *taskChainModel) setApps(found *chain.Definition) {
	if before, unknown := m.definition(); len(unknown) == 0 && reflect.DeepEqual(before, found) {
		return
	}
	steps := map[string]attr.Value{}
	for key, step := range found.Apps {
		after := map[string]string{}
		for upstream, condition := range step.After {
			after[upstream] = string(condition)
		}
		weight := types.Int32Null()
		if step.Weight != 0 {
			weight = types.Int32Value(int32(step.Weight)) //nolint:gosec // 1 to 10, a definition is valid
		}
		steps[key] = types.ObjectValueMust(stepTypes, map[string]attr.Value{
			"id": types.StringValue(step.ID), "after": mapOrNull(after), "enabled": types.BoolValue(step.Enabled),
			"partial": types.BoolValue(step.Partial), "variables": mapOrNull(step.Variables), "weight": weight,
		})
	}
	m.Apps = types.MapValueMust(types.ObjectType{AttrTypes: stepTypes}, steps)
}

func mapOrNull(m map[string]string) types.Map {
	if len(m) == 0 {
		return types.MapNull(types.StringType)
	}
	return stringMap(m)
}

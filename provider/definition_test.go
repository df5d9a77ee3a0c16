package provider

import (
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

const someApp = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"

func step(values map[string]attr.Value) attr.Value {
	all := map[string]attr.Value{
		"id": types.StringValue(someApp), "after": types.MapNull(types.StringType), "enabled": types.BoolNull(), "partial": types.BoolNull(),
		"variables": types.MapNull(types.StringType), "weight": types.Int32Null(),
	}
	for name, value := range values {
		all[name] = value
	}
	return types.ObjectValueMust(stepTypes, all)
}

func modelOf(steps map[string]attr.Value) *taskChainModel {
	return &taskChainModel{Name: types.StringValue("nightly"), Apps: types.MapValueMust(types.ObjectType{AttrTypes: stepTypes}, steps)}
}

// TestUnknownValuesAreNoProblem: what is known only after apply causes no false error, and hides no true one.
func TestUnknownValuesAreNoProblem(t *testing.T) {
	t.Parallel()
	unknownID := step(map[string]attr.Value{"id": types.StringUnknown()})
	tests := map[string]struct {
		model *taskChainModel
		whole bool
		paths []path.Path // of the errors
	}{
		"all known":           {modelOf(map[string]attr.Value{"a": step(nil)}), true, nil},
		"two unknown ids":     {modelOf(map[string]attr.Value{"a": unknownID, "b": unknownID}), false, nil},
		"an unknown step":     {modelOf(map[string]attr.Value{"a": types.ObjectUnknown(stepTypes)}), false, nil},
		"unknown after":       {modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"after": types.MapUnknown(types.StringType)})}), false, nil},
		"an unknown variable": {modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"variables": types.MapValueMust(types.StringType, map[string]attr.Value{"v": types.StringUnknown()})})}), false, nil},
		"unknown apps":        {&taskChainModel{Name: types.StringValue("nightly"), Apps: types.MapUnknown(types.ObjectType{AttrTypes: stepTypes})}, false, nil},
		"unknown name":        {&taskChainModel{Name: types.StringUnknown(), Apps: modelOf(map[string]attr.Value{"a": step(nil)}).Apps}, false, nil},
		"a wrong link beside an unknown id": {
			modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"id": types.StringUnknown(), "after": stringMap(map[string]string{"z": "success"})})}),
			false, []path.Path{path.Root("apps").AtMapKey("a").AtName("after").AtMapKey("z")},
		},
		"wrong in three places": {
			modelOf(map[string]attr.Value{
				"a": step(map[string]attr.Value{"id": types.StringValue("sales"), "weight": types.Int32Value(12)}),
				"b": step(map[string]attr.Value{"after": stringMap(map[string]string{"b": "success"})}),
			}),
			false, []path.Path{
				path.Root("apps").AtMapKey("a").AtName("id"), path.Root("apps").AtMapKey("a").AtName("weight"),
				path.Root("apps").AtMapKey("b").AtName("after").AtMapKey("b"),
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			if _, whole := test.model.checkDefinition(&diags); whole != test.whole {
				t.Errorf("whole is %v, want %v", whole, test.whole)
			}
			var paths []path.Path
			for _, d := range diags {
				if at, ok := d.(diag.DiagnosticWithPath); ok {
					paths = append(paths, at.Path())
				} else {
					t.Errorf("an error without a path: %v", d)
				}
			}
			if !slices.EqualFunc(paths, test.paths, path.Path.Equal) {
				t.Errorf("errors at %v, want %v: %v", paths, test.paths, diags)
			}
		})
	}
}

// TestSetAppsKeepsOtherWords: a stored definition that says the same leaves the state as the user wrote it.
func TestSetAppsKeepsOtherWords(t *testing.T) {
	t.Parallel()
	model := modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"after": stringMap(nil), "enabled": types.BoolValue(true)})})
	before := model.Apps
	stored, _ := model.definition()
	model.setApps(stored)
	if !model.Apps.Equal(before) {
		t.Errorf("an empty map became %v", model.Apps)
	}
	stored.Apps["a"] = chain.Step{ID: someApp, Enabled: false, Weight: 3, After: map[string]chain.Condition{"b": chain.ConditionFailure}}
	model.setApps(stored)
	after, unknown := model.definition()
	if len(unknown) > 0 || after.Apps["a"].Enabled || after.Apps["a"].Weight != 3 || after.Apps["a"].After["b"] != chain.ConditionFailure {
		t.Errorf("a changed definition does not come through: %v", model.Apps)
	}
}

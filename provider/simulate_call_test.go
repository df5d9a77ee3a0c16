// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// valueOf converts a Go value as Terraform passes it for a dynamic parameter of a function.
func valueOf(v any) attr.Value {
	switch v := v.(type) {
	case nil:
		return types.DynamicNull()
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case int:
		return types.NumberValue(new(big.Float).SetInt64(int64(v)))
	case *big.Float:
		return types.NumberValue(v)
	case []any:
		elements, elementTypes := make([]attr.Value, len(v)), make([]attr.Type, len(v))
		for i, e := range v {
			elements[i] = valueOf(e)
			elementTypes[i] = elements[i].Type(context.Background())
		}
		return types.TupleValueMust(elementTypes, elements)
	case map[string]any:
		attributes, attributeTypes := map[string]attr.Value{}, map[string]attr.Type{}
		for name, a := range v {
			attributes[name] = valueOf(a)
			attributeTypes[name] = attributes[name].Type(context.Background())
		}
		return types.ObjectValueMust(attributeTypes, attributes)
	case attr.Value:
		return v
	default:
		panic(fmt.Sprintf("%T", v))
	}
}

// simulate calls the function.
func simulate(t *testing.T, steps, outcomes any, options ...any) (types.Object, *function.FuncError) {
	t.Helper()
	rest, restTypes := make([]attr.Value, len(options)), make([]attr.Type, len(options))
	for i, o := range options {
		rest[i], restTypes[i] = types.DynamicValue(valueOf(o)), types.DynamicType
	}
	f := newSimulateFunction()
	response := function.RunResponse{Result: function.NewResultData(types.ObjectUnknown(simulationTypes))}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData([]attr.Value{
		types.DynamicValue(valueOf(steps)), types.DynamicValue(valueOf(outcomes)), types.TupleValueMust(restTypes, rest),
	})}, &response)
	result, ok := response.Result.Value().(types.Object)
	if !ok {
		t.Fatalf("the result is %T", response.Result.Value())
	}
	return result, response.Error
}

// objectsIn returns the attributes of the objects in a list of the result.
func objectsIn(t *testing.T, result types.Object, name string) []map[string]attr.Value {
	t.Helper()
	list, ok := result.Attributes()[name].(types.List)
	if !ok {
		t.Fatalf("%s is no list", name)
	}
	var all []map[string]attr.Value
	for _, element := range list.Elements() {
		object, ok := element.(types.Object)
		if !ok {
			t.Fatalf("an element of %s is %T", name, element)
		}
		all = append(all, object.Attributes())
	}
	return all
}

func memberText(attributes map[string]attr.Value, name string) string {
	s, _ := attributes[name].(types.String)
	if s.IsNull() {
		return "null"
	}
	return s.ValueString()
}

func reloadLines(t *testing.T, result types.Object) []string {
	t.Helper()
	var lines []string
	for _, a := range objectsIn(t, result, "reloads") {
		lines = append(lines, fmt.Sprintf("%s %v %s %s %s in %s %v",
			memberText(a, "step"), a["attempt"], memberText(a, "outcome"), memberText(a, "start"), memberText(a, "end"), memberText(a, "run"),
			a["after"]))
	}
	return lines
}

func runLines(t *testing.T, result types.Object) []string {
	t.Helper()
	var lines []string
	for _, a := range objectsIn(t, result, "runs") {
		line := fmt.Sprintf("%s %s %s %s %s", memberText(a, "id"), memberText(a, "status"), memberText(a, "cycle"), memberText(a, "begin"),
			memberText(a,
				"end"))
		if of := memberText(a, "rerun_of"); of != "null" {
			line += " of " + of
		}
		lines = append(lines, line)
	}
	return lines
}

// wordsOf returns a list's texts.
func wordsOf(value attr.Value) []string {
	all, _ := elements(value)
	var words []string
	for _, each := range all {
		text, _ := each.(types.String)
		words = append(words, text.ValueString())
	}
	return words
}

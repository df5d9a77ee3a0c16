// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// conforming gives values that Terraform has not matched with a schema, since they are a function's argument, the schema's types: what it does
// for a resource. Unlike there, an attribute that nobody knows is a problem.
type conforming struct{ problems []chain.Problem }

func (c *conforming) refuse(path chain.Path, format string, args ...any) {
	c.problems = append(c.problems, chain.Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

func (c *conforming) steps(value attr.Value) types.Map {
	step := types.ObjectType{AttrTypes: stepTypes}
	steps, ok := c.value(chain.Path{"steps"}, types.MapType{ElemType: step}, value).(types.Map)
	if !ok {
		return types.MapUnknown(step)
	}
	return steps
}

// value is the value in the wanted type. One that does not fit is a problem, and null.
func (c *conforming) value(path chain.Path, want attr.Type, value attr.Value) attr.Value {
	switch {
	case value == nil || value.IsNull():
		return known(want).null
	case value.IsUnknown():
		return known(want).unknown
	}
	if dynamic, ok := value.(types.Dynamic); ok {
		return c.value(path, want, dynamic.UnderlyingValue())
	}
	switch want := want.(type) {
	case types.MapType:
		if members, ok := members(value); ok {
			return c.mapOf(path, want.ElemType, members)
		}
	case types.ObjectType:
		if members, ok := members(value); ok {
			return c.object(path, want.AttrTypes, members)
		}
	case types.SetType:
		if elements, ok := elements(value); ok {
			return c.setOf(path, want.ElemType, elements)
		}
	default:
		if scalar := scalarIn(want, value); scalar != nil {
			return scalar
		}
	}
	c.refuse(path, "This must be %s.", known(want).words)
	return known(want).null
}

func (c *conforming) mapOf(path chain.Path, element attr.Type, members map[string]attr.Value) attr.Value {
	values := make(map[string]attr.Value, len(members))
	for _, key := range slices.Sorted(maps.Keys(members)) {
		values[key] = c.value(append(slices.Clip(path), key), element, members[key])
	}
	return types.MapValueMust(element, values)
}

func (c *conforming) setOf(path chain.Path, element attr.Type, elements []attr.Value) attr.Value {
	values := make([]attr.Value, len(elements))
	for i, e := range elements {
		values[i] = c.value(path, element, e)
	}
	return types.SetValueMust(element, values)
}

func (c *conforming) object(path chain.Path, attributes map[string]attr.Type, members map[string]attr.Value) attr.Value {
	values := make(map[string]attr.Value, len(attributes))
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		values[name] = c.value(append(slices.Clip(path), name), attributes[name], members[name])
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, there := attributes[name]; !there {
			c.refuse(append(slices.Clip(path), name), "There is no such attribute. There are %s.", strings.Join(slices.Sorted(maps.Keys(attributes)), ", "))
		}
	}
	return types.ObjectValueMust(attributes, values)
}

// members are the attributes of an object, or the elements of a map.
func members(value attr.Value) (map[string]attr.Value, bool) {
	switch v := value.(type) {
	case types.Object:
		return v.Attributes(), true
	case types.Map:
		return v.Elements(), true
	default:
		return nil, false
	}
}

func elements(value attr.Value) ([]attr.Value, bool) {
	switch v := value.(type) {
	case types.Tuple:
		return v.Elements(), true
	case types.List:
		return v.Elements(), true
	case types.Set:
		return v.Elements(), true
	default:
		return nil, false
	}
}

// scalarIn is a text, number or truth in the wanted type; nil when it does not fit. A text takes the others too, as Terraform lets it.
func scalarIn(want attr.Type, value attr.Value) attr.Value {
	switch v := value.(type) {
	case types.String:
		if want == types.StringType {
			return v
		}
	case types.Bool:
		switch want {
		case types.BoolType:
			return v
		case types.StringType:
			return types.StringValue(fmt.Sprint(v.ValueBool()))
		}
	case types.Number:
		return numberIn(want, v.ValueBigFloat())
	}
	return nil
}

func numberIn(want attr.Type, number *big.Float) attr.Value {
	switch want {
	case types.Int32Type:
		whole, accuracy := number.Int64()
		if accuracy == big.Exact && int64(int32(whole)) == whole { //nolint:gosec // checked by going back
			return types.Int32Value(int32(whole)) //nolint:gosec // the same
		}
	case types.Float64Type:
		float, _ := number.Float64()
		return types.Float64Value(float)
	case types.StringType:
		return types.StringValue(number.Text('f', -1))
	}
	return nil
}

// absent are a type's values that are none, and what it is in words.
type absent struct {
	null, unknown attr.Value
	words         string
}

func known(want attr.Type) absent {
	switch want := want.(type) {
	case types.MapType:
		return absent{types.MapNull(want.ElemType), types.MapUnknown(want.ElemType), "an object or a map"}
	case types.ObjectType:
		return absent{types.ObjectNull(want.AttrTypes), types.ObjectUnknown(want.AttrTypes), "an object"}
	case types.SetType:
		return absent{types.SetNull(want.ElemType), types.SetUnknown(want.ElemType), "a list"}
	}
	switch want {
	case types.Int32Type:
		return absent{types.Int32Null(), types.Int32Unknown(), "a whole number"}
	case types.Float64Type:
		return absent{types.Float64Null(), types.Float64Unknown(), "a number"}
	case types.BoolType:
		return absent{types.BoolNull(), types.BoolUnknown(), "true or false"}
	default:
		return absent{types.StringNull(), types.StringUnknown(), "a text"}
	}
}

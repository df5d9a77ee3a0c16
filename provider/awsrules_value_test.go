// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// valueOf makes a value of Terraform's type system of one of Go's. What a map leaves out of an object is null.
func valueOf(typ tftypes.Type, value any) (tftypes.Value, error) {
	if value == nil {
		return tftypes.NewValue(typ, nil), nil
	}
	if typ.Is(tftypes.DynamicPseudoType) {
		typ = typeOf(value)
	}
	var inner any
	var err error
	switch t := typ.(type) {
	case tftypes.Object:
		members, _ := value.(map[string]any)
		inner, err = membersOf(members, t.AttributeTypes)
	case tftypes.Map:
		members, _ := value.(map[string]any)
		types := map[string]tftypes.Type{}
		for name := range members {
			types[name] = t.ElementType
		}
		inner, err = membersOf(members, types)
	case tftypes.Set:
		list, _ := value.([]any)
		elements := make([]tftypes.Value, len(list))
		for i := range list {
			if elements[i], err = valueOf(t.ElementType, list[i]); err != nil {
				return tftypes.Value{}, err
			}
		}
		inner = elements
	default:
		inner = value
		if typ.Is(tftypes.Number) {
			number, ok := new(big.Float).SetString(fmt.Sprint(value))
			if !ok {
				return tftypes.Value{}, fmt.Errorf("%v is not a number", value)
			}
			inner = number
		}
	}
	if err != nil {
		return tftypes.Value{}, err
	}
	return tftypes.NewValue(typ, inner), nil
}

// typeOf returns the type that a value of a dynamic attribute has.
func typeOf(value any) tftypes.Type {
	switch value := value.(type) {
	case map[string]any:
		members := map[string]tftypes.Type{}
		for name, member := range value {
			members[name] = typeOf(member)
		}
		return tftypes.Object{AttributeTypes: members}
	case []any:
		return tftypes.Set{ElementType: tftypes.String}
	default:
		return tftypes.String
	}
}

func membersOf(members map[string]any, types map[string]tftypes.Type) (map[string]tftypes.Value, error) {
	values := map[string]tftypes.Value{}
	for name, typ := range types {
		var err error
		if values[name], err = valueOf(typ, members[name]); err != nil {
			return nil, err
		}
	}
	return values, nil
}

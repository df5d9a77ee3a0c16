// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"math/big"
	"reflect"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// isSilent reports whether the field has its default.
func (f *field) isSilent(value reflect.Value) bool {
	switch {
	case f.byDefault != nil:
		return value.Equal(reflect.ValueOf(f.byDefault).Convert(value.Type()))
	case f.kind == anObject && value.Kind() == reflect.Struct:
		return !slices.ContainsFunc(f.fields, func(member field) bool { return !member.isSilent(fieldOf(value, member.name)) })
	default:
		return value.IsZero()
	}
}

// words returns the members of an object as users would write them. Members with the default value are left out.
func words(fields []field, of reflect.Value) map[string]attr.Value {
	said := map[string]attr.Value{}
	for i := range fields {
		if value := fieldOf(of, fields[i].name); fields[i].required || !fields[i].isSilent(value) {
			said[fields[i].name] = fields[i].words(value)
		}
	}
	return said
}

// words returns a value as users would write it.
func (f *field) words(value reflect.Value) attr.Value {
	switch f.kind {
	case aNumber:
		return types.NumberValue(new(big.Float).SetInt64(value.Int()))
	case aDecimal:
		return types.NumberValue(big.NewFloat(value.Float()))
	case aFlag:
		return types.BoolValue(value.Bool())
	case aTextSet:
		texts := make([]attr.Value, value.Len())
		for i := range texts {
			texts[i] = types.StringValue(value.Index(i).String())
		}
		return tupleOf(texts)
	case anObject:
		return objectOf(words(f.fields, reflect.Indirect(value)))
	case aTextMap, aDurationMap:
		return objectOf(textsOf(value))
	case anObjectMap:
		all := make(map[string]attr.Value, value.Len())
		for entry := value.MapRange(); entry.Next(); {
			all[entry.Key().String()] = objectOf(words(f.fields, entry.Value()))
		}
		return objectOf(all)
	default:
		return types.StringValue(textOf(value))
	}
}

// typed returns a value in the field's type. Data sources, and attributes of the resource that are not dynamic, use that type. The value is
// null if the definition does not set it, except for a flag.
func (f *field) typed(value reflect.Value) attr.Value {
	silent := f.isSilent(value)
	switch f.kind {
	case aNumber:
		if silent {
			return types.Int32Null()
		}
		return types.Int32Value(int32(value.Int())) //nolint:gosec // a valid definition's numbers are small
	case aDecimal:
		if silent {
			return types.Float64Null()
		}
		return types.Float64Value(value.Float())
	case aFlag:
		return types.BoolValue(value.Bool())
	case aTextSet:
		if silent {
			return types.SetNull(types.StringType)
		}
		tuple, _ := f.words(value).(types.Tuple)
		return types.SetValueMust(types.StringType, tuple.Elements())
	case anObject:
		if silent {
			return types.ObjectNull(typesOf(f.fields))
		}
		return typedObject(f.fields, value.Elem())
	case aTextMap, aDurationMap:
		if silent {
			return types.MapNull(types.StringType)
		}
		return types.MapValueMust(types.StringType, textsOf(value))
	case anObjectMap:
		all := make(map[string]attr.Value, value.Len())
		for entry := value.MapRange(); entry.Next(); {
			all[entry.Key().String()] = typedObject(f.fields, entry.Value())
		}
		return types.MapValueMust(types.ObjectType{AttrTypes: typesOf(f.fields)}, all)
	default:
		return stringOrNull(textOf(value))
	}
}

func typedObject(fields []field, of reflect.Value) types.Object {
	values := make(map[string]attr.Value, len(fields))
	for i := range fields {
		values[fields[i].name] = fields[i].typed(fieldOf(of, fields[i].name))
	}
	return types.ObjectValueMust(typesOf(fields), values)
}

// typesOf returns the types of the fields, as in the results of typed.
func typesOf(fields []field) map[string]attr.Type {
	all := make(map[string]attr.Type, len(fields))
	for i := range fields {
		all[fields[i].name] = fields[i].typeOf()
	}
	return all
}

func (f *field) typeOf() attr.Type {
	switch f.kind {
	case aNumber:
		return types.Int32Type
	case aDecimal:
		return types.Float64Type
	case aFlag:
		return types.BoolType
	case aTextSet:
		return types.SetType{ElemType: types.StringType}
	case aTextMap, aDurationMap:
		return types.MapType{ElemType: types.StringType}
	case anObject:
		return types.ObjectType{AttrTypes: typesOf(f.fields)}
	case anObjectMap:
		return types.MapType{ElemType: types.ObjectType{AttrTypes: typesOf(f.fields)}}
	default:
		return types.StringType
	}
}

// textOf returns a text or a duration as a text. It is empty for none.
func textOf(value reflect.Value) string {
	switch {
	case value.Kind() != reflect.Int64:
		return value.String()
	case value.IsZero():
		return ""
	default:
		return chain.Duration(value.Int()).String()
	}
}

func textsOf(m reflect.Value) map[string]attr.Value {
	texts := make(map[string]attr.Value, m.Len())
	for entry := m.MapRange(); entry.Next(); {
		texts[entry.Key().String()] = types.StringValue(textOf(entry.Value()))
	}
	return texts
}

// objectOf returns an object of the type that HCL's braces produce.
func objectOf(members map[string]attr.Value) types.Object {
	memberTypes := make(map[string]attr.Type, len(members))
	for name, value := range members {
		memberTypes[name] = value.Type(context.Background())
	}
	return types.ObjectValueMust(memberTypes, members)
}

// tupleOf returns a tuple of the type that HCL's brackets produce.
func tupleOf(values []attr.Value) types.Tuple {
	valueTypes := make([]attr.Type, len(values))
	for i, value := range values {
		valueTypes[i] = value.Type(context.Background())
	}
	return types.TupleValueMust(valueTypes, values)
}

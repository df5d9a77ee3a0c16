// SPDX-License-Identifier: MPL-2.0

package stack_test

import (
	"fmt"
	"reflect"
	"time"

	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// visit calls do for every field below v, with a function that changes it. A list or map without elements gets one, a struct that is
// missing is made.
func visit(v reflect.Value, name string, do func(field string, change func() (undo func()))) {
	set := func(changed reflect.Value) func() func() {
		return func() func() {
			before := reflect.New(v.Type()).Elem()
			before.Set(v)
			v.Set(changed)
			return func() { v.Set(before) }
		}
	}
	// within is for what is in something that is set in v's place.
	within := func(changed reflect.Value) func(string, func() func()) {
		return func(field string, change func() func()) {
			do(field, func() func() {
				undoOuter := set(changed)()
				undo := change()
				return func() { undo(); undoOuter() }
			})
		}
	}
	switch t := v.Type(); {
	case t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]():
		for i := range t.NumField() {
			if f := t.Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				visit(v.Field(i), name+"."+f.Name, do)
			}
		}
	case isStruct(t) && v.IsNil():
		made := reflect.New(t.Elem())
		visit(made.Elem(), name, within(made))
	case isStruct(t):
		visit(v.Elem(), name, do)
	case t.Kind() == reflect.Slice && hasFields(t.Elem()):
		for i := range v.Len() {
			visit(v.Index(i), name+"[]", do)
		}
		if v.Len() == 0 {
			made := reflect.MakeSlice(t, 1, 1)
			visit(made.Index(0), name+"[]", within(made))
		}
	case t.Kind() == reflect.Map && hasFields(t.Elem()):
		keys := v.MapKeys()
		if len(keys) == 0 {
			keys = []reflect.Value{reflect.ValueOf("mine").Convert(t.Key())}
		}
		for _, key := range keys {
			made := reflect.New(t.Elem()).Elem()
			if old := v.MapIndex(key); old.IsValid() {
				made.Set(old)
			}
			visit(made, name+"{}", func(field string, change func() func()) {
				do(field, func() func() {
					undo := change()
					undoOuter := set(withEntry(v, key, made))()
					return func() { undoOuter(); undo() }
				})
			})
		}
	case t.Kind() == reflect.Slice && v.Len() > 0:
		for i := range v.Len() {
			changed := reflect.AppendSlice(reflect.MakeSlice(t, 0, v.Len()), v)
			changed.Index(i).Set(other(v.Index(i)))
			do(name, set(changed))
		}
	case t.Kind() == reflect.Map && v.Len() > 0:
		for _, key := range v.MapKeys() {
			entry := reflect.New(t.Elem()).Elem()
			entry.Set(v.MapIndex(key))
			do(fmt.Sprintf("%s{%v}", name, key), set(withEntry(v, key, other(entry))))
		}
		do(name, set(other(v)))
	default:
		do(name, set(other(v)))
	}
}

func isStruct(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct && t.Elem() != reflect.TypeFor[time.Time]()
}

// hasFields reports whether there are fields anywhere in a value of the type.
func hasFields(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return hasFields(t.Elem())
	case reflect.Struct:
		return t != reflect.TypeFor[time.Time]()
	default:
		return isStruct(t)
	}
}

func withEntry(m, key, value reflect.Value) reflect.Value {
	changed := reflect.MakeMap(m.Type())
	for _, k := range m.MapKeys() {
		changed.SetMapIndex(k, m.MapIndex(k))
	}
	changed.SetMapIndex(key, value)
	return changed
}

// other returns another value than v.
func other(v reflect.Value) reflect.Value {
	changed := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		before := reflect.Zero(v.Type().Elem())
		if !v.IsNil() {
			before = v.Elem()
		}
		changed.Set(reflect.New(v.Type().Elem()))
		changed.Elem().Set(other(before))
	case reflect.Struct:
		at, _ := v.Interface().(time.Time)
		changed.Set(reflect.ValueOf(at.Add(time.Hour)))
	case reflect.String:
		changed.SetString("mine")
	case reflect.Bool:
		changed.SetBool(!v.Bool())
	case reflect.Int32, reflect.Int64:
		changed.SetInt(v.Int() + 1)
	case reflect.Float64:
		changed.SetFloat(v.Float() + 1)
	case reflect.Uint8:
		changed.SetUint(v.Uint() + 1)
	case reflect.Slice:
		changed.Set(reflect.Append(v, other(reflect.Zero(v.Type().Elem()))))
	case reflect.Map:
		changed.Set(withEntry(v, reflect.ValueOf("mine").Convert(v.Type().Key()), other(reflect.Zero(v.Type().Elem()))))
	case reflect.Interface: // one of several types
		switch v.Type() {
		case reflect.TypeFor[dynamodbtypes.AttributeValue]():
			changed.Set(reflect.ValueOf(&dynamodbtypes.AttributeValueMemberS{Value: "mine"}))
		case reflect.TypeFor[cloudwatchtypes.EvaluationWindow]():
			changed.Set(reflect.ValueOf(&cloudwatchtypes.EvaluationWindowMemberWallClockWindow{}))
		case reflect.TypeFor[cloudwatchtypes.EvaluationCriteria]():
			changed.Set(reflect.ValueOf(&cloudwatchtypes.EvaluationCriteriaMemberPromQLCriteria{}))
		}
	default: // reported below
	}
	if reflect.DeepEqual(changed.Interface(), v.Interface()) {
		panic("no other value of a " + v.Type().String())
	}
	return changed
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// decoder converts Terraform's values to a definition, using the lists of fields. The definition lacks what is not known yet, or cannot be
// read. The decoder accepts a value of every type that Terraform would convert to the field's.
type decoder struct {
	unknown  []chain.Path // of the values that are missing
	problems []chain.Problem
}

// refuse reports a value that a definition cannot hold.
func (d *decoder) refuse(at chain.Path, format string, args ...any) {
	d.unknown = append(d.unknown, at)
	d.problems = append(d.problems, chain.Problem{Path: at, Message: fmt.Sprintf(format, args...)})
}

// lacks reports whether a value of the attribute is missing.
func (d *decoder) lacks(attribute string) bool {
	return slices.ContainsFunc(d.unknown, func(p chain.Path) bool { return p.Within(chain.Path{attribute}) })
}

func within(at chain.Path, name string) chain.Path { return append(slices.Clip(at), name) }

// object decodes an object's members into a struct, or into a map of texts by their names. The others get their default.
func (d *decoder) object(at chain.Path, fields []field, members map[string]attr.Value, into reflect.Value) {
	misspelled := d.refuseUnknown(at, fields, members)
	setDefaults(fields, into)
	for i := range fields {
		f := &fields[i]
		path := within(at, f.name)
		switch value, ok := d.known(path, members[f.name]); {
		case ok:
			d.member(path, f, value, into)
		case f.required && !isUnknown(members[f.name]) && !misspelled[f.name]:
			d.refuse(path, "%s is required, and is missing.", f.name)
		case misspelled[f.name]:
			d.unknown = append(d.unknown, path)
		}
	}
}

// member decodes a known value into the struct's field, or into the map's element, of this name.
func (d *decoder) member(at chain.Path, f *field, value attr.Value, into reflect.Value) {
	if into.Kind() != reflect.Map {
		d.value(at, f, value, fieldOf(into, f.name))
		return
	}
	element := reflect.New(into.Type().Elem()).Elem()
	d.value(at, f, value, element)
	into.SetMapIndex(reflect.ValueOf(f.name), element)
}

// setDefaults sets what null means for each of the fields.
func setDefaults(fields []field, into reflect.Value) {
	if into.Kind() == reflect.Map {
		into.Set(reflect.MakeMap(into.Type()))
		return
	}
	for i := range fields {
		switch f, value := &fields[i], fieldOf(into, fields[i].name); {
		case f.byDefault != nil:
			value.Set(reflect.ValueOf(f.byDefault).Convert(value.Type()))
		case f.kind == anObject && value.Kind() != reflect.Pointer:
			setDefaults(f.fields, value)
		}
	}
}

// refuseUnknown reports the members that no field has. It returns the fields that they probably mean. These count as unknown, so that no
// problem is reported that only follows from a misspelling.
func (d *decoder) refuseUnknown(at chain.Path, fields []field, members map[string]attr.Value) map[string]bool {
	meant := map[string]bool{}
	all := names(fields)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if _, is := slices.BinarySearch(all, name); is {
			continue
		}
		problem, near := noAttribute(name, all)
		d.refuse(within(at, name), "%s", problem)
		if _, given := members[near]; near != "" && !given {
			meant[near] = true
		}
	}
	return meant
}

// noAttribute describes an attribute that does not exist. near is the existing one that it probably means, or empty.
func noAttribute(name string, all []string) (problem, near string) {
	if hint := elsewhere[name]; hint != "" {
		return fmt.Sprintf("There is no attribute %q. %s", name, hint), ""
	}
	similar := chain.Near(name, all, 1)
	if known := otherNames[name]; slices.Contains(all, known) {
		similar = []string{known}
	}
	if len(similar) == 0 && len(name) >= 3 { // "retires" has little in common with "retry" but its beginning
		similar = slices.DeleteFunc(slices.Clone(all), func(known string) bool { return !strings.HasPrefix(known, name[:3]) })
	}
	if len(similar) == 0 {
		return fmt.Sprintf("There is no attribute %q. There are %s.", name, chain.Listed(all)), ""
	}
	return fmt.Sprintf("There is no attribute %q. Did you mean %q?", name, similar[0]), similar[0]
}

// known returns the value in its own type. It returns false for null and for an unknown value. It records an unknown value.
func (d *decoder) known(at chain.Path, value attr.Value) (attr.Value, bool) {
	if isUnknown(value) {
		d.unknown = append(d.unknown, at)
		return nil, false
	}
	value = plain(value)
	return value, value != nil && !value.IsNull()
}

func isUnknown(value attr.Value) bool {
	dynamic, ok := value.(types.Dynamic)
	return ok && (dynamic.IsUnknown() || dynamic.IsUnderlyingValueUnknown()) || value != nil && value.IsUnknown()
}

// value decodes a known value, and checks it.
func (d *decoder) value(at chain.Path, f *field, value attr.Value, into reflect.Value) {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	before := len(d.problems)
	d.convert(at, f, value, into)
	if f.check == nil || len(d.problems) > before {
		return
	}
	if problem := f.check(into.Interface()); problem != "" {
		d.refuse(at, "%s", problem)
	}
}

// convert converts a known value to the field's type.
func (d *decoder) convert(at chain.Path, f *field, value attr.Value, into reflect.Value) {
	ok := true
	switch f.kind {
	case aText, aDuration:
		d.text(at, f, value, into)
	case aNumber, aDecimal:
		d.number(at, f, value, into)
	case aFlag:
		var flag bool
		flag, ok = flagIn(value)
		into.SetBool(flag)
	case aTextSet:
		d.set(at, f, value, into)
	case anObject:
		var all map[string]attr.Value
		if all, ok = members(value); ok {
			d.object(at, f.fields, all, into)
		}
	case aTextMap, aDurationMap, anObjectMap:
		var all map[string]attr.Value
		if all, ok = members(value); ok {
			d.elements(at, f, all, into)
		}
	}
	if !ok {
		d.mustBe(at, f.kind, examples[f.name])
	}
}

// mustBe reports a value of another type. example may be empty.
func (d *decoder) mustBe(at chain.Path, k kind, example string) {
	if example != "" {
		example = ", such as " + example
	}
	d.refuse(at, "This must be %s%s.", kindWords[k].must, example)
}

// elements decodes a map. An unknown element becomes an empty one, because its key is known.
func (d *decoder) elements(at chain.Path, f *field, all map[string]attr.Value, into reflect.Value) {
	into.Set(reflect.MakeMapWithSize(into.Type(), len(all)))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		element := reflect.New(into.Type().Elem()).Elem()
		if f.kind == anObjectMap {
			setDefaults(f.fields, element)
		}
		path := within(at, key)
		switch value, ok := d.known(path, all[key]); {
		case !ok && !isUnknown(all[key]) && f.lenient:
			continue
		case !ok && !isUnknown(all[key]):
			d.refuse(path, "The value is null. Give it a value, or leave the entry out.")
		case !ok:
		case f.kind == aTextMap:
			if text, is := textIn(value); is {
				element.SetString(text)
			} else {
				d.mustBe(path, aText, "")
			}
		case f.kind == aDurationMap:
			d.text(path, &field{kind: aDuration, name: key}, value, element)
		default:
			if members, is := members(value); is {
				d.object(path, f.fields, members, element)
			} else {
				d.mustBe(path, anObject, elementExample(f.name))
			}
		}
		into.SetMapIndex(reflect.ValueOf(key), element)
	}
}

// text decodes a text or a duration. It refuses an empty text, which would mean the default in a definition, unless the field is lenient.
func (d *decoder) text(at chain.Path, f *field, value attr.Value, into reflect.Value) {
	text, ok := textIn(value)
	switch {
	case !ok:
		d.mustBe(at, aText, "")
	case f.kind == aDuration:
		duration, err := chain.ParseDuration(text)
		if err != nil {
			d.refuse(at, "%s", sentence(err))
		}
		into.SetInt(int64(duration))
	case text == "" && !f.required && !f.lenient:
		d.refuse(at, "%s is empty. Give it a value, or leave it out.", f.name)
	default:
		into.SetString(text)
	}
}

// number decodes a number. It refuses 0, which would mean the default in a definition.
func (d *decoder) number(at chain.Path, f *field, value attr.Value, into reflect.Value) {
	number, ok := numberIn(value)
	if !ok {
		d.mustBe(at, f.kind, examples[f.name])
		return
	}
	whole, accuracy := number.Int64()
	switch {
	case number.Sign() == 0 && !f.required:
		d.refuse(at, "%s is 0. Give it a value, or leave it out.", f.name)
	case f.kind == aDecimal:
		float, _ := number.Float64()
		into.SetFloat(float)
	case accuracy != big.Exact || int64(int32(whole)) != whole: //nolint:gosec // checked by going back
		d.mustBe(at, f.kind, examples[f.name])
	default:
		into.SetInt(whole)
	}
}

// set decodes texts in any order. It sorts them and drops repetitions.
func (d *decoder) set(at chain.Path, f *field, value attr.Value, into reflect.Value) {
	all, ok := elements(value)
	if !ok {
		d.mustBe(at, f.kind, examples[f.name])
		return
	}
	if len(all) == 0 {
		d.refuse(at, "%s is empty. Give it a value, or leave it out.", f.name)
	}
	var texts []string
	for _, each := range all {
		element, there := d.known(at, each)
		if !there {
			if !isUnknown(each) {
				d.refuse(at, "An element is null. Give it a value, or leave it out.")
			}
			continue
		}
		text, is := textIn(element)
		if !is {
			d.refuse(at, "Each element must be %s.", kindWords[aText].must)
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	for _, text := range slices.Compact(texts) {
		into.Set(reflect.Append(into, reflect.ValueOf(text).Convert(into.Type().Elem())))
	}
}

// members returns the attributes of an object, or the elements of a map.
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

// textIn returns the value as a text. numberIn returns it as a number, and flagIn as true or false. All use Terraform's rules of conversion
// (https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion).
func textIn(value attr.Value) (string, bool) {
	switch v := value.(type) {
	case types.String:
		return v.ValueString(), true
	case types.Bool:
		return fmt.Sprint(v.ValueBool()), true
	case types.Number:
		return v.ValueBigFloat().Text('f', -1), true
	default:
		return "", false
	}
}

func numberIn(value attr.Value) (*big.Float, bool) {
	switch v := value.(type) {
	case types.Number:
		return v.ValueBigFloat(), true
	case types.Int32:
		return new(big.Float).SetInt64(int64(v.ValueInt32())), true
	case types.String:
		number, _, err := big.ParseFloat(v.ValueString(), 10, 512, big.ToNearestEven)
		return number, err == nil && !number.IsInf()
	default:
		return nil, false
	}
}

func flagIn(value attr.Value) (flag, ok bool) {
	switch v := value.(type) {
	case types.Bool:
		return v.ValueBool(), true
	case types.String:
		text := v.ValueString()
		return text == "true" || text == "1", slices.Contains([]string{"true", "false", "1", "0"}, text)
	default:
		return false, false
	}
}

// fieldOf returns the field of a struct that has this name in JSON.
func fieldOf(of reflect.Value, name string) reflect.Value {
	for i := range of.NumField() {
		if tag, _, _ := strings.Cut(of.Type().Field(i).Tag.Get("json"), ","); tag == name {
			return of.Field(i)
		}
	}
	panic(fmt.Sprintf("%s has no field with the JSON name %q: the lists of fields and the definition's types do not fit", of.Type(), name))
}

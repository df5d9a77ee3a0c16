// SPDX-License-Identifier: MPL-2.0

// Package attribute holds DynamoDB's items and their values: how they are written, compared and measured. What is wrong with a
// value is a *wire.Error.
// Source: DynamoDB Developer Guide, "Supported data types and naming rules in Amazon DynamoDB".
package attribute

import (
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Type is a data type, as the API names it.
type Type string

// The data types.
const (
	String    Type = "S"
	Number    Type = "N"
	Binary    Type = "B"
	Bool      Type = "BOOL"
	Null      Type = "NULL"
	List      Type = "L"
	Map       Type = "M"
	StringSet Type = "SS"
	NumberSet Type = "NS"
	BinarySet Type = "BS"
)

// Value is one attribute value. It does not change once it is made: who wants another one makes another one.
type Value struct {
	Type   Type
	Text   string           // of a string, a number (in the form that DynamoDB returns) or a binary
	Bool   bool             // of a BOOL
	Set    []string         // of a set: its members in the form of Text, sorted as their type is
	List   []Value          // of a list
	Fields map[string]Value // of a map
}

// Item is an item, or a part of one.
type Item map[string]Value

// IsSet tells whether the type is one of sets.
func (t Type) IsSet() bool { return t == StringSet || t == NumberSet || t == BinarySet }

// Element is the type of a set's members.
func (t Type) Element() Type {
	switch t {
	case StringSet:
		return String
	case NumberSet:
		return Number
	case BinarySet:
		return Binary
	default:
		return ""
	}
}

// Ordered tells whether values of the type can be compared with < and >.
func (t Type) Ordered() bool { return t == String || t == Number || t == Binary }

// NewSet makes a set of members, which need not be sorted and may repeat themselves.
func NewSet(t Type, members []string) Value {
	members = slices.Clone(members)
	slices.SortFunc(members, func(a, b string) int { return compareText(t.Element(), a, b) })
	return Value{Type: t, Set: slices.Compact(members)}
}

// Compare orders two values of the same type, which has to be an ordered one.
func (v Value) Compare(other Value) int { return compareText(v.Type, v.Text, other.Text) }

func compareText(t Type, a, b string) int {
	if t == Number {
		return rational(a).Cmp(rational(b))
	}
	return strings.Compare(a, b) // strings by their UTF-8 bytes, binaries as unsigned bytes
}

// Equal tells whether two values are the same: of one type, with the same content.
func (v Value) Equal(other Value) bool {
	if v.Type != other.Type {
		return false
	}
	switch v.Type {
	case Bool:
		return v.Bool == other.Bool
	case Null:
		return true
	case List:
		return slices.EqualFunc(v.List, other.List, Value.Equal)
	case Map:
		return Item(v.Fields).Equal(other.Fields)
	case StringSet, NumberSet, BinarySet:
		return slices.Equal(v.Set, other.Set)
	default:
		return v.Text == other.Text
	}
}

// Equal tells whether two items have the same attributes.
func (i Item) Equal(other Item) bool {
	if len(i) != len(other) {
		return false
	}
	for name, value := range i {
		if there, found := other[name]; !found || !value.Equal(there) {
			return false
		}
	}
	return true
}

func invalid(format string, args ...any) error {
	return wire.Sender("ValidationException", format, args...)
}

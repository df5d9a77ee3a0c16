// SPDX-License-Identifier: MPL-2.0

package attribute

import "strings"

// Size is how much an item counts for the limits, in bytes.
// Source: DynamoDB Developer Guide, "DynamoDB item sizes and formats".
func (i Item) Size() int {
	size := 0
	for name, value := range i {
		size += len(name) + value.Size()
	}
	return size
}

// Size is how much a value counts for the limits, in bytes.
func (v Value) Size() int {
	const container, element = 3, 1
	switch v.Type {
	case Bool, Null:
		return 1
	case Number:
		return numberSize(v.Text)
	case List:
		size := container
		for _, e := range v.List {
			size += element + e.Size()
		}
		return size
	case Map:
		return container + element*len(v.Fields) + Item(v.Fields).Size()
	case StringSet, NumberSet, BinarySet:
		size := 0
		for _, member := range v.Set {
			size += Value{Type: v.Type.Element(), Text: member}.Size()
		}
		return size
	default:
		return len(v.Text)
	}
}

// numberSize is "approximately … 1 byte per two significant digits + 1 byte", and one more for the sign.
func numberSize(text string) int {
	digits, negative := strings.CutPrefix(text, "-")
	digits = strings.Trim(strings.Replace(digits, ".", "", 1), "0")
	size := (len(digits)+1)/2 + 1
	if negative {
		size++
	}
	return size
}

// maxDepth is how deep lists and maps can be nested. Source: "Constraints in Amazon DynamoDB", "Nested attribute depth".
const maxDepth = 32

// TooDeep tells whether a value is nested deeper than DynamoDB allows.
func (v Value) TooDeep() bool { return v.deeper(maxDepth) }

func (v Value) deeper(levels int) bool {
	if levels < 0 {
		return true
	}
	for _, e := range v.List {
		if e.deeper(levels - 1) {
			return true
		}
	}
	for _, e := range v.Fields {
		if e.deeper(levels - 1) {
			return true
		}
	}
	return false
}

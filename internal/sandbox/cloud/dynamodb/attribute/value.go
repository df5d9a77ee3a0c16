// SPDX-License-Identifier: MPL-2.0

// Package attribute has DynamoDB's items and values: their format, order and size. It supports the types of a chain's items: strings,
// numbers and binaries. It refuses other types. Its errors are *wire.Error. Source: DynamoDB Developer Guide, "Supported data types and
// naming rules in Amazon DynamoDB".
package attribute

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Type is a data type, as the API names it.
type Type string

// The data types.
const (
	String Type = "S"
	Number Type = "N"
	Binary Type = "B"
)

// Value is one attribute value. Two values are equal if they are equal in Go.
type Value struct {
	Type Type
	Text string // a string, a number in the form that DynamoDB returns, or the bytes of a binary
}

// Item is an item, or a part of one.
type Item map[string]Value

// Compare orders two values of the same type: strings by their UTF-8 bytes, binaries as unsigned bytes.
func (v Value) Compare(other Value) int {
	if v.Type == Number {
		return rational(v.Text).Cmp(rational(other.Text))
	}
	return strings.Compare(v.Text, other.Text)
}

func invalid(format string, args ...any) error {
	return wire.Sender("ValidationException", format, args...)
}

const emptyValue = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"

// UnmarshalJSON parses a value in the API's format: {"S": "text"}.
func (v *Value) UnmarshalJSON(data []byte) error {
	var parts map[Type]json.RawMessage
	if err := json.Unmarshal(data, &parts); err != nil {
		return err
	}
	if len(parts) == 0 {
		return invalid(emptyValue)
	}
	if len(parts) > 1 {
		return invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	for t, raw := range parts {
		if string(raw) == "null" {
			return invalid(emptyValue)
		}
		v.Type = t
		return v.read(raw)
	}
	return nil
}

func (v *Value) read(raw json.RawMessage) error {
	if v.Type != String && v.Type != Number && v.Type != Binary {
		return invalid("The sandbox does not offer values of the type %s.", v.Type)
	}
	if err := json.Unmarshal(raw, &v.Text); err != nil {
		return err
	}
	var err error
	switch v.Type {
	case Number:
		v.Text, err = ParseNumber(v.Text)
	case Binary:
		var data []byte
		if data, err = base64.StdEncoding.DecodeString(v.Text); err != nil {
			return invalid("Invalid Base64: %v", err)
		}
		v.Text = string(data)
	default:
	}
	return err
}

// MarshalJSON returns the value in the API's format.
func (v Value) MarshalJSON() ([]byte, error) {
	text := v.Text
	if v.Type == Binary {
		text = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return json.Marshal(map[Type]string{v.Type: text})
}

// Size returns the size of an item for the limits, in bytes. Source: DynamoDB Developer Guide, "DynamoDB item sizes and formats".
func (i Item) Size() int {
	size := 0
	for name, value := range i {
		size += len(name) + value.Size()
	}
	return size
}

// Size returns the size of a value for the limits, in bytes. A number counts "approximately … 1 byte per two significant digits + 1 byte",
// and one more for the sign.
func (v Value) Size() int {
	if v.Type != Number {
		return len(v.Text)
	}
	digits, negative := strings.CutPrefix(v.Text, "-")
	size := (len(strings.Trim(strings.Replace(digits, ".", "", 1), "0"))+1)/2 + 1
	if negative {
		size++
	}
	return size
}

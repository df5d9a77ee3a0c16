// SPDX-License-Identifier: MPL-2.0

package attribute

import (
	"encoding/base64"
	"encoding/json"
)

// UnmarshalJSON reads a value in the API's form: {"S": "text"}.
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

const emptyValue = "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"

func (v *Value) read(raw json.RawMessage) error {
	switch v.Type {
	case String, Number, Binary:
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		var err error
		v.Text, err = scalar(v.Type, text)
		return err
	case Bool:
		return json.Unmarshal(raw, &v.Bool)
	case Null:
		var null bool
		if err := json.Unmarshal(raw, &null); err != nil {
			return err
		}
		if !null {
			return invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
		}
		return nil
	case List:
		return json.Unmarshal(raw, &v.List)
	case Map:
		return json.Unmarshal(raw, &v.Fields)
	case StringSet, NumberSet, BinarySet:
		var members []string
		if err := json.Unmarshal(raw, &members); err != nil {
			return err
		}
		return v.readSet(members)
	default:
		return invalid(emptyValue)
	}
}

func (v *Value) readSet(members []string) error {
	if len(members) == 0 {
		return invalid("One or more parameter values were invalid: An %s may not be empty", setNames[v.Type])
	}
	for i, member := range members {
		var err error
		if members[i], err = scalar(v.Type.Element(), member); err != nil {
			return err
		}
	}
	set := NewSet(v.Type, members)
	if len(set.Set) < len(members) {
		return invalid("One or more parameter values were invalid: Input collection contains duplicates.")
	}
	*v = set
	return nil
}

var setNames = map[Type]string{StringSet: "string set", NumberSet: "number set", BinarySet: "binary set"}

// scalar reads the text of a string, a number or a binary.
func scalar(t Type, text string) (string, error) {
	switch t {
	case Number:
		return ParseNumber(text)
	case Binary:
		data, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return "", invalid("Invalid Base64: %v", err)
		}
		return string(data), nil
	default:
		return text, nil
	}
}

// MarshalJSON writes the value in the API's form.
func (v Value) MarshalJSON() ([]byte, error) {
	var content any
	switch v.Type {
	case Bool:
		content = v.Bool
	case Null:
		content = true
	case List:
		if content = v.List; v.List == nil {
			content = []Value{} // [], not null
		}
	case Map:
		if content = v.Fields; v.Fields == nil {
			content = struct{}{}
		}
	case StringSet, NumberSet, BinarySet:
		members := make([]string, len(v.Set))
		for i, member := range v.Set {
			members[i] = wireText(v.Type.Element(), member)
		}
		content = members
	default:
		content = wireText(v.Type, v.Text)
	}
	return json.Marshal(map[Type]any{v.Type: content})
}

func wireText(t Type, text string) string {
	if t == Binary {
		return base64.StdEncoding.EncodeToString([]byte(text))
	}
	return text
}

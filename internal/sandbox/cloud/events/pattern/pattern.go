// SPDX-License-Identifier: MPL-2.0

// Package pattern matches events against EventBridge's event patterns. It is our own because no Go library for it can be had through the
// module proxy. Sources: EventBridge User Guide, "Comparison operators for use in event patterns", and the README of AWS's Event Ruler.
package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Pattern is a parsed event pattern.
type Pattern struct{ root node }

// node is one level of a pattern: all fields must match, and one alternative of each $or.
type node struct {
	fields map[string]field
	ors    [][]node
}

// field is what a pattern says about one field: a node for an object, or tests; one of them is enough.
type field struct {
	below *node
	any   []test
}

// Parse reads a pattern. Its error says what EventBridge would not accept.
func Parse(text string) (*Pattern, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("it is no JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON object")
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		return nil, errors.New("an event pattern must be a JSON object")
	}
	root, err := parseNode(object)
	if err != nil {
		return nil, err
	}
	return &Pattern{*root}, nil
}

func parseNode(object map[string]any) (*node, error) {
	if len(object) == 0 {
		return nil, errors.New("empty objects are not allowed")
	}
	n := &node{fields: map[string]field{}}
	for name, value := range object {
		if alternatives, isOr := orOf(name, value); isOr {
			var all []node
			for _, alternative := range alternatives {
				one, err := parseNode(alternative)
				if err != nil {
					return nil, fmt.Errorf("$or: %w", err)
				}
				all = append(all, *one)
			}
			n.ors = append(n.ors, all)
			continue
		}
		f, err := parseField(value)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", name, err)
		}
		n.fields[name] = *f
	}
	return n, nil
}

// orOf returns the alternatives of $or. It is an operator only with two or more objects, and if none has an operator's name as a field.
func orOf(name string, value any) ([]map[string]any, bool) {
	list, isList := value.([]any)
	if name != "$or" || !isList || len(list) < 2 {
		return nil, false
	}
	var alternatives []map[string]any
	for _, element := range list {
		object, isObject := element.(map[string]any)
		if !isObject {
			return nil, false
		}
		for name := range object {
			if operators[name] != nil {
				return nil, false
			}
		}
		alternatives = append(alternatives, object)
	}
	return alternatives, true
}

func parseField(value any) (*field, error) {
	switch value := value.(type) {
	case map[string]any:
		below, err := parseNode(value)
		return &field{below: below}, err
	case []any:
		if len(value) == 0 {
			return nil, errors.New("empty arrays are not allowed")
		}
		f := &field{}
		for _, element := range value {
			t, err := parseTest(element)
			if err != nil {
				return nil, err
			}
			f.any = append(f.any, t)
		}
		return f, nil
	default:
		return nil, errors.New("match value must be an object or an array")
	}
}

// Match reports whether an event matches. The event is a decoded JSON object with numbers of type json.Number.
func (p *Pattern) Match(event map[string]any) bool { return p.root.match(event) }

// match reports whether an object matches. An array matches if one of its elements does: all fields must be met by the same element.
func (n *node) match(value any) bool {
	if list, isList := value.([]any); isList {
		for _, element := range list {
			if n.match(element) {
				return true
			}
		}
		return false
	}
	object, isObject := value.(map[string]any)
	if !isObject {
		// Only what must not exist is met by an object that does not exist.
		object = nil
	}
	for name, f := range n.fields {
		if !f.match(object, name) {
			return false
		}
	}
	for _, alternatives := range n.ors {
		met := false
		for i := range alternatives {
			met = met || alternatives[i].match(value)
		}
		if !met {
			return false
		}
	}
	return true
}

func (f *field) match(object map[string]any, name string) bool {
	value, present := object[name]
	if f.below != nil {
		return f.below.match(value)
	}
	values := leaves(value, present)
	for _, t := range f.any {
		if t(values) {
			return true
		}
	}
	return false
}

// leaves returns the values of a field that are not objects; those of an array are its elements.
func leaves(value any, present bool) []any {
	switch value := value.(type) {
	case map[string]any:
		return nil
	case []any:
		var all []any
		for _, element := range value {
			all = append(all, leaves(element, true)...)
		}
		return all
	}
	if !present {
		return nil
	}
	return []any{value}
}

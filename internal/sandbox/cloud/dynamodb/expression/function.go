// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"slices"
	"strings"

	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// predicate reads a call of a function that is true or false.
func (c *compiler) predicate(call *language.CallExpression) (Condition, error) {
	switch name := functionName(call); name {
	case "attribute_exists", "attribute_not_exists":
		if err := c.arity(call, 1); err != nil {
			return nil, err
		}
		p, err := c.path(call.Arguments[0])
		want := name == "attribute_exists"
		return func(item attribute.Item) bool {
			_, found := p.get(item)
			return found == want
		}, err
	case "attribute_type":
		return c.onTwo(call, checkTypeName, func(a, b attribute.Value) bool { return string(a.Type) == b.Text })
	case "begins_with":
		return c.onTwo(call, checkBeginning, beginsWith)
	case "contains":
		return c.onTwo(call, nil, contains)
	case "size", "if_not_exists", "list_append":
		return nil, c.errorf("The function is not allowed to be used this way in an expression; function: %s", name)
	default:
		return nil, c.errorf("Invalid function name; function: %s", name)
	}
}

// onTwo reads a call with two operands. check says whether the second one can be what the request gives.
func (c *compiler) onTwo(call *language.CallExpression, check func(attribute.Value) bool, decide func(a, b attribute.Value) bool) (Condition, error) {
	if err := c.arity(call, 2); err != nil {
		return nil, err
	}
	first, err := c.operand(call.Arguments[0], false)
	if err != nil {
		return nil, err
	}
	second, err := c.operand(call.Arguments[1], false)
	if err != nil {
		return nil, err
	}
	if check != nil && second.fixed != nil && !check(*second.fixed) {
		return nil, c.wrongType(functionName(call), second.fixed.Type)
	}
	return func(item attribute.Item) bool {
		a, foundA := first.get(item)
		b, foundB := second.get(item)
		return foundA && foundB && decide(a, b)
	}, nil
}

var typeNames = []attribute.Type{
	attribute.String, attribute.Number, attribute.Binary, attribute.Bool, attribute.Null, attribute.List, attribute.Map,
	attribute.StringSet, attribute.NumberSet, attribute.BinarySet,
}

func checkTypeName(value attribute.Value) bool {
	return value.Type == attribute.String && slices.Contains(typeNames, attribute.Type(value.Text))
}

func checkBeginning(value attribute.Value) bool {
	return value.Type == attribute.String || value.Type == attribute.Binary
}

func beginsWith(value, beginning attribute.Value) bool {
	return checkBeginning(value) && value.Type == beginning.Type && strings.HasPrefix(value.Text, beginning.Text)
}

func contains(value, part attribute.Value) bool {
	switch {
	case value.Type == attribute.List:
		return slices.ContainsFunc(value.List, part.Equal)
	case value.Type.IsSet():
		return part.Type == value.Type.Element() && slices.Contains(value.Set, part.Text)
	default:
		return checkBeginning(value) && part.Type == value.Type && strings.Contains(value.Text, part.Text)
	}
}

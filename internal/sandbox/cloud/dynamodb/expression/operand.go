// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"strconv"
	"strings"

	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// operand is something that has a value, or none when it is an attribute that the item does not have.
type operand struct {
	get   func(attribute.Item) (attribute.Value, bool)
	path  path             // of an attribute
	fixed *attribute.Value // of a value that the request gives
}

// operand reads a document path, a value or, where sizes is set, a call of size.
func (c *compiler) operand(node language.Expression, sizes bool) (operand, error) {
	if id, ok := node.(*language.Identifier); ok && strings.HasPrefix(id.Value, ":") {
		value, err := c.value(id.Value)
		return operand{
			get:   func(attribute.Item) (attribute.Value, bool) { return value, true },
			fixed: &value,
		}, err
	}
	if call, ok := node.(*language.CallExpression); ok && sizes {
		return c.size(call)
	}
	p, err := c.path(node)
	return operand{get: p.get, path: p}, err
}

// size is the function of that name.
func (c *compiler) size(call *language.CallExpression) (operand, error) {
	name := functionName(call)
	if name != "size" {
		return operand{}, c.errorf("The function is not allowed to be used this way in an expression; function: %s", name)
	}
	if err := c.arity(call, 1); err != nil {
		return operand{}, err
	}
	of, err := c.operand(call.Arguments[0], false)
	return operand{get: func(item attribute.Item) (attribute.Value, bool) {
		value, found := of.get(item)
		if !found {
			return value, false
		}
		n, sized := sizeOf(value)
		return attribute.Value{Type: attribute.Number, Text: strconv.Itoa(n)}, sized
	}}, err
}

func sizeOf(value attribute.Value) (int, bool) {
	switch value.Type {
	case attribute.String, attribute.Binary:
		return len(value.Text), true
	case attribute.List:
		return len(value.List), true
	case attribute.Map:
		return len(value.Fields), true
	case attribute.StringSet, attribute.NumberSet, attribute.BinarySet:
		return len(value.Set), true
	default:
		return 0, false
	}
}

func functionName(call *language.CallExpression) string {
	id, ok := call.Function.(*language.Identifier)
	if !ok {
		return textOf(call.Function)
	}
	return id.Value
}

func (c *compiler) arity(call *language.CallExpression, want int) error {
	if len(call.Arguments) != want {
		return c.errorf("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d",
			functionName(call), len(call.Arguments))
	}
	return nil
}

// wrongType refuses a value that the request gives for an operand of another type.
func (c *compiler) wrongType(operator string, t attribute.Type) error {
	return c.errorf("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, t)
}

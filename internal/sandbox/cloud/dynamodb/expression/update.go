// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"slices"
	"strings"

	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Update is an update expression.
type Update struct {
	actions []action
}

// action is one action of an update expression: SET path = value, REMOVE path, ADD path value or DELETE path value.
type action struct {
	clause  string // SET, REMOVE, ADD or DELETE
	path    path
	value   term             // of SET
	operand *attribute.Value // of ADD and DELETE
}

// term works out what SET assigns, from the item as it was before the update.
type term func(attribute.Item) (attribute.Value, error)

// ParseUpdate reads an UpdateExpression.
func ParseUpdate(text string, key Key, p *Placeholders) (*Update, error) {
	c, err := newCompiler("UpdateExpression", text, p)
	if err != nil {
		return nil, err
	}
	if err := c.checkTokens(text); err != nil {
		return nil, err
	}
	parser := language.NewUpdateParser(language.NewLexer(text))
	statement := parser.ParseUpdateExpression()
	if len(parser.Errors()) > 0 {
		return nil, c.errorf("Syntax error; %s", strings.Join(parser.Errors(), "; "))
	}
	list, ok := statement.Expression.(*language.UpdateExpression)
	if !ok || len(list.Expressions) == 0 {
		return nil, c.syntaxError(text)
	}
	update := &Update{}
	for _, node := range list.Expressions {
		one, err := c.action(node)
		if err != nil {
			return nil, err
		}
		if name := one.path[0].name; name == key.Partition || name == key.Sort {
			return nil, errorf("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", name)
		}
		update.actions = append(update.actions, one)
	}
	return update, c.checkOverlap(update.paths())
}

func (u *Update) paths() []path {
	paths := make([]path, len(u.actions))
	for i, one := range u.actions {
		paths[i] = one.path
	}
	return paths
}

// Touched returns the parts of an item that the expression is about.
func (u *Update) Touched(item attribute.Item) attribute.Item {
	return (&Projection{paths: u.paths()}).Of(item)
}

func (c *compiler) action(node language.Expression) (action, error) {
	n, ok := node.(*language.ActionExpression)
	if !ok || n == nil {
		return action{}, c.syntaxError("")
	}
	p, err := c.path(n.Left)
	if err != nil {
		return action{}, err
	}
	one := action{clause: string(n.Token.Type), path: p}
	switch one.clause {
	case language.SET:
		one.value, err = c.term(n.Right)
	case language.ADD, language.DELETE:
		one.operand, err = c.setOrNumber(one.clause, n.Right)
	}
	return one, err
}

// setOrNumber reads the value of ADD, a number or a set, or DELETE, a set.
func (c *compiler) setOrNumber(clause string, node language.Expression) (*attribute.Value, error) {
	o, err := c.operand(node, false)
	switch {
	case err != nil:
		return nil, err
	case o.fixed == nil:
		return nil, c.syntaxError(textOf(node))
	case !o.fixed.Type.IsSet() && (clause != language.ADD || o.fixed.Type != attribute.Number):
		return nil, errorf("Invalid UpdateExpression: Incorrect operand type for operator or function; operator: %s, operand type: %s", clause, o.fixed.Type)
	}
	return o.fixed, nil
}

// term reads the right side of SET: an operand, or the sum or difference of two.
func (c *compiler) term(node language.Expression) (term, error) {
	n, ok := node.(*language.InfixExpression)
	if !ok {
		return c.single(node)
	}
	left, err := c.single(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.single(n.Right)
	if err != nil {
		return nil, err
	}
	calculate := attribute.Value.Add
	if n.Operator == string(language.MINUS) {
		calculate = attribute.Value.Subtract
	}
	return func(item attribute.Item) (attribute.Value, error) {
		a, err := left(item)
		if err != nil {
			return a, err
		}
		b, err := right(item)
		if err != nil {
			return b, err
		}
		if a.Type != attribute.Number || b.Type != attribute.Number {
			return a, errOperandType
		}
		return calculate(a, b)
	}, nil
}

var errOperandType = errorf("An operand in the update expression has an incorrect data type")

// single reads an operand of SET: a path, a value, if_not_exists or list_append.
func (c *compiler) single(node language.Expression) (term, error) {
	if call, ok := node.(*language.CallExpression); ok {
		return c.updateFunction(call)
	}
	o, err := c.operand(node, false)
	return func(item attribute.Item) (attribute.Value, error) {
		value, found := o.get(item)
		if !found {
			return value, errorf("The provided expression refers to an attribute that does not exist in the item")
		}
		return value, nil
	}, err
}

func (c *compiler) updateFunction(call *language.CallExpression) (term, error) {
	name := functionName(call)
	if name != "if_not_exists" && name != "list_append" {
		return nil, c.errorf("The function is not allowed in an update expression; function: %s", name)
	}
	if err := c.arity(call, 2); err != nil {
		return nil, err
	}
	if name == "if_not_exists" {
		p, err := c.path(call.Arguments[0])
		if err != nil {
			return nil, err
		}
		fallback, err := c.single(call.Arguments[1])
		return func(item attribute.Item) (attribute.Value, error) {
			if value, found := p.get(item); found {
				return value, nil
			}
			return fallback(item)
		}, err
	}
	first, err := c.single(call.Arguments[0])
	if err != nil {
		return nil, err
	}
	second, err := c.single(call.Arguments[1])
	return func(item attribute.Item) (attribute.Value, error) {
		a, err := first(item)
		if err != nil {
			return a, err
		}
		b, err := second(item)
		if err != nil {
			return b, err
		}
		if a.Type != attribute.List || b.Type != attribute.List {
			return a, errOperandType
		}
		return attribute.Value{Type: attribute.List, List: slices.Concat(a.List, b.List)}, nil
	}, err
}

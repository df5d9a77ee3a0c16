// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Condition is a condition or filter expression. The item of a condition on what does not exist is empty.
type Condition func(attribute.Item) bool

// ParseCondition reads a condition. kind is the parameter that it came in: ConditionExpression, FilterExpression.
func ParseCondition(kind, text string, p *Placeholders) (Condition, error) {
	c, err := newCompiler(kind, text, p)
	if err != nil {
		return nil, err
	}
	list, err := c.parse(text)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, c.syntaxError(",")
	}
	return c.condition(list[0])
}

func (c *compiler) condition(node language.Expression) (Condition, error) {
	switch n := node.(type) {
	case *language.PrefixExpression: // NOT is the only one
		right, err := c.condition(n.Right)
		return func(item attribute.Item) bool { return !right(item) }, err
	case *language.InfixExpression:
		if n.Operator == language.AND || n.Operator == language.OR {
			return c.both(n)
		}
		return c.comparison(n)
	case *language.BetweenExpression:
		return c.between(n)
	case *language.InExpression:
		return c.in(n)
	case *language.CallExpression:
		return c.predicate(n)
	default:
		return nil, c.syntaxError(textOf(node))
	}
}

func (c *compiler) both(n *language.InfixExpression) (Condition, error) {
	left, err := c.condition(n.Left)
	if err != nil {
		return nil, err
	}
	right, err := c.condition(n.Right)
	if n.Operator == language.AND {
		return func(item attribute.Item) bool { return left(item) && right(item) }, err
	}
	return func(item attribute.Item) bool { return left(item) || right(item) }, err
}

func (c *compiler) comparison(n *language.InfixExpression) (Condition, error) {
	left, err := c.operand(n.Left, true)
	if err != nil {
		return nil, err
	}
	right, err := c.operand(n.Right, true)
	if err != nil {
		return nil, err
	}
	operator := n.Operator
	if operator != language.EQ && operator != language.NotEQ {
		if err := c.ordered(operator, left, right); err != nil {
			return nil, err
		}
	}
	return func(item attribute.Item) bool {
		a, foundA := left.get(item)
		b, foundB := right.get(item)
		if !foundA || !foundB {
			return operator == language.NotEQ
		}
		return compare(operator, a, b)
	}, nil
}

// compare carries out a comparison. Values of different types are just not equal.
func compare(operator string, a, b attribute.Value) bool {
	switch operator {
	case language.EQ:
		return a.Equal(b)
	case language.NotEQ:
		return !a.Equal(b)
	}
	if a.Type != b.Type || !a.Type.Ordered() {
		return false
	}
	order := a.Compare(b)
	switch operator {
	case language.LT:
		return order < 0
	case language.LTE:
		return order <= 0
	case language.GT:
		return order > 0
	default: // language.GTE: the grammar has no other
		return order >= 0
	}
}

// ordered refuses values of types without an order.
func (c *compiler) ordered(operator string, operands ...operand) error {
	for _, o := range operands {
		if o.fixed != nil && !o.fixed.Type.Ordered() {
			return c.wrongType(operator, o.fixed.Type)
		}
	}
	return nil
}

func (c *compiler) between(n *language.BetweenExpression) (Condition, error) {
	value, err := c.operand(n.Left, true)
	if err != nil {
		return nil, err
	}
	low, err := c.operand(n.Range[0], false)
	if err != nil {
		return nil, err
	}
	high, err := c.operand(n.Range[1], false)
	if err != nil {
		return nil, err
	}
	if err := c.ordered(language.BETWEEN, value, low, high); err != nil {
		return nil, err
	}
	if low.fixed != nil && high.fixed != nil {
		if err := c.bounds(*low.fixed, *high.fixed); err != nil {
			return nil, err
		}
	}
	return func(item attribute.Item) bool {
		v, foundV := value.get(item)
		l, foundL := low.get(item)
		h, foundH := high.get(item)
		return foundV && foundL && foundH && compare(language.GTE, v, l) && compare(language.LTE, v, h)
	}, nil
}

func (c *compiler) bounds(low, high attribute.Value) error {
	switch {
	case low.Type != high.Type:
		return c.errorf("The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand type: %s, upper bound operand type: %s",
			low.Type, high.Type)
	case low.Compare(high) > 0:
		return c.errorf("The BETWEEN operator requires upper bound to be greater than or equal to lower bound")
	}
	return nil
}

// maxIn is how many values IN takes. Source: "Condition and filter expressions, operators, and functions in DynamoDB".
const maxIn = 100

func (c *compiler) in(n *language.InExpression) (Condition, error) {
	value, err := c.operand(n.Left, true)
	if err != nil {
		return nil, err
	}
	if len(n.Range) == 0 || len(n.Range) > maxIn {
		return nil, c.errorf("The IN operator takes 1 to %d operands; number of operands: %d", maxIn, len(n.Range))
	}
	list := make([]operand, len(n.Range))
	for i, node := range n.Range {
		if list[i], err = c.operand(node, false); err != nil {
			return nil, err
		}
	}
	return func(item attribute.Item) bool {
		v, found := value.get(item)
		for _, o := range list {
			if one, there := o.get(item); found && there && v.Equal(one) {
				return true
			}
		}
		return false
	}, nil
}

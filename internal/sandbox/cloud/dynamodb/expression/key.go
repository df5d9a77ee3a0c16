// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Key names the attributes of a table's primary key. Sort is empty when the table has none.
type Key struct{ Partition, Sort string }

// KeyCondition is what a query asks for: one partition, and which sort keys in it.
type KeyCondition struct {
	Partition attribute.Value
	Sort      []attribute.Value // what the sort key is compared with
	InRange   Condition         // of the sort key; nil: all
}

// ParseKeyCondition reads a KeyConditionExpression: the partition key equals a value, and one comparison of the sort key at
// most.
func ParseKeyCondition(text string, key Key, p *Placeholders) (*KeyCondition, error) {
	c, err := newCompiler("KeyConditionExpression", text, p)
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
	var found KeyCondition
	hasPartition := false
	for _, node := range conjuncts(list[0]) {
		name, values, equal, err := c.keyComparison(node)
		switch {
		case err != nil:
			return nil, err
		case name == key.Partition && equal && !hasPartition:
			found.Partition, hasPartition = values[0], true
		case name == key.Partition && !equal:
			return nil, errorf("Query key condition not supported")
		case name == key.Sort && found.InRange == nil:
			found.Sort = values
			if found.InRange, err = c.condition(node); err != nil {
				return nil, err
			}
		case name == key.Partition || name == key.Sort:
			return nil, c.errorf("KeyConditionExpressions must only contain one condition per key")
		default:
			return nil, errorf("Query condition missed key schema element: %s", key.Partition)
		}
	}
	if !hasPartition {
		return nil, errorf("Query condition missed key schema element: %s", key.Partition)
	}
	return &found, nil
}

// conjuncts takes apart what is joined by AND.
func conjuncts(node language.Expression) []language.Expression {
	if n, ok := node.(*language.InfixExpression); ok && n.Operator == language.AND {
		return append(conjuncts(n.Left), conjuncts(n.Right)...)
	}
	return []language.Expression{node}
}

// keyComparison returns the attribute that is compared with values of the request, these values, and whether it has to be
// equal to the first one.
func (c *compiler) keyComparison(node language.Expression) (name string, values []attribute.Value, equal bool, err error) {
	var subject language.Expression
	var with []language.Expression
	switch n := node.(type) {
	case *language.InfixExpression:
		if n.Operator == language.OR || n.Operator == language.NotEQ {
			return "", nil, false, c.errorf("Invalid operator used in KeyConditionExpression: %s", n.Operator)
		}
		subject, with, equal = n.Left, []language.Expression{n.Right}, n.Operator == language.EQ
	case *language.BetweenExpression:
		subject, with = n.Left, n.Range[:]
	case *language.CallExpression:
		if functionName(n) != "begins_with" {
			return "", nil, false, c.errorf("Invalid operator used in KeyConditionExpression: %s", functionName(n))
		}
		if err := c.arity(n, 2); err != nil {
			return "", nil, false, err
		}
		subject, with = n.Arguments[0], n.Arguments[1:]
	default:
		return "", nil, false, c.errorf("Invalid operator used in KeyConditionExpression")
	}
	p, err := c.path(subject)
	if err != nil {
		return "", nil, false, err
	}
	if len(p) != 1 {
		return "", nil, false, c.errorf("KeyConditionExpressions cannot have conditions on nested attributes")
	}
	for _, one := range with {
		o, err := c.operand(one, false)
		if err != nil {
			return "", nil, false, err
		}
		if o.fixed == nil {
			return "", nil, false, c.errorf("KeyConditionExpressions cannot compare two attributes")
		}
		values = append(values, *o.fixed)
	}
	return p[0].name, values, equal, nil
}

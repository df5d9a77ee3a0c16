// SPDX-License-Identifier: MPL-2.0

// Package expression evaluates DynamoDB's expressions. It supports only the forms that chains and their clients use, and refuses all
// others. Its errors, for invalid expressions and unsuitable items, are *wire.Error.
//
//	ConditionExpression     attribute_not_exists(name) | name = :value
//	KeyConditionExpression  name = :value | name = :value AND begins_with(name, :value)
//	UpdateExpression        SET name = :value, … ADD name :number, …
//	ProjectionExpression    name, …
//
// Source: DynamoDB Developer Guide, "Expressions in DynamoDB".
package expression

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/truora/minidyn/interpreter/language"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// The parts of expressions. Keywords ignore case; names of functions are in lower case.
const (
	name  = `\s*(#?[A-Za-z0-9_]+)\s*`
	value = `\s*(:[A-Za-z0-9_]+)\s*`
)

var (
	absent      = regexp.MustCompile(`^\s*attribute_not_exists\s*\(` + name + `\)\s*$`)
	equals      = regexp.MustCompile(`^` + name + `=` + value + `$`)
	keyEquals   = regexp.MustCompile(`^` + name + `=` + value + `(?:\s((?i:AND))\s|$)`)
	beginsWith  = regexp.MustCompile(`^\s*begins_with\s*\(` + name + `,` + value + `\)\s*$`)
	clause      = regexp.MustCompile(`^\s*((?i:SET|ADD))\s`)
	assignment  = regexp.MustCompile(`^` + name + `=` + value)
	addition    = regexp.MustCompile(`^\s*(#?[A-Za-z0-9_]+)\s` + value)
	projections = regexp.MustCompile(`^` + name + `$`)
)

// maxLength is the longest expression, in bytes. Source: "Constraints in Amazon DynamoDB", "Expression parameters".
const maxLength = 4096

// compiler compiles one expression of a request.
type compiler struct {
	kind string // ConditionExpression
	*Placeholders
}

func newCompiler(kind, text string, p *Placeholders) (*compiler, error) {
	p.any = true
	c := &compiler{kind: kind, Placeholders: p}
	switch {
	case strings.TrimSpace(text) == "":
		return nil, c.errorf("The expression can not be empty;")
	case len(text) > maxLength:
		return nil, c.errorf("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	return c, nil
}

func (c *compiler) errorf(format string, args ...any) error {
	return errorf("Invalid %s: %s", c.kind, fmt.Sprintf(format, args...))
}

// unsupported returns the error for an unsupported form or a syntax error.
func (c *compiler) unsupported(text string) error {
	return c.errorf("Syntax error, or a form that the sandbox does not offer; near: %q", text)
}

// name returns the attribute's name for a text.
func (c *compiler) name(text string) (string, error) {
	if strings.HasPrefix(text, "#") {
		resolved, found := c.names[text]
		if !found {
			return "", c.errorf("An expression attribute name used in the document path is not defined; attribute name: %s", text)
		}
		c.used[text] = true
		return resolved, nil
	}
	if language.IsReservedWord(strings.ToUpper(text)) {
		return "", c.errorf("Attribute name is a reserved keyword; reserved keyword: %s", text)
	}
	if text[0] == '_' {
		return "", c.unsupported(text)
	}
	return text, nil
}

// value returns the value for a text, for example :rank.
func (c *compiler) value(text string) (attribute.Value, error) {
	found, there := c.values[text]
	if !there {
		return found, c.errorf("An expression attribute value used in expression is not defined; attribute value: %s", text)
	}
	c.used[text] = true
	return found, nil
}

// pair returns the attribute's name and the value for a pair of texts.
func (c *compiler) pair(texts []string) (name string, value attribute.Value, err error) {
	if name, err = c.name(texts[0]); err == nil {
		value, err = c.value(texts[1])
	}
	return name, value, err
}

// checkOverlap refuses a duplicate name.
func (c *compiler) checkOverlap(names []string) error {
	for i, one := range names {
		if slices.Contains(names[:i], one) {
			return c.errorf("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [%s], path two: [%s]",
				one, one)
		}
	}
	return nil
}

// Condition is a condition on an item. A missing item is empty.
type Condition func(attribute.Item) bool

// ParseCondition parses a ConditionExpression.
func ParseCondition(text string, p *Placeholders) (Condition, error) {
	c, err := newCompiler("ConditionExpression", text, p)
	if err != nil {
		return nil, err
	}
	if match := absent.FindStringSubmatch(text); match != nil {
		of, err := c.name(match[1])
		return func(item attribute.Item) bool {
			_, found := item[of]
			return !found
		}, err
	}
	match := equals.FindStringSubmatch(text)
	if match == nil {
		return nil, c.unsupported(text)
	}
	of, want, err := c.pair(match[1:])
	return func(item attribute.Item) bool {
		have, found := item[of]
		return found && have == want
	}, err
}

// Key names the attributes of a table's primary key. Sort is empty when the table has none.
type Key struct{ Partition, Sort string }

// KeyCondition selects the items of a query: one partition, and a prefix of the sort keys; nil for all of them.
type KeyCondition struct {
	Partition attribute.Value
	Beginning *attribute.Value
}

// ParseKeyCondition parses a KeyConditionExpression.
func ParseKeyCondition(text string, key Key, p *Placeholders) (*KeyCondition, error) {
	c, err := newCompiler("KeyConditionExpression", text, p)
	if err != nil {
		return nil, err
	}
	match := keyEquals.FindStringSubmatch(text)
	if match == nil {
		return nil, c.unsupported(text)
	}
	of, want, err := c.pair(match[1:])
	switch {
	case err != nil:
		return nil, err
	case of != key.Partition:
		return nil, errorf("Query condition missed key schema element: %s", key.Partition)
	}
	condition := &KeyCondition{Partition: want}
	rest := text[len(match[0]):]
	if match[3] == "" {
		return condition, nil
	}
	if match = beginsWith.FindStringSubmatch(rest); match == nil {
		return nil, c.unsupported(rest)
	}
	of, want, err = c.pair(match[1:])
	switch {
	case err != nil:
		return nil, err
	case of != key.Sort:
		return nil, errorf("Query condition missed key schema element: %s", key.Sort)
	case want.Type == attribute.Number:
		return nil, c.errorf("Incorrect operand type for operator or function; operator or function: begins_with, operand type: N")
	}
	condition.Beginning = &want
	return condition, nil
}

// Projection lists the attributes that a request asks for.
type Projection []string

// ParseProjection parses a ProjectionExpression.
func ParseProjection(text string, p *Placeholders) (Projection, error) {
	c, err := newCompiler("ProjectionExpression", text, p)
	if err != nil {
		return nil, err
	}
	var names Projection
	for part := range strings.SplitSeq(text, ",") {
		match := projections.FindStringSubmatch(part)
		if match == nil {
			return nil, c.unsupported(part)
		}
		one, err := c.name(match[1])
		if err != nil {
			return nil, err
		}
		names = append(names, one)
	}
	return names, c.checkOverlap(names)
}

// Of returns the projected part of an item.
func (p Projection) Of(item attribute.Item) attribute.Item {
	part := attribute.Item{}
	for _, one := range p {
		if v, found := item[one]; found {
			part[one] = v
		}
	}
	return part
}

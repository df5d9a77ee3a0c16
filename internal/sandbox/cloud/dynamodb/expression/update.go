// SPDX-License-Identifier: MPL-2.0

package expression

import (
	"maps"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Update is an update expression.
type Update struct{ actions []action }

// action is one action of an update expression: SET name = value, or ADD name value.
type action struct {
	add   bool
	name  string
	value attribute.Value
}

// ParseUpdate parses an UpdateExpression.
func ParseUpdate(text string, key Key, p *Placeholders) (*Update, error) {
	c, err := newCompiler("UpdateExpression", text, p)
	if err != nil {
		return nil, err
	}
	update := &Update{}
	seen := map[string]bool{}
	for rest := text; strings.TrimSpace(rest) != ""; {
		match := clause.FindStringSubmatch(rest)
		if match == nil {
			return nil, c.unsupported(rest)
		}
		keyword := strings.ToUpper(match[1])
		if seen[keyword] {
			return nil, c.errorf("The %q section can only be used once in an update expression;", keyword)
		}
		seen[keyword] = true
		if rest, err = c.actions(update, keyword == "ADD", rest[len(match[0]):]); err != nil {
			return nil, err
		}
	}
	names := make([]string, len(update.actions))
	for i, one := range update.actions {
		names[i] = one.name
		if one.name == key.Partition || one.name == key.Sort {
			return nil, errorf("One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key", one.name)
		}
	}
	return update, c.checkOverlap(names)
}

// actions parses the actions of one clause and returns the rest of the text.
func (c *compiler) actions(update *Update, add bool, text string) (rest string, err error) {
	form := assignment
	if add {
		form = addition
	}
	for {
		match := form.FindStringSubmatch(text)
		if match == nil {
			return "", c.unsupported(text)
		}
		one := action{add: add}
		if one.name, one.value, err = c.pair(match[1:]); err != nil {
			return "", err
		}
		if add && one.value.Type != attribute.Number {
			return "", c.errorf("Incorrect operand type for operator or function; operator: ADD, operand type: %s", one.value.Type)
		}
		update.actions = append(update.actions, one)
		text = text[len(match[0]):]
		next, more := strings.CutPrefix(text, ",")
		if !more {
			return text, nil
		}
		text = next
	}
}

// Apply returns the updated item; the given item does not change.
func (u *Update) Apply(item attribute.Item) (attribute.Item, error) {
	updated := maps.Clone(item)
	for _, one := range u.actions {
		old, found := item[one.name]
		switch {
		case !one.add || !found:
			updated[one.name] = one.value
		case old.Type != attribute.Number:
			return nil, errorf("An operand in the update expression has an incorrect data type")
		default:
			sum, err := old.Add(one.value)
			if err != nil {
				return nil, err
			}
			updated[one.name] = sum
		}
	}
	return updated, nil
}

// Touched returns the attributes of an item that the expression changes.
func (u *Update) Touched(item attribute.Item) attribute.Item {
	part := attribute.Item{}
	for _, one := range u.actions {
		part[one.name] = item[one.name]
	}
	return part
}

// SPDX-License-Identifier: MPL-2.0

package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strings"
)

// test reports whether a field's values pass. A field that does not exist, or is an object, has none.
type test func(values []any) bool

// one makes a test that one of the values must pass.
func one(passes func(value any) bool) test {
	return func(values []any) bool {
		for _, value := range values {
			if passes(value) {
				return true
			}
		}
		return false
	}
}

// text makes a test that one text must pass.
func text(passes func(text string) bool) test {
	return one(func(value any) bool {
		text, isText := value.(string)
		return isText && passes(text)
	})
}

// operators parse the argument of an operator. They are set in init, because anything-but uses them.
var operators map[string]func(argument any) (test, error)

func init() { //nolint:gochecknoinits // anything-but refers to operators, which a variable's initialization may not do
	operators = map[string]func(argument any) (test, error){
		"prefix":             onText(strings.HasPrefix),
		"suffix":             onText(strings.HasSuffix),
		"equals-ignore-case": func(a any) (test, error) { return plainText(a, strings.EqualFold) },
		"wildcard":           wildcard,
		"numeric":            numeric,
		"cidr":               cidr,
		"exists":             exists,
		"anything-but":       anythingBut,
	}
}

// parseTest parses an element of a field's array: a value, or an object with one operator.
func parseTest(element any) (test, error) {
	object, isObject := element.(map[string]any)
	if !isObject {
		if _, isList := element.([]any); isList {
			return nil, errors.New("match value must be String, number, true, false, or null")
		}
		return one(func(value any) bool { return same(value, element) }), nil
	}
	if len(object) != 1 {
		return nil, errors.New("only one key is allowed in a match expression")
	}
	for name, argument := range object {
		operator := operators[name]
		if operator == nil {
			return nil, fmt.Errorf("unrecognized match type %s", name)
		}
		t, err := operator(argument)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return t, nil
	}
	return nil, nil //nolint:nilnil // not reached: the object has one key
}

// same compares values as EventBridge does: character by character, also numbers. Source: "Amazon EventBridge event patterns", "300, 300.0
// and 3.0e2 are not considered equal".
func same(a, b any) bool { return a == b }

// onText returns an operator on a text, which can ignore case by an object: {"prefix": {"equals-ignore-case": "x"}}.
func onText(passes func(value, argument string) bool) func(any) (test, error) {
	return func(argument any) (test, error) {
		if object, isObject := argument.(map[string]any); isObject {
			folded, found := object["equals-ignore-case"]
			if !found || len(object) != 1 {
				return nil, errors.New("its object has only equals-ignore-case")
			}
			return plainText(folded, func(value, argument string) bool {
				return passes(strings.ToLower(value), strings.ToLower(argument))
			})
		}
		return plainText(argument, passes)
	}
}

func plainText(argument any, passes func(value, argument string) bool) (test, error) {
	wanted, isText := argument.(string)
	if !isText {
		return nil, errors.New("its value must be a string")
	}
	return text(func(value string) bool { return passes(value, wanted) }), nil
}

func exists(argument any) (test, error) {
	wanted, isBool := argument.(bool)
	if !isBool {
		return nil, errors.New("its value must be true or false")
	}
	return func(values []any) bool { return (len(values) > 0) == wanted }, nil
}

func cidr(argument any) (test, error) {
	written, isText := argument.(string)
	if !isText {
		return nil, errors.New("its value must be a string")
	}
	block, err := netip.ParsePrefix(written)
	if err != nil {
		return nil, fmt.Errorf("%q is no range of addresses", written)
	}
	return text(func(value string) bool {
		address, err := netip.ParseAddr(value)
		return err == nil && block.Contains(address)
	}), nil
}

// mostNumeric is the largest bound of a numeric comparison. Source: README of aws/event-ruler, "Numeric matching".
const mostNumeric = 5.0e9

// numeric parses [">", 0] and [">", 0, "<=", 5].
func numeric(argument any) (test, error) {
	list, isList := argument.([]any)
	if !isList || len(list) != 2 && len(list) != 4 {
		return nil, errors.New("its value must be an array of one or two comparisons")
	}
	var compare []func(value *big.Float) bool
	for i := 0; i < len(list); i += 2 {
		operator, isText := list[i].(string)
		bound, isNumber := number(list[i+1])
		if isNumber && new(big.Float).Abs(bound).Cmp(big.NewFloat(mostNumeric)) > 0 {
			return nil, fmt.Errorf("the value %v is not between -5.0e9 and 5.0e9", list[i+1])
		}
		if !isText || !isNumber || len(list) == 4 && !strings.Contains([]string{"> >=", "< <="}[i/2], operator) {
			return nil, errors.New("a range is a lower bound with > or >=, then an upper bound with < or <=")
		}
		if compare = append(compare, comparison(operator, bound)); compare[i/2] == nil {
			return nil, fmt.Errorf("unrecognized numeric operator %q", operator)
		}
	}
	return one(func(value any) bool {
		n, isNumber := number(value)
		if !isNumber {
			return false
		}
		for _, holds := range compare {
			if !holds(n) {
				return false
			}
		}
		return true
	}), nil
}

func comparison(operator string, bound *big.Float) func(*big.Float) bool {
	switch operator {
	case "=":
		return func(n *big.Float) bool { return n.Cmp(bound) == 0 }
	case "<":
		return func(n *big.Float) bool { return n.Cmp(bound) < 0 }
	case "<=":
		return func(n *big.Float) bool { return n.Cmp(bound) <= 0 }
	case ">":
		return func(n *big.Float) bool { return n.Cmp(bound) > 0 }
	case ">=":
		return func(n *big.Float) bool { return n.Cmp(bound) >= 0 }
	default:
		return nil
	}
}

func number(value any) (*big.Float, bool) {
	written, isNumber := value.(json.Number)
	if !isNumber {
		return nil, false
	}
	n, ok := new(big.Float).SetString(written.String())
	return n, ok
}

// anythingBut passes a field that exists and has a value that the argument does not name.
func anythingBut(argument any) (test, error) {
	if object, isObject := argument.(map[string]any); isObject {
		return anythingButMatch(object)
	}
	list, isList := argument.([]any)
	if !isList {
		list = []any{argument}
	}
	if len(list) == 0 {
		return nil, errors.New("its list is empty")
	}
	texts := 0
	for _, element := range list {
		switch element.(type) {
		case string:
			texts++
		case json.Number:
		default:
			return nil, errors.New("its values must be strings or numbers")
		}
	}
	if texts != 0 && texts != len(list) {
		return nil, errors.New("its values must be either all strings or all numbers")
	}
	return one(func(value any) bool {
		for _, element := range list {
			if same(value, element) {
				return false
			}
		}
		return true
	}), nil
}

// anythingButMatch negates an operator on texts: {"anything-but": {"prefix": "x"}}, or a list of its arguments.
func anythingButMatch(object map[string]any) (test, error) {
	for _, name := range []string{"prefix", "suffix", "equals-ignore-case", "wildcard"} {
		argument, found := object[name]
		if !found || len(object) != 1 {
			continue
		}
		list, isList := argument.([]any)
		if !isList {
			list = []any{argument}
		}
		var tests []test
		for _, element := range list {
			t, err := operators[name](element)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			tests = append(tests, t)
		}
		return one(func(value any) bool {
			for _, t := range tests {
				if t([]any{value}) {
					return false
				}
			}
			return true
		}), nil
	}
	return nil, errors.New("its object has one of prefix, suffix, equals-ignore-case and wildcard")
}

// wildcard parses a text in which * stands for any characters, and \* and \\ for themselves.
func wildcard(argument any) (test, error) {
	written, isText := argument.(string)
	if !isText {
		return nil, errors.New("its value must be a string")
	}
	parts := []string{""} // between the asterisks
	for i := 0; i < len(written); i++ {
		last := &parts[len(parts)-1]
		switch written[i] {
		case '*':
			if i > 0 && written[i-1] == '*' && *last == "" {
				return nil, errors.New("consecutive wildcard characters are not allowed")
			}
			parts = append(parts, "")
		case '\\':
			if i++; i == len(written) || written[i] != '*' && written[i] != '\\' {
				return nil, errors.New("a backslash escapes * or \\ only")
			}
			*last += string(written[i])
		default:
			*last += string(written[i])
		}
	}
	return text(func(value string) bool { return glob(parts, value) }), nil
}

// glob reports whether a value is the parts with anything between them.
func glob(parts []string, value string) bool {
	rest, found := strings.CutPrefix(value, parts[0])
	if !found || len(parts) == 1 {
		return found && rest == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return strings.HasSuffix(rest, parts[len(parts)-1])
}

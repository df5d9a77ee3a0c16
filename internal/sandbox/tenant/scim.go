// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// scimFilter is a filter of RFC 7644, section 3.4.2.2, as far as Qlik Cloud supports it: comparisons joined with and, or and
// parentheses.
type scimFilter struct {
	match       func(values map[string]string) bool // values of an object, by attribute
	comparisons []scimComparison                    // all of them, in the order of the text
}

type scimComparison struct{ attribute, value string }

// parseSCIM reads a filter whose comparisons use only the given attributes and operators.
func parseSCIM(text string, attributes, operators []string) (*scimFilter, error) {
	tokens, err := scimTokens(text)
	if err != nil {
		return nil, err
	}
	p := &scimParser{tokens: tokens, attributes: attributes, operators: operators}
	match, err := p.or()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) > 0 {
		return nil, fmt.Errorf("%q stands where the filter should end", p.tokens[0])
	}
	return &scimFilter{match: match, comparisons: p.comparisons}, nil
}

// scimTokens splits a filter into words, quoted strings (kept with their quotes) and parentheses.
func scimTokens(text string) ([]string, error) {
	var tokens []string
	for {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
		if text == "" {
			return tokens, nil
		}
		n := 0
		switch text[0] {
		case '(', ')':
			n = 1
		case '"':
			if n = quotedLength(text); n == 0 {
				return nil, fmt.Errorf("the string %s is not closed", text)
			}
		default:
			if n = strings.IndexFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(`()"`, r) }); n < 0 {
				n = len(text)
			}
		}
		tokens, text = append(tokens, text[:n]), text[n:]
	}
}

// quotedLength is the length of the quoted string that text begins with, or 0 if it is not closed.
func quotedLength(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

type predicate = func(values map[string]string) bool

type scimParser struct {
	tokens      []string
	attributes  []string
	operators   []string
	comparisons []scimComparison
	depth       int
}

func (p *scimParser) next() string {
	if len(p.tokens) == 0 {
		return ""
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	return token
}

// accept takes the next token if it is the given word.
func (p *scimParser) accept(word string) bool {
	if len(p.tokens) == 0 || !strings.EqualFold(p.tokens[0], word) {
		return false
	}
	p.next()
	return true
}

func (p *scimParser) or() (predicate, error) {
	left, err := p.and()
	for err == nil && p.accept("or") {
		var right predicate
		before := left
		right, err = p.and()
		left = func(values map[string]string) bool { return before(values) || right(values) }
	}
	return left, err
}

func (p *scimParser) and() (predicate, error) {
	left, err := p.operand()
	for err == nil && p.accept("and") {
		var right predicate
		before := left
		right, err = p.operand()
		left = func(values map[string]string) bool { return before(values) && right(values) }
	}
	return left, err
}

// operand is a comparison or a filter in parentheses.
func (p *scimParser) operand() (predicate, error) {
	if !p.accept("(") {
		return p.comparison()
	}
	if p.depth++; p.depth > 50 {
		return nil, errors.New("the filter nests too deep")
	}
	defer func() { p.depth-- }()
	match, err := p.or()
	if err == nil && !p.accept(")") {
		err = errors.New("a parenthesis is not closed")
	}
	return match, err
}

func (p *scimParser) comparison() (predicate, error) {
	attribute, operator, quoted := p.next(), p.next(), p.next()
	i := slices.IndexFunc(p.attributes, func(known string) bool { return strings.EqualFold(known, attribute) })
	if i < 0 {
		return nil, fmt.Errorf("%q is not an attribute to filter by: use %s", attribute, strings.Join(p.attributes, ", "))
	}
	if !slices.Contains(p.operators, strings.ToLower(operator)) {
		return nil, fmt.Errorf("%q is not an operator: use %s", operator, strings.Join(p.operators, ", "))
	}
	var value string
	if !strings.HasPrefix(quoted, `"`) || json.Unmarshal([]byte(quoted), &value) != nil {
		return nil, fmt.Errorf("the value %s after %s is not a string in double quotes", quoted, attribute)
	}
	attribute = p.attributes[i]
	p.comparisons = append(p.comparisons, scimComparison{attribute, value})
	negated := strings.EqualFold(operator, "ne")
	return func(values map[string]string) bool { return (values[attribute] == value) != negated }, nil
}

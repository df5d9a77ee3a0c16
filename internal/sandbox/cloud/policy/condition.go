// SPDX-License-Identifier: MPL-2.0

package policy

import (
	"encoding/json"
	"strings"
)

// Context maps condition keys to a request's values: iam:PassedToService. Keys are in lower case, because IAM ignores their case.
type Context map[string]string

// condition is one key of a statement's Condition element with the values that it may have.
type condition struct {
	key    string
	values patterns
	operator
}

// operator is a condition operator. It requires that one of the values matches, or that none does.
type operator struct {
	match func(value, text string) bool
	none  bool
}

// operators are the condition operators that the sandbox knows. Source: IAM User Guide, "IAM JSON policy elements: Condition
// operators"; ArnEquals and ArnLike behave identically there.
var operators = map[string]operator{
	"StringEquals": {match: func(value, text string) bool { return value == text }},
	"StringLike":   {match: wildcard},
	"ArnEquals":    {match: wildcard},
	"ArnLike":      {match: wildcard},
}

func parseConditions(raw json.RawMessage, known map[string]operator) ([]condition, error) {
	if raw == nil {
		return nil, nil
	}
	var element map[string]map[string]patterns
	if err := decode(raw, &element); err != nil {
		return nil, errSyntax("Syntax errors in policy.")
	}
	var all []condition
	for name, keys := range element {
		operator, found := known[name]
		if !found {
			return nil, errSyntax("The sandbox does not support the condition operator %s.", name)
		}
		for key, values := range keys {
			for _, value := range values {
				if strings.Contains(value, "${") {
					return nil, errSyntax("The sandbox does not support policy variables: %s.", value)
				}
			}
			all = append(all, condition{key: strings.ToLower(key), values: values, operator: operator})
		}
	}
	return all, nil
}

// fits reports whether a request meets all conditions of a statement. For a missing key, only negated operators are met.
func (s *statement) fits(context Context) bool {
	for _, c := range s.conditions {
		text, known := context[c.key]
		matched := false
		for _, value := range c.values {
			matched = matched || known && c.match(value, text)
		}
		if matched == c.none {
			return false
		}
	}
	return true
}

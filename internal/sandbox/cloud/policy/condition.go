package policy

import (
	"encoding/json"
	"strings"
)

// Context is what is known of a request, by condition key: iam:PassedToService. Keys are in lower case, as IAM does not tell their
// case apart.
type Context map[string]string

// condition is one key of a statement's Condition element with the values that it may have.
type condition struct {
	key    string
	values patterns
	match  func(value, text string) bool
}

// operators are the condition operators that the sandbox knows. Source: IAM User Guide, "IAM JSON policy elements: Condition
// operators"; ArnEquals and ArnLike behave identically there.
var operators = map[string]func(value, text string) bool{
	"StringEquals": func(value, text string) bool { return value == text },
	"StringLike":   wildcard,
	"ArnEquals":    wildcard,
	"ArnLike":      wildcard,
}

func parseConditions(raw json.RawMessage) ([]condition, error) {
	if raw == nil {
		return nil, nil
	}
	var element map[string]map[string]patterns
	if err := decode(raw, &element); err != nil {
		return nil, errSyntax("Syntax errors in policy.")
	}
	var all []condition
	for operator, keys := range element {
		match, known := operators[operator]
		if !known {
			return nil, errSyntax("The sandbox does not support the condition operator %s.", operator)
		}
		for key, values := range keys {
			for _, value := range values {
				if strings.Contains(value, "${") {
					return nil, errSyntax("The sandbox does not support policy variables: %s.", value)
				}
			}
			all = append(all, condition{key: strings.ToLower(key), values: values, match: match})
		}
	}
	return all, nil
}

// fits tells whether a request meets all conditions of a statement. One that lacks a key does not.
func (s *statement) fits(context Context) bool {
	for _, c := range s.conditions {
		text, known := context[c.key]
		met := false
		for _, value := range c.values {
			met = met || known && c.match(value, text)
		}
		if !met {
			return false
		}
	}
	return true
}

// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"encoding/json"
	"slices"
	"strings"

	awspolicy "github.com/hashicorp/awspolicyequivalence"
)

type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal any `json:",omitempty"` // "*", or the services by "Service"
	Action    []string
	Resource  []string                  `json:",omitempty"`
	Condition map[string]map[string]any `json:",omitempty"`
}

func document(statements ...policyStatement) string {
	text, err := json.Marshal(policyDocument{Version: "2012-10-17", Statement: statements})
	if err != nil {
		panic(err) // strings and maps of strings always marshal
	}
	return string(text)
}

// equals returns a condition on one key. The value is a string or, for any of several, a []string.
func equals(key string, value any) map[string]map[string]any {
	return map[string]map[string]any{"StringEquals": {key: value}}
}

// differing returns the statements, as JSON, that have no equivalent in the other document. If the difference is elsewhere, it returns the
// documents.
func differing(a, b string) (onlyA, onlyB string) {
	as, bs := statementsOf(a), statementsOf(b)
	onlyA, onlyB = strings.Join(without(as, bs), ", "), strings.Join(without(bs, as), ", ")
	if onlyA == "" && onlyB == "" {
		return orNone(a), orNone(b)
	}
	return orNone(onlyA), orNone(onlyB)
}

// statementsOf returns a document's statements, each as JSON. There are none when the document cannot be read.
func statementsOf(policy string) []string {
	var found struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(policy), &found) != nil {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal(found.Statement, &list) != nil { // one statement needs no list
		list = []json.RawMessage{found.Statement}
	}
	var statements []string
	for _, statement := range list {
		statements = append(statements, string(statement))
	}
	return statements
}

// without returns the statements that have no equivalent among the others.
func without(statements, others []string) []string {
	alone := func(statement string) string { return `{"Version":"2012-10-17","Statement":` + statement + `}` }
	return slices.DeleteFunc(slices.Clone(statements), func(statement string) bool {
		return slices.ContainsFunc(others, func(other string) bool { return samePolicy(alone(statement), alone(other)) })
	})
}

// samePolicy compares the meaning of two documents. IAM does not keep spaces, the order of members, or the brackets around a single value.
func samePolicy(a, b string) bool {
	same, err := awspolicy.PoliciesAreEquivalent(a, b)
	return err == nil && same
}

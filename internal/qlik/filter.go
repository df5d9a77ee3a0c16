// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"encoding/json"
	"strings"
)

// equals returns the term of a filter (SCIM, RFC 7644) that compares an attribute with a value.
func equals(attribute, value string) string {
	quoted, _ := json.Marshal(value) // a string always has a JSON form
	return attribute + " eq " + string(quoted)
}

// anyOf returns the filter that accepts each of the values.
func anyOf[T ~string](attribute string, values []T) string {
	terms := make([]string, len(values))
	for i, value := range values {
		terms[i] = equals(attribute, string(value))
	}
	return strings.Join(terms, " or ")
}

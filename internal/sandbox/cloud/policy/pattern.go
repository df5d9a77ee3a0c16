// SPDX-License-Identifier: MPL-2.0

package policy

import (
	"encoding/json"
	"regexp"
	"strings"
)

// patterns is one string or a list of strings.
type patterns []string

// UnmarshalJSON reads "x" and ["x", "y"]. Like IAM, it refuses an empty list.
func (p *patterns) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*p = patterns{one}
		return nil
	}
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	if len(list) == 0 {
		return errSyntax("Syntax errors in policy.")
	}
	*p = list
	return nil
}

// match reports whether one of the patterns matches.
func (p patterns) match(text string) bool {
	for _, pattern := range p {
		if wildcard(pattern, text) {
			return true
		}
	}
	return false
}

// matchFold works as match, but ignores case. It compares actions.
func (p patterns) matchFold(text string) bool {
	for _, pattern := range p {
		if wildcard(strings.ToLower(pattern), strings.ToLower(text)) {
			return true
		}
	}
	return false
}

// wildcard matches text against a pattern: * matches any characters or none, ? matches exactly one. It backtracks to the last * only, so
// its time is bounded by the product of the two lengths.
func wildcard(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// actionPattern matches service:action, with wildcards, or * alone.
var actionPattern = regexp.MustCompile(`^(\*|[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+)$`)

func checkAction(action string) error {
	if !actionPattern.MatchString(action) {
		return errSyntax("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	}
	return nil
}

// arnPattern matches the six parts of an ARN. The first and the third must not be empty; the second is a partition or a wildcard.
var arnPattern = regexp.MustCompile(`^arn:[a-z*?-]+:[a-zA-Z0-9*?-]+:[a-z0-9*?-]*:[0-9*?]*:.+$`)

func checkResource(resource string) error {
	switch {
	case strings.Contains(resource, "${"):
		return errSyntax("The sandbox does not support policy variables: %s.", resource)
	case resource == "*" || arnPattern.MatchString(resource):
		return nil
	case strings.HasPrefix(resource, "arn:"):
		return errSyntax("The policy failed legacy parsing")
	default:
		return errSyntax(`Resource %s must be in ARN format or "*".`, resource)
	}
}

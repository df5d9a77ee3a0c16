// SPDX-License-Identifier: MPL-2.0

package constraint

import "fmt"

// Rule is the rule of AWS's model for one member of an operation's input. Tests compare the product's own rules with it.
type Rule struct {
	Member
	shape *shape
}

// RuleOf returns the rule of a member by its path in the document: Tags[].Value, tags{key}.
func RuleOf(scope, name, member string) (*Rule, error) {
	o, err := find(scope, name)
	if err != nil {
		return nil, err
	}
	at := o.input
	for rest := member; rest != "" && at != nil; {
		part := step.FindStringSubmatch(rest)
		if part == nil {
			return nil, fmt.Errorf("the path %q is not understood", member)
		}
		switch part[0] {
		case "[]", "{}":
			at = at.element
		case "{key}":
			at = at.key
		default:
			at = at.fields[part[1]]
		}
		rest = rest[len(part[0]):]
	}
	if at == nil || at.Type == "" {
		return nil, fmt.Errorf("AWS's model has no constraint for %s of %s %s", member, scope, name)
	}
	return &Rule{Member: at.Member, shape: at}, nil
}

// Broken returns the rules that a value breaks, in AWS's words. The value is a string or a json.Number.
func (r *Rule) Broken(value any) []string {
	if !r.shape.fits(value) {
		return []string{"Member must be a " + r.Type}
	}
	return r.shape.broken(value)
}

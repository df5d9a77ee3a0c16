// SPDX-License-Identifier: MPL-2.0

package policy

import (
	"maps"
	"net/netip"
)

// ParseResource parses a policy that is attached to a resource: statements with principals and resources. Their conditions may also use
// addresses. Its error is a *SyntaxError.
func ParseResource(text string) (*Document, error) {
	return parse(text, checkAttached, resourceOperators())
}

// resourceOperators adds the operators for addresses. Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
func resourceOperators() map[string]operator {
	all := maps.Clone(operators)
	all["IpAddress"] = operator{match: containsAddress}
	all["NotIpAddress"] = operator{match: containsAddress, none: true}
	return all
}

// containsAddress reports whether an address is in a range or equals an address: 203.0.113.0/24, 203.0.113.7.
func containsAddress(value, text string) bool {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return false
	}
	if one, err := netip.ParseAddr(value); err == nil {
		return one == address
	}
	block, err := netip.ParsePrefix(value)
	return err == nil && block.Contains(address)
}

func checkAttached(s *statementJSON) error {
	switch {
	case s.Principal == nil:
		return errSyntax("Missing required field Principal")
	case s.NotPrincipal != nil:
		return errSyntax("The sandbox does not support NotPrincipal.")
	case (s.Resource == nil) == (s.NotResource == nil):
		return errSyntax("Policy statement must contain resources.")
	}
	for _, resource := range append(append(patterns{}, s.Resource...), s.NotResource...) {
		if err := checkResource(resource); err != nil {
			return err
		}
	}
	return nil
}

// DecideAnonymous evaluates a resource policy for an unsigned request. Only statements for everyone apply to it.
func (d *Document) DecideAnonymous(action, resource string, context Context) Effect {
	return d.decideWhere(func(s *statement) bool { return s.principals.everyone }, action, resource, context)
}

// DecideFor evaluates a resource policy for a request that a principal has signed. principal is its ARN, account the twelve digits of its
// account.
func (d *Document) DecideFor(principal, account, action, resource string, context Context) Effect {
	return d.decideWhere(func(s *statement) bool { return s.principals.include(principal, account) }, action, resource, context)
}

// decideWhere evaluates the statements that speaks selects.
func (d *Document) decideWhere(speaks func(*statement) bool, action, resource string, context Context) Effect {
	var some Document
	for _, s := range d.statements {
		if speaks(&s) {
			some.statements = append(some.statements, s)
		}
	}
	return Decide([]*Document{&some}, action, resource, context)
}

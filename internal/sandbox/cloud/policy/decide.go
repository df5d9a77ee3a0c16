// SPDX-License-Identifier: MPL-2.0

package policy

import "strings"

// Effect is a decision about one action on one resource.
type Effect int

// The three decisions. An action that no statement covers is denied implicitly.
const (
	ImplicitDeny Effect = iota
	ExplicitDeny
	Allow
)

// Decide reports whether the documents together allow an action on a resource. A Deny in any of them wins. context may be nil.
func Decide(documents []*Document, action, resource string, context Context) Effect {
	effect := ImplicitDeny
	for _, d := range documents {
		for i := range d.statements {
			s := &d.statements[i]
			if !s.covers(action) || s.resources.match(resource) == s.notResource || !s.fits(context) {
				continue
			}
			if !s.allow {
				return ExplicitDeny
			}
			effect = Allow
		}
	}
	return effect
}

// Trusts reports whether a trust policy allows a principal an action: sts:AssumeRole. A principal is a service (lambda.amazonaws.com) or an
// identity's ARN; account is the twelve digits of the account that the identity is in. context may be nil.
func (d *Document) Trusts(action, principal, account string, context Context) bool {
	trusted := false
	for i := range d.statements {
		s := &d.statements[i]
		if !s.covers(action) || !s.principals.include(principal, account) || !s.fits(context) {
			continue
		}
		if !s.allow {
			return false
		}
		trusted = true
	}
	return trusted
}

func (s *statement) covers(action string) bool { return s.actions.matchFold(action) != s.notActions }

func (p *principals) include(principal, account string) bool {
	if !strings.HasPrefix(principal, "arn:") {
		for _, name := range p.services {
			if name == principal {
				return true
			}
		}
		return false
	}
	if p.everyone {
		return true
	}
	for _, name := range p.aws {
		// The account, or its root, means every identity in the account.
		if name == principal || name == account || strings.HasSuffix(name, ":iam::"+account+":root") {
			return true
		}
	}
	return false
}

// SPDX-License-Identifier: MPL-2.0

// Package policy parses IAM policy documents and evaluates them. It supports Effect, Action, NotAction, Resource, NotResource, Principal,
// and Condition with the operators for strings and ARNs. Resource policies can also use those for addresses. Other operators and policy
// variables are refused when the document is parsed: a decision that ignored them would be wrong.
package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Document is a parsed policy.
type Document struct {
	statements []statement
}

type statement struct {
	allow       bool
	actions     patterns
	notActions  bool // actions are those that the statement does not cover
	resources   patterns
	notResource bool
	principals  principals
	conditions  []condition
}

// principals is the Principal element of a trust policy.
type principals struct {
	everyone bool
	aws      []string
	services []string
}

// SyntaxError is the reason why the sandbox cannot use a text as a policy.
type SyntaxError struct{ Reason string }

func (e *SyntaxError) Error() string { return e.Reason }

// errSyntax returns a SyntaxError.
func errSyntax(format string, args ...any) error {
	return &SyntaxError{Reason: fmt.Sprintf(format, args...)}
}

// ParseIdentity parses a policy that is attached to an identity: statements with resources and without principals. Its error is a
// *SyntaxError.
func ParseIdentity(text string) (*Document, error) { return parse(text, checkIdentity, operators) }

// ParseTrust parses a role's trust policy: statements with principals and without resources. Its error is a *SyntaxError.
func ParseTrust(text string) (*Document, error) { return parse(text, checkTrust, operators) }

// The JSON of a policy. Source: IAM User Guide, "Grammar of the IAM JSON policy language".
type documentJSON struct {
	Version   string          `json:"Version"`
	ID        string          `json:"Id"`
	Statement json.RawMessage `json:"Statement"`
}

type statementJSON struct {
	Sid          string          `json:"Sid"`
	Effect       string          `json:"Effect"`
	Action       patterns        `json:"Action"`
	NotAction    patterns        `json:"NotAction"`
	Resource     patterns        `json:"Resource"`
	NotResource  patterns        `json:"NotResource"`
	Principal    json.RawMessage `json:"Principal"`
	NotPrincipal json.RawMessage `json:"NotPrincipal"`
	Condition    json.RawMessage `json:"Condition"`
}

func parse(text string, check func(*statementJSON) error, known map[string]operator) (*Document, error) {
	var doc documentJSON
	if err := decode([]byte(text), &doc); err != nil {
		return nil, errSyntax("Syntax errors in policy.")
	}
	switch doc.Version {
	case "", "2008-10-17", "2012-10-17":
	default:
		return nil, errSyntax("The policy version %s is not valid: use 2012-10-17.", doc.Version)
	}
	raw, err := statementsOf(doc.Statement)
	if err != nil {
		return nil, err
	}
	d := &Document{}
	for i := range raw {
		if err := check(&raw[i]); err != nil {
			return nil, err
		}
		s, err := raw[i].statement(known)
		if err != nil {
			return nil, err
		}
		d.statements = append(d.statements, s)
	}
	return d, nil
}

func decode(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON document")
	}
	return nil
}

// statementsOf parses the element Statement: one object or a list of objects.
func statementsOf(raw json.RawMessage) ([]statementJSON, error) {
	var list []statementJSON
	if bytes.HasPrefix(raw, []byte("{")) {
		list = make([]statementJSON, 1)
		if err := decode(raw, &list[0]); err != nil {
			return nil, errSyntax("Syntax errors in policy.")
		}
		return list, nil
	}
	if err := decode(raw, &list); err != nil || len(list) == 0 {
		return nil, errSyntax("Syntax errors in policy.")
	}
	return list, nil
}

func checkIdentity(s *statementJSON) error {
	if s.Principal != nil || s.NotPrincipal != nil {
		return errSyntax("Policy document should not specify a principal.")
	}
	if (s.Resource == nil) == (s.NotResource == nil) {
		return errSyntax("Policy statement must contain resources.")
	}
	for _, resource := range slices.Concat(s.Resource, s.NotResource) {
		if err := checkResource(resource); err != nil {
			return err
		}
	}
	return nil
}

func checkTrust(s *statementJSON) error {
	if s.Principal == nil {
		return errSyntax("Missing required field Principal")
	}
	if s.NotPrincipal != nil {
		return errSyntax("The sandbox does not support NotPrincipal.")
	}
	if s.Resource != nil || s.NotResource != nil {
		return errSyntax("Has prohibited field Resource")
	}
	return nil
}

// statement converts the JSON of a statement to the form that the decision uses.
func (s *statementJSON) statement(known map[string]operator) (statement, error) {
	out := statement{allow: s.Effect == "Allow"}
	if s.Effect != "Allow" && s.Effect != "Deny" {
		return out, errSyntax("Syntax errors in policy.")
	}
	var err error
	if out.conditions, err = parseConditions(s.Condition, known); err != nil {
		return out, err
	}
	if (s.Action == nil) == (s.NotAction == nil) {
		return out, errSyntax("Policy statement must contain actions.")
	}
	out.actions, out.notActions = slices.Concat(s.Action, s.NotAction), s.NotAction != nil
	for _, action := range out.actions {
		if err := checkAction(action); err != nil {
			return out, err
		}
	}
	out.resources, out.notResource = slices.Concat(s.Resource, s.NotResource), s.NotResource != nil
	if s.Principal == nil {
		return out, nil
	}
	out.principals, err = parsePrincipals(s.Principal)
	return out, err
}

func parsePrincipals(raw json.RawMessage) (principals, error) {
	if string(raw) == `"*"` {
		return principals{everyone: true}, nil
	}
	var byKind struct {
		AWS     patterns
		Service patterns
	}
	if err := decode(raw, &byKind); err != nil {
		return principals{}, errSyntax("Invalid principal in policy.")
	}
	p := principals{aws: byKind.AWS, services: byKind.Service}
	if len(p.aws)+len(p.services) == 0 {
		return principals{}, errSyntax("Invalid principal in policy.")
	}
	for _, name := range p.aws {
		p.everyone = p.everyone || name == "*"
	}
	return p, nil
}

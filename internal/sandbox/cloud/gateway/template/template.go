// SPDX-License-Identifier: MPL-2.0

// Package template evaluates API Gateway's mapping templates: the few expressions of the Velocity Template Language that the sandbox
// emulates. Parse refuses everything else, so that no test relies on a wrong emulation.
//
//	$input.body  $input.params('name')  $context.requestId  $context.identity.apiKeyId
//	$util.base64Encode(…)
//
// Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
package template

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Input has the values that expressions use.
type Input struct {
	Body      string                   // $input.body
	RequestID string                   // $context.requestId
	APIKeyID  string                   // $context.identity.apiKeyId
	Param     func(name string) string // $input.params('name'); empty for one that the request does not have
}

// Template is a parsed mapping template.
type Template struct{ parts []expression }

// Execute returns the template's text for an input.
func (t *Template) Execute(in Input) string {
	var b strings.Builder
	for _, part := range t.parts {
		b.WriteString(part(in))
	}
	return b.String()
}

type expression func(Input) string

// Parse parses a template. The error names the position of an expression that the sandbox does not emulate.
func Parse(text string) (*Template, error) {
	t := &Template{}
	for rest := text; rest != ""; {
		i := strings.IndexAny(rest, "$#\\")
		if i < 0 {
			i = len(rest)
		}
		if literal := rest[:i]; literal != "" {
			t.parts = append(t.parts, func(Input) string { return literal })
		}
		if rest = rest[i:]; rest == "" {
			break
		}
		at := len(text) - len(rest)
		part, after, err := parseMarked(rest)
		if err != nil {
			return nil, fmt.Errorf("at offset %d: %w", at, err)
		}
		t.parts = append(t.parts, part)
		rest = after
	}
	return t, nil
}

// parseMarked parses text that begins with one of Velocity's special characters: $, # and \.
func parseMarked(s string) (part expression, rest string, err error) {
	switch {
	case s[0] == '$':
		return parseExpression(s)
	case s[0] == '\\' && len(s) > 1 && s[1] != '$' && s[1] != '#' && s[1] != '\\':
		// JSON's escapes stay as they are. In Velocity, a backslash escapes before a reference or a directive, and if it is doubled.
		return func(Input) string { return `\` }, s[1:], nil
	case s[0] == '#' && len(s) > 1 && strings.ContainsRune(` ",:}]`, rune(s[1])):
		return func(Input) string { return "#" }, s[1:], nil
	}
	return nil, "", unsupported(s)
}

func parseExpression(s string) (part expression, rest string, err error) {
	if rest, ok := cutName(s, "$input.body"); ok {
		return func(in Input) string { return in.Body }, rest, nil
	}
	if rest, ok := cutName(s, "$context.requestId"); ok {
		return func(in Input) string { return in.RequestID }, rest, nil
	}
	if rest, ok := cutName(s, "$context.identity.apiKeyId"); ok {
		return func(in Input) string { return in.APIKeyID }, rest, nil
	}
	if rest, ok := strings.CutPrefix(s, "$input.params("); ok {
		return parseParam(s, rest)
	}
	if rest, ok := strings.CutPrefix(s, "$util.base64Encode("); ok {
		return parseEncoded(s, rest)
	}
	return nil, "", unsupported(s)
}

// parseParam parses 'name') after $input.params(.
func parseParam(s, rest string) (part expression, after string, err error) {
	if rest == "" || rest[0] != '\'' && rest[0] != '"' {
		return nil, "", unsupported(s)
	}
	name, rest, found := strings.Cut(rest[1:], rest[:1])
	after, closed := strings.CutPrefix(rest, ")")
	if !found || !closed || name == "" || strings.ContainsAny(name, "$#\\") {
		return nil, "", unsupported(s)
	}
	return func(in Input) string { return in.Param(name) }, after, cutMember(s, after)
}

// parseEncoded parses the argument of $util.base64Encode: one expression.
func parseEncoded(s, rest string) (part expression, after string, err error) {
	if !strings.HasPrefix(rest, "$") {
		return nil, "", unsupported(s)
	}
	argument, rest, err := parseExpression(rest)
	if err != nil {
		return nil, "", err
	}
	after, closed := strings.CutPrefix(rest, ")")
	if !closed {
		return nil, "", unsupported(s)
	}
	encoded := func(in Input) string { return base64.StdEncoding.EncodeToString([]byte(argument(in))) }
	return encoded, after, cutMember(s, after)
}

// cutName cuts a complete name: $input.bodyguard is a different name, $input.body.length() is a call on it.
func cutName(s, name string) (rest string, ok bool) {
	rest, ok = strings.CutPrefix(s, name)
	return rest, ok && (rest == "" || !isWord(rest[0])) && cutMember(s, rest) == nil
}

// cutMember refuses a member or an index of a value: .length(), [0].
func cutMember(s, rest string) error {
	if len(rest) > 0 && (rest[0] == '[' || rest[0] == '(') || len(rest) > 1 && rest[0] == '.' && isWord(rest[1]) {
		return unsupported(s)
	}
	return nil
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func unsupported(s string) error {
	const shown = 40
	if len(s) > shown {
		s = s[:shown] + "…"
	}
	return fmt.Errorf("the sandbox does not emulate %q: it knows $input.body, $input.params('name'), $context.requestId, "+
		"$context.identity.apiKeyId and $util.base64Encode(…)", s)
}

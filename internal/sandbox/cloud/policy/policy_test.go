// SPDX-License-Identifier: MPL-2.0

package policy

import (
	"errors"
	"strings"
	"testing"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	const (
		parameter = "arn:aws:ssm:eu-central-1:123456789012:parameter/qlik-task-chain/nightly/definition"
		read      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:GetParameters","Resource":"arn:aws:ssm:eu-central-1:123456789012:parameter/qlik-task-chain/nightly/*"}]}`
	)
	tests := map[string]struct {
		documents        []string
		action, resource string
		want             Effect
	}{
		"allowed":                  {[]string{read}, "ssm:GetParameters", parameter, Allow},
		"another action":           {[]string{read}, "ssm:GetParameter", parameter, ImplicitDeny},
		"another resource":         {[]string{read}, "ssm:GetParameters", strings.Replace(parameter, "nightly", "weekly", 1), ImplicitDeny},
		"nothing":                  {nil, "ssm:GetParameters", parameter, ImplicitDeny},
		"action in another case":   {[]string{read}, "SSM:getparameters", parameter, Allow},
		"resource in another case": {[]string{read}, "ssm:GetParameters", strings.ToUpper(parameter), ImplicitDeny},
		"deny wins": {
			[]string{read, `{"Statement":{"Effect":"Deny","Action":"ssm:*","Resource":"*"}}`},
			"ssm:GetParameters", parameter, ExplicitDeny,
		},
		"deny of something else": {
			[]string{read, `{"Statement":{"Effect":"Deny","Action":"ssm:Put*","Resource":"*"}}`},
			"ssm:GetParameters", parameter, Allow,
		},
		"question mark": {
			[]string{`{"Statement":{"Effect":"Allow","Action":"ssm:GetParameter?","Resource":"*"}}`},
			"ssm:GetParameter", parameter, ImplicitDeny,
		},
		"not action": {
			[]string{`{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}`},
			"ssm:GetParameter", parameter, Allow,
		},
		"not action, named": {
			[]string{`{"Statement":{"Effect":"Allow","NotAction":"ssm:*","Resource":"*"}}`},
			"ssm:GetParameter", parameter, ImplicitDeny,
		},
		"not resource": {
			[]string{`{"Statement":{"Effect":"Allow","Action":"*","NotResource":"arn:aws:iam::*:*"}}`},
			"ssm:GetParameter", parameter, Allow,
		},
		"several actions": {
			[]string{`{"Statement":[{"Effect":"Allow","Action":["logs:PutLogEvents","ssm:GetParameter"],"Resource":["*"]}]}`},
			"ssm:GetParameter", parameter, Allow,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var documents []*Document
			for _, text := range tt.documents {
				d, err := ParseIdentity(text)
				if err != nil {
					t.Fatal(err)
				}
				documents = append(documents, d)
			}
			if got := Decide(documents, tt.action, tt.resource, nil); got != tt.want {
				t.Errorf("Decide(%s on %s) = %d, want %d", tt.action, tt.resource, got, tt.want)
			}
		})
	}
}

func TestTrusts(t *testing.T) {
	t.Parallel()
	const (
		user   = "arn:aws:iam::123456789012:user/sandbox"
		lambda = `{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`
	)
	tests := map[string]struct {
		document, principal string
		want                bool
	}{
		"service":         {lambda, "lambda.amazonaws.com", true},
		"another service": {lambda, "ec2.amazonaws.com", false},
		"user, not named": {lambda, user, false},
		"user by ARN":     {`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"` + user + `"}}}`, user, true},
		"user by account": {`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}}`, user, true},
		"user by root": {`{"Statement":{"Effect":"Allow","Action":"sts:*","Principal":{"AWS":["arn:aws:iam::123456789012:root"]}}}`, user,
			true},
		"another account": {`{"Statement":{"Effect":"Allow","Action":"sts:*","Principal":{"AWS":["arn:aws:iam::999999999999:root"]}}}`, user,
			false},
		"everyone":         {`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"}}`, user, true},
		"everyone, as AWS": {`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"*"}}}`, user, true},
		"denied": {`{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*"},
			{"Effect":"Deny","Action":"sts:AssumeRole","Principal":{"AWS":"` + user + `"}}]}`, user, false},
		"another action": {`{"Statement":{"Effect":"Allow","Action":"sts:TagSession","Principal":"*"}}`, user, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := ParseTrust(tt.document)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.Trusts("sts:AssumeRole", tt.principal, "123456789012", nil); got != tt.want {
				t.Errorf("Trusts(%s) = %v, want %v", tt.principal, got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	identity := func(text string) error { _, err := ParseIdentity(text); return err }
	trust := func(text string) error { _, err := ParseTrust(text); return err }
	tests := map[string]struct {
		parse      func(string) error
		text, want string
	}{
		"no JSON":            {identity, `Version: 2012-10-17`, "Syntax errors"},
		"two documents":      {identity, `{"Statement":[]} {}`, "Syntax errors"},
		"no statement":       {identity, `{"Version":"2012-10-17"}`, "Syntax errors"},
		"empty statements":   {identity, `{"Statement":[]}`, "Syntax errors"},
		"unknown element":    {identity, `{"Statement":{"Effect":"Allow","Action":"*","Resources":"*"}}`, "Syntax errors"},
		"unknown version":    {identity, `{"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, "2020-01-01"},
		"effect":             {identity, `{"Statement":{"Effect":"allow","Action":"*","Resource":"*"}}`, "Syntax errors"},
		"no action":          {identity, `{"Statement":{"Effect":"Allow","Resource":"*"}}`, "must contain actions"},
		"empty actions":      {identity, `{"Statement":{"Effect":"Allow","Action":[],"Resource":"*"}}`, "Syntax errors"},
		"action, no vendor":  {identity, `{"Statement":{"Effect":"Allow","Action":"GetParameters","Resource":"*"}}`, "prefaced by a vendor"},
		"no resource":        {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*"}}`, "must contain resources"},
		"resource, no ARN":   {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"/x"}}`, "ARN format"},
		"resource, half ARN": {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"arn:aws:ssm"}}`, "legacy parsing"},
		"principal": {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"*","Principal":"*"}}`,
			"not specify a principal"},
		"condition": {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}`, "condition operator IpAddress"},
		"condition, no map": {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"*","Condition":{"StringEquals":"x"}}}`,
			"Syntax errors"},
		"condition variable": {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"*","Condition":{"StringEquals":{"a:b":"${aws:username}"}}}}`, "policy variables"},
		"variable": {identity, `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"arn:aws:ssm:::parameter/${aws:username}"}}`,
			"policy variables"},
		"trust, nobody":   {trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}`, "Principal"},
		"trust, resource": {trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}}`, "Resource"},
		"trust, empty":    {trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{}}}`, "Invalid principal"},
		"trust, federated": {trust, `{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Federated":"x"}}}`,
			"Invalid principal"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.parse(tt.text)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || !strings.Contains(syntax.Reason, tt.want) {
				t.Errorf("error %v, want a SyntaxError with %q", err, tt.want)
			}
		})
	}
}

func FuzzWildcard(f *testing.F) {
	for _, seed := range [][2]string{{"a*b?c", "axxbyc"}, {"*", ""}, {"**a", "ba"}, {"?", ""}, {"a*a*a", "aaaa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !wildcard(text, text) && !strings.ContainsAny(text, "*?") {
			t.Errorf("%q does not match itself", text)
		}
		got := wildcard(pattern, text)
		if len(pattern) < 12 && len(text) < 12 && got != recursive(pattern, text) { // the cost of recursive grows without bounds
			t.Errorf("wildcard(%q, %q) = %v", pattern, text, got)
		}
	})
}

// recursive is the definition of a wildcard match, written down without a thought for its cost.
func recursive(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return recursive(pattern[1:], text) || text != "" && recursive(pattern, text[1:])
	case text == "":
		return false
	default:
		return (pattern[0] == '?' || pattern[0] == text[0]) && recursive(pattern[1:], text[1:])
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ssm:*","Resource":"*"}]}`)
	f.Add(`{"Statement":{"Effect":"Deny","NotAction":["a:b"],"NotResource":["arn:aws:iam::1:x"]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseIdentity(text)
		var syntax *SyntaxError
		switch {
		case err == nil:
			Decide([]*Document{d}, "ssm:GetParameters", "*", nil)
		case !errors.As(err, &syntax):
			t.Errorf("error %v of %q is not a SyntaxError", err, text)
		}
	})
}

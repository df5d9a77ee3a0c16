// SPDX-License-Identifier: MPL-2.0

package policy

import (
	"errors"
	"testing"
)

func TestResourcePolicy(t *testing.T) {
	t.Parallel()
	const (
		api       = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/POST/"
		statement = `,"Principal":"*","Action":"execute-api:Invoke","Resource":"arn:aws:execute-api:eu-central-1:123456789012:abc/*"`
		office    = `,"Condition":{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}}`
		elsewhere = `,"Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.7"]}}}`
	)
	for name, tt := range map[string]struct {
		statements, source string
		want               Effect
	}{
		"everyone":    {`{"Effect":"Allow"` + statement + `}`, "192.0.2.1", Allow},
		"any account": {`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"execute-api:*","Resource":"*"}`, "192.0.2.1", Allow},
		"one account": {`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"execute-api:*","Resource":"*"}`, "192.0.2.1",
			ImplicitDeny},
		"from the office":       {`{"Effect":"Allow"` + statement + office, "203.0.113.9", Allow},
		"from the office, v6":   {`{"Effect":"Allow"` + statement + office, "2001:db8::1", Allow},
		"from outside":          {`{"Effect":"Allow"` + statement + office, "198.51.100.7", ImplicitDeny},
		"denied from elsewhere": {`{"Effect":"Allow"` + statement + `},{"Effect":"Deny"` + statement + elsewhere, "192.0.2.1", ExplicitDeny},
		"not denied: the range": {`{"Effect":"Allow"` + statement + `},{"Effect":"Deny"` + statement + elsewhere, "203.0.113.9", Allow},
		"not denied: the one":   {`{"Effect":"Allow"` + statement + `},{"Effect":"Deny"` + statement + elsewhere, "198.51.100.7", Allow},
		"no address":            {`{"Effect":"Allow"` + statement + office, "somewhere", ImplicitDeny},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := ParseResource(`{"Version":"2012-10-17","Statement":[` + tt.statements + `]}`)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.DecideAnonymous("execute-api:Invoke", api, Context{"aws:sourceip": tt.source}); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	// What a request does not say is not in a range: a condition that nothing may match is met.
	d, err := ParseResource(`{"Statement":{"Effect":"Deny"` + statement + elsewhere + `}`)
	if err != nil {
		t.Fatal(err)
	}
	if got := d.DecideAnonymous("execute-api:Invoke", api, nil); got != ExplicitDeny {
		t.Errorf("without an address: %v", got)
	}
}

func TestResourcePolicyRefusals(t *testing.T) {
	t.Parallel()
	for name, statement := range map[string]string{
		"no principal":  `{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}`,
		"not principal": `{"Effect":"Deny","Principal":"*","NotPrincipal":"*","Action":"execute-api:Invoke","Resource":"*"}`,
		"no resource":   `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke"}`,
		"no ARN":        `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api"}`,
		"operator":      `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`,
	} {
		var syntax *SyntaxError
		if _, err := ParseResource(`{"Statement":[` + statement + `]}`); !errors.As(err, &syntax) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var syntax *SyntaxError
	if _, err := ParseIdentity(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.1"}}}}`); !errors.As(err, &syntax) {
		t.Errorf("an identity's policy about addresses: %v", err)
	}
}

// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"strings"
	"testing"
)

func TestSignature(t *testing.T) {
	t.Parallel()
	const (
		secret    = "0123456789abcdef0123456789abcdef"
		body      = `{"id":"7f1c2e0a-4f55-4c0e-9c1b-0d7b3f5b1a11","type":"com.qlik.v1.reload.finished"}`
		signature = "ce2c7c18858e8c285f8373f9d55a2741de17f2332bbd4de946ac39822869e4f9"
	)
	if got := Sign(secret, []byte(body)); got != signature {
		t.Errorf("Sign() = %s, want %s", got, signature)
	}
	tests := map[string]struct {
		secret, body, header string
		want                 bool
	}{
		"as sent":         {secret, body, signature, true},
		"upper case":      {secret, body, strings.ToUpper(signature), true},
		"other body":      {secret, body + "\n", signature, false},
		"other secret":    {secret + "0", body, signature, false},
		"half":            {secret, body, signature[:32], false},
		"longer":          {secret, body, signature + "00", false},
		"prefix":          {secret, body, "sha256=" + signature, false},
		"none":            {secret, body, "", false},
		"without secret":  {"", body, Sign("", []byte(body)), false},
		"nothing at all":  {"", "", "", false},
		"no hex, 64 long": {secret, body, strings.Repeat("z", 64), false},
	}
	for name, test := range tests {
		if got := VerifySignature(test.secret, []byte(test.body), test.header); got != test.want {
			t.Errorf("%s: VerifySignature() = %t, want %t", name, got, test.want)
		}
	}
}

// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSigningSecretGoesBothWays(t *testing.T) {
	until := time.Date(2026, 11, 26, 6, 0, 0, 0, time.UTC)
	for name, s := range map[string]SigningSecret{
		"one":         {Current: strings.Repeat("a", 64)},
		"with former": {Current: strings.Repeat("a", 32), Previous: strings.Repeat("b", 64), PreviousUntil: until},
	} {
		again, err := ParseSigningSecret(s.Store())
		if err != nil || again != s {
			t.Errorf("%s: read back differently, or %v", name, err)
		}
	}
}

func TestParseSigningSecretRefuses(t *testing.T) {
	for name, value := range map[string]string{
		"nothing": "", "a plain text": strings.Repeat("x", 64), "no secret": `{}`, "a short one": `{"current":"short-and-secret"}`,
		"a long one": `{"current":"` + strings.Repeat("x", 65) + `"}`, "another type": `{"current":7}`,
	} {
		_, err := ParseSigningSecret(value)
		if err == nil {
			t.Errorf("%s was taken for a signing secret", name)
		} else if value != "" && strings.Contains(err.Error(), value) || strings.Contains(err.Error(), "short-and-secret") {
			t.Errorf("%s: the error quotes the value: %v", name, err)
		}
	}
}

func TestAcceptedSecrets(t *testing.T) {
	now := time.Date(2026, 11, 26, 6, 0, 0, 0, time.UTC)
	s := SigningSecret{Current: "new", Previous: "old", PreviousUntil: now}
	for _, test := range []struct {
		at   time.Time
		want []string
	}{
		{now.Add(-time.Nanosecond), []string{"new", "old"}},
		{now, []string{"new"}},
	} {
		if got := s.Accepted(test.at); !slices.Equal(got, test.want) {
			t.Errorf("at %s: %q, want %q", test.at, got, test.want)
		}
	}
	if got := (SigningSecret{Current: "only"}).Accepted(now); !slices.Equal(got, []string{"only"}) {
		t.Errorf("without a former one: %q", got)
	}
}

func TestSigningSecretIsHidden(t *testing.T) {
	s := SigningSecret{Current: "open-sesame", Previous: "open-barley"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if text := fmt.Sprintf(verb, s); strings.Contains(text, "open-") || strings.Contains(text, "6f70656e") {
			t.Errorf("%s shows the secret: %s", verb, text)
		}
	}
}

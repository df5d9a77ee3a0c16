// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"slices"
	"strings"
	"testing"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		``:                               nil,
		`status eq "A"`:                  {"A"},
		`status eq "A" or status eq "B"`: {"A", "B"},
		`status eq "a\"b"`:               {`a"b`},
	} {
		if got, err := parseFilter(text, "status"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{
		`status`, `status eq`, `status eq A`, `status eq 1`, `status eq null`, `status eq 'A'`, `status eq "A`, `status ne "A"`, `name eq "A"`,
		`(status eq "A")`, `status eq "A" and status eq "B"`, `status eq "A" or`, `status eq "A" or name eq "B"`, `status eq "A" status eq "B"`,
	} {
		if got, err := parseFilter(text, "status"); err == nil || !strings.Contains(err.Error(), "the sandbox knows status eq") {
			t.Errorf("%s: %q, %v; want a refusal", text, got, err)
		}
	}
}

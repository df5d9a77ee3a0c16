// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"errors"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

func FuzzParsePattern(f *testing.F) {
	for _, seed := range []string{"", "a -b ?c", `"a \"b\" c"`, `"open`, "{ $.a = 1 }", "-", "? ?"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePattern(text)
		var e *wire.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%q: %v is not the service's error", text, err)
		}
		if err == nil && len(p.excluded) == 0 && len(p.optional) == 0 && len(p.required) == 1 && !p.match(p.required[0]) {
			t.Errorf("%q does not match its own term", text)
		}
	})
}

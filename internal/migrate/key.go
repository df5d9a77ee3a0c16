// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxKey is the maximum length of a key in characters, before a number that distinguishes it from another one.
const maxKey = 60

// uniqueKey converts a name to a key that needs no quotes in HCL: small letters, digits and underscores.
func uniqueKey(name, id string, taken map[string]bool) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(norm.NFC.String(name)) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		if gap {
			b.WriteByte('_')
		}
		gap = false
		b.WriteRune(r)
	}
	base := []rune(b.String())
	base = base[:min(len(base), maxKey)]
	key := strings.TrimRight(string(base), "_")
	switch {
	case key == "" && len(id) >= 8 && uuid.MatchString(id):
		key = "app_" + strings.ToLower(id[:8])
	case key == "":
		key = "app"
	case !unicode.IsLetter(base[0]) || slices.Contains([]string{"for", "null", "true", "false"}, key): // HCL would read it as something else
		key = "app_" + key
	}
	unique := key
	for n := 2; taken[unique]; n++ {
		unique = fmt.Sprintf("%s_%d", key, n)
	}
	return unique
}

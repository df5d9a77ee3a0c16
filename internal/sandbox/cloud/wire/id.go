// SPDX-License-Identifier: MPL-2.0

package wire

import "crypto/rand"

// RandomID returns a prefix and n random characters from A-Z and 2-7, as in IAM's ids and access keys: AROA….
func RandomID(prefix string, n int) string {
	text := ""
	for len(text) < n {
		text += rand.Text()
	}
	return prefix + text[:n]
}

// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"crypto/rand"
	"encoding/hex"
)

// randomHex returns 2*n hex digits. Qlik's object ids have 24 digits, its trace ids 32.
func randomHex(n int) string {
	data := make([]byte, n)
	_, _ = rand.Read(data) // never fails: crypto/rand ends the program first
	return hex.EncodeToString(data)
}

func newObjectID() string { return randomHex(12) }

// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/base64"
	"strconv"
)

// Page cuts one page out of a list. token is "" for the first page, else the next of the page before; the returned next
// is "" on the last page. ok is false when the token is not one that Page made.
func Page[T any](list []T, token string, size int) (page []T, next string, ok bool) {
	start := 0
	if token != "" {
		raw, err := base64.RawURLEncoding.DecodeString(token)
		if err != nil {
			return nil, "", false
		}
		if start, err = strconv.Atoi(string(raw)); err != nil || start < 0 {
			return nil, "", false
		}
	}
	start = min(start, len(list)) // the list has become shorter since
	end := min(start+size, len(list))
	if end < len(list) {
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(end)))
	}
	return list[start:end], next, true
}

// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/base64"
	"strconv"
)

// Page returns one page of a list. token is "" for the first page, and the previous page's next for any other. The returned next is "" on
// the last page. ok is false if the token does not come from Page.
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

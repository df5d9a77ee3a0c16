// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"encoding/json"
	"time"
)

// Timestamp is a time in an answer of Qlik Cloud. What is absent or cannot be read is the zero time: a strange timestamp must not
// cost the caller the id of a reload that was started.
type Timestamp struct{ time.Time }

// UnmarshalJSON reads an RFC 3339 time.
func (t *Timestamp) UnmarshalJSON(data []byte) error {
	var text string
	t.Time = time.Time{}
	if json.Unmarshal(data, &text) != nil {
		return nil //nolint:nilerr // see the type
	}
	if parsed, err := time.Parse(time.RFC3339, text); err == nil {
		t.Time = parsed
	}
	return nil
}

// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"encoding/json"
	"time"
)

// Timestamp is a time in an answer of Qlik Cloud. It is zero if the time is absent or invalid: otherwise a strange timestamp would cost the
// caller the id of a reload that was started.
type Timestamp struct{ time.Time }

// UnmarshalJSON parses an RFC 3339 time.
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

// SPDX-License-Identifier: MPL-2.0

package chainapi

import (
	"net/http"
	"testing"
)

// TestPassesInTime checks which of a chain's answers a client takes as final.
func TestPassesInTime(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status     int
		retryAfter string
		again      bool
	}{
		"done":                                 {202, "", false},
		"the key is not known everywhere yet":  {403, "", true},
		"the step is under way":                {409, "", false},
		"the request itself is under way":      {409, "20", true},
		"the key was used for another request": {422, "", false},
		"Qlik Cloud has refused the reload":    {502, "", false},
		"API Gateway did not wait long enough": {504, "", true},
	} {
		response := &http.Response{StatusCode: tt.status, Header: http.Header{}}
		if tt.retryAfter != "" {
			response.Header.Set("Retry-After", tt.retryAfter)
		}
		if again, err := passesInTime(true)(t.Context(), response, nil); again != tt.again {
			t.Errorf("%s: again is %t, %v", name, again, err)
		}
	}
	response := &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{}}
	if again, err := passesInTime(false)(t.Context(), response, nil); again || err != nil {
		t.Errorf("a key that is not new and is refused: again is %t, %v", again, err)
	}
}

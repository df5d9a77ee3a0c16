// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestErrorSentence(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		err  Error
		body string
		want string
	}{
		"Qlik's body": {
			Error{Method: "POST", URL: "https://x/api/v1/reloads", Status: 403, Attempts: 1},
			`{"errors":[{"code":"RELOADS-003","title":"Forbidden","detail":"no access"}],"traceId":"abc"}`,
			"Qlik Cloud: POST https://x/api/v1/reloads was answered with 403 Forbidden: RELOADS-003: Forbidden: no access (trace id abc)",
		},
		"several errors": {
			Error{Method: "POST", URL: "https://x/y", Status: 400, Attempts: 1},
			`{"errors":[{"code":"W-1","title":"Bad name"},{"code":"W-2","title":"Bad url","detail":"no host"}]}`,
			"Qlik Cloud: POST https://x/y was answered with 400 Bad Request: W-1: Bad name: W-2: Bad url: no host",
		},
		"not Qlik's body": {
			Error{Method: "GET", URL: "https://x/y", Status: 502, Attempts: 5}, "<html>\n\xffBad gateway</html>",
			`Qlik Cloud: GET https://x/y was answered with 502 Bad Gateway: "<html>\nBad gateway</html>" (5 attempts)`,
		},
		"credentials": {
			Error{Method: "GET", URL: "https://x/y", Status: 401, Attempts: 1}, `{"errors":[]}`,
			`Qlik Cloud: GET https://x/y was answered with 401 Unauthorized: "{\"errors\":[]}"; check that the API key or the OAuth client's id and secret are of this tenant, and neither expired nor revoked`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := test.err
			e.readBody([]byte(test.body))
			if got := e.Error(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestErrorKeepsAPieceOfTheBody(t *testing.T) {
	t.Parallel()
	var e Error
	e.readBody([]byte(strings.Repeat("ä", 10_000)))
	if len(e.Body) > bodyPiece+len("…") || !strings.HasSuffix(e.Body, "ä…") {
		t.Errorf("the piece has %d bytes and ends in %q", len(e.Body), e.Body[len(e.Body)-8:])
	}
}

func TestIsNotFound(t *testing.T) {
	t.Parallel()
	for want, err := range map[bool]error{
		true:  fmt.Errorf("reading: %w", &Error{Status: 404}),
		false: errors.New("404 not found"),
	} {
		if IsNotFound(err) != want {
			t.Errorf("IsNotFound(%v) = %t", err, !want)
		}
	}
	if IsNotFound(&Error{Status: 502, Body: "not found"}) || IsNotFound(nil) {
		t.Error("only a 404 is not-found")
	}
}

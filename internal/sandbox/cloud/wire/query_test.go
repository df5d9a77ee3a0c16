// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"encoding/xml"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func formRequest(body string) *Request {
	return &Request{ID: "id-1", Body: []byte(body)}
}

func TestAction(t *testing.T) {
	t.Parallel()
	for body, code := range map[string]string{
		"%zz":                   "MalformedQueryString",
		"Version=1":             "MissingAction",
		"Action=A&Version=2":    "InvalidAction",
		"Action=A&Version=1;x%": "MalformedQueryString",
	} {
		_, err := Action(formRequest(body), "1")
		var e *Error
		if !errors.As(err, &e) || e.Code != code || e.Status != http.StatusBadRequest {
			t.Errorf("%s: error %v, want %s", body, err, code)
		}
	}
}

func TestQueryResponse(t *testing.T) {
	t.Parallel()
	response, err := QueryResponse(formRequest(""), "https://ns/", "GetThing", struct {
		Names []string `xml:"Names>member"`
	}{[]string{"a", "b & c"}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `<GetThingResponse xmlns="https://ns/"><GetThingResult><Names><member>a</member><member>b &amp; c</member></Names></GetThingResult>` +
		`<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></GetThingResponse>`
	if string(response.Body) != want {
		t.Errorf("got  %s\nwant %s", response.Body, want)
	}
	response, err = QueryResponse(formRequest(""), "https://ns/", "DeleteThing", nil)
	if err != nil || strings.Contains(string(response.Body), "Result") {
		t.Errorf("an answer without a result: %s, %v", response.Body, err)
	}
}

// TestErrors writes an error that is the client's, and one that is not, in each protocol.
func TestErrors(t *testing.T) {
	t.Parallel()
	ours := errors.New("disk full")
	theirs := Errorf(http.StatusNotFound, "NoSuchEntity", "The role %s cannot be found.", "<x>")
	for name, tt := range map[string]struct {
		header map[string]string
		code   func(http.Header, []byte) (code, message string)
		ours   string
	}{
		"query": {map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
			func(_ http.Header, body []byte) (string, string) {
				var e struct {
					Code    string `xml:"Error>Code"`
					Message string `xml:"Error>Message"`
				}
				if err := xml.Unmarshal(body, &e); err != nil {
					return err.Error(), ""
				}
				return e.Code, e.Message
			}, "ServiceFailure"},
		"json": {map[string]string{"X-Amz-Target": "A.B"}, func(_ http.Header, body []byte) (string, string) {
			return field(body, "__type"), field(body, "message")
		}, "InternalServerError"},
		"rest-json": {nil, func(h http.Header, body []byte) (string, string) {
			return h.Get("x-amzn-ErrorType"), field(body, "message")
		}, "ServiceException"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
			for key, value := range tt.header {
				r.Header.Set(key, value)
			}
			for _, want := range []struct {
				err           error
				status        int
				code, message string
			}{
				{theirs, http.StatusNotFound, "NoSuchEntity", "The role <x> cannot be found."},
				{ours, http.StatusInternalServerError, tt.ours, "sandbox: disk full"},
			} {
				w := httptest.NewRecorder()
				WriteError(w, &Request{HTTP: r, ID: "id-1"}, want.err)
				code, message := tt.code(w.Header(), w.Body.Bytes())
				if w.Code != want.status || code != want.code || message != want.message {
					t.Errorf("got %d %s: %s\nwant %d %s: %s", w.Code, code, message, want.status, want.code, want.message)
				}
			}
		})
	}
}

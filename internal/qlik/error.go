// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Error is a failed call: Qlik Cloud refused it, did not answer, or sent an answer that its API does not describe.
type Error struct {
	Method string
	URL    string // with path and query; it never contains credentials
	Status int    // HTTP status; 0 if there was no answer

	// Of the first error in Qlik's body. Detail also lists the others.
	Code   string // RELOADS-003, WEBHOOKS-4, HTTP-429
	Title  string
	Detail string

	TraceID    string        // Qlik support finds the request with it
	Body       string        // the beginning of a body that is not Qlik's JSON
	RetryAfter time.Duration // how long Qlik asks to wait before the next try; 0 if it does not say
	Attempts   int           // how often the request was sent
	Err        error         // what ended the attempt: a connection error, the context's error
}

// Error returns one sentence, without a full stop: the call, the answer, and the fix if the user can fix it.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Qlik Cloud: %s %s ", e.Method, e.URL)
	if e.Status == 0 {
		b.WriteString("got no answer")
	} else {
		fmt.Fprintf(&b, "was answered with %d %s", e.Status, http.StatusText(e.Status))
	}
	for _, part := range []string{e.Code, e.Title, e.Detail} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Body != "" {
		fmt.Fprintf(&b, ": %q", e.Body)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if notes := e.notes(); len(notes) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(notes, ", "))
	}
	return b.String() + e.Advice()
}

// Advice returns the end of the error's sentence: the fix if the user can fix it, otherwise nothing.
func (e *Error) Advice() string {
	switch ended := errors.Is(e.Err, context.Canceled) || errors.Is(e.Err, context.DeadlineExceeded); {
	case e.Status == 0 && !ended:
		return "; check the tenant URL, the network and its proxy"
	case e.Status == http.StatusUnauthorized:
		return "; check that the API key or the OAuth client's id and secret are of this tenant, and neither expired nor revoked"
	default:
		return ""
	}
}

func (e *Error) notes() []string {
	var notes []string
	if e.RetryAfter > 0 {
		notes = append(notes, fmt.Sprintf("retry after %s", e.RetryAfter))
	}
	if e.Attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", e.Attempts))
	}
	if e.TraceID != "" {
		notes = append(notes, "trace id "+e.TraceID)
	}
	return notes
}

// Unwrap returns the connection's or the context's error, if that is what ended the call.
func (e *Error) Unwrap() error { return e.Err }

// IsNotFound reports whether err is Qlik Cloud's answer that the requested object does not exist. It checks only the status: words in a
// body are no proof.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

const bodyPiece = 512 // bytes of a foreign body that an error keeps

// errorBody is Qlik's error format. The OAuth token endpoint and all APIs share it.
type errorBody struct {
	Errors []struct {
		Code   string `json:"code"`
		Title  string `json:"title"`
		Detail string `json:"detail"`
	} `json:"errors"`
	TraceID string `json:"traceId"`
}

// readBody fills e from the body of a refusal.
func (e *Error) readBody(body []byte) {
	var parsed errorBody
	if err := json.Unmarshal(body, &parsed); err != nil || len(parsed.Errors) == 0 {
		e.TraceID = parsed.TraceID
		e.Body = piece(body)
		return
	}
	first, others := parsed.Errors[0], parsed.Errors[1:]
	e.Code, e.Title, e.Detail, e.TraceID = first.Code, first.Title, first.Detail, parsed.TraceID
	for _, other := range others {
		e.Detail += fmt.Sprintf("; %s: %s: %s", other.Code, other.Title, other.Detail)
	}
	e.Detail = strings.TrimPrefix(e.Detail, "; ")
}

// piece returns the beginning of body as valid UTF-8.
func piece(body []byte) string {
	text := strings.ToValidUTF8(string(body[:min(len(body), bodyPiece)]), "")
	if len(body) > bodyPiece {
		text += "…"
	}
	return strings.TrimSpace(text)
}

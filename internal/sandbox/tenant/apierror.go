// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

// apiError is a refusal in Qlik's error format.
type apiError struct {
	status     int
	code       string
	title      string
	detail     string
	retryAfter int // seconds; sent as Retry-After unless 0
}

func (e *apiError) Error() string { return e.code + ": " + e.title + ": " + e.detail }

func badRequest(code, format string, args ...any) *apiError {
	return &apiError{status: http.StatusBadRequest, code: code, title: "Bad request", detail: fmt.Sprintf(format, args...)}
}

func forbidden(code, detail string) *apiError {
	return &apiError{status: http.StatusForbidden, code: code, title: "Forbidden", detail: detail}
}

func notFound(code, what, id string) *apiError {
	return &apiError{status: http.StatusNotFound, code: code, title: "Not found", detail: fmt.Sprintf("no %s has the id %q", what, id)}
}

type errorAnswer struct {
	Errors  []errorItem `json:"errors"`
	TraceID string      `json:"traceId,omitempty"`
}

type errorItem struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail,omitempty"`
	Status string `json:"status,omitempty"` // the token endpoint's errors have it
}

// writeError writes an error in the format of the service: some add a trace id, the token endpoint repeats the status.
func (s service) writeError(w http.ResponseWriter, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusInternalServerError, code: "HTTP-500", title: "Internal server error", detail: err.Error()}
	}
	answer := errorAnswer{Errors: []errorItem{{Code: e.code, Title: e.title, Detail: e.detail}}}
	if s.traced {
		answer.TraceID = randomHex(16)
	}
	if s.anonymous {
		answer.Errors[0].Status = strconv.Itoa(e.status)
	}
	if e.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.retryAfter))
	}
	writeJSON(w, e.status, answer)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the caller may have disconnected
}

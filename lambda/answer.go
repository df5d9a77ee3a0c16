// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// apiError is the body of every answer but 200 and 304.
type apiError struct {
	Error   string         `json:"error"`             // what is wrong, for people: it names no route
	Hint    string         `json:"hint,omitempty"`    // what to request instead
	Refusal engine.Refusal `json:"refusal,omitempty"` // the check that failed
	Run     string         `json:"run,omitempty"`     // that is concerned
}

// answer is the answer to a request.
type answer struct {
	status    int               // 0 = 200
	content   any               // as JSON
	body      []byte            // else this
	mediaType string            // of body, in UTF-8
	headers   map[string]string // added to the headers of every answer, or replacing them
	cause     error             // the error behind it, for the log
	attrs     []slog.Attr       // the result of the request, for the log
}

// Values of the headers. A page that a browser makes of an answer may load nothing; an SVG holds its own styles.
const (
	policy         = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	noStore        = "no-store"
	revalidate     = "private, no-cache" // keep the answer, and ask each time whether it has changed
	negotiatedWith = "Accept"
)

// write writes an answer, and its line in the log.
func (h *handler) write(w http.ResponseWriter, r *http.Request, a answer) {
	if err := a.encode(); err != nil {
		a = broken(r.Context(), "The answer could not be written.", err)
		_ = a.encode() // it is a text
	}
	status := a.status
	header := w.Header()
	for name, value := range map[string]string{
		"content-type": a.mediaType + "; charset=utf-8", "cache-control": noStore, "x-content-type-options": "nosniff",
		"content-security-policy": policy, "referrer-policy": "no-referrer",
	} {
		header.Set(name, value)
	}
	if status == http.StatusOK {
		sum := sha256.Sum256(a.body)
		tag := `"` + hex.EncodeToString(sum[:16]) + `"`
		header.Set("etag", tag)
		header.Set("cache-control", revalidate)
		if matches(headerOf(r, "If-None-Match"), tag) { // the client has the answer
			status, a.body = http.StatusNotModified, nil
		}
	}
	for name, value := range a.headers {
		header.Set(name, value)
	}
	w.WriteHeader(status)
	_, _ = w.Write(a.body) // a responseWriter keeps everything
	h.logAnswer(r, status, a)
}

// encode fills in the body and the status.
func (a *answer) encode() error {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.body != nil {
		return nil
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(a.content); err != nil {
		return fmt.Errorf("writing the answer: %w", err)
	}
	a.body, a.mediaType = body.Bytes(), mediaJSON
	return nil
}

// logAnswer writes the one line that every request ends in.
func (h *handler) logAnswer(r *http.Request, status int, a answer) {
	event := gatewayEvent(r.Context())
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := append([]slog.Attr{
		slog.String("method", r.Method), slog.String("path", event.Path), slog.Int("status", status),
	}, a.attrs...)
	if a.cause != nil {
		attrs = append(attrs, slog.String("reason", a.cause.Error()))
	}
	attrs = append(attrs, requestIDs(r.Context(), event.RequestContext.RequestID)...)
	h.log.LogAttrs(r.Context(), level, "request", attrs...)
}

// matches reports whether the header If-None-Match names the tag. Weak tags count: the comparison is the weak one (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// headerOf returns a request's header; several of one name count as one list.
func headerOf(r *http.Request, name string) string { return strings.Join(r.Header.Values(name), ", ") }

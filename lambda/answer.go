// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// apiError is the body of every answer but 200 and 304.
type apiError struct {
	Error string `json:"error"`
}

// answer is what a request is answered with.
type answer struct {
	status    int               // 0 = 200
	content   any               // as JSON
	body      []byte            // else this
	mediaType string            // of body, in UTF-8
	headers   map[string]string // besides those that every answer has, or instead
	cause     error             // the error behind it, for the log
	attrs     []slog.Attr       // what came of the request, for the log
}

// Every answer's headers. What the browser shows of one by itself may load nothing; an SVG has its styles in it.
const (
	policy         = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	keepNot        = "no-store"
	askAgain       = "private, no-cache" // keep it, and ask each time whether it is still so
	negotiatedWith = "Accept"
)

// response is the answer in the proxy integration's words. A GET that has seen it before, by its entity tag, gets a 304 without the body.
func (a answer) response(request events.APIGatewayProxyRequest) (events.APIGatewayProxyResponse, error) {
	if a.body == nil {
		var body bytes.Buffer
		encoder := json.NewEncoder(&body)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(a.content); err != nil {
			return events.APIGatewayProxyResponse{}, fmt.Errorf("writing the answer: %w", err)
		}
		a.body, a.mediaType = body.Bytes(), mediaJSON
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	response := events.APIGatewayProxyResponse{
		StatusCode: a.status, Body: string(a.body),
		Headers: map[string]string{
			"content-type": a.mediaType + "; charset=utf-8", "cache-control": keepNot, "x-content-type-options": "nosniff",
			"content-security-policy": policy, "referrer-policy": "no-referrer",
		},
	}
	if a.status == http.StatusOK {
		sum := sha256.Sum256(a.body)
		tag := `"` + hex.EncodeToString(sum[:16]) + `"`
		response.Headers["etag"], response.Headers["cache-control"] = tag, askAgain
		if matches(header(request, "If-None-Match"), tag) {
			response.StatusCode, response.Body = http.StatusNotModified, ""
		}
	}
	maps.Copy(response.Headers, a.headers)
	return response, nil
}

// matches tells whether the header If-None-Match names the tag. Weak tags count: the comparison is the weak one (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimSpace(part); part == "*" || strings.TrimPrefix(part, "W/") == tag {
			return true
		}
	}
	return false
}

// header is a request's header, whatever the spelling that it arrived with; several of one name count as one list.
func header(request events.APIGatewayProxyRequest, name string) string {
	for key, values := range request.MultiValueHeaders {
		if strings.EqualFold(key, name) {
			return strings.Join(values, ", ")
		}
	}
	for key, value := range request.Headers {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

func marshalResponse(response events.APIGatewayProxyResponse) ([]byte, error) {
	payload, err := json.Marshal(response)
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	return payload, nil
}

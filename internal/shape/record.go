// SPDX-License-Identifier: MPL-2.0

package shape

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Recorder writes the shapes of answers to a file, one line of JSON for each new shape. A nil Recorder records nothing.
type Recorder struct {
	mu      sync.Mutex
	file    *os.File
	written map[string]bool
}

// Open returns a Recorder that appends to a file.
func Open(name string) (*Recorder, error) {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the caller names it
	if err != nil {
		return nil, fmt.Errorf("opening the record of answers: %w", err)
	}
	return &Recorder{file: file, written: map[string]bool{}}, nil
}

// Close ends the record.
func (r *Recorder) Close() error { return r.file.Close() }

// add writes one answer.
func (r *Recorder) add(a Answer) error {
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.written[string(line)] {
		return nil
	}
	if _, err := r.file.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("recording an answer: %w", err)
	}
	r.written[string(line)] = true
	return nil
}

// AWS records the answers to an AWS client. Add it to the client's APIOptions. It does not change requests or their signatures.
func (r *Recorder) AWS(s *middleware.Stack) error {
	if r == nil {
		return nil
	}
	return s.Deserialize.Add(middleware.DeserializeMiddlewareFunc("RecordShape",
		func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput,
			middleware.Metadata, error) {
			out, metadata, err := next.HandleDeserialize(ctx, in)
			a := Answer{}
			response, answered := out.RawResponse.(*smithyhttp.Response)
			if answered && response.Response != nil {
				body, readErr := io.ReadAll(response.Body)
				response.Body = again(body, readErr, response.Body)
				a = Of(response.StatusCode, response.Header, body)
			}
			a.Service, a.Operation = middleware.GetServiceID(ctx), middleware.GetOperationName(ctx)
			if recordErr := r.add(a); err == nil {
				err = recordErr
			}
			return out, metadata, err
		}), middleware.After)
}

// again returns a reader of a body that has already been read to its end, or to an error.
func again(body []byte, err error, closer io.Closer) io.ReadCloser {
	reader := io.Reader(bytes.NewReader(body))
	if err != nil {
		reader = io.MultiReader(reader, failing{err})
	}
	return struct {
		io.Reader
		io.Closer
	}{reader, closer}
}

type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// Transport records the answers of another transport as answers of a service. nil means http.DefaultTransport.
func (r *Recorder) Transport(service string, next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	if r == nil {
		return next
	}
	return &transport{recorder: r, service: service, next: next, fields: true}
}

// Below is Transport for a path with the project's own answers. It records status, error code, media type and headers, and no fields.
func (r *Recorder) Below(path, service string) http.RoundTripper {
	return &transport{recorder: r, service: service, next: http.DefaultTransport, below: path}
}

type transport struct {
	recorder *Recorder
	service  string
	next     http.RoundTripper
	below    string // the unrecorded beginning of paths
	fields   bool
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.next.RoundTrip(request)
	a := Answer{}
	if err == nil {
		body, readErr := io.ReadAll(response.Body)
		response.Body = again(body, readErr, response.Body)
		a = Of(response.StatusCode, response.Header, body)
	}
	if !t.fields {
		a.Fields = nil
	}
	a.Service, a.Operation = t.service, request.Method+" "+route(strings.TrimPrefix(request.URL.Path, t.below))
	if recordErr := t.recorder.add(a); recordErr != nil && err == nil {
		return nil, recordErr // the caller closes no body of a failed request, and this one has been read
	}
	return response, err
}

// segments are the parts of paths that are not ids.
var segments = []string{
	"", "actions", "api", "apps", "cancel", "core", "deliveries", "event-types", "graph", "items", "me", "oauth", "operations", "page",
	"pause", "redrive", "reloads",
	"rerun", "resend", "resume", "runs", "scripts", "spaces", "start", "tenants", "token", "users", "v1", "webhooks",
}

// route returns a path with {id} for every unknown word.
func route(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if !slices.Contains(segments, part) {
			parts[i] = "{id}"
		}
	}
	return strings.Join(parts, "/")
}

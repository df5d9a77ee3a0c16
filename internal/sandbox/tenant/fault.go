// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"context"
	"net/http"
	"strconv"
)

// Fault replaces a request's answer.
type Fault struct {
	Status         int    // of the answer, unless Drop or Hang
	Code           string // in the answer's body; HTTP-{Status} by default
	RetryAfter     int    // seconds; 0 for none
	Drop           bool   // the connection is closed without an answer
	Hang           bool   // nothing is answered until the caller gives up
	AfterwardsOnly bool   // the request is carried out first: only its answer is lost

	// Delay, if not nil, runs after the request was carried out and before it is answered. ctx ends when the caller gives up. An error
	// closes the connection. A Fault that sets only Delay keeps the request's own answer.
	Delay func(ctx context.Context) error
}

// before reports whether the fault prevents the request.
func (f *Fault) before() bool { return f != nil && !f.AfterwardsOnly && f.Delay == nil }

// replaces reports whether the request's own answer is lost.
func (f *Fault) replaces() bool { return f != nil && (f.Status != 0 || f.Drop || f.Hang) }

// FaultFunc returns the fault for a request, or nil. count is the number of calls of this operation, including this one; r.Pattern is the
// operation. The function runs concurrently.
type FaultFunc func(r *http.Request, count int) *Fault

// SetFault applies f to all later requests. Nil ends the faults.
func (t *Tenant) SetFault(f FaultFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fault = f
}

func (f *Fault) answer(w http.ResponseWriter, r *http.Request, s service) {
	switch {
	case f.Drop:
		panic(http.ErrAbortHandler) // net/http's way to close a connection without an answer
	case f.Hang:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	default:
		code := f.Code
		if code == "" {
			code = "HTTP-" + strconv.Itoa(f.Status)
		}
		s.writeError(w, &apiError{
			status: f.Status, code: code, title: http.StatusText(f.Status), detail: "a fault that was asked for", retryAfter: f.RetryAfter,
		})
	}
}

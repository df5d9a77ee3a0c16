// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"context"
	"net/http"
	"strconv"
)

// Fault is what a request meets instead of its answer.
type Fault struct {
	Status         int    // of the answer, unless Drop or Hang
	Code           string // in the answer's body; HTTP-{Status} by default
	RetryAfter     int    // seconds; 0 for none
	Drop           bool   // the connection is closed without an answer
	Hang           bool   // nothing is answered until the caller gives up
	AfterwardsOnly bool   // the request is carried out first: only its answer is lost

	// Delay, when not nil, runs after the request was carried out and before it is answered; ctx ends with the caller's
	// patience, and an error closes the connection. A Fault that says no more than this leaves the request its own answer.
	Delay func(ctx context.Context) error
}

// before reports whether the request is kept from being carried out.
func (f *Fault) before() bool { return f != nil && !f.AfterwardsOnly && f.Delay == nil }

// replaces reports whether the request's own answer is lost.
func (f *Fault) replaces() bool { return f != nil && (f.Status != 0 || f.Drop || f.Hang) }

// FaultFunc decides about each request; nil lets it pass. count says how often this request's operation has been called, this time
// included; r.Pattern is the operation. The function runs while other requests run.
type FaultFunc func(r *http.Request, count int) *Fault

// SetFault makes f decide about all requests to come. Nil ends it.
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

// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Call is a request that reached the tenant.
type Call struct {
	Method    string
	Path      string
	Query     string
	Operation string // method and path pattern: GET /api/v1/reloads/{id}; empty if there is none
	UserAgent string
	Status    int // of the answer; 0 before the answer, and if the connection was cut

	Began, Ended time.Time // in real time; Ended is zero while it runs
}

// Calls returns all requests so far, in the order of their arrival.
func (t *Tenant) Calls() []Call {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.calls)
}

// Statuses counts the answers to an operation by status. An empty operation means all operations.
func (t *Tenant) Statuses(operation string) map[int]int {
	counts := map[int]int{}
	for _, call := range t.Calls() {
		if operation == "" || call.Operation == operation {
			counts[call.Status]++
		}
	}
	return counts
}

// record records the request and asks the test for a fault. It returns the index of the call in calls.
func (t *Tenant) record(r *http.Request) (*Fault, int) {
	operation := r.Pattern
	if operation == "/" {
		operation = ""
	}
	t.mu.Lock()
	place := len(t.calls)
	t.calls = append(t.calls, Call{Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Operation: operation,
		UserAgent: r.UserAgent(), Began: time.Now()})
	t.perCall[operation]++
	count, fault := t.perCall[operation], t.fault
	t.mu.Unlock()
	if fault == nil {
		return nil, place
	}
	return fault(r, count), place
}

func (t *Tenant) recordStatus(place, status int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.calls[place].Status, t.calls[place].Ended = status, time.Now()
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// callingFunction returns the name of the deployed function that sends a request, empty for any other caller. The function of the chain
// nightly is qlik-task-chain-nightly, and names itself qlik-task-chain/nightly to Qlik Cloud.
func callingFunction(r *http.Request) string {
	chain, found := strings.CutPrefix(r.UserAgent(), "qlik-task-chain/")
	if !found {
		return ""
	}
	return "qlik-task-chain-" + chain
}

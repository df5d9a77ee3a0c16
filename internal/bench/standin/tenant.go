// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// Tenant takes requests for reloads as Qlik Cloud does, and reloads nothing.
type Tenant struct {
	*server

	mu      sync.Mutex
	latency time.Duration
	seen    Seen
}

// Seen is what has reached a tenant since it was last looked at.
type Seen struct {
	Reloads     int
	First, Last time.Time // when the first request came, and when the last answer went
}

// StartTenant starts a tenant that answers at once.
func StartTenant(ctx context.Context, c *Certificate) (*Tenant, error) {
	t := &Tenant{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/v1/reloads", t.reload)
	var err error
	t.server, err = serve(ctx, c, mux)
	return t, err
}

// SetLatency sets how long a reload's request takes from now on.
func (t *Tenant) SetLatency(d time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.latency = d
}

// Look returns what has come since it was called last.
func (t *Tenant) Look() Seen {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := t.seen
	t.seen = Seen{}
	return seen
}

func (t *Tenant) reload(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return
	}
	t.mu.Lock()
	if t.seen.Reloads == 0 {
		t.seen.First = began
	}
	t.seen.Reloads++
	latency := t.latency
	t.mu.Unlock()
	if latency > 0 {
		timer := time.NewTimer(latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	now := time.Now()
	_, _ = fmt.Fprintf(w, `{"id":"%024x","status":"QUEUED","creationTime":%q}`, now.UnixNano(), now.UTC().Format(time.RFC3339Nano)) // who is gone is gone
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen.Last = now
}

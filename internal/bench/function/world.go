// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

// world is the environment of the measured programs: a Qlik Cloud tenant and AWS services, on loopback. It does as little as possible, so
// that its own time hardly counts.
type world struct {
	tenant  tenant
	aws     awsServices
	trusted string // a PEM file of the world's certificate, alone in its folder
}

// newWorld serves a world until ctx is done, by HTTP/1.1 over TLS. AWS's services support no other version, and it is the default of Go and
// Node.js.
func newWorld(ctx context.Context, dir string) (*world, error) {
	w := &world{trusted: filepath.Join(dir, "trusted", "world.pem")}
	tenant, services := httptest.NewTLSServer(&w.tenant), httptest.NewTLSServer(&w.aws)
	context.AfterFunc(ctx, func() {
		tenant.Close()
		services.Close()
	})
	w.tenant.url, w.aws.url = tenant.URL, services.URL
	w.aws.start(services.Client())
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: services.Certificate().Raw})
	return w, errors.Join(os.Mkdir(filepath.Dir(w.trusted), 0o750), os.WriteFile(w.trusted, text, 0o600))
}

// tenant accepts reloads as Qlik Cloud does, but reloads nothing.
type tenant struct {
	url     string
	reloads atomic.Int64
	latency atomic.Int64 // in nanoseconds, the time to accept a reload
}

// ServeHTTP answers a request for a reload.
func (t *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil || r.Method != http.MethodPost || r.URL.Path != "/api/v1/reloads" {
		http.Error(w, "the bench knows POST /api/v1/reloads alone", http.StatusNotFound)
		return
	}
	id := t.reloads.Add(1)
	if smithytime.SleepWithContext(r.Context(), time.Duration(t.latency.Load())) != nil {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	// If this fails, the caller is gone.
	_, _ = fmt.Fprintf(w, `{"id":"%024x","status":"QUEUED","creationTime":%q}`, id, time.Now().UTC().Format(time.RFC3339Nano))
}

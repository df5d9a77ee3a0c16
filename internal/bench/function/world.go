// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// world is the environment of the measured programs: a Qlik Cloud tenant and AWS services, on loopback. It does as little as possible, so
// that its own time hardly counts.
type world struct {
	tenant  tenant
	aws     awsServices
	trusted string // a PEM file of the world's certificate
	roots   string // a PEM file of it and of the machine's root certificates: on Lambda too, Go reads all roots before its first request
}

// newWorld serves a world until ctx is done.
func newWorld(ctx context.Context, dir string) (*world, error) {
	certificate, err := newCertificate()
	if err != nil {
		return nil, err
	}
	w := &world{trusted: filepath.Join(dir, "trusted.pem"), roots: filepath.Join(dir, "roots.pem")}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})
	roots, err := systemRoots()
	err = errors.Join(err, os.WriteFile(w.trusted, text, 0o600), os.WriteFile(w.roots, slices.Concat(roots, text), 0o600))
	if err != nil {
		return nil, err
	}
	if w.tenant.url, err = serve(ctx, certificate, &w.tenant); err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	w.aws.start(&http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}})
	w.aws.url, err = serve(ctx, certificate, &w.aws)
	return w, err
}

// newCertificate makes a self-signed certificate for 127.0.0.1.
func newCertificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// systemRoots returns the machine's root certificates. It returns none if they are not in one of the files that Linux distributions use.
func systemRoots() ([]byte, error) {
	for _, file := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"} {
		text, err := os.ReadFile(file) //nolint:gosec // one of a few fixed paths
		if err == nil || !errors.Is(err, fs.ErrNotExist) {
			return text, err
		}
	}
	return nil, nil
}

// serve serves HTTP/1.1 over TLS on loopback until ctx is done. AWS's services support no other version, and it is the default of Go and
// Node.js.
func serve(ctx context.Context, certificate tls.Certificate, handler http.Handler) (url string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	go func() { _ = server.Serve(tls.NewListener(listener, config)) }() // if it ends early, the programs report it
	return "https://" + listener.Addr().String(), nil
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
	select {
	case <-time.After(time.Duration(t.latency.Load())):
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	// If this fails, the caller is gone.
	_, _ = fmt.Fprintf(w, `{"id":"%024x","status":"QUEUED","creationTime":%q}`, id, time.Now().UTC().Format(time.RFC3339Nano))
}

// SPDX-License-Identifier: MPL-2.0

package standin

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

// server serves HTTP/1.1 over TLS on loopback. AWS's services speak no other version, and it is the one that both Go and Node.js speak
// without being told to.
type server struct {
	URL    string
	http   *http.Server
	served chan error
}

func serve(ctx context.Context, c *Certificate, handler http.Handler) (*server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &server{
		URL: "https://" + listener.Addr().String(), served: make(chan error, 1),
		http: &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute},
	}
	config := &tls.Config{Certificates: []tls.Certificate{c.tls}, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	go func() { s.served <- s.http.Serve(tls.NewListener(listener, config)) }()
	return s, nil
}

// Close ends the server and its connections.
func (s *server) Close() error {
	err := s.http.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

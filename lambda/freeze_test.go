// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
)

// network is one between a client and a server, in which connections can die without a word: what is written into them gets lost.
type network struct {
	accepted chan net.Conn
	closed   chan struct{}
	once     sync.Once // closes it

	mu    sync.Mutex
	lines []*line
}

// line is the server's end of a connection.
type line struct {
	net.Conn
	mu   sync.Mutex
	dead bool
}

func (l *line) isDead() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dead
}

// Read implements net.Conn: a dead line sends nothing.
func (l *line) Read(b []byte) (int, error) {
	for {
		n, err := l.Conn.Read(b)
		if err != nil || !l.isDead() {
			return n, err
		}
	}
}

// Write implements net.Conn.
func (l *line) Write(b []byte) (int, error) {
	if l.isDead() {
		return len(b), nil
	}
	return l.Conn.Write(b)
}

func newNetwork() *network {
	return &network{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements net.Listener.
func (n *network) Accept() (net.Conn, error) {
	select {
	case c := <-n.accepted:
		return c, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (n *network) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

// Addr implements net.Listener.
func (n *network) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

func (n *network) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	l := &line{Conn: there}
	n.mu.Lock()
	n.lines = append(n.lines, l)
	n.mu.Unlock()
	select {
	case n.accepted <- l:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// die lets all connections die that there are. It returns how many those are.
func (n *network) die() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.lines {
		l.mu.Lock()
		l.dead = true
		l.mu.Unlock()
	}
	return len(n.lines)
}

// hangUp ends all connections.
func (n *network) hangUp() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, l := range n.lines {
		_ = l.Close()
	}
}

// serve serves over the network, with HTTP/2 if it is to be encrypted, and lets the client's requests go there.
func (n *network) serve(encrypted bool, client *http.Client, h http.HandlerFunc) (server *httptest.Server) {
	server = httptest.NewUnstartedServer(h)
	_ = server.Listener.Close() // the one that was made by default
	server.Listener, server.Config.ErrorLog = n, log.New(io.Discard, "", 0)
	to, _ := client.Transport.(transport)
	to.DialContext = n.dial
	if encrypted {
		server.EnableHTTP2 = true
		server.StartTLS()
		trusted, _ := server.Client().Transport.(*http.Transport)
		to.TLSClientConfig = &tls.Config{RootCAs: trusted.TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12}
	} else {
		server.Start()
	}
	return server
}

// calling calls a service once with the function's client for it.
type calling struct {
	client  func() *http.Client
	timeout time.Duration // of an attempt
	call    func(ctx context.Context, url string, client *http.Client) error
}

func bothServices() map[string]calling {
	return map[string]calling{
		"AWS": {awsClient, awsTimeout, func(ctx context.Context, url string, client *http.Client) error {
			store := aws.NewParameters(sdk.Config{
				Region: "eu-central-1", BaseEndpoint: &url, HTTPClient: client, Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
			})
			_, err := store.Get(ctx, []string{"a"})
			return err
		}},
		"Qlik Cloud": {qlikClient, qlikTimeout, func(ctx context.Context, url string, client *http.Client) error {
			tenant, err := qlik.NewClient(qlik.Config{
				TenantURL: url, Credentials: qlik.Credentials{APIKey: "key"}, HTTPClient: client, Timeout: qlikTimeout,
			})
			if err == nil {
				_, err = tenant.ListReloads(ctx, qlik.ReloadFilter{AppID: "a"})
			}
			return err
		}},
	}
}

// TestAConnectionThatDiedCostsSeconds: several connections are open when the environment is frozen, and dead when it goes on. Time is
// the test's own.
func TestAConnectionThatDiedCostsSeconds(t *testing.T) {
	t.Parallel()
	for name, service := range bothServices() {
		for _, encrypted := range []bool{false, true} { // HTTP/1.1, HTTP/2
			for _, tt := range []struct {
				frozen time.Duration
				calls  int // after that, with a second between one and the next
				atMost time.Duration
			}{
				{0, 1, service.timeout + time.Second},
				{0, 5, service.timeout + time.Second},
				{idleTimeout + time.Second, 5, time.Second},
			} {
				t.Run(fmt.Sprintf("%s, encrypted %t, frozen for %s, %d calls", name, encrypted, tt.frozen, tt.calls), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						const open = 5
						n, client := newNetwork(), service.client()
						var met sync.WaitGroup // as many connections as requests at first, in HTTP/1.1
						met.Add(open)
						var served atomic.Int32
						server := n.serve(encrypted, client, func(w http.ResponseWriter, _ *http.Request) {
							if served.Add(1) <= open {
								met.Done()
								met.Wait()
							}
							_, _ = io.WriteString(w, `{"data": []}`)
						})
						var longest atomic.Int64
						call := func() {
							began := time.Now()
							if err := service.call(t.Context(), server.URL, client); err != nil {
								t.Error(err)
							}
							longest.Store(max(longest.Load(), int64(time.Since(began))))
						}
						var calls sync.WaitGroup
						for range open {
							calls.Go(call)
						}
						calls.Wait()
						if took := time.Duration(longest.Swap(0)); took > time.Second {
							t.Errorf("a call took %s on a network that is well", took)
						}
						died := n.die()
						time.Sleep(tt.frozen)
						for range tt.calls {
							calls.Go(call)
							time.Sleep(time.Second)
						}
						calls.Wait()
						took := time.Duration(longest.Load())
						t.Logf("%d connections died; then a call took up to %s", died, took)
						if took > tt.atMost {
							t.Errorf("a call took %s, want at most %s", took, tt.atMost)
						}
						if tt.frozen == 0 && took < time.Second {
							t.Errorf("the calls took %s at most: no dead connection was used", took)
						}
						client.CloseIdleConnections()
						n.hangUp()
						server.Close()
					})
				})
			}
		}
	}
}

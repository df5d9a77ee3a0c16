// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// How long the function waits. Lambda freezes the environment between two invocations. During a freeze a connection may die unnoticed: a
// request on it gets no answer.
const (
	awsTimeout  = 5 * time.Second  // for one attempt of a call of AWS, its answer included
	qlikTimeout = 10 * time.Second // for one attempt of a call of Qlik Cloud, which takes longer under load

	// How long an unused connection is kept. net/http also compares this with the wall clock, which goes on during a freeze. AWS's load
	// balancers, which Qlik Cloud uses, close an unused connection after a minute by default.
	idleTimeout = 30 * time.Second

	// After how long without a byte an HTTP/2 connection is pinged, and after how long without an answer it is then closed. Otherwise
	// net/http would send the retries of a request on the same dead connection.
	pingAfter   = 2 * time.Second
	pingTimeout = 2 * time.Second
)

// transport keeps connections, and closes the unused ones when one has failed.
type transport struct{ *http.Transport }

func newTransport() transport {
	return transport{&http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true,
		IdleConnTimeout:   idleTimeout,
		// A fan-out uses the connections of the last one. By default net/http keeps two to a host. It makes all others anew with a TLS
		// handshake, which takes the most time in a function with a small share of a core.
		MaxIdleConnsPerHost: engine.MaxParallel,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
	}}
}

// RoundTrip implements http.RoundTripper. If a request gets no answer, RoundTrip closes the unused connections: they were idle as long, and
// the retries would try one dead connection after the other.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil {
		t.CloseIdleConnections()
	}
	return response, err
}

// awsClient returns a client that bounds each attempt. It follows no redirects: a signature is for one host.
func awsClient() *http.Client {
	return &http.Client{
		Transport: newTransport(), Timeout: awsTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// qlikClient returns a client that leaves timeouts and redirects to the client of Qlik Cloud, which uses its transport.
func qlikClient() *http.Client { return &http.Client{Transport: newTransport()} }

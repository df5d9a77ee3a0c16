// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// How long the function waits. Lambda freezes the environment between two invocations, and a connection may die meanwhile without a word: a
// request that is sent on it is never answered.
const (
	awsTimeout  = 5 * time.Second  // for one attempt of a call of AWS, its answer included
	qlikTimeout = 10 * time.Second // for one attempt of a call of Qlik Cloud, which takes longer under load

	// How long a connection is kept that is not used. net/http compares this with the clock of the wall too, which goes on during a freeze.
	// AWS's load balancers, behind which Qlik Cloud is, close such a connection after a minute by default.
	idleTimeout = 30 * time.Second

	// An HTTP/2 connection on which nothing comes for the first time is pinged, and is closed when the second one passes without an
	// answer. Otherwise net/http sends the repetitions of a request that got no answer on the same dead connection.
	pingAfter   = 2 * time.Second
	pingTimeout = 2 * time.Second
)

// transport keeps connections as far as they can be trusted.
type transport struct{ *http.Transport }

func newTransport() transport {
	return transport{&http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		ForceAttemptHTTP2: true,
		IdleConnTimeout:   idleTimeout,
		// A fan-out finds the connections of the one before. By default net/http keeps two to a host, and all others would be made anew each
		// time, with a TLS handshake, which is what costs the most in a function with a small share of a core.
		MaxIdleConnsPerHost: engine.MaxParallel,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
	}}
}

// RoundTrip implements http.RoundTripper. If one request fails without an answer, the connections that are not in use are closed: they
// were idle as long, and the repetition would try one dead connection after the other.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := t.Transport.RoundTrip(request)
	if err != nil {
		t.CloseIdleConnections()
	}
	return response, err
}

// awsClient bounds each attempt. It follows no redirects: a signature is for one host.
func awsClient() *http.Client {
	return &http.Client{
		Transport: newTransport(), Timeout: awsTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// qlikClient leaves time-outs and redirects to the client of Qlik Cloud, which uses its transport.
func qlikClient() *http.Client { return &http.Client{Transport: newTransport()} }

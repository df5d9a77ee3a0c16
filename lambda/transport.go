// SPDX-License-Identifier: MPL-2.0

package main

import (
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// keepConnections lets a fan-out find the connections of the one before. By default net/http keeps two to a host, and the SDK ten; all
// others would be made anew each time, with a TLS handshake, which is what costs the most in a function with a small share of a core.
func keepConnections(t *http.Transport) { t.MaxIdleConnsPerHost = engine.MaxParallel }

// awsClient is the SDK's own client but for that.
func awsClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithTransportOptions(keepConnections)
}

// qlikClient is net/http's own client but for that.
func qlikClient() *http.Client {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil // somebody has put another one in its place: that one counts
	}
	transport = transport.Clone()
	keepConnections(transport)
	return &http.Client{Transport: transport}
}

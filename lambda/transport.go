package main

import (
	"cmp"
	"net/http"
	"os"

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
		return nil
	}
	transport = transport.Clone()
	keepConnections(transport)
	return &http.Client{Transport: transport}
}

// amazonRoots is the file in which Amazon Linux keeps all root certificates.
const amazonRoots = "/etc/pki/tls/certs/ca-bundle.crt"

// readRootsOnce makes crypto/x509 read the root certificates from one file. By itself it goes through that file and through folders which
// hold the same certificates again, and a cold start would wait for that three times as long. Where there is no such file nothing changes.
func readRootsOnce() error {
	file := cmp.Or(os.Getenv("SSL_CERT_FILE"), amazonRoots)
	//nolint:gosec // whoever sets the function's environment may say where the roots are
	if _, err := os.Stat(file); err != nil || os.Getenv("SSL_CERT_DIR") != "" {
		return nil //nolint:nilerr // see above
	}
	if err := os.Setenv("SSL_CERT_FILE", file); err != nil {
		return err
	}
	return os.Setenv("SSL_CERT_DIR", os.DevNull)
}

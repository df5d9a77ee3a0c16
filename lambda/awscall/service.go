// SPDX-License-Identifier: MPL-2.0

// Package awscall calls services of AWS.
//
// It makes by hand the few calls that the function needs, with the SDK's signer, credentials, retries and errors, but without the SDK's
// packages for the services. Those set up tables for all of a service's operations before main begins, and no linker leaves out what is not
// called: with them a cold start took half as long again, the memory was two fifths more, and the zip, which is in the provider's binary
// once for each architecture, had a megabyte more. What it costs: whoever wants another operation of a service writes its request here.
package awscall

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const maxAnswer = 32 << 20 // bytes: far above ten parameters of 8 KB, ten messages of 256 KB, or the 1 MB of a query, escaped

// Service is what AWS calls a service.
type Service struct {
	ID    string // in errors: SSM
	Scope string // in signatures: ssm
}

// Endpoint is a service in a region. It is safe for concurrent use.
type Endpoint struct {
	URL     string // without a slash at its end
	service Service
	config  aws.Config
	signer  *v4.Signer
}

// NewEndpoint is the service at the endpoint of config, to which requests are sent with its credentials and its HTTP client.
func NewEndpoint(config aws.Config, service Service) *Endpoint {
	return &Endpoint{URL: strings.TrimSuffix(aws.ToString(config.BaseEndpoint), "/"), service: service, config: config, signer: v4.NewSigner()}
}

// Refused reads out of an answer that is no success what is wrong.
type Refused func(header http.Header, body []byte) error

// Post sends a signed request once, and returns the body of the answer. An answer that is not 200 is an error as the SDK's are, whose retryer goes
// by the status too, around what refused reads out of it.
func (e *Endpoint) Post(ctx context.Context, path string, header http.Header, body []byte, refused Refused) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	credentials, err := e.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	if err := e.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), e.service.Scope, e.config.Region, time.Now()); err != nil {
		return nil, err
	}
	response, err := e.config.HTTPClient.Do(request)
	if err != nil {
		return nil, &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err == nil && response.StatusCode == http.StatusOK {
		return answer, nil
	}
	if err == nil {
		err = refused(response.Header, answer)
	}
	return nil, &awshttp.ResponseError{
		RequestID:     response.Header.Get("X-Amzn-Requestid"),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
	}
}

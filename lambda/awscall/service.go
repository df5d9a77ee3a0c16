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
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const maxAnswer = 32 << 20 // bytes: far above ten parameters of 8 KB, ten messages of 256 KB, or the 1 MB of a query, escaped

// Service is what AWS calls a service.
type Service struct {
	ID    string // in errors: SSM
	Scope string // in signatures: ssm
}

// Endpoint is a service in a region. The HTTP client of its configuration bounds each attempt. It is safe for concurrent use.
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

// Decode reads the answer of a call that has succeeded.
type Decode func(body []byte) error

// Refused reads out of an answer that is no success what is wrong.
type Refused func(header http.Header, body []byte) error

// Post sends a signed request once, and passes the body of the answer to decode. With a nil decode the status says all: an answer of
// 200 that breaks off is a success. An answer that is not 200 is an error as the SDK's are, around what refused reads out of it; the
// SDK's retryer goes by the status too. An answer that breaks off, or that decode cannot read, is an error that the retryer takes for a
// lost connection.
func (e *Endpoint) Post(ctx context.Context, path string, header http.Header, body []byte, decode Decode, refused Refused) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	credentials, err := e.config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if err := e.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), e.service.Scope, e.config.Region, time.Now()); err != nil {
		return err
	}
	response, err := e.config.HTTPClient.Do(request)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case response.StatusCode == http.StatusOK && decode == nil:
		return nil
	case err != nil:
		err = &brokenAnswer{err}
	case response.StatusCode != http.StatusOK:
		err = refused(response.Header, answer)
	default:
		if err = decode(answer); err == nil {
			return nil
		}
		err = &brokenAnswer{&smithy.DeserializationError{Err: err, Snapshot: answer}}
	}
	return &awshttp.ResponseError{
		RequestID:     response.Header.Get("X-Amzn-Requestid"),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
	}
}

// brokenAnswer is an answer that did not arrive whole.
type brokenAnswer struct{ err error }

func (e *brokenAnswer) Error() string { return "the answer did not arrive whole: " + e.err.Error() }

func (e *brokenAnswer) Unwrap() error { return e.err }

// ConnectionError makes the SDK's retryer repeat the request.
func (e *brokenAnswer) ConnectionError() bool { return true }

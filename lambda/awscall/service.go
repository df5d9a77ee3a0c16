// SPDX-License-Identifier: MPL-2.0

// Package awscall calls services of AWS.
//
// It makes by hand the few calls that the function needs of a service, with the SDK's signer, credentials, retries and errors, but without the
// SDK's package for it: that of SSM sets up tables for all of its operations before main begins, which took a third of a cold start and a
// quarter of the memory.
package awscall

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const maxAnswer = 4 << 20 // bytes: far above ten parameters of 8 KB, or ten messages of 256 KB

// Service is what AWS calls a service.
type Service struct {
	ID    string // in errors: SSM
	Scope string // in signatures and addresses: ssm
}

// Endpoint is a service in a region. It is safe for concurrent use.
type Endpoint struct {
	URL     string
	service Service
	config  aws.Config
	signer  *v4.Signer
}

// NewEndpoint finds a service: at the endpoint of config if it has one, else in its region. Requests are sent with the credentials and the HTTP
// client of config.
func NewEndpoint(ctx context.Context, config aws.Config, service Service) (*Endpoint, error) {
	url := aws.ToString(config.BaseEndpoint)
	if url == "" {
		// Scheduler's address in a region differs in the service's name alone, and its package knows the domain of each of AWS's partitions.
		// Source: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html
		neighbour, err := scheduler.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, scheduler.EndpointParameters{Region: &config.Region}.WithDefaults())
		if err != nil {
			return nil, fmt.Errorf("finding %s's address in %s: %w", service.ID, config.Region, err)
		}
		url = neighbour.URI.Scheme + "://" + service.Scope + "." + strings.TrimPrefix(neighbour.URI.Host, "scheduler.")
	}
	return &Endpoint{URL: strings.TrimSuffix(url, "/"), service: service, config: config, signer: v4.NewSigner()}, nil
}

// Post sends a signed request once, and returns the body of the answer. An answer that is not 200 is an error as the SDK's are, whose retryer goes
// by the status too, around what refusal reads out of its body.
func (e *Endpoint) Post(ctx context.Context, header http.Header, body []byte, refusal func(body []byte) error) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
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
		err = refusal(answer)
	}
	return nil, &awshttp.ResponseError{
		RequestID:     response.Header.Get("X-Amzn-Requestid"),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
	}
}

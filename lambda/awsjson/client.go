// Package awsjson calls services of AWS that speak its JSON protocols.
//
// It makes by hand the few calls that the function needs of a service, with the SDK's signer, credentials, retries and errors, but without the
// SDK's package for it: that of SSM sets up tables for all of its operations before main begins, which took a third of a cold start and a
// quarter of the memory.
package awsjson

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const maxAnswer = 4 << 20 // bytes: far above ten parameters of 8 KB, or ten messages of 256 KB

// Service is what AWS calls a service.
type Service struct {
	ID       string // in errors: SSM
	Scope    string // in signatures and addresses: ssm
	Target   string // in the header X-Amz-Target: AmazonSSM
	Protocol string // 1.0 or 1.1
}

// Client calls a service. It is safe for concurrent use.
type Client struct {
	service  Service
	config   aws.Config
	endpoint string
	signer   *v4.Signer
	retryer  aws.Retryer
}

// New makes a client with the region, the credentials, the endpoint if any, and the HTTP client of config.
func New(ctx context.Context, config aws.Config, service Service) (*Client, error) {
	endpoint := aws.ToString(config.BaseEndpoint)
	if endpoint == "" {
		var err error
		if endpoint, err = regional(ctx, service, config.Region); err != nil {
			return nil, err
		}
	}
	return &Client{service: service, config: config, endpoint: endpoint, signer: v4.NewSigner(), retryer: retry.NewStandard()}, nil
}

// regional is where a service stands in a region. Scheduler's address there differs in the service's name alone, and its package knows the
// domain of each of AWS's partitions. Sources: https://docs.aws.amazon.com/general/latest/gr/ssm.html and
// https://docs.aws.amazon.com/general/latest/gr/sqs-service.html
func regional(ctx context.Context, service Service, region string) (string, error) {
	neighbour, err := scheduler.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, scheduler.EndpointParameters{Region: &region}.WithDefaults())
	if err != nil {
		return "", fmt.Errorf("finding %s's address in %s: %w", service.ID, region, err)
	}
	return neighbour.URI.Scheme + "://" + service.Scope + "." + strings.TrimPrefix(neighbour.URI.Host, "scheduler."), nil
}

// Endpoint is the service's address.
func (c *Client) Endpoint() string { return strings.TrimSuffix(c.endpoint, "/") }

// Call has the service carry an operation out that can be repeated, and reads its answer into out unless that is nil. What passes is tried
// again, as the SDK does.
func (c *Client) Call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := c.try(ctx, operation, body, out)
		if err == nil {
			return nil
		}
		err = &smithy.OperationError{ServiceID: c.service.ID, OperationName: operation, Err: err}
		if attempt == c.retryer.MaxAttempts() || !c.retryer.IsErrorRetryable(err) {
			return err
		}
		delay, delayErr := c.retryer.RetryDelay(attempt, err)
		if delayErr != nil || wait(ctx, delay) != nil {
			return err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// try sends the request once. Source: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html, from which 1.0 differs in the media
// type alone as far as a client sees.
func (c *Client) try(ctx context.Context, operation string, body []byte, out any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-"+c.service.Protocol)
	request.Header.Set("X-Amz-Target", c.service.Target+"."+operation)
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), c.service.Scope, c.config.Region, time.Now()); err != nil {
		return err
	}
	response, err := c.config.HTTPClient.Do(request)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return failure(response, err)
	}
	if response.StatusCode != http.StatusOK {
		return failure(response, refusal(answer))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return failure(response, &smithy.DeserializationError{Err: err})
	}
	return nil
}

// failure is an error with the response that it came with, as the SDK's are: its retryer goes by the status too.
func failure(response *http.Response, err error) error {
	return &awshttp.ResponseError{
		RequestID:     response.Header.Get("X-Amzn-Requestid"),
		ResponseError: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: response}, Err: err},
	}
}

// refusal is the error that a body tells of.
func refusal(body []byte) error {
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // some say Message, which encoding/json takes for the same
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return &smithy.DeserializationError{Err: err, Snapshot: body}
	}
	return &smithy.GenericAPIError{Code: cmp.Or(e.Type[strings.LastIndex(e.Type, "#")+1:], "UnknownError"), Message: e.Message}
}

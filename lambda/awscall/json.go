// SPDX-License-Identifier: MPL-2.0

package awscall

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
)

// JSONService is a service that speaks one of AWS's JSON protocols.
type JSONService struct {
	Service
	Target   string // in the header X-Amz-Target: AmazonSSM
	Protocol string // 1.0 or 1.1
}

// JSONClient calls a service. It is safe for concurrent use.
type JSONClient struct {
	*Endpoint
	service JSONService
	retryer aws.Retryer
}

// NewJSONClient makes a client with what NewEndpoint takes of config.
func NewJSONClient(ctx context.Context, config aws.Config, service JSONService) (*JSONClient, error) {
	endpoint, err := NewEndpoint(ctx, config, service.Service)
	if err != nil {
		return nil, err
	}
	return &JSONClient{Endpoint: endpoint, service: service, retryer: retry.NewStandard()}, nil
}

// Call has the service carry an operation out that can be repeated, and reads its answer into out unless that is nil. What passes is tried
// again, as the SDK does.
func (c *JSONClient) Call(ctx context.Context, operation string, in, out any) error {
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
func (c *JSONClient) try(ctx context.Context, operation string, body []byte, out any) error {
	answer, err := c.Post(ctx, http.Header{
		"Content-Type": {"application/x-amz-json-" + c.service.Protocol}, "X-Amz-Target": {c.service.Target + "." + operation},
	}, body, refusal)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return &smithy.DeserializationError{Err: err, Snapshot: answer}
	}
	return nil
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

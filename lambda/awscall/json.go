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
	Target   string // in the header X-Amz-Target: AmazonSSM; empty for a service whose operations are told apart by their path
	Protocol string // 1.0 or 1.1; empty likewise
}

// JSONClient calls a service. It is safe for concurrent use.
type JSONClient struct {
	*Endpoint
	service JSONService
	retryer aws.Retryer
}

// NewJSONClient makes a client with what NewEndpoint takes of config.
func NewJSONClient(config aws.Config, service JSONService) *JSONClient {
	return &JSONClient{Endpoint: NewEndpoint(config, service.Service), service: service, retryer: retry.NewStandard()}
}

// Refusal is what a service says is wrong. It is a smithy.APIError.
type Refusal struct {
	smithy.GenericAPIError
	Body []byte // of the answer
}

// Call has the service carry an operation out, and reads its answer into out unless that is nil. What passes is tried again, as the SDK
// does, and so is an answer that did not arrive whole. Hence only operations that can be repeated may be called:
//
//   - GetItem, Query, GetParameters and GetQueueAttributes read.
//   - PutItem and DeleteItem: a condition fails for the repetition of a write that was carried out. The engine takes that for a write
//     conflict, and reads what is there. Their answer has nothing in it, so that a status of 200 is enough.
//   - TransactWriteItems carries a ClientRequestToken, CreateSchedule a ClientToken: the repetition changes nothing.
//   - UpdateItem counts the starts that are put off to a minute. One that is counted twice leaves a place free.
//   - ReceiveMessage: messages of an answer that was lost come again later. DeleteMessage deletes a message once.
func (c *JSONClient) Call(ctx context.Context, operation string, in, out any) error {
	return c.CallAt(ctx, "/", operation, in, out)
}

// CallAt is Call for an operation at a path of its own.
func (c *JSONClient) CallAt(ctx context.Context, path, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := c.try(ctx, path, operation, body, out)
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

// try sends the request once. Sources: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html, from which 1.0 differs in the media
// type alone as far as a client sees, and https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
func (c *JSONClient) try(ctx context.Context, path, operation string, body []byte, out any) error {
	header := http.Header{"Content-Type": {"application/json"}}
	if c.service.Target != "" {
		header = http.Header{"Content-Type": {"application/x-amz-json-" + c.service.Protocol}, "X-Amz-Target": {c.service.Target + "." + operation}}
	}
	var decode Decode
	if out != nil {
		decode = func(answer []byte) error { return json.Unmarshal(answer, out) }
	}
	return c.Post(ctx, path, header, body, decode, refused)
}

// refused reads what is wrong: its code stands in the body or, where operations have a path, in the header, and may have a namespace before it and an
// address after it.
func refused(header http.Header, body []byte) error {
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // some say Message, which encoding/json takes for the same
	}
	code := header.Get("X-Amzn-Errortype")
	if err := json.Unmarshal(body, &e); err != nil && code == "" {
		return &smithy.DeserializationError{Err: err, Snapshot: body}
	}
	code, _, _ = strings.Cut(cmp.Or(code, e.Type), ":")
	return &Refusal{
		GenericAPIError: smithy.GenericAPIError{Code: cmp.Or(code[strings.LastIndex(code, "#")+1:], "UnknownError"), Message: e.Message}, Body: body,
	}
}

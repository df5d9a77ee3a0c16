// SPDX-License-Identifier: MPL-2.0

// Package aws calls the few operations of AWS that the function needs: of DynamoDB, EventBridge, EventBridge Scheduler, Parameter
// Store, SNS and SQS.
//
// It writes the requests by hand, with the SDK's signer, credentials, retries and errors, but without the SDK's packages for the services.
// Those packages set up tables of all of a service's operations before main begins, and the linker cannot drop unused ones. With them a
// cold start took half as long again, and the memory was two fifths more. The zip had a megabyte more, and the provider's binary contains
// one for each architecture. The price: another operation of a service needs a request written here.
package aws

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxAnswer is the number of bytes of an answer that are read. It is far above the largest answer: ten parameters of 8 KB, ten messages of
// 256 KB, or the 1 MB of a query, escaped.
const maxAnswer = 32 << 20

// service is what AWS calls a service.
type service struct {
	id      string // in errors: SSM
	scope   string // in signatures: ssm
	target  string // before the operation in the header X-Amz-Target: AmazonSSM; empty if the path names the operation, or the body
	version string // of the JSON protocol, if there is a target: 1.0 or 1.1
}

// client calls one service in one region. It is safe for concurrent use.
type client struct {
	service
	url     string // without a slash at its end
	config  aws.Config
	signer  *v4.Signer
	retryer aws.Retryer
}

// newClient makes a client with the region, the credentials, the endpoint and the HTTP client of config. The HTTP client bounds each
// attempt.
func newClient(config aws.Config, s service) *client {
	url := strings.TrimSuffix(aws.ToString(config.BaseEndpoint), "/")
	return &client{service: s, url: url, config: config, signer: v4.NewSigner(), retryer: retry.NewStandard()}
}

// call carries out an operation, and reads its answer into out unless out is nil. It retries what the SDK retries, and an answer that did
// not arrive whole. Hence call is only for operations that can be repeated:
//
//   - GetItem, Query, GetParameters and GetQueueAttributes read.
//   - PutItem and DeleteItem: if the first attempt was carried out, the condition of the second one fails. The engine takes that for a
//     write conflict, and reads the item. Their answer is empty, so a status of 200 is enough.
//   - TransactWriteItems carries a ClientRequestToken, CreateSchedule a ClientToken: the repetition changes nothing.
//   - UpdateItem counts the starts that are put off to a minute. One that is counted twice leaves a place free.
//   - ReceiveMessage: the messages of a lost answer come again later. DeleteMessage deletes a message once.
func (c *client) call(ctx context.Context, operation string, in, out any) error {
	return c.callAt(ctx, "/", operation, in, out)
}

// callAt is call for an operation that has a path of its own.
func (c *client) callAt(ctx context.Context, path, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := c.attempt(ctx, path, operation, body, out)
		if err == nil {
			return nil
		}
		err = &smithy.OperationError{ServiceID: c.id, OperationName: operation, Err: err}
		if attempt == c.retryer.MaxAttempts() || !c.retryer.IsErrorRetryable(err) {
			return err
		}
		delay, delayErr := c.retryer.RetryDelay(attempt, err)
		if delayErr != nil || smithytime.SleepWithContext(ctx, delay) != nil {
			return err
		}
	}
}

// attempt sends the request once. Sources: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html, from which 1.0 differs in the
// media type alone as far as a client sees, and https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
func (c *client) attempt(ctx context.Context, path, operation string, body []byte, out any) error {
	header := http.Header{"Content-Type": {"application/json"}}
	if c.target != "" {
		header = http.Header{"Content-Type": {"application/x-amz-json-" + c.version}, "X-Amz-Target": {c.target + "." + operation}}
	}
	var decode func([]byte) error
	if out != nil {
		decode = func(answer []byte) error { return json.Unmarshal(answer, out) }
	}
	return c.post(ctx, path, header, body, decode, refusalOf)
}

// post sends a signed request once, and passes the body of the answer to decode. If decode is nil, the status says all: a status of 200 is
// a success even if the answer breaks off. Another status is an error as the SDK's are, around the error that refused reads from the
// answer; the SDK's retryer looks at the status too. An answer that breaks off, or that decode cannot read, is an error that the retryer
// takes for a lost connection.
func (c *client) post(
	ctx context.Context, path string, header http.Header, body []byte, decode func([]byte) error, refused func(http.Header, []byte) error,
) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header = header
	credentials, err := c.config.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	err = c.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), c.scope, c.config.Region, time.Now())
	if err != nil {
		return err
	}
	response, err := c.config.HTTPClient.Do(request)
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

// refusal is the error that a service answers with. It is a smithy.APIError.
type refusal struct {
	smithy.GenericAPIError
	body []byte // of the answer
}

// refusalOf reads the error from an answer of a JSON protocol. Its code is in the body or, if the operation has a path, in the header. A
// namespace may precede the code, and an address may follow it.
func refusalOf(header http.Header, body []byte) error {
	var e struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // some services write Message, which encoding/json takes for the same
	}
	code := header.Get("X-Amzn-Errortype")
	if err := json.Unmarshal(body, &e); err != nil && code == "" {
		return &smithy.DeserializationError{Err: err, Snapshot: body}
	}
	code, _, _ = strings.Cut(cmp.Or(code, e.Type), ":")
	code = cmp.Or(code[strings.LastIndex(code, "#")+1:], "UnknownError")
	return &refusal{GenericAPIError: smithy.GenericAPIError{Code: code, Message: e.Message}, body: body}
}

// brokenAnswer is the error of an answer that did not arrive whole.
type brokenAnswer struct{ err error }

// Error returns the cause.
func (e *brokenAnswer) Error() string { return "the answer did not arrive whole: " + e.err.Error() }

// Unwrap returns the cause.
func (e *brokenAnswer) Unwrap() error { return e.err }

// ConnectionError makes the SDK's retryer repeat the request.
func (e *brokenAnswer) ConnectionError() bool { return true }

// SPDX-License-Identifier: MPL-2.0

// Package chainapi calls the API of a deployed chain.
package chainapi

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// Client calls a deployed chain's own API.
type Client struct {
	caller    stack.Caller
	sign      Signature // of the operators' requests; nil if they send the key
	userAgent string
	client    *retryablehttp.Client
}

// Settings say how a client calls.
type Settings struct {
	UserAgent  string
	Timeout    time.Duration // of one request
	Retries    int           // the first pause is a second, and each further one is twice as long
	MaxBackoff time.Duration // the longest pause
	// NewKey reports that the key may be new. API Gateway refuses a new API key until it is known everywhere, so a refusal is tried again.
	NewKey bool
}

// maxAnswerBytes limits how much of an answer is read. Lambda's answers have at most 6 MB.
const maxAnswerBytes = 8 << 20

// New returns a client for a caller. It signs only if the chain's operators sign.
func New(caller stack.Caller, sign Signature, s Settings) *Client {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax, client.RetryWaitMax = s.Retries, s.MaxBackoff
	client.HTTPClient.Timeout = s.Timeout
	client.CheckRetry, client.ErrorHandler = passesInTime(s.NewKey), retryablehttp.PassthroughErrorHandler
	if caller.OperatorAuth != chain.OperatorAuthIAM {
		sign = nil
	}
	client.PrepareRetry = func(request *http.Request) error { return sign.add(request) }
	return &Client{caller: caller, sign: sign, userAgent: s.UserAgent, client: client}
}

// passesInTime returns what decides whether to retry. A request that is sent again waits while the chain works on the first one. The rest
// is retryablehttp's rule, except for a 502: it is the chain's own answer that Qlik Cloud has refused the reload.
func passesInTime(newKey bool) retryablehttp.CheckRetry {
	return func(ctx context.Context, response *http.Response, err error) (bool, error) {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err == nil {
			switch response.StatusCode {
			case http.StatusForbidden:
				return newKey, nil
			case http.StatusConflict:
				return response.Header.Get("Retry-After") != "", nil
			case http.StatusBadGateway:
				return false, nil
			}
		}
		return retryablehttp.DefaultRetryPolicy(ctx, response, err)
	}
}

// Error is an answer of a chain's API that reports a failure.
type Error struct {
	Method, URL string
	Status      int
	Reason      string // the body's message, as a sentence
	Refusal     string // the check of the chain that failed; empty: another failure
	Run         string // that is concerned; may be empty
}

// Error describes the answer.
func (e *Error) Error() string {
	return fmt.Sprintf("%s %s was answered with %d: %s", e.Method, e.URL, e.Status, e.Reason)
}

// Call sends a request with a body, unless it is nil, and reads the answer into a value. A request that changes something has a key, so
// that the chain recognizes a repeated one.
func (c *Client) Call(ctx context.Context, method, path string, body []byte, into any) error {
	address := strings.TrimSuffix(c.caller.URL, "/") + path
	request, err := retryablehttp.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set(contentHash, hashOfBody(body))
	}
	request.Header.Set("User-Agent", c.userAgent)
	request.Header.Set(stack.APIKeyHeader, c.caller.Key)
	if method != http.MethodGet {
		request.Header.Set("Idempotency-Key", uuid.NewString())
		if err := c.sign.add(request.Request); err != nil {
			return err
		}
	}
	response, err := c.client.Do(request)
	if err != nil {
		return fmt.Errorf("the chain's API cannot be reached. Check the network: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return failureIn(answer, &Error{Method: method, URL: address, Status: response.StatusCode})
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s did not answer as a task chain does: %w", address, err)
	}
	return nil
}

// failureIn adds to an error what went wrong according to an answer: the chain's message, API Gateway's, or the beginning of the body.
func failureIn(body []byte, e *Error) *Error {
	var known struct{ Error, Message, Refusal, Run string }
	if err := json.Unmarshal(body, &known); err == nil {
		e.Reason, e.Refusal, e.Run = cmp.Or(known.Error, known.Message), known.Refusal, known.Run
	}
	if e.Reason == "" {
		e.Reason = string(body[:min(len(body), 200)])
	}
	return e
}

// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/go-retryablehttp"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// chainAPI calls a deployed chain's own API.
type chainAPI struct {
	caller    stack.Caller
	sign      signature // of the operators' requests; nil if they send the key
	userAgent string
	client    *retryablehttp.Client
}

// chainAPIRetries is how often a call is repeated. The first pause is a second and each further one twice as long, for about a minute in
// total.
const chainAPIRetries = 6

// maxAnswerBytes limits how much of an answer is read. Lambda's answers have at most 6 MB.
const maxAnswerBytes = 8 << 20

func newChainAPI(caller stack.Caller, sign signature, s *settings) *chainAPI {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax, client.RetryWaitMax = chainAPIRetries, s.waits.maxBackoff
	client.HTTPClient.Timeout = 2 * s.waits.answer
	client.CheckRetry, client.ErrorHandler = passesInTime, retryablehttp.PassthroughErrorHandler
	if caller.OperatorAuth != chain.OperatorAuthIAM {
		sign = nil
	}
	client.PrepareRetry = func(request *http.Request) error { return sign.add(request) }
	return &chainAPI{caller: caller, sign: sign, userAgent: s.userAgent(), client: client}
}

// passesInTime reports whether to retry. API Gateway refuses a new API key until it is known everywhere. A request that is sent again waits
// while the chain works on the first one. The rest is retryablehttp's rule, except for a 502: it is the chain's own answer that Qlik Cloud
// has refused the reload.
func passesInTime(ctx context.Context, response *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err == nil {
		switch response.StatusCode {
		case http.StatusForbidden:
			return true, nil
		case http.StatusConflict:
			return response.Header.Get("Retry-After") != "", nil
		case http.StatusBadGateway:
			return false, nil
		}
	}
	return retryablehttp.DefaultRetryPolicy(ctx, response, err)
}

// chainError is an answer of a chain's API that reports a failure.
type chainError struct {
	method, url string
	status      int
	reason      string // the body's message, as a sentence
}

// Error describes the answer.
func (e *chainError) Error() string {
	return fmt.Sprintf("%s %s was answered with %d: %s", e.method, e.url, e.status, e.reason)
}

// call sends a request with a body, unless it is nil, and reads the answer into a value. A request that changes something has a key, so
// that the chain recognizes a repeated one.
func (a *chainAPI) call(ctx context.Context, method, path string, body []byte, into any) error {
	address := strings.TrimSuffix(a.caller.URL, "/") + path
	request, err := retryablehttp.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set(contentHash, hashOfBody(body))
	}
	request.Header.Set("User-Agent", a.userAgent)
	request.Header.Set(stack.APIKeyHeader, a.caller.Key)
	if method != http.MethodGet {
		request.Header.Set("Idempotency-Key", uuid.NewString())
		if err := a.sign.add(request.Request); err != nil {
			return err
		}
	}
	response, err := a.client.Do(request)
	if err != nil {
		return fmt.Errorf("the chain's API cannot be reached. Check the network: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return &chainError{method: method, url: address, status: response.StatusCode, reason: reasonIn(answer)}
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return fmt.Errorf("%s did not answer as a task chain does: %w", address, err)
	}
	return nil
}

// reasonIn returns what went wrong according to an answer: the chain's message, API Gateway's, or the beginning of the body.
func reasonIn(body []byte) string {
	var known struct{ Error, Message string }
	if err := json.Unmarshal(body, &known); err == nil {
		if reason := cmp.Or(known.Error, known.Message); reason != "" {
			return reason
		}
	}
	return string(body[:min(len(body), 200)])
}

// roots returns the steps at which the chain begins, sorted.
func (a *chainAPI) roots(ctx context.Context) ([]string, error) {
	var view struct {
		Steps []struct {
			Name string `json:"name"`
			Root bool   `json:"root"`
		} `json:"steps"`
	}
	if err := a.call(ctx, http.MethodGet, "/", nil, &view); err != nil {
		return nil, err
	}
	var roots []string
	for _, step := range view.Steps {
		if step.Root {
			roots = append(roots, step.Name)
		}
	}
	slices.Sort(roots)
	return roots, nil
}

// startedRun is a run that was started.
type startedRun struct {
	Run        string `json:"run"`
	Outcome    string `json:"outcome"`
	NotStarted []struct {
		Reason string `json:"reason"` // completes a sentence about the step
	} `json:"not_started"`
}

// start starts the reload of a step, which begins a run with these variables.
func (a *chainAPI) start(ctx context.Context, step string, variables map[string]string) (startedRun, error) {
	var run startedRun
	var body []byte
	if len(variables) > 0 {
		var err error
		if body, err = json.Marshal(map[string]any{"variables": variables}); err != nil {
			return run, err
		}
	}
	err := a.call(ctx, http.MethodPost, "/start/"+url.PathEscape(step), body, &run)
	return run, err
}

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
	sign      signature // of the operators' requests; nil where they show the key
	userAgent string
	client    *retryablehttp.Client
}

// The times that a call is repeated: with a second before the first and twice as long before each further one, for about a minute.
const chainAPIRetries = 6

// maxAnswerBytes bounds what is read of an answer. Lambda's are at most 6 MB long.
const maxAnswerBytes = 8 << 20

func newChainAPI(caller stack.Caller, sign signature, s *settings) *chainAPI {
	client := retryablehttp.NewClient()
	client.Logger = nil
	client.RetryMax, client.RetryWaitMax = chainAPIRetries, s.patience.maxBackoff
	client.HTTPClient.Timeout = 2 * s.patience.answer
	client.CheckRetry, client.ErrorHandler = passesInTime, retryablehttp.PassthroughErrorHandler
	if caller.OperatorAuth != chain.OperatorAuthIAM {
		sign = nil
	}
	client.PrepareRetry = func(request *http.Request) error { return sign.add(request) }
	return &chainAPI{caller: caller, sign: sign, userAgent: s.userAgent(), client: client}
}

// passesInTime: a new API key is refused until API Gateway knows it everywhere, and a request that is sent again waits while the chain
// is at it; the rest is the usual. A 502 is the chain's own answer that Qlik Cloud has refused the reload.
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

// chainError is an answer of a chain's API that is none of the good ones.
type chainError struct {
	method, url string
	status      int
	says        string // of the body, in a sentence
}

// Error describes the answer.
func (e *chainError) Error() string {
	return fmt.Sprintf("%s %s was answered with %d: %s", e.method, e.url, e.status, e.says)
}

// call reads the answer of a request into a value. A request that changes something carries a key by which the chain knows one that is
// repeated.
func (a *chainAPI) call(ctx context.Context, method, path string, into any) error {
	address := strings.TrimSuffix(a.caller.URL, "/") + path
	request, err := retryablehttp.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return err
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
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	if err != nil {
		return fmt.Errorf("reading the answer of %s: %w", address, err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		return &chainError{method: method, url: address, status: response.StatusCode, says: saysIn(body)}
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the answer of %s is not that of a task chain: %w", address, err)
	}
	return nil
}

// saysIn is what an answer says went wrong: in the chain's words, in API Gateway's, or the beginning of what there is.
func saysIn(body []byte) string {
	var known struct{ Error, Message string }
	if err := json.Unmarshal(body, &known); err == nil {
		if says := cmp.Or(known.Error, known.Message); says != "" {
			return says
		}
	}
	return string(body[:min(len(body), 200)])
}

// roots are the steps where the chain begins, sorted.
func (a *chainAPI) roots(ctx context.Context) ([]string, error) {
	var view struct {
		Steps []struct {
			Name string `json:"name"`
			Root bool   `json:"root"`
		} `json:"steps"`
	}
	if err := a.call(ctx, http.MethodGet, "/", &view); err != nil {
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

// startedRun is a run that has been begun.
type startedRun struct {
	Run     string `json:"run"`
	Outcome string `json:"outcome"`
	Held    []struct {
		Reason string `json:"reason"` // the rest of a sentence about the step
	} `json:"held"`
}

// start starts the reload of a step, and with it a run.
func (a *chainAPI) start(ctx context.Context, step string) (startedRun, error) {
	var run startedRun
	err := a.call(ctx, http.MethodPost, "/start/"+url.PathEscape(step), &run)
	return run, err
}

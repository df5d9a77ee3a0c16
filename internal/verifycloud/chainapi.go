// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
)

// chainAPI calls the deployed chain.
type chainAPI struct {
	url, key string
	client   *http.Client
}

// connectAPI reads the key of the deployed chain's API.
func (l *life) connectAPI(ctx context.Context) error {
	key, err := l.clients.apigateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: aws.String(l.outputs.APIKeyID),
		IncludeValue: aws.Bool(true)})
	if err != nil {
		return err
	}
	address, err := url.Parse(l.outputs.InvokeURL)
	if err != nil {
		return fmt.Errorf("invoke_url is no URL: %w", err)
	}
	l.api = &chainAPI{l.outputs.InvokeURL, aws.ToString(key.Value), &http.Client{
		Timeout: answerWithin, Transport: l.recorder.Below(address.Path, "the chain's API"),
	}}
	return nil
}

// status makes a request and returns the answer's status and body.
func (a *chainAPI) status(ctx context.Context, method, path, key string, body any) (int, []byte, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, a.url+path, content)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("X-Api-Key", key)
	}
	response, err := a.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = response.Body.Close() }() // it has been read, or its reading failed and says so
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, text, err
}

// call makes a request with the key, and decodes the answer, which has to have the status.
func (a *chainAPI) call(ctx context.Context, method, path string, body any, want int, answer any) error {
	status, text, err := a.status(ctx, method, path, a.key, body)
	if err != nil {
		return err
	}
	if status != want {
		return fmt.Errorf("the chain's API answered %s %s with %d instead of %d: %s", method, path, status, want, text)
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("the chain's API answered %s %s with what is no JSON: %w", method, path, err)
	}
	return nil
}

// started is the answer of POST /start/{step}.
type started struct {
	Run        string           `json:"run"`
	Started    []map[string]any `json:"started"`
	NotStarted []map[string]any `json:"not_started"`
}

// runView is what is looked at of a run.
type runView struct {
	Starts []struct {
		Step    string `json:"step"`
		Phase   string `json:"phase"`
		Status  string `json:"status"`
		Reason  string `json:"reason"`
		Attempt int    `json:"attempt"`
	} `json:"starts"`
}

// start starts the chain's first step.
func (a *chainAPI) start(ctx context.Context) (started, error) {
	var answer started
	return answer, a.call(ctx, http.MethodPost, "/start/first", map[string]string{"reason": "verify-cloud"}, http.StatusAccepted, &answer)
}

// run reads a run.
func (a *chainAPI) run(ctx context.Context, id string) (runView, error) {
	var view runView
	return view, a.call(ctx, http.MethodGet, "/runs/"+id, nil, http.StatusOK, &view)
}

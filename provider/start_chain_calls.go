// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
)

// chainAPIRetries is how often a call is repeated, which takes about a minute in total.
const chainAPIRetries = 6

// chainAPI returns how the provider calls a chain's API.
func (s *settings) chainAPI() chainapi.Settings {
	return chainapi.Settings{
		UserAgent: s.userAgent(), Timeout: 2 * s.waits.answer, Retries: chainAPIRetries, MaxBackoff: s.waits.maxBackoff, NewKey: true,
	}
}

// rootsOf returns the steps at which the chain begins, sorted.
func rootsOf(ctx context.Context, api *chainapi.Client) ([]string, error) {
	var view struct {
		Steps []struct {
			Name string `json:"name"`
			Root bool   `json:"root"`
		} `json:"steps"`
	}
	if err := api.Call(ctx, http.MethodGet, "/", nil, &view); err != nil {
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

// startStep starts the reload of a step, which begins a run with these variables.
func startStep(ctx context.Context, api *chainapi.Client, step string, variables map[string]string) (startedRun, error) {
	var run startedRun
	var body []byte
	if len(variables) > 0 {
		var err error
		if body, err = json.Marshal(map[string]any{"variables": variables}); err != nil {
			return run, err
		}
	}
	err := api.Call(ctx, http.MethodPost, "/start/"+url.PathEscape(step), body, &run)
	return run, err
}

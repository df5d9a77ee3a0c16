// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/hashicorp/terraform-plugin-testing/echoprovider"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// post sends a POST with a key, and reads the answer into content unless that is nil.
func (h *harness) post(ctx context.Context, key, path, body string, content any) (int, error) {
	status, answer, err := sandbox.Call(ctx, http.MethodPost, h.invokeURL()+path, map[string]string{"x-api-key": key}, strings.NewReader(body))
	if err == nil && content != nil {
		err = json.Unmarshal(answer, content)
	}
	if err != nil {
		err = fmt.Errorf("POST %s = %d %s: %w", path, status, answer, err)
	}
	return status, err
}

// must posts with the chain's key and expects it to be accepted.
func (h *harness) must(ctx context.Context, path, body string, content any) error {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return err
	}
	status, err := h.post(ctx, key, path, body, content)
	if err == nil && status != http.StatusAccepted {
		err = fmt.Errorf("POST %s is answered %d", path, status)
	}
	return err
}

// viewersKey returns the value of the key for viewers.
func (h *harness) viewersKey(ctx context.Context) (string, error) { return h.keyOf(ctx, "viewers") }

// keyOf returns the value of the chain's key for others than operators.
func (h *harness) keyOf(ctx context.Context, these string) (string, error) {
	keys, err := apigateway.NewFromConfig(h.AWS()).GetApiKeys(ctx,
		&apigateway.GetApiKeysInput{NameQuery: aws.String(objectName + "." + these), IncludeValues: aws.Bool(true)})
	if err != nil || len(keys.Items) != 1 {
		return "", fmt.Errorf("there is not one key for %s: %w", these, err)
	}
	return aws.ToString(keys.Items[0].Value), nil
}

// operations are what GET /operations answers.
type operations struct {
	Paused *chain.Operation `json:"paused"`
	Parked int              `json:"parked"`
}

func (h *harness) operations(ctx context.Context) (seen operations, err error) {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return seen, err
	}
	_, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL()+"/operations", map[string]string{"x-api-key": key}, nil)
	if err == nil {
		err = json.Unmarshal(body, &seen)
	}
	return seen, err
}

// holds has an app reloaded, and waits until the pause holds what follows.
func (h *harness) holds(ctx context.Context) error {
	if _, err := h.Tenant.StartReload(sandbox.AppTransform); err != nil {
		return err
	}
	for deadline := time.Now().Add(20 * time.Second); ; {
		seen, err := h.operations(ctx)
		if err != nil || seen.Paused == nil {
			return fmt.Errorf("the chain is not paused: %+v %w", seen, err)
		}
		if seen.Parked > 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("nothing is parked")
		}
		if err := h.Settle(ctx); err != nil {
			return err
		}
	}
}

// goesOn checks that the chain is not paused and holds nothing.
func (h *harness) goesOn(ctx context.Context) error {
	seen, err := h.operations(ctx)
	if err == nil && (seen.Paused != nil || seen.Parked > 0) {
		err = fmt.Errorf("the chain is still paused: %+v", seen)
	}
	return err
}

// TestAccPaused checks that a chain is created paused, and then resumed. An operator then pauses it, which a plan shows and apply undoes.
func TestAccPaused(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps, "paused = true"), Check: do(t.Context(), h.holds)},
		imported(),
		resource.TestStep{ // without a value, nothing touches the pause
			Config: h.chain(nightlySteps), Check: do(t.Context(), h.holds), ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		},
		inPlace(t, h.chain(nightlySteps, "paused = false"), func(ctx context.Context) error { return errors.Join(h.goesOn(ctx), h.runs(ctx)) },
			"paused"),
		imported(),
		resource.TestStep{
			PreConfig: func() {
				if err := h.must(t.Context(), "/pause", `{"reason": "the source is being moved"}`, nil); err != nil {
					t.Error(err)
				}
			},
			Config: h.chain(nightlySteps, "paused = false"), ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "paused")},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: do(t.Context(), h.goesOn),
		},
		inPlace(t, h.chain(nightlySteps, "paused = true"), h.holds, "paused"),
		inPlace(t, h.chain(nightlySteps, "paused = false"), h.goesOn, "paused"),
	)
}

// TestAccViewerKey checks that the second key reads everything and posts nothing, including events, as soon as it exists.
func TestAccViewerKey(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	factories := maps.Clone(providers)
	factories["echo"] = echoprovider.NewProviderServer()
	none := statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("viewer_key_id"), knownvalue.Null())
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: h.chain(shortChain), ConfigStateChecks: []statecheck.StateCheck{none}},
			inPlace(t, h.chain(shortChain, "viewer_key = true"), h.expectViewer, "viewer_key", "viewer_key_id"),
			{Config: h.chain(shortChain, "viewer_key = true") + echoed("name = \"nightly\"\n  viewer = true"),
				ConfigStateChecks: []statecheck.StateCheck{expectEchoed{h, "viewers"}}},
			{Config: h.chain(shortChain, "viewer_key = true") + echoed("api_key_id = "+chainAddress+".viewer_key_id"),
				ConfigStateChecks: []statecheck.StateCheck{expectEchoed{h, "viewers"}}},
			inPlace(t, h.chain(shortChain), func(ctx context.Context) error {
				if _, err := h.viewersKey(ctx); err == nil {
					return errors.New("there is still a key for viewers")
				}
				return nil
			}, "viewer_key", "viewer_key_id"),
			{Config: h.chain(shortChain) + echoed("name = \"nightly\"\n  viewer = true"),
				ExpectError: says("There is no key for viewers of a task chain nightly")},
		},
	})
}

// expectEchoed compares what was echoed with one of the chain's keys.
type expectEchoed struct {
	h  *harness
	of string
}

func (c expectEchoed) CheckState(ctx context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	key, err := c.h.keyOf(ctx, c.of)
	if err != nil {
		resp.Error = err
		return
	}
	for _, r := range req.State.Values.RootModule.Resources {
		if r.Address == "echo.test" {
			if value, err := tfjsonpath.Traverse(r.AttributeValues, tfjsonpath.New("data").AtMapKey("value")); err == nil && value == key {
				return
			}
		}
	}
	resp.Error = fmt.Errorf("the ephemeral resource does not tell the key for %s", c.of)
}

// TestAccSignalKey checks that the key for signals sends them and does nothing else.
func TestAccSignalKey(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	factories := maps.Clone(providers)
	factories["echo"] = echoprovider.NewProviderServer()
	const on = "signal_key = true"
	steps := shortChain + "    dbt = { signal = {} }\n"
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{
			{Config: h.chain(steps, on, signed), ExpectError: says("A key cannot send signals to this chain")},
			{Config: h.chain(steps), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("signal_key_id"), knownvalue.Null()),
			}},
			inPlace(t, h.chain(steps, on), h.expectSender, "signal_key", "signal_key_id"),
			{Config: h.chain(steps, on) + echoed("name = \"nightly\"\n  signal = true"),
				ConfigStateChecks: []statecheck.StateCheck{expectEchoed{h, "signals"}}},
			{Config: h.chain(steps, on) + echoed("api_key_id = "+chainAddress+".signal_key_id"),
				ConfigStateChecks: []statecheck.StateCheck{expectEchoed{h, "signals"}}},
			inPlace(t, h.chain(steps), func(ctx context.Context) error {
				if _, err := h.keyOf(ctx, "signals"); err == nil {
					return errors.New("there is still a key for signals")
				}
				return nil
			}, "signal_key", "signal_key_id"),
			{Config: h.chain(steps) + echoed("name = \"nightly\"\n  signal = true"),
				ExpectError: says("There is no key for signals of a task chain nightly")},
		},
	})
}

// expectSender tries everything with the key for signals, through API Gateway.
func (h *harness) expectSender(ctx context.Context) error {
	key, err := h.keyOf(ctx, "signals")
	if err != nil {
		return err
	}
	for _, path := range []string{"", "/runs", "/operations", "/graph"} {
		status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL()+path, map[string]string{"x-api-key": key}, nil)
		if err != nil || status != http.StatusForbidden {
			return fmt.Errorf("GET %s with the key for signals is answered %d %s %w", path, status, body, err)
		}
	}
	for path, want := range map[string]int{
		"/start": http.StatusForbidden, "/pause": http.StatusForbidden, "/resume": http.StatusForbidden, "/redrive": http.StatusForbidden,
		"/runs/x/cancel": http.StatusForbidden, "/signal/dbt": http.StatusAccepted,
	} {
		if status, err := h.post(ctx, key, path, "", nil); err != nil || status != want {
			return fmt.Errorf("POST %s with the key for signals is answered %d %w", path, status, err)
		}
	}
	return nil
}

// expectViewer tries everything with the key for viewers, through API Gateway.
func (h *harness) expectViewer(ctx context.Context) error {
	key, err := h.viewersKey(ctx)
	if err != nil {
		return err
	}
	for _, path := range []string{"", "/runs", "/operations", "/graph"} {
		status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL()+path, map[string]string{"x-api-key": key}, nil)
		if err != nil || status != http.StatusOK {
			return fmt.Errorf("GET %s with the viewers' key is answered %d %s %w", path, status, body, err)
		}
	}
	for _, path := range []string{"/start/extract", "/pause", "/resume", "/redrive", "/runs/x/cancel", "/runs/x/rerun/extract"} {
		var answer struct{ Error string }
		if status, err := h.post(ctx, key, path, "", &answer); err != nil || status != http.StatusForbidden ||
			!strings.HasPrefix(answer.Error, "The viewers' API key") {
			return fmt.Errorf("POST %s with the viewers' key is answered %d %q %w", path, status, answer.Error, err)
		}
	}
	// API Gateway takes an event from every key; the function does not.
	before := len(h.Tenant.Reloads())
	_, secret, err := h.secrets(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"id": "viewers", "type": qlik.EventReloadFinished, "tenantid": h.Tenant.ID(), "time": time.Now(),
		"data": map[string]any{"id": "0123456789abcdef01234567", "appId": sandbox.AppExtract, "status": "SUCCEEDED", "succeeded": true}})
	if err != nil {
		return err
	}
	status, _, err := sandbox.Call(ctx, http.MethodPost, h.invokeURL(), map[string]string{
		"x-api-key": key, "Content-Type": "application/json", qlik.SignatureHeader: qlik.Sign(secret, body),
	}, bytes.NewReader(body))
	if err != nil || status != http.StatusAccepted {
		return fmt.Errorf("an event with the viewers' key is answered %d %w", status, err)
	}
	if err := h.Settle(ctx); err != nil {
		return err
	}
	if after := len(h.Tenant.Reloads()); after != before {
		return fmt.Errorf("an event with the viewers' key has started %d reloads", after-before)
	}
	return nil
}

// TestAccRedrive checks that POST /redrive handles the messages in the dead-letter queue with the function's own permissions.
func TestAccRedrive(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), func(ctx context.Context) error {
		client := sqs.NewFromConfig(h.AWS())
		queue, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(queueName)})
		if err != nil {
			return err
		}
		scheduled, err := json.Marshal(chain.Scheduled{Source: chain.ScheduledSource, Step: "transform", Time: time.Now()})
		if err != nil {
			return err
		}
		for _, body := range []string{string(scheduled), `{"version": "1.0", "requestPayload": ` + string(scheduled) + `}`, "nonsense"} {
			if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue.QueueUrl, MessageBody: aws.String(body)}); err != nil {
				return err
			}
		}
		var done struct {
			Redriven, Left int
			Failed         []struct{ Reason string }
		}
		if err := h.must(ctx, "/redrive", "", &done); err != nil {
			return err
		}
		reloads := 0
		for _, r := range h.Tenant.Reloads() {
			if r.AppID == sandbox.AppTransform { // those that follow may run already
				reloads++
			}
		}
		if done.Redriven != 2 || done.Left != 1 || len(done.Failed) != 1 || reloads != 1 {
			return fmt.Errorf("redriven: %+v, with %d reloads of transform", done, reloads)
		}
		return nil
	})})
}

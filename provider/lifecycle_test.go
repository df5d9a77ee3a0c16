// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

const logGroup = "/aws/lambda/qlik-task-chain-nightly"

// TestAccTaskChain covers the main job: a chain is deployed, runs, is changed in place, imported and destroyed.
func TestAccTaskChain(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	unchanged := plancheck.ExpectResourceAction(chainAddress, plancheck.ResourceActionNoop)
	uuid := regexp.MustCompile(`^\w+$`)
	update := func(config string, attributes ...string) resource.TestStep {
		return resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, attributes...)},
			PostApplyPostRefresh: []plancheck.PlanCheck{unchanged},
		}}
	}
	later := strings.ReplaceAll(nightlySteps, `archive   = {`,
		fmt.Sprintf("report = { app = %q, after = { dashboard = \"completion\" } }\n archive = {", sandbox.AppOutside))
	otherEdge := strings.ReplaceAll(later, `after = { transform = "failure" }`, `after = { transform = "completion" }`)

	h.run(
		resource.TestStep{
			Config: h.chain(nightlySteps),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(chainAddress, plancheck.ResourceActionCreate),
					plancheck.ExpectUnknownValue(chainAddress, tfjsonpath.New("invoke_url")),
				},
				PostApplyPostRefresh: []plancheck.PlanCheck{unchanged},
			},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("invoke_url"),
					knownvalue.StringRegexp(regexp.MustCompile(`^`+regexp.QuoteMeta(h.Cloud.URL())+`/restapis/\w+/live/_user_request_$`))),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("function_arn"),
					knownvalue.StringExact("arn:aws:lambda:eu-central-1:123456789012:function:qlik-task-chain-nightly")),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("role_arn"),
					knownvalue.StringExact("arn:aws:iam::123456789012:role/qlik-task-chain-nightly-eu-central-1")),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("rest_api_id"), knownvalue.StringRegexp(uuid)),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("api_key_id"), knownvalue.StringRegexp(uuid)),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("webhook_id"), knownvalue.NotNull()),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("drift"), knownvalue.MapSizeExact(0)),
			},
			Check: do(t.Context(), func(ctx context.Context) error {
				return errors.Join(
					h.expectReloads(ctx, sandbox.AppExtract, sandbox.AppExtract, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppArchive),
					h.failingBranch(ctx),
					h.expectNoCall(func() error { return h.expectReloads(ctx, sandbox.AppOutside, sandbox.AppOutside) }),
					h.expectStrangersRefused(ctx),
					h.expectGet(ctx))
			}),
		},
		update(h.chain(later), "steps"),
		update(h.chain(otherEdge), "steps"),
		update(h.chain(otherEdge, "memory_size = 512"), "memory_size"),
		imported(),
	)
}

// expectReloads starts an app's reload in the hub and compares what is reloaded until all is quiet.
func (h *harness) expectReloads(ctx context.Context, first string, want ...string) error {
	before := len(h.Tenant.Reloads())
	if _, err := h.Tenant.StartReload(first); err != nil {
		return err
	}
	if err := h.Settle(ctx); err != nil {
		return err
	}
	var got []string
	for _, reload := range h.Tenant.Reloads()[before:] {
		got = append(got, reload.AppID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return nil
	}
	lines, err := h.LogLines(ctx, logGroup)
	return errors.Join(fmt.Errorf("after a reload of %s, these apps were reloaded: %q, instead of %q; the function's log:\n%s", first, got,
		want, strings.Join(lines, "\n")), err)
}

// expectNoCall checks that the function calls neither AWS nor the tenant meanwhile.
func (h *harness) expectNoCall(meanwhile func() error) error {
	calls := func() (n int) {
		for _, call := range h.Cloud.Calls() {
			if call.Role != "" {
				n++
			}
		}
		return n + len(h.Tenant.Calls())
	}
	before := calls()
	if before == 0 {
		return errors.New("no call of the function was ever noted")
	}
	if err := meanwhile(); err != nil {
		return err
	}
	if after := calls(); after != before {
		return fmt.Errorf("the function made %d calls", after-before)
	}
	return nil
}

func (h *harness) failingBranch(ctx context.Context) error {
	h.Tenant.SetOutcomes(sandbox.AppTransform, "FAILED")
	defer h.Tenant.SetOutcomes(sandbox.AppTransform, "SUCCEEDED")
	return h.expectReloads(ctx, sandbox.AppExtract, sandbox.AppExtract, sandbox.AppTransform, sandbox.AppFallback)
}

// invokeURL returns the chain's URL, taken from the webhook.
func (h *harness) invokeURL() string { return h.Tenant.Webhooks()[0].URL }

// expectStrangersRefused checks the refusal of requests without the key, with a wrong one, and with a forged signature.
func (h *harness) expectStrangersRefused(ctx context.Context) error {
	key, err := h.APIKey(ctx, webhookKeyName)
	if err != nil {
		return err
	}
	before := len(h.Tenant.Reloads())
	event := fmt.Sprintf(`{"id":"1","type":%q,"specversion":"1.0","tenantid":%q,"data":{"id":"r","appId":%q,"succeeded":true}}`,
		qlik.EventReloadFinished, h.Tenant.ID(), sandbox.AppExtract)
	for _, caller := range []struct {
		key  string
		want int
	}{{"", http.StatusForbidden}, {"wrong", http.StatusForbidden}, {key, http.StatusAccepted}} {
		status, body, err := sandbox.Call(ctx, http.MethodPost, h.invokeURL(), map[string]string{
			"Content-Type": "application/json", "x-api-key": caller.key, qlik.SignatureHeader: qlik.Sign("not the secret", []byte(event)),
		}, strings.NewReader(event))
		if err != nil {
			return err
		}
		if status != caller.want {
			return fmt.Errorf("a POST with the key %q was answered %d %s, not %d", caller.key, status, body, caller.want)
		}
	}
	if err := h.Settle(ctx); err != nil {
		return err
	}
	if started := len(h.Tenant.Reloads()) - before; started != 0 {
		return fmt.Errorf("strangers started %d reloads", started)
	}
	lines, err := h.LogLines(ctx, logGroup)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(lines, func(line string) bool {
		return strings.Contains(line, `"outcome":"refused"`) && strings.Contains(line, `"refused":"signature"`)
	}) {
		return fmt.Errorf("no log line tells of the forged signature:\n%s", strings.Join(lines, "\n"))
	}
	return nil
}

func (h *harness) expectGet(ctx context.Context) error {
	key, err := h.APIKey(ctx, "qlik-task-chain-nightly")
	if err != nil {
		return err
	}
	if status, _, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL(), nil, nil); err != nil || status != http.StatusForbidden {
		return fmt.Errorf("a GET without the key was answered %d, not 403 (%w)", status, err)
	}
	status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL(), map[string]string{"x-api-key": key}, nil)
	if err != nil {
		return err
	}
	var answer struct {
		Chain string
		Steps []struct{ Name string }
		Links []struct{ From, To, Condition string }
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("the GET's answer: %w: %s", err, body)
	}
	var links []string
	for _, link := range answer.Links {
		links = append(links, link.From+" "+link.Condition+" "+link.To)
	}
	want := []string{"extract success transform", "transform failure fallback", "transform success archive", "transform success dashboard"}
	slices.Sort(links)
	if status != http.StatusOK || answer.Chain != "nightly" || len(answer.Steps) != 5 || !slices.Equal(links, want) {
		return fmt.Errorf("a GET was answered %d %s", status, body)
	}
	if strings.Contains(string(body), "full") {
		return fmt.Errorf("the GET shows a variable's value: %s", body)
	}
	// Requests below the root reach the function too, which distinguishes the paths.
	for path, want := range map[string]int{"/runs": http.StatusOK, "/nothing/here": http.StatusNotFound} {
		status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL()+path, map[string]string{"x-api-key": key}, nil)
		if err != nil || status != want || !json.Valid(body) {
			return fmt.Errorf("a GET of %s was answered %d %s, not %d (%w)", path, status, body, want, err)
		}
		if status, _, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL()+path, nil, nil); err != nil || status != http.StatusForbidden {
			return fmt.Errorf("a GET of %s without the key was answered %d, not 403 (%w)", path, status, err)
		}
	}
	return nil
}

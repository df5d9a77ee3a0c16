// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

const signed = `operator_auth = "iam"`

// role makes a role with this policy, unless that is empty.
func (h *harness) role(name, policy string) error {
	client := iam.NewFromConfig(h.AWS())
	_, err := client.CreateRole(h.t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}}`),
	})
	if err == nil && policy != "" {
		_, err = client.PutRolePolicy(h.t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("task-chain"),
			PolicyDocument: aws.String(policy)})
	}
	return err
}

// sign posts without a body as a role, signed for execute-api.
func (h *harness) sign(ctx context.Context, role, path string) (status int, body string, err error) {
	config := cloudtest.RoleConfig(h.t, h.Cloud, role)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.invokeURL()+path, nil)
	if err != nil {
		return 0, "", err
	}
	keys, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		return 0, "", err
	}
	nothing := sha256.Sum256(nil)
	if err := v4.NewSigner().SignHTTP(ctx, keys, r, hex.EncodeToString(nothing[:]), "execute-api", config.Region, time.Now()); err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// TestAccOperatorAuth checks that operators sign with examples/iam/operate.json only, and that the record names them. The keys only read.
// Without the permission, operating is refused, also from an admitted address. The change is in place, in both directions.
func TestAccOperatorAuth(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	operate := policyFile{}
	check := func(ctx context.Context) error {
		if len(operate.statements) == 0 {
			operate = readPolicyFile(t, "operate.json", "${rest_api_id}", strings.Split(h.invokeURL(), "/")[4])
			if err := errors.Join(h.role("operator", operate.text), h.role("visitor", "")); err != nil {
				return err
			}
		}
		return errors.Join(h.expectSigned(ctx), h.runs(ctx))
	}
	both := []string{"operator_auth", "source_ip_ranges"}
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps, signed), Check: do(t.Context(), check)},
		imported(),
		inPlace(t, h.chain(nightlySteps, signed, `source_ip_ranges = ["127.0.0.0/8"]`), check, "source_ip_ranges"),
		imported(),
		inPlace(t, h.chain(nightlySteps), h.expectKeyed, both...),
		inPlace(t, h.chain(nightlySteps, signed), check, "operator_auth"),
		resource.TestStep{
			PreConfig: func() {
				if err := inTurn(patchOperators(replace("/authorizationType", "NONE")), deploy)(t.Context(), h); err != nil {
					t.Error(err)
				}
			},
			Config: h.chain(nightlySteps, signed), Check: do(t.Context(), func(ctx context.Context) error {
				return errors.Join(check(ctx), deleteRole("operator")(ctx, h), deleteRoleItself("visitor")(ctx, h))
			}), ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "drift")},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		},
	)
	calls := slices.DeleteFunc(h.Cloud.Calls(), func(call cloud.Call) bool { return call.Service != "execute-api" || call.Role != "operator" })
	expectAllowed(t, calls, operate)
	expectNeeded(t, calls, operate)
}

// expectSigned checks who may operate a chain if its operators sign.
func (h *harness) expectSigned(ctx context.Context) error {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return err
	}
	status, body, err := sandbox.Call(ctx, http.MethodPost, h.invokeURL()+"/pause", map[string]string{"x-api-key": key}, nil)
	if err != nil || status != http.StatusForbidden || string(body) != `{"message":"Missing Authentication Token"}` {
		return fmt.Errorf("a POST with the operators' key is answered %d %s %w", status, body, err)
	}
	if status, body, err := h.sign(ctx, "visitor", "/pause"); err != nil || status != http.StatusForbidden ||
		!strings.Contains(body, "assumed-role/visitor/test is not authorized to perform: execute-api:Invoke") {
		return fmt.Errorf("a POST of a role without a permission is answered %d %s %w", status, body, err)
	}
	for _, path := range []string{"/pause?reason=signed", "/resume"} {
		if status, body, err := h.sign(ctx, "operator", path); err != nil || status != http.StatusAccepted {
			return fmt.Errorf("a POST of an operator is answered %d %s %w", status, body, err)
		}
	}
	_, body, err = sandbox.Call(ctx, http.MethodGet, h.invokeURL()+"/operations", map[string]string{"x-api-key": key}, nil)
	var seen struct {
		Operations []struct{ By, Reason string }
		MayPost    bool   `json:"may_post"`
		Auth       string `json:"operator_auth"`
	}
	if err := errors.Join(err, json.Unmarshal(body, &seen)); err != nil {
		return err
	}
	const who = "arn:aws:sts::123456789012:assumed-role/operator/test, from 127.0.0.1"
	if len(seen.Operations) < 2 || seen.Operations[1].By != who || seen.Operations[1].Reason != "signed" || seen.MayPost ||
		seen.Auth != "iam" {
		return fmt.Errorf("the record does not name the operator: %s", body)
	}
	return nil
}

// expectKeyed checks that the operators' key operates, and a signature does not.
func (h *harness) expectKeyed(ctx context.Context) error {
	if status, body, err := h.sign(ctx, "operator", "/pause"); err != nil || status != http.StatusForbidden {
		return fmt.Errorf("a signed POST without a key is answered %d %s %w", status, body, err)
	}
	return errors.Join(h.must(ctx, "/pause", "", nil), h.must(ctx, "/resume", "", nil), h.runs(ctx))
}

// TestAccStartSignedChain checks that the action signs with the provider's credentials if operators sign. It reports the missing permission
// if they may not.
func TestAccStartSignedChain(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	server := newActionServer(t, h)
	l.configure(h.chain(strings.ReplaceAll(strings.Replace(shortChain, "extract = {", `"a / b" = {`, 1), "extract = \"success\"",
		`"a / b" = "success"`), signed))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	messages, diagnostics := server.invoke(t, "nightly", "a / b")
	if diagnostics != "" || len(messages) != 2 {
		t.Fatalf("the action says %q and %q", messages, diagnostics)
	}
	run, _, _ := strings.Cut(strings.TrimPrefix(messages[1], "The run "), " ")
	key, err := h.APIKey(t.Context(), objectName)
	if err != nil {
		t.Fatal(err)
	}
	_, body, err := sandbox.Call(t.Context(), http.MethodGet, h.invokeURL()+"/runs/"+run, map[string]string{"x-api-key": key}, nil)
	if err != nil || !strings.Contains(string(body), `"by": "arn:aws:iam::123456789012:user/sandbox, from 127.0.0.1"`) {
		t.Errorf("the record of the run %s is %s %v", run, body, err)
	}
	if err := h.RunUntilQuiet(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccKeysAreSeparate checks that the webhook's key only delivers events, and that the operators' key does everything else.
func TestAccKeysAreSeparate(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{Config: h.chain(shortChain), Check: do(t.Context(), h.expectSeparateKeys)})
}

func (h *harness) expectSeparateKeys(ctx context.Context) error {
	keys, secret, err := h.secrets(ctx)
	if err != nil {
		return err
	}
	ask := func(method, path, key string) (int, string, error) {
		status, body, err := sandbox.Call(ctx, method, h.invokeURL()+path,
			map[string]string{"x-api-key": keys[key], "Content-Type": "application/json"}, nil)
		return status, string(body), err
	}
	for path, want := range map[string]int{"": http.StatusOK, "/runs": http.StatusOK, "/graph": http.StatusOK, "/operations": http.StatusOK} {
		if status, body, err := ask(http.MethodGet, path, objectName); err != nil || status != want {
			return fmt.Errorf("GET %s with the operators' key is answered %d %s %w", path, status, body, err)
		}
		if status, body, err := ask(http.MethodGet, path, webhookKeyName); err != nil || status != http.StatusForbidden ||
			!strings.Contains(body, "the webhook's key only delivers events") {
			return fmt.Errorf("GET %s with the webhook's key is answered %d %s %w", path, status, body, err)
		}
	}
	for _, path := range []string{"/start/extract", "/pause", "/resume", "/redrive", "/runs/x/cancel", "/runs/x/rerun/extract"} {
		if status, body, err := ask(http.MethodPost, path, webhookKeyName); err != nil || status != http.StatusForbidden ||
			!strings.Contains(body, "the webhook's key only delivers events") {
			return fmt.Errorf("POST %s with the webhook's key is answered %d %s %w", path, status, body, err)
		}
	}
	// API Gateway takes an event with either key, since the integration is asynchronous; the function takes it with the webhook's.
	for i, key := range []string{objectName, webhookKeyName} {
		before := len(h.Tenant.Reloads())
		body, err := json.Marshal(map[string]any{"id": key, "type": qlik.EventReloadFinished, "tenantid": h.Tenant.ID(), "time": time.Now(),
			"data": map[string]any{"id": "0123456789abcdef01234567", "appId": sandbox.AppExtract, "status": "SUCCEEDED", "succeeded": true}})
		if err != nil {
			return err
		}
		status, _, err := sandbox.Call(ctx, http.MethodPost, h.invokeURL(), map[string]string{
			"x-api-key": keys[key], "Content-Type": "application/json", qlik.SignatureHeader: qlik.Sign(secret, body),
		}, strings.NewReader(string(body)))
		if err != nil || status != http.StatusAccepted {
			return fmt.Errorf("an event with the key %s is answered %d %w", key, status, err)
		}
		if err := h.Settle(ctx); err != nil {
			return err
		}
		if started := len(h.Tenant.Reloads()) - before; started != i {
			return fmt.Errorf("an event with the key %s has started %d reloads", key, started)
		}
	}
	return nil
}

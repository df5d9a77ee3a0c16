// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// deleteRestAPI deletes the API, and with it what the webhook calls.
func deleteRestAPI(ctx context.Context, h *harness) error {
	id, err := h.restAPI(ctx)
	if err != nil {
		return err
	}
	_, err = apigateway.NewFromConfig(h.AWS()).DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: aws.String(id)})
	return err
}

// TestAccStalePlan deletes a part with a generated ID after the plan. The apply is refused before any write, and the next plan repairs the
// chain. A part that gets the same name again is created again.
func TestAccStalePlan(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		gone hand
		want string // empty: the plan is applied
	}{
		"webhook":       {deleteWebhook, "webhook_id was "},
		"API key":       {deleteKey(objectName), "api_key_id was "},
		"webhook's key": {deleteKey(webhookKeyName), "webhook_key_id was "},
		"usage plan":    {deleteUsagePlan, "usage_plan_id was "},
		"REST API":      {inTurn(deleteUsagePlan, deleteRestAPI), "rest_api_id was "},
		"function":      {deleteFunction, ""},
		"queue":         {deleteQueue, ""},
		"stage":         {inTurn(deleteUsagePlan, deleteStage), "usage_plan_id was "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			l := newLife(t, faultAnswer, 1000)
			l.configure(h.chain(nightlySteps))
			if err := l.apply(); err != nil {
				t.Fatal(err)
			}
			l.configure(h.chain(nightlySteps, "memory_size = 512"))
			if err := errors.Join(l.must("plan", "-out=plan", "-no-color", "-input=false"), test.gone(t.Context(), h)); err != nil {
				t.Fatal(err)
			}
			h.ResetProviderCalls()
			output, err := l.terraform("apply", "-no-color", "-input=false", "plan")
			if blamesProvider(output) {
				t.Errorf("terraform blames the provider: %s", output)
			}
			switch {
			case test.want == "" && err != nil:
				t.Errorf("%v: %s", err, output)
			case test.want != "" && (err == nil || !strings.Contains(output, "no longer as it was when the plan was made: "+test.want)):
				t.Errorf("%v: %s\nwant: %s", err, output, test.want)
			}
			if writes := h.writes(); test.want != "" && len(writes) > 0 {
				t.Errorf("a refused plan changed something: %q", writes)
			}
			if err := errors.Join(l.apply(), l.expectNoChange(), h.oneOfEach(t.Context()), h.runs(t.Context())); err != nil {
				t.Error(err)
			}
			if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccWithoutRefresh checks that a plan without a refresh uses the notes of the last one about the provider's key and default tags, and
// warns. A refresh notes the present ones.
func TestAccWithoutRefresh(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	first := h.Tenant.APIKey()
	other := h.providerWith(fmt.Sprintf("api_key = %q", h.Tenant.AddAPIKey()), `default_tags = { repo = "bi" }`)
	function := func() (fingerprint, tag string) {
		out, err := lambda.NewFromConfig(h.AWS()).GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(objectName)})
		if err != nil {
			t.Fatal(err)
		}
		return out.Configuration.Environment.Variables[chain.EnvCredentialsFingerprint], out.Tags["repo"]
	}
	before, _ := function()

	l.configure(other + chainResource(nightlySteps, "memory_size = 512"))
	output, err := l.terraform("apply", "-auto-approve", "-refresh=false", "-no-color", "-input=false")
	if err != nil || blamesProvider(output) || !strings.Contains(output, "The function of nightly keeps its credentials") ||
		!strings.Contains(output, "The tags of nightly are those of the refresh") {
		t.Errorf("%v: %s", err, output)
	}
	if fingerprint, tag := function(); fingerprint != before || tag != "" {
		t.Errorf("the fingerprint was %s and is %s, the tag is %q", before, fingerprint, tag)
	}

	l.configure(other + chainResource(nightlySteps, "memory_size = 1024"))
	planned := l.must("plan", "-out=plan", "-refresh=false", "-no-color", "-input=false")
	if err := errors.Join(planned, deleteParameter("credentials")(t.Context(), h)); err != nil {
		t.Fatal(err)
	}
	h.ResetProviderCalls()
	output, err = l.terraform("apply", "-no-color", "-input=false", "plan")
	if err == nil || blamesProvider(output) || !strings.Contains(output, "Plan and apply with the same credentials") || len(h.writes()) > 0 {
		t.Errorf("credentials that are to be written again, and are not here: %v: %s, %q", err, output, h.writes())
	}

	if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
		t.Fatal(err)
	}
	if fingerprint, tag := function(); fingerprint == before || tag != "bi" {
		t.Errorf("after a refresh, the fingerprint was %s and is %s, the tag is %q", before, fingerprint, tag)
	}
	h.Tenant.RevokeAPIKey(first)
	if err := errors.Join(h.runs(t.Context()), l.destroy()); err != nil {
		t.Error(err)
	}
}

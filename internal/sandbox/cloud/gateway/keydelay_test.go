// SPDX-License-Identifier: MPL-2.0

package gateway_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
)

// TestKeyDelay creates a key and, after the data plane accepts it, adds it to a plan. Both steps have a delay.
func TestKeyDelay(t *testing.T) {
	t.Parallel()
	clk := clock.NewFrozen(time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC))
	s := startWith(t, gateway.Config{KeyDelay: 30 * time.Second, Clock: clk})
	ctx := t.Context()
	api, _ := s.deliveries(t, true)
	plan := must[*apigateway.CreateUsagePlanOutput](t)(s.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{
		Name: aws.String("nightly"), ApiStages: []types.ApiStage{{ApiId: &api, Stage: aws.String("v1")}},
	}))
	add := func() *apigateway.CreateApiKeyOutput {
		t.Helper()
		return must[*apigateway.CreateApiKeyOutput](t)(s.CreateApiKey(ctx,
			&apigateway.CreateApiKeyInput{Name: aws.String("nightly"), Enabled: true}))
	}
	join := func(key *apigateway.CreateApiKeyOutput) {
		t.Helper()
		must[*apigateway.CreateUsagePlanKeyOutput](t)(s.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{
			UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY"),
		}))
	}
	post := func(key *apigateway.CreateApiKeyOutput) response {
		t.Helper()
		return s.call(t, api, "POST", "/", "{}", "X-Api-Key", aws.ToString(key.Value))
	}
	first := add()
	join(first)
	clk.Advance(29 * time.Second)
	post(first).want(t, 403, forbidden)
	second := add()
	clk.Advance(time.Second)
	post(first).want(t, 202, "")
	clk.Advance(time.Minute)
	join(second)
	post(second).want(t, 403, forbidden)
	post(first).want(t, 202, "")
	clk.Advance(30 * time.Second)
	post(second).want(t, 202, "")
	s.idle(t)
}

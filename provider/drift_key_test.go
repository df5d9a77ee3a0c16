// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// keyDrifts are what somebody does to the API key and the usage plan, of a chain that is as it is by default.
var keyDrifts = driftGroup{
	settings: `api_key_rotation = "first"`,
	tidy:     deleteStrangers,
	drifts: []drift{
		{"deleted", deleteAPIKey, shown{
			"api_key_id":            gone,
			"drift.api_key":         "missing",
			"drift.usage_plan.key":  "missing",
			"drift.webhook.api_key": ", should be a new one",
		}, calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "qlik PUT /api/core/webhooks/{id}"}},
		{"replaced", inTurn(deleteAPIKey, makeAPIKey(objectName)), shown{
			"api_key_id":            gone,
			"drift.api_key":         "missing",
			"drift.usage_plan.key":  "missing",
			"drift.webhook.api_key": ", should be a new one",
		}, calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "qlik PUT /api/core/webhooks/{id}"}},
		{"disabled", patchKey(replace("/enabled", "false")), shown{"drift.api_key.enabled": "false, should be true"}, calls{"apigateway UpdateApiKey"}},
		{"renamed", patchKey(replace("/name", "mine")), shown{"drift.api_key.name": "mine, should be qlik-task-chain-nightly"}, calls{"apigateway UpdateApiKey"}},
		{"description", patchKey(replace("/description", "mine")),
			shown{"drift.api_key.description": "mine, should be For callers of the task chain nightly."}, calls{"apigateway UpdateApiKey"}},
		{"tag added", tagGateway("owner", "me", (*harness).keyPath), shown{"drift.api_key.tags": "owner = me, should be none"}, calls{"apigateway UntagResource"}},
		{"chain's tag changed", tagGateway("qlik-task-chain", "another", (*harness).keyPath),
			shown{"drift.api_key.tags": "qlik-task-chain = another, should be qlik-task-chain = nightly"}, calls{"apigateway TagResource"}},
		{"rotation", tagGateway("qlik-rotation", "second", (*harness).keyPath), shown{"api_key_rotation": "second"}, calls{
			"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "apigateway DeleteApiKey",
			"qlik PUT /api/core/webhooks/{id}",
		}},

		{"plan deleted", deleteUsagePlan,
			shown{"drift.usage_plan": "missing", "usage_plan_id": gone}, calls{"apigateway CreateUsagePlan", "apigateway CreateUsagePlanKey"}},
		{"plan without stage", detachStage, shown{"drift.usage_plan.stage": "missing"}, calls{"apigateway UpdateUsagePlan"}},
		{"plan without key", onPlan(func(ctx context.Context, client *apigateway.Client, plan types.UsagePlan, key *string) error {
			_, err := client.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key})
			return err
		}), shown{"drift.usage_plan.key": "missing"}, calls{"apigateway CreateUsagePlanKey"}},
		{"plan with another key", onPlan(func(ctx context.Context, client *apigateway.Client, plan types.UsagePlan, _ *string) error {
			key, err := client.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("somebodys"), Enabled: true})
			if err != nil {
				return err
			}
			_, err = client.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id, KeyType: aws.String("API_KEY")})
			return err
		}), shown{"drift.usage_plan.other_keys": ", should be none"}, calls{"apigateway DeleteUsagePlanKey"}},
		{"plan with another stage", onPlan(func(ctx context.Context, client *apigateway.Client, plan types.UsagePlan, _ *string) error {
			api, deployment := plan.ApiStages[0].ApiId, ""
			out, err := client.GetDeployments(ctx, &apigateway.GetDeploymentsInput{RestApiId: api})
			if err == nil {
				deployment = aws.ToString(out.Items[0].Id)
				_, err = client.CreateStage(ctx, &apigateway.CreateStageInput{RestApiId: api, StageName: aws.String("mine"), DeploymentId: aws.String(deployment)})
			}
			if err != nil {
				return err
			}
			_, err = client.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: []types.PatchOperation{
				{Op: types.OpAdd, Path: aws.String("/apiStages"), Value: aws.String(aws.ToString(api) + ":mine")},
			}})
			return err
		}), shown{"drift.usage_plan.other_stages": ":mine, should be none"}, calls{"apigateway UpdateUsagePlan"}},
		{"plan's throttle", patchPlan(replace("/throttle/rateLimit", "1"), replace("/throttle/burstLimit", "1")),
			shown{"drift.usage_plan.limits": "1 requests a second, 1 at once, should be none"}, calls{"apigateway UpdateUsagePlan"}},
		{"plan's quota", patchPlan(replace("/quota/limit", "10"), replace("/quota/period", "DAY")),
			shown{"drift.usage_plan.limits": "10 requests a day, should be none"}, calls{"apigateway UpdateUsagePlan"}},
		{"plan renamed", patchPlan(replace("/name", "mine")),
			shown{"drift.usage_plan.name": "mine, should be qlik-task-chain-nightly"}, calls{"apigateway UpdateUsagePlan"}},
		{"plan's description", patchPlan(replace("/description", "mine")),
			shown{"drift.usage_plan.description": "mine, should be Lets the API key of the task chain nightly call its stage."},
			calls{"apigateway UpdateUsagePlan"}},
		{"plan's tag", tagGateway("owner", "me", (*harness).planPath), shown{"drift.usage_plan.tags": "owner = me, should be none"}, calls{"apigateway UntagResource"}},

		{"concurrency reserved", reserveConcurrency(2), shown{"reserved_concurrent_executions": "2"}, calls{"lambda DeleteFunctionConcurrency"}},
		{"API restricted", func(ctx context.Context, h *harness) error { return h.restrictAPI(ctx, "127.0.0.0/8") },
			shown{"source_ip_ranges": `["127.0.0.0/8"]`}, calls{"apigateway UpdateRestApi"}},
		{"stage throttled", patchStage(replace("/*/*/throttling/rateLimit", "50"), replace("/*/*/throttling/burstLimit", "50")),
			shown{"throttle": `{"burst_limit":50,"rate_limit":50}`}, calls{"apigateway UpdateStage"}},
		{"boundary set", changeBoundary(roleName),
			shown{"permissions_boundary_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}, calls{"iam DeleteRolePermissionsBoundary"}},
		{"log retention", keepLogs(1), shown{"log_retention_in_days": "1"}, calls{"logs PutRetentionPolicy"}},
	},
}

// keyID finds the chain's API key, the one that has tags.
func (h *harness) keyID(ctx context.Context) (*string, error) {
	keys, err := apigateway.NewFromConfig(h.AWS()).GetApiKeys(ctx, &apigateway.GetApiKeysInput{})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(keys.Items, func(key types.ApiKey) bool { return len(key.Tags) > 0 })
	if i < 0 {
		return nil, errors.New("the chain has no API key")
	}
	return keys.Items[i].Id, nil
}

func (h *harness) keyPath(ctx context.Context) (string, error) {
	id, err := h.keyID(ctx)
	return "/apikeys/" + aws.ToString(id), err
}

func deleteAPIKey(ctx context.Context, h *harness) error {
	id, err := h.keyID(ctx)
	if err != nil {
		return err
	}
	_, err = apigateway.NewFromConfig(h.AWS()).DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: id})
	return err
}

func makeAPIKey(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := apigateway.NewFromConfig(h.AWS()).CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String(name), Enabled: true})
		return err
	}
}

func patchKey(operations ...types.PatchOperation) hand {
	return func(ctx context.Context, h *harness) error {
		id, err := h.keyID(ctx)
		if err != nil {
			return err
		}
		_, err = apigateway.NewFromConfig(h.AWS()).UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: id, PatchOperations: operations})
		return err
	}
}

func (h *harness) usagePlan(ctx context.Context) (types.UsagePlan, error) {
	plans, err := apigateway.NewFromConfig(h.AWS()).GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{})
	if err != nil || len(plans.Items) != 1 {
		return types.UsagePlan{}, errors.Join(errors.New("there is not one usage plan"), err)
	}
	return plans.Items[0], nil
}

func (h *harness) planPath(ctx context.Context) (string, error) {
	plan, err := h.usagePlan(ctx)
	return "/usageplans/" + aws.ToString(plan.Id), err
}

// onPlan does something with the chain's usage plan and key.
func onPlan(do func(ctx context.Context, client *apigateway.Client, plan types.UsagePlan, key *string) error) hand {
	return func(ctx context.Context, h *harness) error {
		plan, err := h.usagePlan(ctx)
		if err != nil {
			return err
		}
		key, err := h.keyID(ctx)
		if err != nil {
			return err
		}
		return do(ctx, apigateway.NewFromConfig(h.AWS()), plan, key)
	}
}

func patchPlan(operations ...types.PatchOperation) hand {
	return onPlan(func(ctx context.Context, client *apigateway.Client, plan types.UsagePlan, _ *string) error {
		_, err := client.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: operations})
		return err
	})
}

func detachStage(ctx context.Context, h *harness) error {
	plan, err := h.usagePlan(ctx)
	if err != nil {
		return err
	}
	return patchPlan(types.PatchOperation{
		Op: types.OpRemove, Path: aws.String("/apiStages"), Value: aws.String(aws.ToString(plan.ApiStages[0].ApiId) + ":live"),
	})(ctx, h)
}

var deleteUsagePlan = inTurn(detachStage, onPlan(func(ctx context.Context, client *apigateway.Client, plan types.UsagePlan, _ *string) error {
	_, err := client.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	return err
}))

// deleteStrangers deletes the keys that are nobody's chain's.
func deleteStrangers(ctx context.Context, h *harness) error {
	client := apigateway.NewFromConfig(h.AWS())
	keys, err := client.GetApiKeys(ctx, &apigateway.GetApiKeysInput{})
	if err != nil {
		return err
	}
	for _, key := range keys.Items {
		if len(key.Tags) == 0 {
			if _, err := client.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: key.Id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// webhookKeyName is the name of the key that the webhook has.
const webhookKeyName = objectName + ".webhook"

// keyDrifts are manual changes of the API keys and the usage plan, in a chain with the default settings.
var keyDrifts = driftGroup{
	settings: `api_key_rotation = "first"`,
	spec:     func(spec *stack.Spec) { spec.APIKeyRotation = "first" },
	tidy:     deleteStrangers,
	drifts: []drift{
		{"deleted", deleteKey(objectName), operatorKeyGone, operatorKeyMade},
		{"replaced", inTurn(deleteKey(objectName), makeAPIKey(objectName)), operatorKeyGone, operatorKeyMade},
		{"disabled", patchKey(objectName, replace("/enabled", "false")), shown{"drift.api_key.enabled": "false, should be true"},
			calls{"apigateway UpdateApiKey"}},
		{"renamed", patchKey(objectName, replace("/name", "mine")), shown{"drift.api_key.name": "mine, should be qlik-task-chain-nightly"},
			calls{"apigateway UpdateApiKey"}},
		{"description", patchKey(objectName, replace("/description", "mine")),
			shown{"drift.api_key.description": "mine, should be For those who read and operate the task chain nightly."},
			calls{"apigateway UpdateApiKey"}},
		{"tag added", tagGateway("owner", "me", keyPath(objectName)), shown{"drift.api_key.tags": "owner = me, should be none"},
			calls{"apigateway UntagResource"}},
		{"chain's tag changed", tagGateway("qlik-task-chain", "another", keyPath(objectName)),
			shown{"drift.api_key.tags": "qlik-task-chain = another, should be qlik-task-chain = nightly"}, calls{"apigateway TagResource"}},
		{"rotation", tagGateway("qlik-rotation", "second", keyPath(objectName)), shown{"api_key_rotation": "second"},
			append(calls{"apigateway DeleteApiKey"}, operatorKeyMade...)},

		{"webhook's deleted", deleteKey(webhookKeyName), webhookKeyGone, webhookKeyMade},
		{"webhook's replaced", inTurn(deleteKey(webhookKeyName), makeAPIKey(webhookKeyName)), webhookKeyGone, webhookKeyMade},
		{"webhook's disabled", patchKey(webhookKeyName, replace("/enabled", "false")),
			shown{"drift.webhook_key.enabled": "false, should be true"}, calls{"apigateway UpdateApiKey"}},
		{"webhook's renamed", patchKey(webhookKeyName, replace("/name", "mine")),
			shown{"drift.webhook_key.name": "mine, should be qlik-task-chain-nightly.webhook"}, calls{"apigateway UpdateApiKey"}},
		{"webhook's description", patchKey(webhookKeyName, replace("/description", "mine")),
			shown{"drift.webhook_key.description": "mine, should be For the webhook that delivers events to the task chain nightly."},
			calls{"apigateway UpdateApiKey"}},
		{"webhook's tag", tagGateway("owner", "me", keyPath(webhookKeyName)), shown{"drift.webhook_key.tags": "owner = me, should be none"},
			calls{"apigateway UntagResource"}},
		{"webhook's rotation", tagGateway("qlik-rotation", "second", keyPath(webhookKeyName)),
			shown{"drift.webhook_key.rotation": "second, should be first"},
			append(calls{"apigateway DeleteApiKey"}, webhookKeyMade...)},

		{"plan deleted", deleteUsagePlan,
			shown{"drift.usage_plan": "missing", "usage_plan_id": gone},
			calls{"apigateway CreateUsagePlan", "apigateway CreateUsagePlanKey", "apigateway CreateUsagePlanKey"}},
		{"plan without stage", detachStage, shown{"drift.usage_plan.stage": "missing"}, calls{"apigateway UpdateUsagePlan"}},
		{"plan without key", takeFromPlan(objectName), shown{"drift.usage_plan.api_key": "missing"}, calls{"apigateway CreateUsagePlanKey"}},
		{"plan without webhook's key", takeFromPlan(webhookKeyName), shown{"drift.usage_plan.webhook_key": "missing"},
			calls{"apigateway CreateUsagePlanKey"}},
		{"plan with another key", onPlan(func(ctx context.Context, _ *harness, client *apigateway.Client, plan types.UsagePlan) error {
			key, err := client.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("somebodys"), Enabled: true})
			if err != nil {
				return err
			}
			_, err = client.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: key.Id,
				KeyType: aws.String("API_KEY")})
			return err
		}), shown{"drift.usage_plan.other_keys": ", should be none"}, calls{"apigateway DeleteUsagePlanKey"}},
		{"plan with another stage", onPlan(func(ctx context.Context, _ *harness, client *apigateway.Client, plan types.UsagePlan) error {
			api, deployment := plan.ApiStages[0].ApiId, ""
			out, err := client.GetDeployments(ctx, &apigateway.GetDeploymentsInput{RestApiId: api})
			if err == nil {
				deployment = aws.ToString(out.Items[0].Id)
				_, err = client.CreateStage(ctx, &apigateway.CreateStageInput{RestApiId: api, StageName: aws.String("mine"),
					DeploymentId: aws.String(deployment)})
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
			shown{"drift.usage_plan.description": "mine, should be Lets the API keys of the task chain nightly call its stage."},
			calls{"apigateway UpdateUsagePlan"}},
		{"plan's tag", tagGateway("owner", "me", (*harness).planPath), shown{"drift.usage_plan.tags": "owner = me, should be none"},
			calls{"apigateway UntagResource"}},

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

// What a plan shows of a key that is gone, and what it takes to make another.
var (
	operatorKeyGone = shown{
		"api_key_id": gone, "drift.api_key": "missing", "drift.usage_plan.api_key": "missing",
		"drift.function.environment": "other values of OPERATOR_KEY_ID",
	}
	operatorKeyMade = calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "lambda UpdateFunctionConfiguration"}
	webhookKeyGone  = shown{
		"webhook_key_id": gone, "drift.webhook_key": "missing", "drift.usage_plan.webhook_key": "missing",
		"drift.webhook.api_key": ", should be a new one",
	}
	webhookKeyMade = calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "qlik PUT /api/core/webhooks/{id}"}
)

// keyID finds the chain's API key of this name, which has tags.
func (h *harness) keyID(ctx context.Context, name string) (*string, error) {
	keys, err := apigateway.NewFromConfig(h.AWS()).GetApiKeys(ctx, &apigateway.GetApiKeysInput{NameQuery: aws.String(name)})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(keys.Items, func(key types.ApiKey) bool { return len(key.Tags) > 0 && aws.ToString(key.Name) == name })
	if i < 0 {
		return nil, errors.New("the chain has no API key " + name)
	}
	return keys.Items[i].Id, nil
}

func keyPath(name string) func(*harness, context.Context) (string, error) {
	return func(h *harness, ctx context.Context) (string, error) {
		id, err := h.keyID(ctx, name)
		return "/apikeys/" + aws.ToString(id), err
	}
}

func deleteKey(name string) hand {
	return func(ctx context.Context, h *harness) error {
		id, err := h.keyID(ctx, name)
		if err != nil {
			return err
		}
		_, err = apigateway.NewFromConfig(h.AWS()).DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: id})
		return err
	}
}

// takeFromPlan takes a key out of the usage plan.
func takeFromPlan(name string) hand {
	return onPlan(func(ctx context.Context, h *harness, client *apigateway.Client, plan types.UsagePlan) error {
		id, err := h.keyID(ctx, name)
		if err != nil {
			return err
		}
		_, err = client.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plan.Id, KeyId: id})
		return err
	})
}

func makeAPIKey(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := apigateway.NewFromConfig(h.AWS()).CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String(name), Enabled: true})
		return err
	}
}

func patchKey(name string, operations ...types.PatchOperation) hand {
	return func(ctx context.Context, h *harness) error {
		id, err := h.keyID(ctx, name)
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

// onPlan does something with the chain's usage plan.
func onPlan(do func(ctx context.Context, h *harness, client *apigateway.Client, plan types.UsagePlan) error) hand {
	return func(ctx context.Context, h *harness) error {
		plan, err := h.usagePlan(ctx)
		if err != nil {
			return err
		}
		return do(ctx, h, apigateway.NewFromConfig(h.AWS()), plan)
	}
}

func patchPlan(operations ...types.PatchOperation) hand {
	return onPlan(func(ctx context.Context, _ *harness, client *apigateway.Client, plan types.UsagePlan) error {
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

var deleteUsagePlan = inTurn(detachStage, onPlan(func(ctx context.Context, _ *harness, client *apigateway.Client,
	plan types.UsagePlan) error {
	_, err := client.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	return err
}))

// deleteStrangers deletes the keys that belong to no chain.
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

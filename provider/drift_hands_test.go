// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// handsDrifts are manual changes of a chain's pause, and of its key for viewers.
var handsDrifts = driftGroup{
	settings: "viewer_key = true\npaused = false",
	spec:     func(spec *stack.Spec) { spec.ViewerKey = true },
	tidy:     deleteStrangers,
	drifts: []drift{
		{"paused", func(ctx context.Context, h *harness) error { return h.must(ctx, "/pause", "", nil) }, shown{"paused": "true"},
			calls{"lambda Invoke"}},
		{"viewers' key deleted", onViewerKey(func(ctx context.Context, client *apigateway.Client, key *string) error {
			_, err := client.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: key})
			return err
		}), shown{
			"viewer_key": "false", "viewer_key_id": gone, "drift.function.environment": "other values of VIEWER_KEY_ID",
		}, calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "lambda UpdateFunctionConfiguration"}},
		{"viewers' key disabled", onViewerKey(func(ctx context.Context, client *apigateway.Client, key *string) error {
			_, err := client.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: key,
				PatchOperations: []types.PatchOperation{replace("/enabled", "false")}})
			return err
		}), shown{"drift.viewer_key.enabled": "false, should be true"}, calls{"apigateway UpdateApiKey"}},
		{"viewers' key described", onViewerKey(func(ctx context.Context, client *apigateway.Client, key *string) error {
			_, err := client.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: key,
				PatchOperations: []types.PatchOperation{replace("/description", "mine")}})
			return err
		}), shown{"drift.viewer_key.description": "mine, should be For those who only read the task chain nightly."},
			calls{"apigateway UpdateApiKey"}},
		{"viewers' key rotated", tagGateway("qlik-rotation", "second", keyPath(objectName+".viewers")),
			shown{"drift.viewer_key.rotation": "second, should be none"},
			calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "apigateway DeleteApiKey", "lambda UpdateFunctionConfiguration"}},
		{"operators made to sign", setVariables(map[string]string{"OPERATOR_AUTH": "iam"}), shown{"operator_auth": "iam"},
			calls{"lambda UpdateFunctionConfiguration"}},
		{"operators' route opened", patchOperators(replace("/apiKeyRequired", "false")),
			shown{"drift.rest_api.method.POST /{proxy+}.api_key_required": "false, should be true"}, getMadeAnew},
		{"plan without the viewers' key", onViewerKey(func(ctx context.Context, client *apigateway.Client, key *string) error {
			plans, err := client.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{KeyId: key})
			if err != nil || len(plans.Items) != 1 {
				return errors.Join(errors.New("there is not one usage plan"), err)
			}
			_, err = client.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plans.Items[0].Id, KeyId: key})
			return err
		}), shown{"drift.usage_plan.viewer_key": "missing"}, calls{"apigateway CreateUsagePlanKey"}},
	},
}

// patchOperators changes the method of the operators' routes.
func patchOperators(operations ...types.PatchOperation) hand {
	return func(ctx context.Context, h *harness) error {
		return h.onResource(ctx, "/{proxy+}", func(client *apigateway.Client, api, resource *string) error {
			_, err := client.UpdateMethod(ctx, &apigateway.UpdateMethodInput{
				RestApiId: api, ResourceId: resource, HttpMethod: aws.String("POST"), PatchOperations: operations,
			})
			return err
		})
	}
}

// onViewerKey does something with the chain's key for viewers.
func onViewerKey(do func(ctx context.Context, client *apigateway.Client, key *string) error) hand {
	return func(ctx context.Context, h *harness) error {
		client := apigateway.NewFromConfig(h.AWS())
		keys, err := client.GetApiKeys(ctx, &apigateway.GetApiKeysInput{NameQuery: aws.String(objectName + ".viewers")})
		if err != nil || len(keys.Items) != 1 {
			return errors.Join(errors.New("there is not one key for viewers"), err)
		}
		return do(ctx, client, keys.Items[0].Id)
	}
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// handsDrifts are manual changes of a chain's pause, and of its keys for viewers and for signals.
var handsDrifts = driftGroup{
	settings: "viewer_key = true\nsignal_key = true\npaused = false",
	spec:     func(spec *stack.Spec) { spec.ViewerKey, spec.SignalKey = true, true },
	tidy:     deleteStrangers,
	drifts: slices.Concat([]drift{
		{"paused", func(ctx context.Context, h *harness) error { return h.must(ctx, "/pause", "", nil) }, shown{"paused": "true"},
			calls{"lambda Invoke"}},
		{"operators made to sign", setVariables(map[string]string{"OPERATOR_AUTH": "iam"}), shown{"operator_auth": "iam"},
			calls{"lambda UpdateFunctionConfiguration"}},
		{"operators' route opened", patchOperators(replace("/apiKeyRequired", "false")),
			shown{"drift.rest_api.method.POST /{proxy+}.api_key_required": "false, should be true"}, getMadeAnew},
	}, optionalKeyDrifts("viewer_key", "viewers", "For those who only read the task chain nightly.", "other values of VIEWER_KEY_ID"),
		optionalKeyDrifts("signal_key", "signals", "For those who only send signals to the task chain nightly.",
			"other values of SIGNAL_KEY_ID")),
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

// onKey does something with the chain's key for others than operators.
func onKey(these string, do func(ctx context.Context, client *apigateway.Client, key *string) error) hand {
	return func(ctx context.Context, h *harness) error {
		client := apigateway.NewFromConfig(h.AWS())
		keys, err := client.GetApiKeys(ctx, &apigateway.GetApiKeysInput{NameQuery: aws.String(objectName + "." + these)})
		if err != nil || len(keys.Items) != 1 {
			return errors.Join(fmt.Errorf("there is not one key for %s", these), err)
		}
		return do(ctx, client, keys.Items[0].Id)
	}
}

// optionalKeyDrifts are manual changes of a key that a chain may have, for these callers.
func optionalKeyDrifts(attribute, these, description, environment string) []drift {
	key := func(do func(ctx context.Context, client *apigateway.Client, key *string) error) hand {
		return onKey(these, do)
	}
	return []drift{
		{these + "' key deleted", key(func(ctx context.Context, client *apigateway.Client, key *string) error {
			_, err := client.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: key})
			return err
		}), shown{
			attribute: "false", attribute + "_id": gone, "drift.function.environment": environment,
		}, calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "lambda UpdateFunctionConfiguration"}},
		{these + "' key disabled", key(func(ctx context.Context, client *apigateway.Client, key *string) error {
			_, err := client.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: key,
				PatchOperations: []types.PatchOperation{replace("/enabled", "false")}})
			return err
		}), shown{"drift." + attribute + ".enabled": "false, should be true"}, calls{"apigateway UpdateApiKey"}},
		{these + "' key described", key(func(ctx context.Context, client *apigateway.Client, key *string) error {
			_, err := client.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: key,
				PatchOperations: []types.PatchOperation{replace("/description", "mine")}})
			return err
		}), shown{"drift." + attribute + ".description": "mine, should be " + description}, calls{"apigateway UpdateApiKey"}},
		{these + "' key rotated", tagGateway("qlik-rotation", "second", keyPath(objectName+"."+these)),
			shown{"drift." + attribute + ".rotation": "second, should be none"},
			calls{"apigateway CreateApiKey", "apigateway CreateUsagePlanKey", "apigateway DeleteApiKey", "lambda UpdateFunctionConfiguration"}},
		{"plan without the " + these + "' key", key(func(ctx context.Context, client *apigateway.Client, key *string) error {
			plans, err := client.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{KeyId: key})
			if err != nil || len(plans.Items) != 1 {
				return errors.Join(errors.New("there is not one usage plan"), err)
			}
			_, err = client.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: plans.Items[0].Id, KeyId: key})
			return err
		}), shown{"drift.usage_plan." + attribute: "missing"}, calls{"apigateway CreateUsagePlanKey"}},
	}
}

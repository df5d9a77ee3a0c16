// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// These calls repair most of it. A method is replaced, not patched: nothing of it is live before the next deployment.
var (
	apiPatched   = calls{"apigateway UpdateRestApi"}
	stagePatched = calls{"apigateway UpdateStage"}
	getMadeAnew  = calls{"apigateway DeleteMethod", "apigateway PutIntegration", "apigateway PutMethod"}
	postMadeAnew = append(calls{"apigateway PutMethodResponse", "apigateway PutIntegrationResponse"}, getMadeAnew...)
)

// apiDrifts are manual changes of the REST API, its methods and its stage.
var apiDrifts = driftGroup{
	settings: `
  source_ip_ranges = ["127.0.0.0/8", "203.0.113.0/24"]
  throttle         = { rate_limit = 100, burst_limit = 200 }
  tags             = { owner = "bi" }`,
	spec: func(spec *stack.Spec) {
		spec.SourceIPRanges, spec.Throttle = []string{"127.0.0.0/8", "203.0.113.0/24"}, &stack.Throttle{RateLimit: 100, BurstLimit: 200}
		spec.Tags = map[string]string{"owner": "bi"}
	},
	drifts: []drift{
		{"deleted", deleteAPI, shown{
			"drift.rest_api":         "missing",
			"drift.usage_plan.stage": "missing",
			"invoke_url":             gone,
			"page_url":               gone,
			"rest_api_id":            gone,
		}, calls{
			"apigateway CreateDeployment", "apigateway CreateResource", "apigateway CreateResource", "apigateway CreateRestApi",
			"apigateway CreateStage",
			"apigateway PutIntegration", "apigateway PutIntegration", "apigateway PutIntegration", "apigateway PutIntegration",
			"apigateway PutIntegration", "apigateway PutIntegrationResponse", "apigateway PutMethod", "apigateway PutMethod", "apigateway PutMethod",
			"apigateway PutMethod", "apigateway PutMethod",
			"apigateway PutMethodResponse", "apigateway UpdateRestApi", "apigateway UpdateStage", "apigateway UpdateUsagePlan",
			"lambda AddPermission", "lambda RemovePermission", "qlik PUT /api/core/webhooks/{id}",
		}},
		{"name", patchAPI(replace("/name", "mine")), shown{"drift.rest_api.name": "mine, should be qlik-task-chain-nightly"}, apiPatched},
		{"description", patchAPI(replace("/description", "mine")),
			shown{"drift.rest_api.description": "mine, should be Takes Qlik Cloud's events for the task chain nightly."}, apiPatched},
		{"endpoint disabled", patchAPI(replace("/disableExecuteApiEndpoint", "true")),
			shown{"drift.rest_api.disable_execute_api_endpoint": "true, should be false"}, apiPatched},
		{"compression", patchAPI(replace("/minimumCompressionSize", "0")),
			shown{"drift.rest_api.minimum_compression_size": "0, should be not set"}, apiPatched},
		{"binary types", patchAPI(types.PatchOperation{Op: types.OpAdd, Path: aws.String("/binaryMediaTypes/application~1json")}),
			shown{"drift.rest_api.binary_media_types": "application/json, should be none"}, apiPatched},
		{"policy taken away", patchAPI(replace("/policy", "")), shown{"source_ip_ranges": gone}, apiPatched},
		{"policy of other ranges", func(ctx context.Context, h *harness) error { return h.restrictAPI(ctx, "127.0.0.0/8") },
			shown{"source_ip_ranges": `["127.0.0.0/8"]`}, apiPatched},
		{"policy for everybody", patchAPI(replace("/policy",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}`)), shown{
			"drift.rest_api.policy": `{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}, should be`,
			"source_ip_ranges":      gone,
		}, apiPatched},
		{"tag", tagGateway("owner", "me", (*harness).apiPath), shown{"drift.rest_api.tags": "owner = me, should be owner = bi"},
			calls{"apigateway TagResource"}},

		{"resource added", func(ctx context.Context, h *harness) error {
			return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
				_, err := client.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: api, ParentId: root, PathPart: aws.String("mine")})
				return err
			})
		}, shown{"drift.rest_api.resources": "/mine too, should be /, /page, /{proxy+}"}, calls{"apigateway DeleteResource"}},
		{"resource deleted", deleteResource("/{proxy+}"),
			shown{"drift.rest_api.method.GET /{proxy+}": "missing", "drift.rest_api.method.POST /{proxy+}": "missing"},
			calls{"apigateway CreateResource", "apigateway PutIntegration", "apigateway PutIntegration", "apigateway PutMethod",
				"apigateway PutMethod"}},
		{"page deleted", deleteResource("/page"),
			shown{"drift.rest_api.method.GET /page": "missing"},
			calls{"apigateway CreateResource", "apigateway PutIntegration", "apigateway PutMethod"}},
		{"method added", func(ctx context.Context, h *harness) error {
			return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
				_, err := client.PutMethod(ctx, &apigateway.PutMethodInput{
					RestApiId: api, ResourceId: root, HttpMethod: aws.String("PUT"), AuthorizationType: aws.String("NONE"),
				})
				return err
			})
		}, shown{"drift.rest_api.method.PUT /": "there, should be missing"}, calls{"apigateway DeleteMethod"}},
		{"method deleted", func(ctx context.Context, h *harness) error {
			return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
				_, err := client.DeleteMethod(ctx, &apigateway.DeleteMethodInput{RestApiId: api, ResourceId: root, HttpMethod: aws.String("POST")})
				return err
			})
		},
			shown{"drift.rest_api.method.POST /": "missing"},
			calls{"apigateway PutIntegration", "apigateway PutIntegrationResponse", "apigateway PutMethod", "apigateway PutMethodResponse"}},
		{"method without key", patchMethod("GET", replace("/apiKeyRequired", "false")),
			shown{"drift.rest_api.method.GET /.api_key_required": "false, should be true"}, getMadeAnew},
		{"method without key, live", inTurn(patchMethod("GET", replace("/apiKeyRequired", "false")), deploy), shown{
			"drift.rest_api.method.GET /.api_key_required": "false, should be true",
			"drift.stage.deployment":                       "another than the chain's",
		}, calls{
			"apigateway CreateDeployment", "apigateway DeleteDeployment", "apigateway DeleteDeployment", "apigateway DeleteMethod",
			"apigateway PutIntegration", "apigateway PutMethod", "apigateway UpdateStage",
		}},
		{"method's parameter", patchMethod("POST", types.PatchOperation{
			Op: types.OpAdd, Path: aws.String("/requestParameters/method.request.header.X-Mine"), Value: aws.String("true"),
		}), shown{"drift.rest_api.method.POST /.parameters": "method.request.header.X-Mine, should be none"}, postMadeAnew},
		{"method's response", func(ctx context.Context, h *harness) error {
			return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
				_, err := client.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{
					RestApiId: api, ResourceId: root, HttpMethod: aws.String("POST"), StatusCode: aws.String("500"),
				})
				return err
			})
		}, shown{"drift.rest_api.method.POST /.responses": "202, 500, should be 202"}, postMadeAnew},
		{"integration's function", patchIntegration("POST", replace("/uri",
			"arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/"+functionARN+"-2/invocations")),
			shown{"drift.rest_api.method.POST /.integration.uri": ":function:qlik-task-chain-nightly-2/invocations, should be arn:aws:"},
			postMadeAnew},
		{"integration's template", patchIntegration("POST", replace("/requestTemplates/application~1json", "{}")),
			shown{"drift.rest_api.method.POST /.integration.request_templates": "application/json = {}, should be"}, postMadeAnew},
		{"integration synchronous", patchIntegration("POST", types.PatchOperation{
			Op: types.OpRemove, Path: aws.String("/requestParameters/integration.request.header.X-Amz-Invocation-Type"),
		}),
			shown{"drift.rest_api.method.POST /.integration.request_parameters": "none, " +
				"should be integration.request.header.X-Amz-Invocation-Type = 'Event'"},
			postMadeAnew},
		{"integration's passthrough", patchIntegration("POST", replace("/passthroughBehavior", "WHEN_NO_MATCH")),
			shown{"drift.rest_api.method.POST /.integration.passthrough_behavior": "WHEN_NO_MATCH, should be NEVER"}, postMadeAnew},
		{"integration's timeout", patchIntegration("GET", replace("/timeoutInMillis", "50")),
			shown{"drift.rest_api.method.GET /.integration.timeout_milliseconds": "50, should be 29000"}, getMadeAnew},

		{"stage deleted", deleteStage, shown{
			"drift.stage": "missing", "drift.usage_plan.stage": "missing", "invoke_url": gone, "page_url": gone,
		}, calls{
			"apigateway CreateDeployment", "apigateway CreateStage", "apigateway DeleteDeployment", "apigateway UpdateStage",
			"apigateway UpdateUsagePlan",
		}},
		{"stage's deployment", deploy,
			shown{"drift.stage.deployment": "another than the chain's"},
			calls{"apigateway CreateDeployment", "apigateway DeleteDeployment", "apigateway DeleteDeployment", "apigateway UpdateStage"}},
		{"stage's description", patchStage(replace("/description", "mine")),
			shown{"drift.stage.description": "mine, should be Serves the deployment "}, stagePatched},
		{"stage's variable", patchStage(replace("/variables/mine", "1")), shown{"drift.stage.variables": "mine, should be none"}, stagePatched},
		{"stage's tracing", patchStage(replace("/tracingEnabled", "true")), shown{"drift.stage.tracing_enabled": "true, should be false"},
			stagePatched},
		{"stage's cache", patchStage(replace("/cacheClusterEnabled", "true")),
			shown{"drift.stage.cache_cluster_enabled": "true, should be false"}, stagePatched},
		{"stage's client certificate", patchStage(replace("/clientCertificateId", "abc123")),
			shown{"drift.stage.client_certificate_id": "abc123, should be none"}, stagePatched},
		{"stage's access log", inTurn(allowLogging, patchStage(
			replace("/accessLogSettings/destinationArn", "arn:aws:logs:eu-central-1:123456789012:log-group:mine"),
			replace("/accessLogSettings/format", "$context.requestId"))),
			shown{"drift.stage.access_log": "arn:aws:logs:eu-central-1:123456789012:log-group:mine, should be none"}, stagePatched},
		{"stage's log", inTurn(allowLogging, patchStage(replace("/*/*/logging/loglevel", "INFO"))),
			shown{"drift.stage.logging_level": "INFO, should be OFF"}, stagePatched},
		{"stage's bodies logged", patchStage(replace("/*/*/logging/dataTrace", "true")),
			shown{"drift.stage.data_trace_enabled": "true, should be false"}, stagePatched},
		{"stage's metrics", patchStage(replace("/*/*/metrics/enabled", "true")), shown{"drift.stage.metrics_enabled": "true, should be false"},
			stagePatched},
		{"stage's caching", patchStage(replace("/*/*/caching/enabled", "true")), shown{"drift.stage.caching_enabled": "true, should be false"},
			stagePatched},
		{"stage's throttle", patchStage(replace("/*/*/throttling/rateLimit", "50")), shown{"throttle": `{"burst_limit":200,"rate_limit":50}`},
			stagePatched},
		{"stage's throttle taken away", patchStage(types.PatchOperation{Op: types.OpRemove, Path: aws.String("/*/*")}), shown{"throttle": gone},
			stagePatched},
		{"one method's throttle", patchStage(replace("/~1/POST/throttling/rateLimit", "1")),
			shown{"drift.stage.other_method_settings": "~1/POST, should be none"}, stagePatched},
		{"page's throttle", patchStage(replace("/~1page/GET/throttling/rateLimit", "100")),
			shown{"drift.stage.page_throttle": "100 requests a second, 20 at once, should be 5 requests a second, 20 at once"}, stagePatched},
		{"page's throttle taken away", patchStage(types.PatchOperation{Op: types.OpRemove, Path: aws.String("/~1page/GET")}),
			shown{"drift.stage.page_throttle": "none, should be 5 requests a second, 20 at once"}, stagePatched},
		{"stage's tag", tagGateway("owner", "me", (*harness).stagePath),
			shown{"drift.stage.tags": "owner = me, should be owner = bi"}, calls{"apigateway TagResource"}},
	},
}

func replace(path, value string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpReplace, Path: aws.String(path), Value: aws.String(value)}
}

func (h *harness) restAPI(ctx context.Context) (string, error) {
	apis, err := apigateway.NewFromConfig(h.AWS()).GetRestApis(ctx, &apigateway.GetRestApisInput{})
	if err != nil || len(apis.Items) == 0 {
		return "", fmt.Errorf("there is no REST API: %w", err)
	}
	return aws.ToString(apis.Items[0].Id), nil
}

func (h *harness) apiPath(ctx context.Context) (string, error) {
	api, err := h.restAPI(ctx)
	return "/restapis/" + api, err
}

func (h *harness) stagePath(ctx context.Context) (string, error) {
	path, err := h.apiPath(ctx)
	return path + "/stages/live", err
}

// tagGateway sets a tag of what path finds.
func tagGateway(key, value string, path func(*harness, context.Context) (string, error)) hand {
	return func(ctx context.Context, h *harness) error {
		found, err := path(h, ctx)
		if err != nil {
			return err
		}
		_, err = apigateway.NewFromConfig(h.AWS()).TagResource(ctx, &apigateway.TagResourceInput{
			ResourceArn: aws.String("arn:aws:apigateway:eu-central-1::" + found), Tags: map[string]string{key: value},
		})
		return err
	}
}

// onAPI does something with the chain's API.
func onAPI(do func(ctx context.Context, client *apigateway.Client, api *string) error) hand {
	return func(ctx context.Context, h *harness) error {
		api, err := h.restAPI(ctx)
		if err != nil {
			return err
		}
		return do(ctx, apigateway.NewFromConfig(h.AWS()), aws.String(api))
	}
}

var deleteAPI = onAPI(func(ctx context.Context, client *apigateway.Client, api *string) error {
	_, err := client.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: api})
	return err
})

func patchAPI(operations ...types.PatchOperation) hand {
	return onAPI(func(ctx context.Context, client *apigateway.Client, api *string) error {
		_, err := client.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: api, PatchOperations: operations})
		return err
	})
}

// restrictAPI writes a policy such as the chain's, for other ranges.
func (h *harness) restrictAPI(ctx context.Context, ranges string) error {
	api, err := h.restAPI(ctx)
	if err != nil {
		return err
	}
	arn := "arn:aws:execute-api:eu-central-1:123456789012:" + api + "/*"
	return patchAPI(replace("/policy", fmt.Sprintf(`{"Version":"2012-10-17","Statement":[
		{"Sid":"Callers","Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":%q},
		{"Sid":"FromElsewhere","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":%q,
			"Condition":{"NotIpAddress":{"aws:SourceIp":%q}}}]}`, arn, arn, ranges)))(ctx, h)
}

// onResource does something with the resource of a path.
func (h *harness) onResource(ctx context.Context, path string, do func(client *apigateway.Client, api, resource *string) error) error {
	return onAPI(func(ctx context.Context, client *apigateway.Client, api *string) error {
		resources, err := client.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: api})
		if err != nil {
			return err
		}
		for _, resource := range resources.Items {
			if aws.ToString(resource.Path) == path {
				return do(client, api, resource.Id)
			}
		}
		return errors.New("there is no resource " + path)
	})(ctx, h)
}

func deleteResource(path string) hand {
	return func(ctx context.Context, h *harness) error {
		return h.onResource(ctx, path, func(client *apigateway.Client, api, resource *string) error {
			_, err := client.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: api, ResourceId: resource})
			return err
		})
	}
}

// patchMethod changes a method of the root.
func patchMethod(method string, operations ...types.PatchOperation) hand {
	return func(ctx context.Context, h *harness) error {
		return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
			_, err := client.UpdateMethod(ctx, &apigateway.UpdateMethodInput{
				RestApiId: api, ResourceId: root, HttpMethod: aws.String(method), PatchOperations: operations,
			})
			return err
		})
	}
}

// patchIntegration changes the integration of a method of the root.
func patchIntegration(method string, operations ...types.PatchOperation) hand {
	return func(ctx context.Context, h *harness) error {
		return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
			_, err := client.UpdateIntegration(ctx, &apigateway.UpdateIntegrationInput{
				RestApiId: api, ResourceId: root, HttpMethod: aws.String(method), PatchOperations: operations,
			})
			return err
		})
	}
}

// deploy lets the stage serve the API as it is.
var deploy = onAPI(func(ctx context.Context, client *apigateway.Client, api *string) error {
	_, err := client.CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: api, StageName: aws.String("live")})
	return err
})

var deleteStage = onAPI(func(ctx context.Context, client *apigateway.Client, api *string) error {
	_, err := client.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: api, StageName: aws.String("live")})
	return err
})

func patchStage(operations ...types.PatchOperation) hand {
	return onAPI(func(ctx context.Context, client *apigateway.Client, api *string) error {
		_, err := client.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: api, StageName: aws.String("live"),
			PatchOperations: operations})
		return err
	})
}

// allowLogging sets the account's role for stages' logs, which belongs to no chain.
func allowLogging(ctx context.Context, h *harness) error {
	_, err := apigateway.NewFromConfig(h.AWS()).UpdateAccount(ctx, &apigateway.UpdateAccountInput{PatchOperations: []types.PatchOperation{
		replace("/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/logs"),
	}})
	return err
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// deployedAnew are the calls that put the chain's own deployment in the place of another one.
var deployedAnew = calls{
	"apigateway CreateDeployment", "apigateway DeleteDeployment", "apigateway DeleteDeployment", "apigateway UpdateStage",
}

// integrationDrifts are manual changes of how callers reach the REST API, and of how API Gateway passes on their requests. Most of them
// break every delivery as soon as they are deployed.
var integrationDrifts = driftGroup{
	drifts: []drift{
		{"endpoint edge-optimized", patchAPI(replace("/endpointConfiguration/types/REGIONAL", "EDGE")),
			shown{"drift.rest_api.endpoint_type": "EDGE, should be REGIONAL"}, apiPatched},
		{"endpoint of both address types", patchAPI(replace("/endpointConfiguration/ipAddressType", "dualstack")),
			shown{"drift.rest_api.ip_address_type": "dualstack, should be ipv4"}, apiPatched},
		{"endpoint private", inTurn(patchAPI(
			replace("/endpointConfiguration/ipAddressType", "dualstack"), replace("/endpointConfiguration/types/REGIONAL", "PRIVATE"),
			types.PatchOperation{Op: types.OpAdd, Path: aws.String("/endpointConfiguration/vpcEndpointIds"), Value: aws.String("vpce-1")},
		), deploy), shown{
			"drift.rest_api.endpoint_type":   "PRIVATE, should be REGIONAL",
			"drift.rest_api.ip_address_type": "dualstack, should be ipv4",
			"drift.rest_api.vpc_endpoints":   "vpce-1, should be none",
			"drift.stage.deployment":         "another than the chain's",
		}, append(calls{"apigateway UpdateRestApi"}, deployedAnew...)},

		{"converted to binary, live", inTurn(patchIntegration("POST", replace("/contentHandling", "CONVERT_TO_BINARY")), deploy), shown{
			"drift.rest_api.method.POST /.integration.content_handling": "CONVERT_TO_BINARY, should be none",
			"drift.stage.deployment":                                    "another than the chain's",
		}, slices.Concat(deployedAnew, postMadeAnew)},
		{"integration's credentials", patchIntegration("POST", replace("/credentials", "arn:aws:iam::123456789012:role/mine")),
			shown{"drift.rest_api.method.POST /.integration.credentials": "arn:aws:iam::123456789012:role/mine, should be none"}, postMadeAnew},
		{"integration's connection", patchIntegration("GET", replace("/connectionType", "VPC_LINK"), replace("/connectionId", "abc123")), shown{
			"drift.rest_api.method.GET /.integration.connection_type": "VPC_LINK, should be none",
			"drift.rest_api.method.GET /.integration.connection_id":   "abc123, should be none",
		}, getMadeAnew},
		{"integration's TLS", patchIntegration("GET", replace("/tlsConfig/insecureSkipVerification", "true")),
			shown{"drift.rest_api.method.GET /.integration.insecure_skip_verification": "true, should be none"}, getMadeAnew},
		{"integration's cache", patchIntegration("GET", types.PatchOperation{
			Op: types.OpAdd, Path: aws.String("/cacheKeyParameters/method.request.path.proxy"),
		}), shown{"drift.rest_api.method.GET /.integration.cache_key_parameters": "method.request.path.proxy, should be none"}, getMadeAnew},
		{"answer converted", patchAnswer(replace("/contentHandling", "CONVERT_TO_TEXT")),
			shown{"drift.rest_api.method.POST /.integration.response_content_handling": "202: CONVERT_TO_TEXT, should be none"}, postMadeAnew},
		{"answer's template", patchAnswer(replace("/responseTemplates/application~1json", "{}")),
			shown{"drift.rest_api.method.POST /.integration.response_templates": "202: application/json = {}, should be none"}, postMadeAnew},
		{"answer's model and header", func(ctx context.Context, h *harness) error {
			return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
				post, accepted := aws.String("POST"), aws.String("202")
				_, err := client.DeleteMethodResponse(ctx, &apigateway.DeleteMethodResponseInput{
					RestApiId: api, ResourceId: root, HttpMethod: post, StatusCode: accepted,
				})
				if err == nil {
					_, err = client.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{
						RestApiId: api, ResourceId: root, HttpMethod: post, StatusCode: accepted,
						ResponseModels:     map[string]string{"application/json": "Empty"},
						ResponseParameters: map[string]bool{"method.response.header.X-Mine": true},
					})
				}
				if err == nil {
					_, err = client.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{
						RestApiId: api, ResourceId: root, HttpMethod: post, StatusCode: accepted,
						ResponseParameters: map[string]string{"method.response.header.X-Mine": "'1'"},
					})
				}
				return err
			})
		}, shown{
			"drift.rest_api.method.POST /.response_models":                 "202: application/json = Empty, should be none",
			"drift.rest_api.method.POST /.response_parameters":             "202: method.response.header.X-Mine, should be none",
			"drift.rest_api.method.POST /.integration.response_parameters": "202: method.response.header.X-Mine = '1', should be none",
		}, postMadeAnew},
		{"method's model", patchMethod("POST", types.PatchOperation{
			Op: types.OpAdd, Path: aws.String("/requestModels/application~1json"), Value: aws.String("Empty"),
		}), shown{"drift.rest_api.method.POST /.request_models": "application/json = Empty, should be none"}, postMadeAnew},
		{"method's operation name", patchMethod("GET", replace("/operationName", "mine")),
			shown{"drift.rest_api.method.GET /.operation_name": "mine, should be none"}, getMadeAnew},

		{"page's log", inTurn(allowLogging, patchStage(
			replace("/~1page/GET/logging/loglevel", "INFO"), replace("/~1page/GET/logging/dataTrace", "true"),
		)), shown{
			"drift.stage.page_logging_level":      "INFO, should be OFF",
			"drift.stage.page_data_trace_enabled": "true, should be false",
		}, stagePatched},
		{"page's metrics and cache", patchStage(replace("/~1page/GET/metrics/enabled", "true"), replace("/~1page/GET/caching/enabled", "true")),
			shown{
				"drift.stage.page_metrics_enabled": "true, should be false",
				"drift.stage.page_caching_enabled": "true, should be false",
			}, stagePatched},
		{"deliveries throttled by the plan", func(ctx context.Context, h *harness) error {
			api, err := h.restAPI(ctx)
			if err != nil {
				return err
			}
			path := "/apiStages/" + api + ":live/throttle/~1/POST/"
			return patchPlan(replace(path+"rateLimit", "0.1"), replace(path+"burstLimit", "1"))(ctx, h)
		}, shown{"drift.usage_plan.method_limits": "//POST: 0.1 requests a second, 1 at once, should be none"},
			calls{"apigateway UpdateUsagePlan"}},
	},
}

// patchAnswer changes what API Gateway answers to a delivery.
func patchAnswer(operations ...types.PatchOperation) hand {
	return func(ctx context.Context, h *harness) error {
		return h.onResource(ctx, "/", func(client *apigateway.Client, api, root *string) error {
			_, err := client.UpdateIntegrationResponse(ctx, &apigateway.UpdateIntegrationResponseInput{
				RestApiId: api, ResourceId: root, HttpMethod: aws.String("POST"), StatusCode: aws.String("202"), PatchOperations: operations,
			})
			return err
		})
	}
}

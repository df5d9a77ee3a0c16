// SPDX-License-Identifier: MPL-2.0

package gateway_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

const (
	missingToken  = `{"message":"Missing Authentication Token"}`
	forbidden     = `{"message":"Forbidden"}`
	internalError = `{"message": "Internal server error"}`
)

// deliveryTemplate converts a webhook's delivery to an event that the test function prints.
const deliveryTemplate = `{"do":"print","text":"$util.base64Encode($input.body) $input.params('Qlik-Signature')$input.params('qlik-signature') $context.requestId"}`

func asynchronous(in *apigateway.PutIntegrationInput) {
	in.RequestParameters = map[string]string{"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
	in.RequestTemplates = map[string]string{"application/json": deliveryTemplate}
	in.PassthroughBehavior = aws.String("NEVER")
}

// deliveries creates an API with a POST / that passes events to the function.
func (s *sandbox) deliveries(t *testing.T, key bool) (api, root string) {
	t.Helper()
	s.createFunction(t)
	api, root = s.createAPI(t)
	s.put(t, api, root, "POST", key, types.IntegrationTypeAws, asynchronous)
	s.answers(t, api, root, "POST", "202", "")
	s.deploy(t, api)
	return api, root
}

func (s *sandbox) idle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.functions.Idle(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestAsynchronousIntegration(t *testing.T) {
	t.Parallel()
	s := start(t)
	api, _ := s.deliveries(t, false)
	answer := s.call(t, api, "POST", "/", `{"a":"ü"}`, "Content-Type", "application/json", "Qlik-Signature", "sig")
	answer.want(t, 202, "")
	s.idle(t)
	// eyJhIjoiw7wifQ== is {"a":"ü"}. Of the header's two spellings, only the one in the request is found.
	if want := "eyJhIjoiw7wifQ== sig " + answer.header.Get("X-Amzn-Requestid"); !strings.Contains(s.logs.Text(), want) {
		t.Errorf("the function did not print %q:\n%s", want, s.logs.Text())
	}
	s.call(t, api, "POST", "", "{}").want(t, 202, "") // the root without its slash
	s.call(t, api, "POST", "/", "a,b", "Content-Type", "text/csv").want(t, 415, `{"message": "Unsupported Media Type"}`)
	s.call(t, api, "POST", "/", strings.Repeat("x", 10*1024*1024+1)).want(t, 413, `{"message":"HTTP content length exceeded 10485760 bytes."}`)
	s.idle(t)
}

func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	s := start(t)
	api, _ := s.deliveries(t, false)
	s.call(t, api, "GET", "/", "").want(t, 403, missingToken)
	s.call(t, api, "POST", "/runs", "").want(t, 403, missingToken)
	s.call(t, "nosuchapi", "POST", "/", "").want(t, 403, forbidden)
	if kind := s.call(t, api, "GET", "/", "").header.Get("X-Amzn-Errortype"); kind != "MissingAuthenticationTokenException" {
		t.Errorf("x-amzn-ErrorType is %q", kind)
	}
	if _, err := s.DeleteRestApi(t.Context(), &apigateway.DeleteRestApiInput{RestApiId: &api}); err != nil {
		t.Fatal(err)
	}
	s.call(t, api, "POST", "/", "").want(t, 403, forbidden)
}

func TestOnlyWhatWasDeployedIsServed(t *testing.T) {
	t.Parallel()
	s := start(t)
	api, root := s.deliveries(t, false)
	ctx := t.Context()
	s.put(t, api, root, "GET", false, types.IntegrationTypeAwsProxy, nil)
	_, err := s.UpdateIntegration(ctx, &apigateway.UpdateIntegrationInput{
		RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("POST"),
		PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/requestTemplates/application~1json"),
			Value: aws.String(`{"do":"print","text":"new"}`)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateIntegrationResponse(ctx, &apigateway.UpdateIntegrationResponseInput{
		RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("POST"), StatusCode: aws.String("202"),
		PatchOperations: []types.PatchOperation{{Op: types.OpReplace, Path: aws.String("/selectionPattern"), Value: aws.String("never")}},
	}); err != nil {
		t.Fatal(err)
	}
	s.call(t, api, "GET", "/", "").want(t, 403, missingToken)
	s.call(t, api, "POST", "/", "{}").want(t, 202, "")
	s.idle(t)
	if strings.Contains(s.logs.Text(), "\nnew\n") {
		t.Error("the new template is live without a deployment")
	}
	s.deploy(t, api)
	if got := s.call(t, api, "GET", "/", ""); got.status != 200 {
		t.Errorf("after the deployment GET answers %d %s", got.status, got.body)
	}
	s.call(t, api, "POST", "/", "{}").want(t, 500, internalError) // the integration response no longer exists
	s.idle(t)
	if !strings.Contains(s.logs.Text(), "\nnew\n") {
		t.Error("the new template is not live after the deployment")
	}
}

func TestResourcePolicy(t *testing.T) {
	t.Parallel()
	s := start(t)
	api, _ := s.deliveries(t, false)
	ctx := t.Context()
	if _, err := s.lambda.RemovePermission(ctx, &lambda.RemovePermissionInput{FunctionName: aws.String("nightly"),
		StatementId: aws.String("every")}); err != nil {
		t.Fatal(err)
	}
	s.call(t, api, "POST", "/", "{}").want(t, 500, internalError)
	s.permit(t, "get", "arn:aws:execute-api:eu-central-1:123456789012:"+api+"/*/GET/*")
	s.permit(t, "other", "arn:aws:execute-api:eu-central-1:123456789012:other/*/*/*")
	s.call(t, api, "POST", "/", "{}").want(t, 500, internalError)
	s.permit(t, "post", "arn:aws:execute-api:eu-central-1:123456789012:"+api+"/v1/POST/")
	s.call(t, api, "POST", "/", "{}").want(t, 202, "")
	s.idle(t)
	if _, err := s.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String("nightly")}); err != nil {
		t.Fatal(err)
	}
	s.call(t, api, "POST", "/", "{}").want(t, 500, internalError)
}

func TestSynchronousIntegration(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.createFunction(t)
	api, root := s.createAPI(t)
	s.put(t, api, root, "POST", false, types.IntegrationTypeAws, nil)
	s.deploy(t, api)
	s.call(t, api, "POST", "/", `{"hello":1}`).want(t, 500, internalError) // without a response
	s.answers(t, api, root, "POST", "200", "")
	s.deploy(t, api)
	s.call(t, api, "POST", "/", `{"hello":1}`).want(t, 200, `{"hello":1}`)
	s.call(t, api, "POST", "/", `not JSON`).want(t, 500, internalError)
	s.answers(t, api, root, "POST", "409", "conflict.*")
	s.deploy(t, api)
	s.call(t, api, "POST", "/", `{"hello":1}`).want(t, 500, internalError) // one of two would have to be selected
}

func TestIntegrationTimeout(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.createFunction(t)
	api, root := s.createAPI(t)
	s.put(t, api, root, "POST", false, types.IntegrationTypeAws,
		func(in *apigateway.PutIntegrationInput) { in.TimeoutInMillis = aws.Int32(50) })
	s.answers(t, api, root, "POST", "200", "")
	s.deploy(t, api)
	s.call(t, api, "POST", "/", `{"do":"hang"}`).want(t, 504, `{"message": "Endpoint request timed out"}`)
}

// proxies creates an API with AWS_PROXY integrations at / and at paths below.
func (s *sandbox) proxies(t *testing.T, paths ...string) (api string) {
	t.Helper()
	s.createFunction(t)
	api, root := s.createAPI(t)
	s.put(t, api, root, "GET", false, types.IntegrationTypeAwsProxy, nil)
	for _, path := range paths {
		parent := root
		for _, part := range strings.Split(path, "/") {
			out, err := s.CreateResource(t.Context(), &apigateway.CreateResourceInput{RestApiId: &api, ParentId: &parent,
				PathPart: aws.String(part)})
			if err != nil {
				t.Fatal(err)
			}
			parent = aws.ToString(out.Id)
		}
		s.put(t, api, parent, "ANY", false, types.IntegrationTypeAwsProxy, nil)
	}
	s.deploy(t, api)
	return api
}

func TestProxyEvent(t *testing.T) {
	t.Parallel()
	s := start(t)
	api := s.proxies(t, "runs/{id}")
	got := s.call(t, api, "PUT", "/runs/a%2Fb?x=1&x=2&y=%C3%BC", "the body", "X-Custom", "yes", "Content-Type", "text/plain")
	var event events.APIGatewayProxyRequest
	if err := json.Unmarshal([]byte(got.body), &event); err != nil || got.status != 200 {
		t.Fatalf("%d %s: %v", got.status, got.body, err)
	}
	for name, pair := range map[string][2]string{
		"resource": {event.Resource, "/runs/{id}"}, "path": {event.Path, "/runs/a/b"}, "method": {event.HTTPMethod, "PUT"},
		"header": {event.Headers["X-Custom"], "yes"}, "headers": {event.MultiValueHeaders["X-Custom"][0], "yes"},
		"x": {event.QueryStringParameters["x"], "2"}, "xs": {strings.Join(event.MultiValueQueryStringParameters["x"], ","), "1,2"},
		"y": {event.QueryStringParameters["y"], "ü"}, "id": {event.PathParameters["id"], "a/b"}, "body": {event.Body, "the body"},
		"api": {event.RequestContext.APIID, api}, "stage": {event.RequestContext.Stage, "v1"},
		"account":       {event.RequestContext.AccountID, "123456789012"},
		"request id":    {event.RequestContext.RequestID, got.header.Get("X-Amzn-Requestid")},
		"context path":  {event.RequestContext.Path, "/v1/runs/a/b"},
		"resource path": {event.RequestContext.ResourcePath, "/runs/{id}"}, "ip": {event.RequestContext.Identity.SourceIP, "127.0.0.1"},
		"time": {event.RequestContext.RequestTime, "23/Nov/2026:05:00:00 +0000"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %q, want %q", name, pair[0], pair[1])
		}
	}
	var raw map[string]any
	if err := json.Unmarshal([]byte(s.call(t, api, "GET", "/", "").body), &raw); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"body", "queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables"} {
		if value, there := raw[name]; !there || value != nil {
			t.Errorf("%s of an event without it is %v, want null", name, value)
		}
	}
}

func TestProxyResponse(t *testing.T) {
	t.Parallel()
	s := start(t)
	api := s.proxies(t)
	got := s.call(t, api, "GET", "/?do=headers", "")
	got.want(t, 418, "short and stout")
	if got.header.Get("X-One") != "1" || strings.Join(got.header["X-Many"], ",") != "a,b" || got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("got the headers %v", got.header)
	}
	s.call(t, api, "GET", "/?do=malformed", "").want(t, 502, internalError)
	s.call(t, api, "GET", "/?do=fail", "").want(t, 502, internalError)
	s.call(t, api, "GET", "/?do=binary", "").want(t, 200, "AAH/") // the API has no binary media types: the text stays
	_, err := s.UpdateRestApi(t.Context(), &apigateway.UpdateRestApiInput{
		RestApiId: &api, PatchOperations: []types.PatchOperation{{Op: types.OpAdd,
			Path: aws.String("/binaryMediaTypes/application~1octet-stream")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.deploy(t, api)
	s.call(t, api, "GET", "/?do=binary", "", "Accept", "application/octet-stream").want(t, 200, "\x00\x01\xff")
	s.call(t, api, "GET", "/?do=binary", "", "Accept", "text/html").want(t, 200, "AAH/")
	if got := s.call(t, api, "GET", "/", "\xff", "Content-Type", "application/octet-stream"); !strings.Contains(got.body,
		`"isBase64Encoded":true`) || !strings.Contains(got.body, `"body":"/w=="`) {
		t.Errorf("a binary body arrived as %s", got.body)
	}
}

func TestRouting(t *testing.T) {
	t.Parallel()
	s := start(t)
	api := s.proxies(t, "runs", "apps/{id}", "files/{rest+}")
	for path, resource := range map[string]string{
		"/": "/", "/runs": "/runs", "/apps/7": "/apps/{id}", "/files/a/b": "/files/{rest+}", "/apps": "", "/apps/7/8": "", "/files": "",
		"/apps/": "",
	} {
		got := s.call(t, api, "GET", path, "")
		var event events.APIGatewayProxyRequest
		if resource == "" {
			got.want(t, http.StatusForbidden, missingToken)
		} else if err := json.Unmarshal([]byte(got.body), &event); err != nil || event.Resource != resource {
			t.Errorf("%s was served by %q (%s), want %q", path, event.Resource, got.body, resource)
		}
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	s.createFunction(t)
	api, root := s.createAPI(t)
	post := aws.String("POST")
	s.put(t, api, root, "POST", false, types.IntegrationTypeAws, func(in *apigateway.PutIntegrationInput) {
		in.RequestTemplates = map[string]string{
			"application/json": `{"query":"$input.params('q')","upper":"$input.params('X-Custom')","lower":"$input.params('x-custom')"}`,
		}
	})
	s.answers(t, api, root, "POST", "200", "")
	s.deploy(t, api)
	s.call(t, api, "POST", "/?q=1", "", "X-Custom", "c").want(t, 200, `{"query":"1","upper":"c","lower":""}`)

	respond := func(parameters map[string]string) error {
		_, err := s.PutIntegrationResponse(ctx, &apigateway.PutIntegrationResponseInput{
			RestApiId: &api, ResourceId: &root, HttpMethod: post, StatusCode: aws.String("201"), ResponseParameters: parameters,
			ResponseTemplates: map[string]string{"application/json": `{"answer":$input.body}`},
		})
		return err
	}
	must[*apigateway.PutMethodResponseOutput](t)(s.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{
		RestApiId: &api, ResourceId: &root, HttpMethod: post, StatusCode: aws.String("201"),
		ResponseParameters: map[string]bool{"method.response.header.X-Answer": true},
	}))
	wantError[*types.BadRequestException](t, respond(map[string]string{"method.response.header.X-Other": "'1'"}),
		"Invalid mapping expression specified")
	wantError[*types.BadRequestException](t, respond(map[string]string{"method.response.header.X-Answer": "integration.response.header.X"}),
		"The sandbox emulates response parameters with constant values")
	if err := respond(map[string]string{"method.response.header.X-Answer": "'yes'"}); err != nil {
		t.Fatal(err)
	}
}

func TestDeletedStageLeavesTheUsagePlan(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, _ := s.deliveries(t, true)
	plan := must[*apigateway.CreateUsagePlanOutput](t)(s.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{
		Name: aws.String("p"), ApiStages: []types.ApiStage{{ApiId: &api, Stage: aws.String("v1")}},
	}))
	must[*apigateway.DeleteStageOutput](t)(s.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: &api, StageName: aws.String("v1")}))
	s.call(t, api, "POST", "/", "{}").want(t, 403, forbidden)
	must[*apigateway.DeleteUsagePlanOutput](t)(s.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id}))
}

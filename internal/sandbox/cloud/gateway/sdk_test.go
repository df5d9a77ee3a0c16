// SPDX-License-Identifier: MPL-2.0

package gateway_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
)

// sandbox is API Gateway with Lambda behind it, and clients of the AWS SDK.
type sandbox struct {
	*apigateway.Client
	service   *gateway.Service
	functions *function.Service
	lambda    *lambda.Client
	logs      *functiontest.Logs
	clock     *clock.Clock
	url       string // of the control and the data plane
}

func start(t *testing.T) *sandbox {
	t.Helper()
	return startWith(t, gateway.Config{})
}

func startWith(t *testing.T, config gateway.Config) *sandbox {
	t.Helper()
	s := &sandbox{logs: &functiontest.Logs{}, clock: clock.NewFrozen(functiontest.Morning)}
	quiet := slog.New(slog.DiscardHandler)
	var err error
	s.functions, err = function.New(function.Config{
		Account: functiontest.Account, Roles: functiontest.Roles{}, Credentials: functiontest.Credentials{}, Logs: s.logs, Logger: quiet,
		RetryDelay: 10 * time.Millisecond, Now: time.Now, Clock: new(clock.Clock),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.functions.Close(); err != nil {
			t.Error(err)
		}
	})
	config.Account, config.Functions, config.Now, config.Logger = functiontest.Account, s.functions, s.clock.Now, quiet
	if config.Clock == nil {
		config.Clock = new(clock.Clock)
	}
	s.service = gateway.New(config)
	control, data := functiontest.Handler(s.service), s.service.DataPlane()
	s.url = functiontest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if gateway.IsUserRequest(r.URL.Path) {
			data.ServeHTTP(w, r)
			return
		}
		control.ServeHTTP(w, r)
	}))
	functionsURL := functiontest.Serve(t, functiontest.Handler(s.functions))
	provider := credentials.NewStaticCredentialsProvider("AKID", "SECRET", "")
	s.Client = apigateway.New(apigateway.Options{Region: "eu-central-1", BaseEndpoint: &s.url, Credentials: provider, RetryMaxAttempts: 1})
	s.lambda = lambda.New(lambda.Options{Region: "eu-central-1", BaseEndpoint: &functionsURL, Credentials: provider, RetryMaxAttempts: 1})
	return s
}

// must fails the test on an error, and returns the result of a call.
func must[T any](t *testing.T) func(out T, err error) T {
	t.Helper()
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// createAPI creates a REST API and returns its id and its root resource.
func (s *sandbox) createAPI(t *testing.T) (api, root string) {
	t.Helper()
	out, err := s.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{
		Name: aws.String("nightly"), EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}},
		Tags: map[string]string{"qlik-task-chain": "nightly"}, ApiKeySource: types.ApiKeySourceTypeHeader,
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.Id), aws.ToString(out.RootResourceId)
}

const functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:nightly"

const integrationURI = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/" + functionARN + "/invocations"

// put puts a method with an integration. change, when not nil, changes the integration first.
func (s *sandbox) put(t *testing.T, api, resource, httpMethod string, key bool, kind types.IntegrationType,
	change func(*apigateway.PutIntegrationInput)) {
	t.Helper()
	_, err := s.PutMethod(t.Context(), &apigateway.PutMethodInput{
		RestApiId: &api, ResourceId: &resource, HttpMethod: &httpMethod, AuthorizationType: aws.String("NONE"), ApiKeyRequired: key,
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &apigateway.PutIntegrationInput{
		RestApiId: &api, ResourceId: &resource, HttpMethod: &httpMethod, Type: kind, IntegrationHttpMethod: aws.String("POST"),
		Uri: aws.String(integrationURI),
	}
	if change != nil {
		change(in)
	}
	if _, err := s.PutIntegration(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// answers lets a method answer with a status, selected by a pattern.
func (s *sandbox) answers(t *testing.T, api, resource, httpMethod, status, pattern string) {
	t.Helper()
	_, err := s.PutMethodResponse(t.Context(), &apigateway.PutMethodResponseInput{
		RestApiId: &api, ResourceId: &resource, HttpMethod: &httpMethod, StatusCode: &status,
	})
	if err != nil {
		t.Fatal(err)
	}
	in := &apigateway.PutIntegrationResponseInput{RestApiId: &api, ResourceId: &resource, HttpMethod: &httpMethod, StatusCode: &status}
	if pattern != "" {
		in.SelectionPattern = &pattern
	}
	if _, err := s.PutIntegrationResponse(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// deploy deploys the API to the stage v1.
func (s *sandbox) deploy(t *testing.T, api string) {
	t.Helper()
	if _, err := s.CreateDeployment(t.Context(), &apigateway.CreateDeploymentInput{RestApiId: &api, StageName: aws.String("v1")}); err != nil {
		t.Fatal(err)
	}
}

// createFunction creates the function behind integrationURI and lets every API call it.
func (s *sandbox) createFunction(t *testing.T) {
	t.Helper()
	_, err := s.lambda.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("nightly"), Role: aws.String(functiontest.RoleARN), Handler: aws.String("bootstrap"),
		Runtime:       lambdatypes.RuntimeProvidedal2023,
		Architectures: []lambdatypes.Architecture{lambdatypes.Architecture(function.HostArchitecture())},
		Code:          &lambdatypes.FunctionCode{ZipFile: functiontest.Zip(t, functiontest.Bootstrap(t), 0o755)}, Timeout: aws.Int32(30),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.permit(t, "every", "arn:aws:execute-api:eu-central-1:123456789012:*/*/*/*")
}

func (s *sandbox) permit(t *testing.T, statement, source string) {
	t.Helper()
	_, err := s.lambda.AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: aws.String("nightly"), StatementId: &statement, Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("apigateway.amazonaws.com"), SourceArn: &source,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// response is what the data plane answered.
type response struct {
	status int
	header http.Header
	body   string
}

// call calls the data plane at the stage v1. Headers are name, value, name, value….
func (s *sandbox) call(t *testing.T, api, httpMethod, path, body string, headers ...string) response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), httpMethod, s.url+"/restapis/"+api+"/v1/_user_request_"+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{answer.StatusCode, answer.Header, string(content)}
}

func (r response) want(t *testing.T, status int, body string) {
	t.Helper()
	if r.status != status || r.body != body {
		t.Errorf("got %d %s, want %d %s", r.status, r.body, status, body)
	}
	if r.header.Get("X-Amzn-Requestid") == "" {
		t.Error("the answer has no x-amzn-RequestId")
	}
}

// wantError checks an API error's type and how its message begins.
func wantError[T error](t *testing.T, err error, message string) {
	t.Helper()
	var typed T
	var api smithy.APIError
	if !errors.As(err, &typed) || !errors.As(err, &api) || !strings.HasPrefix(api.ErrorMessage(), message) {
		t.Errorf("got %v\nwant a %T with the message %q", err, typed, message)
	}
}

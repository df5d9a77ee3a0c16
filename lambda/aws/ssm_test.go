// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
)

// parametersOf is a store of the sandbox, which checks signatures as AWS does, with two parameters in it.
func parametersOf(t *testing.T, change func(*sdk.Config)) (*cloud.Cloud, *aws.Parameters) {
	t.Helper()
	c := cloudtest.Start(t, cloud.Config{})
	config := cloudtest.UserConfig(c)
	client := ssm.NewFromConfig(config)
	for name, kind := range map[string]types.ParameterType{
		"/chain/definition": types.ParameterTypeString, "/chain/secret": types.ParameterTypeSecureString,
	} {
		in := &ssm.PutParameterInput{Name: sdk.String(name), Value: sdk.String("value of " + name), Type: kind}
		if _, err := client.PutParameter(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(&config)
	}
	return c, aws.NewParameters(config)
}

var (
	parameterNames = []string{"/chain/definition", "/chain/secret", "/chain/missing"}
	wantParameters = map[string]string{"/chain/definition": "value of /chain/definition", "/chain/secret": "value of /chain/secret"}
)

func TestGetParameters(t *testing.T) {
	t.Parallel()
	_, store := parametersOf(t, nil)
	values, err := store.Get(t.Context(), parameterNames)
	if err != nil || !maps.Equal(values, wantParameters) {
		t.Errorf("Get() = %q, %v", values, err)
	}
}

// TestGetParametersTriesAgain: what passes is tried again, as the SDK does.
func TestGetParametersTriesAgain(t *testing.T) {
	t.Parallel()
	for name, kind := range map[string]cloud.FaultKind{
		"throttled": cloud.FaultThrottle, "failed": cloud.FaultServer, "cut off": cloud.FaultCutBefore, "answer lost": cloud.FaultCutAfter,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, store := parametersOf(t, nil)
			c.Faults().Add(cloud.Fault{Service: "ssm", Operation: "GetParameters", Times: 2, Kind: kind})
			values, err := store.Get(t.Context(), parameterNames)
			if err != nil || !maps.Equal(values, wantParameters) {
				t.Errorf("Get() = %q, %v", values, err)
			}
		})
	}
}

func TestGetParametersGivesUp(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault  cloud.FaultKind
		change func(*sdk.Config)
		code   string
		calls  int // that reached the service
	}{
		"always throttled": {fault: cloud.FaultThrottle, code: "ThrottlingException", calls: 3},
		"may not":          {fault: cloud.FaultAccessDenied, code: "AccessDeniedException", calls: 1},
		"wrong key": {code: "InvalidSignatureException", change: func(config *sdk.Config) {
			from, err := config.Credentials.Retrieve(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			config.Credentials = credentials.NewStaticCredentialsProvider(from.AccessKeyID, "wrong", "")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, store := parametersOf(t, test.change)
			c.Faults().Add(cloud.Fault{Service: "ssm", Operation: "GetParameters", Kind: test.fault})
			values, err := store.Get(t.Context(), parameterNames)
			var api smithy.APIError
			var response *awshttp.ResponseError
			if !errors.As(err, &api) || api.ErrorCode() != test.code || !errors.As(err, &response) || response.RequestID == "" || values != nil {
				t.Fatalf("Get() = %q, %v; want the code %s and a request id", values, err, test.code)
			}
			const prefix = "operation error SSM: GetParameters, https response error StatusCode: 400, RequestID: "
			if said := err.Error(); !strings.HasPrefix(said, prefix) {
				t.Errorf("the error is %q", said)
			}
			calls := 0
			for _, call := range c.Calls() {
				if call.Operation == "GetParameters" {
					calls++
				}
			}
			if calls != test.calls {
				t.Errorf("the service was called %d times, want %d", calls, test.calls)
			}
		})
	}
}

// TestGetParametersOfAStrangeAnswer: what is not SSM's own answer is an error, and shows no secret.
func TestGetParametersOfAStrangeAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
	}{
		"not JSON":             {http.StatusOK, "<html>", "deserialization failed"},
		"a page as an error":   {http.StatusForbidden, "<html>", "StatusCode: 403"},
		"an error without any": {http.StatusBadRequest, "{}", "api error UnknownError"},
		"a long name": {
			http.StatusBadRequest, `{"__type":"com.amazonaws.ssm#InternalServerError","Message":"m"}`, "api error InternalServerError: m",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = fmt.Fprint(w, test.body)
			}))
			t.Cleanup(server.Close)
			store := aws.NewParameters(sdk.Config{
				Region: "eu-central-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
				Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
			})
			if values, err := store.Get(t.Context(), parameterNames); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Get() = %q, %v; want %q", values, err, test.want)
			}
		})
	}
}

// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
)

const (
	chainGroup = "/aws/lambda/chain"
	chainLogs  = `"Resource":"arn:aws:logs:eu-central-1:123456789012:log-group:` + chainGroup + `:*"`
)

func startQuiet(t *testing.T) *cloud.Cloud {
	t.Helper()
	return cloudtest.Start(t, cloud.Config{Lambda: function.Config{Logger: slog.New(slog.DiscardHandler)}})
}

// createFunction makes the function chain, which runs the bootstrap, with the role chain.
func createFunction(t *testing.T, c *cloud.Cloud, bootstrap []byte) error {
	t.Helper()
	client := lambda.NewFromConfig(cloudtest.UserConfig(c))
	_, err := client.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("chain"), Role: aws.String("arn:aws:iam::123456789012:role/chain"),
		Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Architectures: []types.Architecture{types.Architecture(function.HostArchitecture())},
		Code:          &types.FunctionCode{ZipFile: functiontest.Zip(t, bootstrap, os.FileMode(0o755))},
	})
	return err
}

func invoke(t *testing.T, c *cloud.Cloud, payload string) []byte {
	t.Helper()
	out, err := lambda.NewFromConfig(cloudtest.UserConfig(c)).Invoke(t.Context(),
		&lambda.InvokeInput{FunctionName: aws.String("chain"), Payload: []byte(payload)})
	if err != nil {
		t.Fatal(err)
	}
	if out.FunctionError != nil {
		t.Fatalf("the function failed: %s", out.Payload)
	}
	return out.Payload
}

// groupLines returns what is in the function's log group, and whether there is one.
func groupLines(t *testing.T, c *cloud.Cloud) (lines string, exists bool) {
	t.Helper()
	if exists, _ = c.Logs().Exists(chainGroup, ""); !exists {
		return "", false
	}
	out, err := cloudwatchlogs.NewFromConfig(cloudtest.UserConfig(c)).FilterLogEvents(t.Context(),
		&cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(chainGroup)})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out.Events {
		lines += *e.Message + "\n"
	}
	return lines, true
}

// TestFunctionActsAsItsRole uses the credentials that a function finds in its environment.
func TestFunctionActsAsItsRole(t *testing.T) {
	t.Parallel()
	c := startQuiet(t)
	createRole(t, c, "chain", "")
	if err := createFunction(t, c, functiontest.Bootstrap(t)); err != nil {
		t.Fatal(err)
	}
	var found struct{ Environment []string }
	if err := json.Unmarshal(invoke(t, c, `{"do":"environment"}`), &found); err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{}
	for _, variable := range found.Environment {
		name, value, _ := strings.Cut(variable, "=")
		environment[name] = value
	}
	if environment["AWS_ENDPOINT_URL"] != c.URL() || environment["AWS_REGION"] != c.Region() {
		t.Errorf("the function finds AWS at %s in %s", environment["AWS_ENDPOINT_URL"], environment["AWS_REGION"])
	}
	config := cloudtest.KeyConfig(c, environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"])
	who, err := sts.NewFromConfig(config).GetCallerIdentity(t.Context(), nil)
	if err != nil || *who.Arn != "arn:aws:sts::123456789012:assumed-role/chain/chain" {
		t.Errorf("the function acts as %v, %v", who, err)
	}
	if objects := c.Objects(); len(objects["lambda"]) != 1 || len(objects["iam"]) != 1 {
		t.Errorf("objects %v", objects)
	}
}

// TestNewRole is refused to Lambda until it is known everywhere.
func TestNewRole(t *testing.T) {
	t.Parallel()
	c := startQuiet(t)
	c.IAM().DelayNewRoles(1)
	createRole(t, c, "chain", "")
	neverRun := []byte("#!/bin/sh")
	cloudtest.WantError(t, createFunction(t, c, neverRun), 400, "InvalidParameterValueException", "cannot be assumed by Lambda")
	if err := createFunction(t, c, neverRun); err != nil {
		t.Error(err)
	}
}

// TestFunctionLog writes as far as the function's role may.
func TestFunctionLog(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy         string
		group          bool // it is there before
		exists, logged bool
	}{
		"allowed": {`{"Statement":{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],` + chainLogs + `}}`,
			true, true, true},
		"no group": {`{"Statement":{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],` + chainLogs + `}}`,
			false, false, false},
		"may make the group":    {`{"Statement":{"Effect":"Allow","Action":"logs:*",` + chainLogs + `}}`, false, true, true},
		"may not make a stream": {`{"Statement":{"Effect":"Allow","Action":"logs:PutLogEvents",` + chainLogs + `}}`, true, true, false},
		"may nothing":           {"", true, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := startQuiet(t)
			createRole(t, c, "chain", tt.policy)
			if tt.group {
				client := cloudwatchlogs.NewFromConfig(cloudtest.UserConfig(c))
				if _, err := client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(chainGroup)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := createFunction(t, c, functiontest.Bootstrap(t)); err != nil {
				t.Fatal(err)
			}
			invoke(t, c, `{"do":"print","text":"a line of the function"}`)
			lines, exists := groupLines(t, c)
			if exists != tt.exists || strings.Contains(lines, "a line of the function") != tt.logged {
				t.Errorf("group %v, lines %q; want group %v, the function's line %v", exists, lines, tt.exists, tt.logged)
			}
		})
	}
}

// TestDataPlane reaches API Gateway's data plane without a signature, and its control plane only with one.
func TestDataPlane(t *testing.T) {
	t.Parallel()
	c := startQuiet(t)
	for path, want := range map[string]string{
		"/restapis/none/live/_user_request_/": `{"message":"Forbidden"}`,
		"/restapis/none":                      `{"message":"Missing Authentication Token"}`,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.URL()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil || response.Body.Close() != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusForbidden || string(body) != want {
			t.Errorf("%s: %d %s, want 403 %s", path, response.StatusCode, body, want)
		}
	}
	if calls := c.Calls(); len(calls) != 0 {
		t.Errorf("calls %v were logged", calls)
	}
}

// TestRoleMadeAnew cannot decrypt the variables of a function that was made under the role before it.
func TestRoleMadeAnew(t *testing.T) {
	t.Parallel()
	c := startQuiet(t)
	createRole(t, c, "chain", "")
	client := lambda.NewFromConfig(cloudtest.UserConfig(c))
	if err := createFunction(t, c, functiontest.Bootstrap(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("chain"), Environment: &types.Environment{Variables: map[string]string{"NAME": "value"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).DeleteRole(t.Context(),
		&iam.DeleteRoleInput{RoleName: aws.String("chain")}); err != nil {
		t.Fatal(err)
	}
	createRole(t, c, "chain", "")
	out, err := client.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("chain"), Payload: []byte(`{"do":"environment"}`)})
	if err != nil || !strings.Contains(string(out.Payload), "KMSAccessDeniedException") {
		t.Errorf("answered %s, %v", out.Payload, err)
	}
}

// TestCodeLocation leads to the zip.
func TestCodeLocation(t *testing.T) {
	t.Parallel()
	c := startQuiet(t)
	createRole(t, c, "chain", "")
	if err := createFunction(t, c, []byte("#!/bin/sh")); err != nil {
		t.Fatal(err)
	}
	out, err := lambda.NewFromConfig(cloudtest.UserConfig(c)).GetFunction(t.Context(),
		&lambda.GetFunctionInput{FunctionName: aws.String("chain")})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, *out.Code.Location, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK || int64(len(got)) != out.Configuration.CodeSize {
		t.Errorf("answered %d with %d bytes, %v", answer.StatusCode, len(got), err)
	}
}

// SPDX-License-Identifier: MPL-2.0

package sandbox_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

const (
	functionName = "qlik-task-chain-nightly"
	functionARN  = "arn:aws:lambda:eu-central-1:123456789012:function:" + functionName
)

// chain is a sandbox with a frozen clock, with the function of the chain nightly and an app.
type chain struct {
	*sandbox.Sandbox
	app string
}

func start(t *testing.T) *chain {
	t.Helper()
	s, err := sandbox.Start(t.Context(), sandbox.Config{
		Clock: clock.NewFrozen(time.Now()),
		Cloud: cloud.Config{Lambda: function.Config{Logger: slog.New(slog.DiscardHandler)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &chain{Sandbox: s, app: s.Tenant.AddApp(tenant.App{Name: "a", Duration: 10 * time.Second})}
	c.addRole(t, "chain", "lambda", `"ssm:*"`)
	_, err = lambda.NewFromConfig(s.AWS()).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String(functionName), Role: aws.String("arn:aws:iam::123456789012:role/chain"), Runtime: types.RuntimeProvidedal2023,
		Handler: aws.String("bootstrap"), Architectures: []types.Architecture{types.Architecture(function.HostArchitecture())},
		Timeout: aws.Int32(60),
		Code:    &types.FunctionCode{ZipFile: functiontest.Zip(t, functiontest.Bootstrap(t), 0o755)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// addRole creates a role that a service can assume and that allows an action on all resources.
func (c *chain) addRole(t *testing.T, name, service, action string) {
	t.Helper()
	client := iam.NewFromConfig(c.AWS())
	if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"` + service +
			`.amazonaws.com"}}]}`,
	)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("inline"),
		PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":` + action + `,"Resource":"*"}]}`,
		)}); err != nil {
		t.Fatal(err)
	}
}

// calls is the event that makes the function write /first, reload the app, and write /second.
func (c *chain) calls(t *testing.T) []byte {
	t.Helper()
	return payload(t, map[string]string{"do": "calls", "url": c.Tenant.URL(), "key": c.Tenant.APIKey(), "app": c.app})
}

func payload(t *testing.T, event map[string]string) []byte {
	t.Helper()
	data, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func (c *chain) send(t *testing.T, event []byte) {
	t.Helper()
	if err := c.deliver(t.Context(), event); err != nil {
		t.Fatal(err)
	}
}

// deliver sends the function an event.
func (c *chain) deliver(ctx context.Context, event []byte) error {
	_, err := lambda.NewFromConfig(c.AWS()).Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(functionName), InvocationType: types.InvocationTypeEvent, Payload: event,
	})
	return err
}

// run runs the sandbox until it is quiet, for at most two hours by the clock.
func (c *chain) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.RunUntilQuiet(ctx, 2*time.Hour); err != nil {
		t.Fatal(err)
	}
}

// written returns how often a parameter was written: its version.
func (c *chain) written(t *testing.T, name string) int64 {
	t.Helper()
	out, err := ssm.NewFromConfig(c.AWS()).GetParameters(t.Context(), &ssm.GetParametersInput{Names: []string{name}})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Parameters) == 0 {
		return 0
	}
	return out.Parameters[0].Version
}

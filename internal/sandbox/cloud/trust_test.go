// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
)

// TestTrustInLambda: when a function is created or invoked, Lambda passes only the account for which it assumes a role. Nothing else is
// documented.
func TestTrustInLambda(t *testing.T) {
	t.Parallel()
	c := startQuiet(t)
	roles, functions := iam.NewFromConfig(cloudtest.UserConfig(c)), lambda.NewFromConfig(cloudtest.UserConfig(c))
	trust := func(condition string) *string {
		return aws.String(strings.Replace(lambdaTrust, `"Principal"`, `"Condition":{"StringEquals":{`+condition+`}},"Principal"`, 1))
	}
	const own, others = `"aws:SourceAccount":"123456789012"`, `"aws:SourceAccount":"999999999999"`
	name := aws.String("chain")
	if _, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trust(others)}); err != nil {
		t.Fatal(err)
	}
	update := func(condition string) {
		t.Helper()
		if _, err := roles.UpdateAssumeRolePolicy(t.Context(),
			&iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: trust(condition)}); err != nil {
			t.Fatal(err)
		}
	}
	create := func() error {
		_, err := functions.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: name, Role: aws.String("arn:aws:iam::123456789012:role/chain"),
			Runtime: types.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
			Architectures: []types.Architecture{types.Architecture(function.HostArchitecture())},
			Code:          &types.FunctionCode{ZipFile: functiontest.Zip(t, functiontest.Bootstrap(t), os.FileMode(0o755))},
		})
		return err
	}
	const refusal = "The role defined for the function cannot be assumed by Lambda."
	cloudtest.WantError(t, create(), 400, "InvalidParameterValueException", refusal)
	update(`"aws:SourceArn":"arn:aws:lambda:eu-central-1:123456789012:function:chain"`)
	cloudtest.WantError(t, create(), 400, "InvalidParameterValueException", refusal)
	update(own)
	if err := create(); err != nil {
		t.Fatal(err)
	}
	update(others)
	out, err := functions.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: name, Payload: []byte(`{"do":"print","text":"x"}`)})
	if err == nil && out.FunctionError == nil {
		t.Error("a function runs as a role that does not trust Lambda for this account")
	}
	update(own)
	invoke(t, c, `{"do":"print","text":"x"}`)
}

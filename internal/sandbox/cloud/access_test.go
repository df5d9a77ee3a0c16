// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

const lambdaTrust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`

// createRole makes a role that Lambda can assume, with an inline policy unless that is empty.
func createRole(t *testing.T, c *cloud.Cloud, name, policy string) {
	t.Helper()
	client := iam.NewFromConfig(cloudtest.UserConfig(c))
	if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String(name),
		AssumeRolePolicyDocument: aws.String(lambdaTrust)}); err != nil {
		t.Fatal(err)
	}
	if policy != "" {
		putRolePolicy(t, c, name, policy)
	}
}

func putRolePolicy(t *testing.T, c *cloud.Cloud, role, policy string) {
	t.Helper()
	input := &iam.PutRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String("inline"), PolicyDocument: aws.String(policy)}
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).PutRolePolicy(t.Context(), input); err != nil {
		t.Fatal(err)
	}
}

// TestAccessToAPolicy sets the resource policy of an API as a role that may change the API and, at first, not who may call it.
func TestAccessToAPolicy(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	createRole(t, c, "deployer", `{"Statement":{"Effect":"Allow","Action":["apigateway:POST","apigateway:PATCH"],"Resource":"*"}}`)
	client := apigateway.NewFromConfig(cloudtest.RoleConfig(t, c, "deployer"))
	policy := aws.String(`{"Statement":{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}}`)
	made, err := client.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("a")})
	if err != nil {
		t.Fatal(err)
	}
	patch := &apigateway.UpdateRestApiInput{RestApiId: made.Id,
		PatchOperations: []gatewaytypes.PatchOperation{{Op: gatewaytypes.OpReplace, Path: aws.String("/policy"), Value: policy}}}
	_, err = client.UpdateRestApi(t.Context(), patch)
	cloudtest.WantError(t, err, 403, "AccessDeniedException",
		"apigateway:UpdateRestApiPolicy on resource: arn:aws:apigateway:eu-central-1::/restapis/"+*made.Id)
	putRolePolicy(t, c, "deployer", `{"Statement":{"Effect":"Allow","Action":["apigateway:PATCH","apigateway:UpdateRestApiPolicy"],"Resource":"*"}}`)
	if _, err := client.UpdateRestApi(t.Context(), patch); err != nil {
		t.Error(err)
	}
}

// TestAccess calls with a role's credentials: what its policies do not allow is refused, with AWS's sentence.
func TestAccess(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	user := ssm.NewFromConfig(cloudtest.UserConfig(c))
	for _, name := range []string{"/chain/a", "/chain/b", "/other"} {
		input := &ssm.PutParameterInput{Name: aws.String(name), Value: aws.String("v"), Type: ssmtypes.ParameterTypeString}
		if _, err := user.PutParameter(t.Context(), input); err != nil {
			t.Fatal(err)
		}
	}
	createRole(t, c, "reader", `{"Statement":{"Effect":"Allow","Action":"ssm:GetParameters","Resource":"arn:aws:ssm:eu-central-1:123456789012:parameter/chain/*"}}`)
	role := ssm.NewFromConfig(cloudtest.RoleConfig(t, c, "reader"))
	get := func(names ...string) error {
		_, err := role.GetParameters(t.Context(), &ssm.GetParametersInput{Names: names})
		return err
	}
	if err := get("/chain/a", "/chain/b"); err != nil {
		t.Error(err)
	}
	cloudtest.WantError(t, get("/chain/a", "/other"), 400, "AccessDeniedException",
		"User: arn:aws:sts::123456789012:assumed-role/reader/test is not authorized to perform: ssm:GetParameters on resource: "+
			"arn:aws:ssm:eu-central-1:123456789012:parameter/other because no identity-based policy allows the ssm:GetParameters action")
	_, err := role.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/chain/a")})
	cloudtest.WantError(t, err, 400, "AccessDeniedException", "ssm:GetParameter on resource")

	putRolePolicy(t, c, "reader", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"ssm:*","Resource":"*"}]}`)
	cloudtest.WantError(t, get("/chain/a"), 400, "AccessDeniedException", "with an explicit deny in an identity-based policy")
	roles := iam.NewFromConfig(cloudtest.RoleConfig(t, c, "reader"))
	if _, err := roles.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("reader")}); err != nil {
		t.Error(err)
	}
	putRolePolicy(t, c, "reader", `{"Statement":{"Effect":"Allow","Action":"ssm:*","Resource":"*"}}`)
	_, err = roles.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("reader")})
	cloudtest.WantError(t, err, 403, "AccessDenied", "iam:GetRole on resource: arn:aws:iam::123456789012:role/reader")
	if _, err := sts.NewFromConfig(cloudtest.RoleConfig(t, c, "reader")).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Errorf("GetCallerIdentity needs no permission: %v", err)
	}

	var denied []cloud.Call
	for _, call := range c.Calls() {
		if call.Role == "reader" && call.Error == "AccessDenied" {
			denied = append(denied, call)
		}
	}
	if len(denied) != 1 || denied[0].Service != "iam" || denied[0].Operation != "GetRole" {
		t.Errorf("the log has %v, want GetRole", denied)
	}
}

// TestAccessToTags: giving tags to what is made takes the right to tag, in each service.
func TestAccessToTags(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	createRole(t, c, "deployer", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Resource":"*",
		"Action":["iam:TagRole","ssm:AddTagsToResource","logs:TagResource","sqs:TagQueue","scheduler:TagResource","apigateway:PUT","dynamodb:TagResource"]}]}`)
	config, name, tags := cloudtest.RoleConfig(t, c, "deployer"), aws.String("a"), map[string]string{"k": "v"}
	for wanted, create := range map[string]func() error{
		"iam:TagRole on resource: arn:aws:iam::123456789012:role/a": func() error {
			_, err := iam.NewFromConfig(config).CreateRole(t.Context(), &iam.CreateRoleInput{
				RoleName: name, AssumeRolePolicyDocument: aws.String(lambdaTrust), Tags: []iamtypes.Tag{{Key: name, Value: name}},
			})
			return err
		},
		"ssm:AddTagsToResource on resource: arn:aws:ssm:eu-central-1:123456789012:parameter/a": func() error {
			_, err := ssm.NewFromConfig(config).PutParameter(t.Context(), &ssm.PutParameterInput{
				Name: name, Value: name, Type: ssmtypes.ParameterTypeString, Tags: []ssmtypes.Tag{{Key: name, Value: name}},
			})
			return err
		},
		"logs:TagResource on resource: arn:aws:logs:eu-central-1:123456789012:log-group:a": func() error {
			_, err := cloudwatchlogs.NewFromConfig(config).CreateLogGroup(t.Context(),
				&cloudwatchlogs.CreateLogGroupInput{LogGroupName: name, Tags: tags})
			return err
		},
		"sqs:TagQueue on resource: arn:aws:sqs:eu-central-1:123456789012:a": func() error {
			_, err := sqs.NewFromConfig(config).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: name, Tags: tags})
			return err
		},
		"scheduler:TagResource on resource: arn:aws:scheduler:eu-central-1:123456789012:schedule-group/a": func() error {
			_, err := scheduler.NewFromConfig(config).CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{
				Name: name, Tags: []schedulertypes.Tag{{Key: name, Value: name}},
			})
			return err
		},
		"apigateway:PUT on resource: arn:aws:apigateway:eu-central-1::/tags/" +
			"arn%3Aaws%3Aapigateway%3Aeu-central-1%3A%3A%2Frestapis%2F*": func() error {
			_, err := apigateway.NewFromConfig(config).CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: name, Tags: tags})
			return err
		},
	} {
		if err := create(); err == nil || !strings.Contains(err.Error(), "is not authorized to perform: "+wanted) {
			t.Errorf("%v, want a denial of %s", err, wanted)
		}
	}
	if _, err := apigateway.NewFromConfig(config).CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: name}); err != nil {
		t.Errorf("without tags: %v", err)
	}
	for _, call := range c.Calls() {
		if last := len(call.Permissions) - 1; call.Role == "deployer" && (last < 0 || call.Permissions[last].Allowed == (call.Error != "")) {
			t.Errorf("the log has %+v", call)
		}
	}
}

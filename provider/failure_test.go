// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// oneOfEach checks that nothing exists twice after everything went well in the end.
func (h *harness) oneOfEach(context.Context) error { return h.oneOfEachAnd(0) }

// oneOfEachAnd returns oneOfEach for a chain with so many scheduled steps. The group and the sweep's schedule are added to these.
func (h *harness) oneOfEachAnd(schedules int) error {
	want := map[string]int{"apigateway": 4, "dynamodb": 1, "iam": 2, "lambda": 1, "logs": 1, "scheduler": 2 + schedules, "sqs": 1, "ssm": 4,
		"webhooks": 1}
	objects := h.Objects()
	for service, n := range want {
		if len(objects[service]) != n {
			return fmt.Errorf("%s has %d objects instead of %d: %q", service, len(objects[service]), n, objects[service])
		}
	}
	return nil
}

// TestAccCreateFails checks a create that fails half-way. It reports what failed and both ways on, and keeps what was created in the state.
// The next apply ends with one chain.
func TestAccCreateFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		service, operation, want string
		skip                     int // calls that go well before
	}{
		{"logs", "CreateLogGroup", "Setting up the log group failed", 0},
		{"iam", "CreateRole", "Setting up the IAM role failed", 0},
		{"iam", "PutRolePolicy", "Setting up the IAM role failed", 0},
		{"dynamodb", "CreateTable", "Setting up the DynamoDB table failed", 0},
		{"dynamodb", "UpdateTimeToLive", "Setting up the time to live of the DynamoDB table failed", 0},
		{"sqs", "CreateQueue", "Setting up the dead-letter queue failed", 0},
		{"scheduler", "CreateScheduleGroup", "Setting up the EventBridge Scheduler group failed", 0},
		{"scheduler", "CreateSchedule", "Setting up the schedules failed", 0},
		{"ssm", "PutParameter", "Claiming the owner's parameter failed", 0},
		{"ssm", "PutParameter", "Setting up the definition's parameter failed", 1},
		{"lambda", "CreateFunction", "Setting up the Lambda function failed", 0},
		{"lambda", "PutFunctionEventInvokeConfig", "Setting up the asynchronous configuration of the Lambda function failed", 0},
		{"lambda", "AddPermission", "Setting up the permission for API Gateway on the Lambda function failed", 0},
		{"apigateway", "CreateRestApi", "Setting up the REST API failed", 0},
		{"apigateway", "CreateResource", "Setting up the methods of the REST API failed", 0},
		{"apigateway", "PutIntegration", "Setting up the methods of the REST API failed", 0},
		{"apigateway", "CreateStage", "Setting up the stage of the REST API failed", 0},
		{"apigateway", "CreateUsagePlanKey", "Setting up the usage plan failed", 0},
	} {
		t.Run(test.operation, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			l := newLife(t, faultAnswer, 1000)
			l.configure(h.chain(scheduledSteps(rarely)))
			h.Cloud.Faults().Add(cloud.Fault{Service: test.service, Operation: test.operation, Skip: test.skip, Kind: cloud.FaultAccessDenied})
			if output, err := l.terraform("apply", "-auto-approve", "-no-color", "-input=false"); err == nil ||
				!strings.Contains(output, test.want) {
				t.Errorf("%v: %s\nwant: %s", err, output, test.want)
			}
			h.Cloud.Faults().Clear()
			if err := errors.Join(l.apply(), l.expectNoChange(), h.oneOfEachAnd(1), l.destroy(), h.nothingLeft()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccWebhookFails checks a failure in the last step of a create, when everything in AWS exists. The error names the ways on.
func TestAccWebhookFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/webhooks") {
			return &tenant.Fault{Status: http.StatusForbidden, Code: "HTTP-403"}
		}
		return nil
	})
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps), ExpectError: says("Setting up the Qlik Cloud webhook failed")},
		resource.TestStep{Config: h.chain(nightlySteps), ExpectError: says("run `terraform untaint` on this resource")},
		resource.TestStep{
			PreConfig: func() { h.Tenant.SetFault(nil) }, Config: h.chain(nightlySteps), Check: do(t.Context(), h.oneOfEach),
		},
	)
}

// TestAccWebhookAnswerLost checks that there is one webhook in the end, if Qlik's answer got lost or Qlik failed for a moment.
func TestAccWebhookAnswerLost(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]tenant.Fault{
		"lost": {AfterwardsOnly: true, Drop: true}, "failing": {Status: http.StatusServiceUnavailable},
		"rate limit": {Status: http.StatusTooManyRequests, RetryAfter: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			h.Tenant.SetFault(func(r *http.Request, count int) *tenant.Fault {
				if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/webhooks") && count == 1 {
					return &fault
				}
				return nil
			})
			h.run(resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), h.oneOfEach)})
		})
	}
}

// TestAccUpdateFails checks that a failed update continues where it stopped.
func TestAccUpdateFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	larger := h.chain(nightlySteps, "memory_size = 512")
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps)},
		resource.TestStep{
			PreConfig: func() {
				h.Cloud.Faults().Add(cloud.Fault{Service: "lambda", Operation: "UpdateFunctionConfiguration", Kind: cloud.FaultAccessDenied})
			},
			Config: larger, ExpectError: says("Apply again to go on from here"),
		},
		resource.TestStep{
			PreConfig: h.Cloud.Faults().Clear, Config: larger,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "memory_size")},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		},
	)
}

// TestAccPassingFaultsDoNotSurface checks that these are not reported: throttling, a failing service, a lost connection, and a role that
// Lambda cannot see yet.
func TestAccPassingFaultsDoNotSurface(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	for _, service := range []string{"logs", "iam", "ssm", "lambda", "apigateway", "dynamodb", "sqs", "scheduler"} {
		h.Cloud.Faults().Add(cloud.Fault{Service: service, Skip: 1, Times: 1, Kind: cloud.FaultThrottle})
		h.Cloud.Faults().Add(cloud.Fault{Service: service, Skip: 1, Times: 1, Kind: cloud.FaultServer})
		h.Cloud.Faults().Add(cloud.Fault{Service: service, Skip: 1, Times: 1, Kind: cloud.FaultCutBefore})
	}
	h.Cloud.IAM().DelayNewRoles(3)
	h.run(resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), h.oneOfEach)})
}

// TestAccForeignObject checks that another owner's object with the chain's name is reported and left alone.
func TestAccForeignObject(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	client := iam.NewFromConfig(h.AWS())
	_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(roleName), Description: aws.String("another team's"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{
			Config: h.chain(nightlySteps), ExpectError: says("do not belong to this chain: the IAM role " + roleName + ". They do not carry"),
		}},
	})
	role, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String(roleName)})
	if err != nil || aws.ToString(role.Role.Description) != "another team's" {
		t.Fatalf("the role was touched: %v", err)
	}
	if left := h.Objects(); len(left) != 1 || len(left["iam"]) != 1 {
		t.Errorf("more than the foreign role is left: %v", left)
	}
}

// TestAccForeignDurableObjects checks the same for the engine's objects, and for a table that cannot be a chain's.
func TestAccForeignDurableObjects(t *testing.T) {
	t.Parallel()
	table := func(key string, tags ...dynamodbtypes.Tag) func(ctx context.Context, h *harness) error {
		return func(ctx context.Context, h *harness) error {
			_, err := dynamodb.NewFromConfig(h.AWS()).CreateTable(ctx, &dynamodb.CreateTableInput{
				TableName: aws.String(objectName), BillingMode: dynamodbtypes.BillingModePayPerRequest, Tags: tags,
				AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String(key),
					AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
				KeySchema: []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String(key), KeyType: dynamodbtypes.KeyTypeHash}},
			})
			return err
		}
	}
	for name, test := range map[string]struct {
		make hand
		want string
	}{
		"table": {table("id"), "do not belong to this chain: the DynamoDB table " + objectName + ". They do not carry"},
		"queue": {func(ctx context.Context, h *harness) error {
			_, err := sqs.NewFromConfig(h.AWS()).CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(queueName)})
			return err
		}, "do not belong to this chain: the SQS queue " + queueName + ". They do not carry"},
		"schedule group": {func(ctx context.Context, h *harness) error {
			_, err := scheduler.NewFromConfig(h.AWS()).CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: aws.String(objectName)})
			return err
		}, "do not belong to this chain: the EventBridge Scheduler group " + objectName + ". They do not carry"},
		"table with the chain's tags and other keys": {func(ctx context.Context, h *harness) error {
			return table("id", dynamodbtypes.Tag{Key: aws.String("qlik-task-chain"), Value: aws.String("nightly")},
				dynamodbtypes.Tag{Key: aws.String("managed-by"), Value: aws.String("terraform-provider-qlik")},
				dynamodbtypes.Tag{Key: aws.String("qlik-tenant"), Value: aws.String(h.Tenant.ID())})(ctx, h)
		}, "it is deployed already in the account"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			if err := test.make(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			resource.Test(t, resource.TestCase{
				IsUnitTest: true, ProtoV6ProviderFactories: providers,
				Steps: []resource.TestStep{{Config: h.chain(nightlySteps), ExpectError: says(test.want)}},
			})
			if left := h.Objects(); len(left) != 1 || len(slices.Collect(maps.Values(left))[0]) != 1 {
				t.Errorf("the foreign object was deleted, or more than that is left: %v", left)
			}
		})
	}
}

// TestAccStateLost checks that a chain that is missing in the state is not taken over. The import in the error brings it back.
func TestAccStateLost(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	forget := h.providerConfig() + "removed {\n  from = qlik_task_chain.test\n  lifecycle {\n    destroy = false\n  }\n}\n"
	var before map[string][]string
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), func(context.Context) error {
			before = h.Objects()
			return nil
		})},
		resource.TestStep{Config: forget},
		resource.TestStep{Config: h.chain(nightlySteps), ExpectError: says("`terraform import ADDRESS nightly`")},
		resource.TestStep{
			Config: h.chain(nightlySteps), ResourceName: chainAddress, ImportState: true, ImportStateId: "nightly", ImportStatePersist: true,
		},
		resource.TestStep{
			Config:           h.chain(nightlySteps),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check: do(t.Context(), func(ctx context.Context) error {
				if after := h.Objects(); fmt.Sprint(after) != fmt.Sprint(before) {
					return fmt.Errorf("the objects were %v and are %v", before, after)
				}
				return errors.Join(h.oneOfEach(ctx), h.runs(ctx))
			}),
		},
	)
}

// TestAccPartitions deploys chains in China and GovCloud, which have their own ARNs.
func TestAccPartitions(t *testing.T) {
	t.Parallel()
	for region, partition := range map[string]string{"cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} {
		t.Run(region, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, func(c *sandbox.Config) { c.Cloud.Region = region })
			h.run(resource.TestStep{
				Config: h.chain(nightlySteps),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("function_arn"),
						knownvalue.StringExact("arn:"+partition+":lambda:"+region+":123456789012:function:"+objectName)),
				},
				Check: do(t.Context(), func(ctx context.Context) error {
					return h.runs(ctx)
				}),
			})
		})
	}
}

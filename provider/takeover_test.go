// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// secondTenant returns another tenant beside the harness's, with the same apps.
func (h *harness) secondTenant() *tenant.Tenant {
	h.t.Helper()
	second, err := tenant.Start(h.t.Context(), tenant.Config{})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(second.Close)
	for _, app := range sandbox.NightlyApps(20 * time.Millisecond) {
		second.AddApp(app)
	}
	return second
}

// forTenant returns the configuration with another tenant's URL and key.
func (h *harness) forTenant(config string, other *tenant.Tenant) string {
	return strings.NewReplacer(h.Tenant.URL(), other.URL(), h.Tenant.APIKey(), other.APIKey()).Replace(config)
}

// TestAccSecondTenantDoesNotTakeOver applies the same files for another tenant in the same account and region, with a separate state.
// Nothing of the first chain changes.
func TestAccSecondTenantDoesNotTakeOver(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	second := h.secondTenant()
	h.run(resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), func(ctx context.Context) error {
		before := fmt.Sprint(h.Objects())
		resource.Test(t, resource.TestCase{
			IsUnitTest: true, ProtoV6ProviderFactories: providers,
			Steps: []resource.TestStep{{
				Config: h.forTenant(h.chain(nightlySteps), second), ExpectError: says("of the Qlik Cloud tenant " + h.Tenant.ID()),
			}},
		})
		if after := fmt.Sprint(h.Objects()); after != before {
			return fmt.Errorf("the objects were %s and are %s", before, after)
		}
		return h.runs(ctx)
	})})
}

// TestAccMovedProvider checks a provider that is configured for another tenant or region than the chain's. It reports that instead of
// creating a second chain.
func TestAccMovedProvider(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	second := h.secondTenant()
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps)},
		resource.TestStep{Config: h.forTenant(h.chain(nightlySteps), second),
			ExpectError: says("was deployed for the tenant " + h.Tenant.ID() + ", not " + second.ID())},
		resource.TestStep{
			Config:           h.chain(nightlySteps),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
		},
	)
}

// TestAccWebhookGone covers a webhook that is no longer visible, and may only be hidden. From then on its deliveries are refused, so that
// it and its replacement do not start everything twice.
func TestAccWebhookGone(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	var old string
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps), ExpectNonEmptyPlan: true, Check: do(t.Context(), func(ctx context.Context) error {
			old = h.Tenant.Webhooks()[0].Secret
			return deleteWebhook(ctx, h)
		})},
		resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), func(ctx context.Context) error {
			if fresh := h.Tenant.Webhooks()[0].Secret; fresh == old {
				return errors.New("the new webhook signs with the old one's secret")
			}
			return h.runs(ctx)
		})},
	)
}

// TestAccLostAnswers checks that nothing is created twice if a service's answer got lost.
func TestAccLostAnswers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ service, operation string }{
		{"logs", "CreateLogGroup"}, {"iam", "CreateRole"}, {"ssm", "PutParameter"}, {"lambda", "CreateFunction"}, {"lambda", "AddPermission"},
		{"apigateway", "PutMethod"}, {"apigateway", "PutMethodResponse"}, {"apigateway", "CreateRestApi"}, {"apigateway", "CreateApiKey"},
		{"apigateway", "CreateDeployment"}, {"apigateway", "CreateStage"},
		{"apigateway", "CreateUsagePlan"}, {"apigateway", "CreateUsagePlanKey"}, {"apigateway", "CreateResource"},
		{"dynamodb", "CreateTable"}, {"dynamodb", "UpdateTimeToLive"}, {"sqs", "CreateQueue"}, {"scheduler", "CreateScheduleGroup"},
		{"lambda", "PutFunctionEventInvokeConfig"},
	} {
		t.Run(test.operation, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			l := newLife(t, faultAnswer, 1000)
			l.configure(h.chain(nightlySteps))
			h.Cloud.Faults().Add(cloud.Fault{Service: test.service, Operation: test.operation, Times: 1, Kind: cloud.FaultCutAfter})
			if err := errors.Join(l.apply(), l.expectNoChange(), h.oneOfEach(t.Context()), h.runs(t.Context()), l.destroy(),
				h.nothingLeft()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccTagsTakenAway checks that what the state knows stays the chain's when its tags are removed. Apply restores the tags, and destroy
// leaves nothing even without them.
func TestAccTagsTakenAway(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	takeAway := do(t.Context(), func(ctx context.Context) error {
		keys := []string{"qlik-task-chain", "managed-by", "qlik-tenant", "qlik-instance"}
		api, err := h.restAPI(ctx)
		if err != nil {
			return err
		}
		_, err = apigateway.NewFromConfig(h.AWS()).UntagResource(ctx, &apigateway.UntagResourceInput{
			ResourceArn: aws.String("arn:aws:apigateway:eu-central-1::/restapis/" + api), TagKeys: keys,
		})
		if err != nil {
			return err
		}
		_, err = lambda.NewFromConfig(h.AWS()).UntagResource(ctx, &lambda.UntagResourceInput{
			Resource: aws.String("arn:aws:lambda:eu-central-1:123456789012:function:" + objectName), TagKeys: keys,
		})
		if err != nil {
			return err
		}
		for _, role := range []string{roleName, timerRoleName} {
			if _, err = iam.NewFromConfig(h.AWS()).UntagRole(ctx, &iam.UntagRoleInput{RoleName: aws.String(role), TagKeys: keys}); err != nil {
				return err
			}
		}
		_, err = dynamodb.NewFromConfig(h.AWS()).UntagResource(ctx, &dynamodb.UntagResourceInput{
			ResourceArn: aws.String("arn:aws:dynamodb:eu-central-1:123456789012:table/" + objectName), TagKeys: keys,
		})
		if err != nil {
			return err
		}
		_, err = sqs.NewFromConfig(h.AWS()).UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: h.queueURL(), TagKeys: keys})
		if err != nil {
			return err
		}
		_, err = scheduler.NewFromConfig(h.AWS()).UntagResource(ctx, &scheduler.UntagResourceInput{
			ResourceArn: aws.String("arn:aws:scheduler:eu-central-1:123456789012:schedule-group/" + objectName), TagKeys: keys,
		})
		return err
	})
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps), Check: takeAway, ExpectNonEmptyPlan: true},
		resource.TestStep{
			Config: h.chain(nightlySteps),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "drift")},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		},
		resource.TestStep{Config: h.chain(nightlySteps), Check: takeAway, ExpectNonEmptyPlan: true},
	)
}

// TestAccInvalidTags checks that the plan refuses invalid tags, including the provider's default tags.
func TestAccInvalidTags(t *testing.T) {
	t.Parallel()
	many := make([]string, 48)
	for i := range many {
		many[i] = fmt.Sprintf("t%d = \"x\"", i)
	}
	tests := map[string]struct{ defaults, tags, want string }{
		"the chain's own": {`Managed-By = "terraform"`, ``, `The tag "Managed-By" is the chain's own`},
		"AWS's":           {``, `"aws:x" = "y"`, `begins with aws:`},
		"too many":        {`owner = "me"`, strings.Join(many, ", "), `There are 49 tags`},
		"too long":        {``, `t = "` + strings.Repeat("x", 257) + `"`, `is too long`},
		"a value that IAM refuses": {``, `Team = "R&D"`,
			`The value of the tag "Team" holds the character '&', which IAM refuses. Use letters, digits, spaces and _.:/=+-@ only.`},
		"a key that IAM refuses":  {``, `"R&D" = "yes"`, `The key of the tag "R&D" holds the character '&', which IAM refuses.`},
		"no value":                {``, `Team = ""`, `The tag "Team" has no value, which EventBridge Scheduler refuses. Give it one, or remove the tag.`},
		"a default without value": {`Team = ""`, ``, `The tag "Team" has no value, which EventBridge Scheduler refuses. Give it one, or remove the tag. It is one of the provider's default_tags`},
		"a default of IAM's":      {`Team = "R&D"`, ``, `The value of the tag "Team" holds the character '&'`},
		"only the case differs":   {`owner = "me"`, `Owner = "you"`, `differ in upper and lower case only`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			h.run(resource.TestStep{
				Config: h.providerWith(fmt.Sprintf("api_key = %q", h.Tenant.APIKey()), "default_tags = { "+test.defaults+" }") +
					chainResource(nightlySteps, "tags = { "+test.tags+" }"),
				ExpectError: says(test.want),
			})
		})
	}
}

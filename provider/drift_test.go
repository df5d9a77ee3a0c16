package provider_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	gatewaytypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

const (
	objectName = "qlik-task-chain-nightly"
	roleName   = objectName + "-eu-central-1"
)

// hand is somebody with a console: it changes one thing of a deployed chain.
type hand func(ctx context.Context, h *harness) error

// deletions remove one component each.
var deletions = map[string]hand{
	"log group": func(ctx context.Context, h *harness) error {
		_, err := cloudwatchlogs.NewFromConfig(h.AWS()).DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(logGroup)})
		return err
	},
	"role": func(ctx context.Context, h *harness) error { return h.deleteRole(ctx, roleName) },
	"role's policy": func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String(roleName), PolicyName: aws.String("task-chain")})
		return err
	},
	"definition":     deleteParameter("definition"),
	"credentials":    deleteParameter("credentials"),
	"signing secret": deleteParameter("signing-secret"),
	"function": func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String(objectName)})
		return err
	},
	"permission": func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).RemovePermission(ctx, &lambda.RemovePermissionInput{
			FunctionName: aws.String(objectName), StatementId: aws.String("qlik-task-chain-api-gateway"),
		})
		return err
	},
	"REST API": func(ctx context.Context, h *harness) error {
		client := apigateway.NewFromConfig(h.AWS())
		api, err := h.restAPI(ctx)
		if err != nil {
			return err
		}
		_, err = client.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: aws.String(api)})
		return err
	},
	"stage": func(ctx context.Context, h *harness) error {
		api, err := h.restAPI(ctx)
		if err != nil {
			return err
		}
		_, err = apigateway.NewFromConfig(h.AWS()).DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: aws.String(api), StageName: aws.String("live")})
		return err
	},
	"API key": func(ctx context.Context, h *harness) error {
		client := apigateway.NewFromConfig(h.AWS())
		keys, err := client.GetApiKeys(ctx, &apigateway.GetApiKeysInput{NameQuery: aws.String(objectName)})
		if err != nil {
			return err
		}
		_, err = client.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: keys.Items[0].Id})
		return err
	},
	"usage plan": func(ctx context.Context, h *harness) error {
		client := apigateway.NewFromConfig(h.AWS())
		plans, err := client.GetUsagePlans(ctx, &apigateway.GetUsagePlansInput{})
		if err != nil {
			return err
		}
		plan := plans.Items[0]
		_, err = client.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id, PatchOperations: []gatewaytypes.PatchOperation{{
			Op: gatewaytypes.OpRemove, Path: aws.String("/apiStages"), Value: aws.String(aws.ToString(plan.ApiStages[0].ApiId) + ":live"),
		}}})
		if err != nil {
			return err
		}
		_, err = client.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id})
		return err
	},
	"webhook": func(ctx context.Context, h *harness) error {
		client, err := qlik.NewClient(qlik.Config{TenantURL: h.Tenant.URL(), Credentials: qlik.Credentials{APIKey: h.Tenant.APIKey()}})
		if err != nil {
			return err
		}
		return client.DeleteWebhook(ctx, h.Tenant.Webhooks()[0].ID)
	},
}

// changes change one setting each.
var changes = map[string]hand{
	"memory": func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: aws.String(objectName), MemorySize: aws.Int32(128),
		})
		return err
	},
	"timeout": func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{
			FunctionName: aws.String(objectName), Timeout: aws.Int32(3),
		})
		return err
	},
	"retention": func(ctx context.Context, h *harness) error {
		_, err := cloudwatchlogs.NewFromConfig(h.AWS()).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
			LogGroupName: aws.String(logGroup), RetentionInDays: aws.Int32(1),
		})
		return err
	},
	"the definition edited": func(ctx context.Context, h *harness) error {
		return h.putParameter(ctx, "definition", ssmtypes.ParameterTypeString,
			`{"version":1,"name":"nightly","apps":{"extract":{"id":"`+sandbox.AppExtract+`"}}}`)
	},
	"the definition broken": func(ctx context.Context, h *harness) error {
		return h.putParameter(ctx, "definition", ssmtypes.ParameterTypeString, `{"version":1,`)
	},
	"the credentials edited": func(ctx context.Context, h *harness) error {
		return h.putParameter(ctx, "credentials", ssmtypes.ParameterTypeSecureString, `{"api_key":"another"}`)
	},
	"the signing secret edited": func(ctx context.Context, h *harness) error {
		return h.putParameter(ctx, "signing-secret", ssmtypes.ParameterTypeSecureString, strings.Repeat("x", 64))
	},
	"API key disabled": func(ctx context.Context, h *harness) error {
		client := apigateway.NewFromConfig(h.AWS())
		keys, err := client.GetApiKeys(ctx, &apigateway.GetApiKeysInput{NameQuery: aws.String(objectName)})
		if err != nil {
			return err
		}
		_, err = client.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: keys.Items[0].Id, PatchOperations: []gatewaytypes.PatchOperation{{
			Op: gatewaytypes.OpReplace, Path: aws.String("/enabled"), Value: aws.String("false"),
		}}})
		return err
	},
	"another deployment": func(ctx context.Context, h *harness) error {
		api, err := h.restAPI(ctx)
		if err != nil {
			return err
		}
		_, err = apigateway.NewFromConfig(h.AWS()).CreateDeployment(ctx, &apigateway.CreateDeploymentInput{RestApiId: aws.String(api), StageName: aws.String("live")})
		return err
	},
	"webhook switched off": func(_ context.Context, h *harness) error {
		if !h.Tenant.DisableWebhook(h.Tenant.Webhooks()[0].ID, "DELIVERY-FAILURES", "too many deliveries failed") {
			return errors.New("the tenant has no such webhook")
		}
		return nil
	},
}

func deleteParameter(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := ssm.NewFromConfig(h.AWS()).DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String("/qlik-task-chain/nightly/" + name)})
		return err
	}
}

func (h *harness) putParameter(ctx context.Context, name string, kind ssmtypes.ParameterType, value string) error {
	_, err := ssm.NewFromConfig(h.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String("/qlik-task-chain/nightly/" + name), Type: kind, Value: aws.String(value), Overwrite: aws.Bool(true),
	})
	return err
}

func (h *harness) restAPI(ctx context.Context) (string, error) {
	apis, err := apigateway.NewFromConfig(h.AWS()).GetRestApis(ctx, &apigateway.GetRestApisInput{})
	if err != nil || len(apis.Items) == 0 {
		return "", fmt.Errorf("there is no REST API: %w", err)
	}
	return aws.ToString(apis.Items[0].Id), nil
}

// TestAccDrift: what somebody deleted or changed by hand shows as an update in place, apply mends it, and the chain runs again.
func TestAccDrift(t *testing.T) {
	t.Parallel()
	all := maps.Clone(deletions)
	for _, more := range []map[string]hand{changes, durableDeletions, durableChanges} {
		maps.Copy(all, more)
	}
	for name, change := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, func(c *sandbox.Config) {
				c.Cloud.DynamoDB.TimeToLiveInterval = -1 // TestAccTimeToLiveRefused has AWS's
			})
			config := h.chain(nightlyApps)
			h.run(
				resource.TestStep{
					Config: config, Check: do(t.Context(), func(ctx context.Context) error { return change(ctx, h) }), ExpectNonEmptyPlan: true,
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
						plancheck.ExpectResourceAction(chainAddress, plancheck.ResourceActionUpdate),
					}},
				},
				resource.TestStep{
					Config:           config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
					Check: do(t.Context(), func(ctx context.Context) error {
						return h.expectReloads(ctx, sandbox.AppTransform, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppArchive)
					}),
				},
			)
		})
	}
}

// TestAccDestroyAfterHalfIsGone: destroy leaves nothing whatever somebody deleted before.
func TestAccDestroyAfterHalfIsGone(t *testing.T) {
	t.Parallel()
	for _, gone := range [][]string{
		{"log group", "definition", "signing secret", "function", "usage plan", "webhook"},
		{"role", "credentials", "permission", "stage", "API key"},
		{"table", "timers' role", "proxy resource", "event invoke config"},
		{"dead-letter queue", "schedule group", "timers' role's policy"},
	} {
		t.Run(strings.Join(gone, ", "), func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			h.run(resource.TestStep{
				Config: h.chain(nightlyApps), ExpectNonEmptyPlan: true,
				Check: do(t.Context(), func(ctx context.Context) error {
					var errs []error
					for _, name := range gone {
						do := deletions[name]
						if do == nil {
							do = durableDeletions[name]
						}
						errs = append(errs, do(ctx, h))
					}
					return errors.Join(errs...)
				}),
			})
		})
	}
}

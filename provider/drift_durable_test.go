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
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

const (
	timerRoleName = "qlik-task-timer-nightly-eu-central-1"
	queueName     = objectName + "-dead-letters"
)

// durableDeletions remove one component each of those that the engine's state, timers and dead letters need.
var durableDeletions = map[string]hand{
	"table": func(ctx context.Context, h *harness) error {
		_, err := dynamodb.NewFromConfig(h.AWS()).DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(objectName)})
		return err
	},
	"dead-letter queue": func(ctx context.Context, h *harness) error {
		_, err := sqs.NewFromConfig(h.AWS()).DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: h.queueURL()})
		return err
	},
	"schedule group": func(ctx context.Context, h *harness) error {
		_, err := scheduler.NewFromConfig(h.AWS()).DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String(objectName)})
		return err
	},
	"timers' role": func(ctx context.Context, h *harness) error { return h.deleteRole(ctx, timerRoleName) },
	"timers' role's policy": func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String(timerRoleName), PolicyName: aws.String("task-chain")})
		return err
	},
	"event invoke config": func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).DeleteFunctionEventInvokeConfig(ctx, &lambda.DeleteFunctionEventInvokeConfigInput{FunctionName: aws.String(objectName)})
		return err
	},
	"proxy resource": func(ctx context.Context, h *harness) error {
		client := apigateway.NewFromConfig(h.AWS())
		api, err := h.restAPI(ctx)
		if err != nil {
			return err
		}
		resources, err := client.GetResources(ctx, &apigateway.GetResourcesInput{RestApiId: aws.String(api)})
		if err != nil {
			return err
		}
		for _, r := range resources.Items {
			if aws.ToString(r.Path) == "/{proxy+}" {
				_, err = client.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: aws.String(api), ResourceId: r.Id})
				return err
			}
		}
		return errors.New("there is no proxy resource")
	},
}

// durableChanges change one setting each.
var durableChanges = map[string]hand{
	"time to live": func(ctx context.Context, h *harness) error { return h.setTimeToLive(ctx, "expires", false) },
	"time to live of another attribute": func(ctx context.Context, h *harness) error {
		return errors.Join(h.setTimeToLive(ctx, "expires", false), h.setTimeToLive(ctx, "rank", true))
	},
	"point-in-time recovery": func(ctx context.Context, h *harness) error {
		_, err := dynamodb.NewFromConfig(h.AWS()).UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName:                        aws.String(objectName),
			PointInTimeRecoverySpecification: &dynamodbtypes.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
		})
		return err
	},
	"table's key": func(ctx context.Context, h *harness) error {
		_, err := dynamodb.NewFromConfig(h.AWS()).UpdateTable(ctx, &dynamodb.UpdateTableInput{
			TableName:        aws.String(objectName),
			SSESpecification: &dynamodbtypes.SSESpecification{Enabled: aws.Bool(true), SSEType: dynamodbtypes.SSETypeKms, KMSMasterKeyId: aws.String(kmsKeyARN)},
		})
		return err
	},
	"queue's retention": func(ctx context.Context, h *harness) error {
		return h.setQueue(ctx, "MessageRetentionPeriod", "60")
	},
	"queue's encryption": func(ctx context.Context, h *harness) error { return h.setQueue(ctx, "KmsMasterKeyId", kmsKeyARN) },
	"event invoke config, retries": func(ctx context.Context, h *harness) error {
		_, err := lambda.NewFromConfig(h.AWS()).UpdateFunctionEventInvokeConfig(ctx, &lambda.UpdateFunctionEventInvokeConfigInput{
			FunctionName: aws.String(objectName), MaximumRetryAttempts: aws.Int32(0),
		})
		return err
	},
	"role's policy edited": func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).PutRolePolicy(ctx, &iam.PutRolePolicyInput{
			RoleName: aws.String(roleName), PolicyName: aws.String("task-chain"),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*"}]}`),
		})
		return err
	},
	"timers' role's trust edited": func(ctx context.Context, h *harness) error {
		_, err := iam.NewFromConfig(h.AWS()).UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{
			RoleName:       aws.String(timerRoleName),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
		})
		return err
	},
	"table's tags": func(ctx context.Context, h *harness) error {
		_, err := dynamodb.NewFromConfig(h.AWS()).TagResource(ctx, &dynamodb.TagResourceInput{
			ResourceArn: aws.String("arn:aws:dynamodb:eu-central-1:123456789012:table/" + objectName),
			Tags:        []dynamodbtypes.Tag{{Key: aws.String("owner"), Value: aws.String("nobody")}},
		})
		return err
	},
}

// kmsKeyARN is a key that the sandbox takes for one that exists.
const kmsKeyARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

func (h *harness) queueURL() *string { return aws.String(h.Cloud.URL() + "/123456789012/" + queueName) }

func (h *harness) setQueue(ctx context.Context, attribute, value string) error {
	_, err := sqs.NewFromConfig(h.AWS()).SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
		QueueUrl: h.queueURL(), Attributes: map[string]string{attribute: value},
	})
	return err
}

func (h *harness) deleteRole(ctx context.Context, name string) error {
	client := iam.NewFromConfig(h.AWS())
	_, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String("task-chain")})
	if err != nil {
		return err
	}
	_, err = client.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)})
	return err
}

// setTimeToLive moves the clock on first: DynamoDB takes one change in an hour.
func (h *harness) setTimeToLive(ctx context.Context, attribute string, on bool) error {
	h.Clock.Advance(2 * time.Hour)
	_, err := dynamodb.NewFromConfig(h.AWS()).UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName:               aws.String(objectName),
		TimeToLiveSpecification: &dynamodbtypes.TimeToLiveSpecification{AttributeName: aws.String(attribute), Enabled: aws.Bool(on)},
	})
	return err
}

// expectPolicy checks what a role may do.
func (h *harness) expectPolicy(ctx context.Context, role string, with, without []string) error {
	out, err := iam.NewFromConfig(h.AWS()).GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String("task-chain")})
	if err != nil {
		return err
	}
	for _, text := range with {
		if !strings.Contains(aws.ToString(out.PolicyDocument), text) {
			return fmt.Errorf("the policy of %s lacks %s: %s", role, text, aws.ToString(out.PolicyDocument))
		}
	}
	for _, text := range without {
		if strings.Contains(aws.ToString(out.PolicyDocument), text) {
			return fmt.Errorf("the policy of %s has %s: %s", role, text, aws.ToString(out.PolicyDocument))
		}
	}
	return nil
}

// TestAccTableSettings: the table's own settings change in place; the function gets the right to use the key, and loses it again.
func TestAccTableSettings(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	key := fmt.Sprintf("kms_key_arn = %q", kmsKeyARN)
	changed := func(config string, check func(ctx context.Context) error, attributes ...string) resource.TestStep {
		return resource.TestStep{Config: config, Check: do(t.Context(), check), ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{expectChangesOnly(chainAddress, attributes...)}, PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		}}
	}
	runs := func(ctx context.Context) error {
		return h.expectReloads(ctx, sandbox.AppTransform, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppArchive)
	}
	imported := resource.TestStep{
		ResourceName: chainAddress, ImportState: true, ImportStateId: "nightly", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "name",
	}
	h.run(
		resource.TestStep{
			Config: h.chain(nightlyApps, "point_in_time_recovery = true"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("table_name"), knownvalue.StringExact(objectName)),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("schedule_group_name"), knownvalue.StringExact(objectName)),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("dead_letter_queue_url"), knownvalue.StringExact(*h.queueURL())),
			},
		},
		changed(h.chain(nightlyApps, "point_in_time_recovery = true", key), func(ctx context.Context) error {
			return errors.Join(runs(ctx), h.expectPolicy(ctx, roleName, []string{"kms%3ADecrypt", "1234abcd"}, nil))
		}, "kms_key_arn"),
		imported,
		changed(h.chain(nightlyApps, strings.Replace(key, "1234abcd", "abcd1234", 1)), func(ctx context.Context) error {
			return errors.Join(runs(ctx), h.expectPolicy(ctx, roleName, []string{"abcd1234"}, []string{"1234abcd-"}))
		}, "kms_key_arn", "point_in_time_recovery"),
		changed(h.chain(nightlyApps), func(ctx context.Context) error {
			return errors.Join(runs(ctx), h.expectPolicy(ctx, roleName, nil, []string{"kms"}))
		}, "kms_key_arn"),
	)
}

// TestAccDestroyWithTimers: timers that wait go with the chain.
func TestAccDestroyWithTimers(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{
		Config: h.chain(strings.Replace(nightlyApps, `after = { extract = "success" }`, `after = { extract = "success" }, delay = "10m"`, 1)),
		Check: do(t.Context(), func(ctx context.Context) error {
			if err := h.expectReloads(ctx, sandbox.AppExtract, sandbox.AppExtract); err != nil {
				return err
			}
			if objects := h.Objects()["scheduler"]; len(objects) != 2 {
				return fmt.Errorf("there are %q instead of the group and a timer", objects)
			}
			return nil
		}),
	})
}

// TestAccTimeToLiveRefused: DynamoDB does not take a second change of the time to live within an hour. The rest of the chain does not
// wait for that, and a later apply mends it.
func TestAccTimeToLiveRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	larger := h.chain(nightlyApps, "memory_size = 512")
	h.run(
		resource.TestStep{Config: h.chain(nightlyApps), ExpectNonEmptyPlan: true, Check: do(t.Context(), func(ctx context.Context) error {
			return h.setTimeToLive(ctx, "expires", false)
		})},
		resource.TestStep{Config: larger, ExpectError: says("DynamoDB allows one such change in about an hour")},
		resource.TestStep{
			PreConfig: func() { h.Clock.Advance(2 * time.Hour) }, Config: larger,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "drift")}, // the memory is as wanted already
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		},
	)
}

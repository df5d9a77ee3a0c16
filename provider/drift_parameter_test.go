// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// parameterDrifts are manual changes of the SSM parameters and the log group.
var parameterDrifts = driftGroup{
	settings: `
  credentials_wo          = { api_key = "$API_KEY" }
  credentials_wo_version  = 1
  signing_secret_rotation = "first"
  log_group_kms_key_arn   = "` + kmsKeyARN + `"
  log_retention_in_days   = 30
  tags                    = { owner = "bi" }`,
	spec: func(spec *stack.Spec) {
		spec.CredentialsVersion, spec.SigningSecretRotation, spec.LogGroupKMSKeyARN = "1", "first", kmsKeyARN
		spec.Tags = map[string]string{"owner": "bi"}
	},
	drifts: []drift{
		{"log group deleted", deleteLogGroup, shown{"drift.log_group": "missing"}, calls{"logs CreateLogGroup", "logs PutRetentionPolicy"}},
		{"log group's retention", keepLogs(1), shown{"log_retention_in_days": "1"}, calls{"logs PutRetentionPolicy"}},
		{"log group's retention for ever", func(ctx context.Context, h *harness) error {
			_, err := cloudwatchlogs.NewFromConfig(h.AWS()).DeleteRetentionPolicy(ctx,
				&cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: aws.String(logGroup)})
			return err
		}, shown{"log_retention_in_days": "0"}, calls{"logs PutRetentionPolicy"}},
		{"log group's key changed", func(ctx context.Context, h *harness) error {
			_, err := cloudwatchlogs.NewFromConfig(h.AWS()).AssociateKmsKey(ctx, &cloudwatchlogs.AssociateKmsKeyInput{
				LogGroupName: aws.String(logGroup), KmsKeyId: aws.String(secondKeyARN),
			})
			return err
		}, shown{"log_group_kms_key_arn": "arn:aws:kms:eu-central-1:123456789012:key/9999abcd-12ab-34cd-56ef-1234567890ab"},
			calls{"logs AssociateKmsKey"}},
		{"log group's key taken away", func(ctx context.Context, h *harness) error {
			_, err := cloudwatchlogs.NewFromConfig(h.AWS()).DisassociateKmsKey(ctx,
				&cloudwatchlogs.DisassociateKmsKeyInput{LogGroupName: aws.String(logGroup)})
			return err
		}, shown{"log_group_kms_key_arn": gone}, calls{"logs AssociateKmsKey"}},
		{"log group protected", func(ctx context.Context, h *harness) error {
			_, err := cloudwatchlogs.NewFromConfig(h.AWS()).PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{
				LogGroupIdentifier: aws.String(logGroup), DeletionProtectionEnabled: aws.Bool(true),
			})
			return err
		}, shown{"drift.log_group.deletion_protection": "on, should be off"}, calls{"logs PutLogGroupDeletionProtection"}},
		{"log group's tag", func(ctx context.Context, h *harness) error {
			_, err := cloudwatchlogs.NewFromConfig(h.AWS()).TagResource(ctx, &cloudwatchlogs.TagResourceInput{
				ResourceArn: aws.String("arn:aws:logs:eu-central-1:123456789012:log-group:" + logGroup), Tags: map[string]string{"owner": "me"},
			})
			return err
		}, shown{"drift.log_group.tags": "owner = me, should be owner = bi"}, calls{"logs TagResource"}},

		{"definition deleted", deleteParameter("definition"), shown{
			"drift.function.environment": "other values of DEFINITION_REVISION",
			"drift.parameter.definition": "missing",
		}, calls{"lambda UpdateFunctionConfiguration", "ssm PutParameter"}},
		{"definition edited", writeParameter("definition", `{"version":1,"name":"nightly","steps":{"extract":{"app":"`+sandbox.AppExtract+`"}}}`),
			shown{
				"steps":                      `"app":"` + sandbox.AppExtract,
				"drift.function.environment": "other values of DEFINITION_REVISION",
			}, calls{"lambda UpdateFunctionConfiguration", "ssm PutParameter"}},
		{"definition broken", writeParameter("definition", `{"version":1,`), shown{
			"drift.function.environment": "other values of DEFINITION_REVISION",
			"drift.parameter.definition": "a definition that cannot be read: reading the definition: unexpected end of JSON input",
		}, calls{"lambda UpdateFunctionConfiguration", "ssm PutParameter"}},
		{"definition's tag", tagParameter("definition", "owner", "me"),
			shown{"drift.parameter.definition.tags": "owner = me, should be owner = bi"}, calls{"ssm AddTagsToResource"}},
		{"credentials deleted", deleteParameter("credentials"), shown{
			"drift.function.environment":  "other values of CREDENTIALS_REVISION",
			"drift.parameter.credentials": "missing",
		}, calls{"lambda UpdateFunctionConfiguration", "ssm PutParameter"}},
		{"credentials edited", writeParameter("credentials", `{"api_key":"another"}`), shown{
			"drift.function.environment":           "other values of CREDENTIALS_REVISION",
			"drift.parameter.credentials.revision": "version 2 of ",
		}, calls{"lambda UpdateFunctionConfiguration", "ssm PutParameter"}},
		{"credentials' tag", tagParameter("credentials", "owner", "me"),
			shown{"drift.parameter.credentials.tags": "owner = me, should be owner = bi"}, calls{"ssm AddTagsToResource"}},
		{"owner deleted", deleteParameter("owner/1"), shown{"drift.parameter.owner": "missing"}, calls{"ssm PutParameter"}},
		{"owner edited", writeParameter("owner/1", `{"instance":"mine"}`),
			shown{"drift.parameter.owner": "not what the chain wrote, should be the instance "}, calls{"ssm PutParameter"}},
		{"owner's tag", tagParameter("owner/1", "owner", "me"),
			shown{"drift.parameter.owner.tags": "owner = me, should be owner = bi"}, calls{"ssm AddTagsToResource"}},
		{"signing secret deleted", deleteParameter("signing-secret"), shown{
			"drift.function.environment":     "other values of SIGNING_SECRET_REVISION",
			"drift.parameter.signing-secret": "missing",
			"drift.webhook.signing_secret":   "should be the present one",
		}, calls{"lambda UpdateFunctionConfiguration", "qlik PUT /api/core/webhooks/{id}", "ssm AddTagsToResource", "ssm PutParameter"}},
		{"signing secret edited", writeParameter("signing-secret", strings.Repeat("x", 64)), shown{
			"drift.function.environment":              "other values of SIGNING_SECRET_REVISION",
			"drift.parameter.signing-secret.revision": "version 2 of ",
			"drift.webhook.signing_secret":            "should be the present one",
		}, calls{"lambda UpdateFunctionConfiguration", "qlik PUT /api/core/webhooks/{id}", "ssm PutParameter"}},
		{"signing secret's tag", tagParameter("signing-secret", "owner", "me"),
			shown{"drift.parameter.signing-secret.tags": "owner = me, should be owner = bi"}, calls{"ssm AddTagsToResource"}},
		{"signing secret's rotation", tagParameter("signing-secret", "qlik-rotation", "second"), shown{"signing_secret_rotation": "second"},
			calls{"lambda UpdateFunctionConfiguration", "qlik PUT /api/core/webhooks/{id}", "ssm AddTagsToResource", "ssm PutParameter"}},
		{"signing secret's rotation taken away", func(ctx context.Context, h *harness) error {
			_, err := ssm.NewFromConfig(h.AWS()).RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{
				ResourceType: ssmtypes.ResourceTypeForTaggingParameter, ResourceId: aws.String(parameterPath("signing-secret")),
				TagKeys: []string{"qlik-rotation"},
			})
			return err
		}, shown{"signing_secret_rotation": gone}, calls{"lambda UpdateFunctionConfiguration", "qlik PUT /api/core/webhooks/{id}",
			"ssm AddTagsToResource", "ssm PutParameter"}},
	},
}

func deleteLogGroup(ctx context.Context, h *harness) error {
	_, err := cloudwatchlogs.NewFromConfig(h.AWS()).DeleteLogGroup(ctx,
		&cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(logGroup)})
	return err
}

func keepLogs(days int32) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := cloudwatchlogs.NewFromConfig(h.AWS()).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
			LogGroupName: aws.String(logGroup), RetentionInDays: aws.Int32(days),
		})
		return err
	}
}

func parameterPath(name string) string { return "/qlik-task-chain/nightly/" + name }

func deleteParameter(name string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := ssm.NewFromConfig(h.AWS()).DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String(parameterPath(name))})
		return err
	}
}

// writeParameter writes another value and leaves the rest.
func writeParameter(name, value string) hand {
	return func(ctx context.Context, h *harness) error {
		kind := ssmtypes.ParameterTypeSecureString
		if name == "definition" {
			kind = ssmtypes.ParameterTypeString
		}
		return h.putParameter(ctx, name, kind, value)
	}
}

func (h *harness) putParameter(ctx context.Context, name string, kind ssmtypes.ParameterType, value string) error {
	_, err := ssm.NewFromConfig(h.AWS()).PutParameter(ctx, &ssm.PutParameterInput{
		Name: aws.String(parameterPath(name)), Type: kind, Value: aws.String(value), Overwrite: aws.Bool(true),
	})
	return err
}

func tagParameter(name, key, value string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := ssm.NewFromConfig(h.AWS()).AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
			ResourceType: ssmtypes.ResourceTypeForTaggingParameter, ResourceId: aws.String(parameterPath(name)),
			Tags: []ssmtypes.Tag{{Key: aws.String(key), Value: aws.String(value)}},
		})
		return err
	}
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	schedulertypes "github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

const queueName = objectName + "-dead-letters"

// tableDrifts are manual changes of the table, the dead-letter queue and the group of the timers.
var tableDrifts = driftGroup{
	settings: `
  kms_key_arn            = "` + kmsKeyARN + `"
  point_in_time_recovery = true
  tags                   = { owner = "bi" }`,
	spec: func(spec *stack.Spec) {
		spec.KMSKeyARN, spec.PointInTimeRecovery, spec.Tags = kmsKeyARN, true, map[string]string{"owner": "bi"}
	},
	drifts: []drift{
		{"table deleted", deleteTable,
			shown{"drift.table": "missing", "table_name": gone},
			calls{"dynamodb CreateTable", "dynamodb UpdateContinuousBackups", "dynamodb UpdateTimeToLive"}},
		{"table's time to live off", setTimeToLive("expires", false),
			shown{"drift.table.ttl_attribute": "disabled, should be expires"}, calls{"dynamodb UpdateTimeToLive"}},
		{"table's time to live of another attribute", inTurn(setTimeToLive("expires", false), setTimeToLive("rank", true)),
			shown{"drift.table.ttl_attribute": "rank, should be expires"}, calls{"dynamodb UpdateTimeToLive", "dynamodb UpdateTimeToLive"}},
		{"table's recovery off", recoverTable(&types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(false)}),
			shown{"point_in_time_recovery": "false"}, calls{"dynamodb UpdateContinuousBackups"}},
		{"table's key changed", updateTable(&dynamodb.UpdateTableInput{SSESpecification: &types.SSESpecification{
			Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: aws.String(secondKeyARN),
		}}),
			shown{"kms_key_arn": "arn:aws:kms:eu-central-1:123456789012:key/9999abcd-12ab-34cd-56ef-1234567890ab"},
			calls{"dynamodb UpdateTable", "iam PutRolePolicy", "iam PutRolePolicy"}},
		{"table's key taken away", updateTable(&dynamodb.UpdateTableInput{SSESpecification: &types.SSESpecification{Enabled: aws.Bool(false)}}),
			shown{"kms_key_arn": gone}, calls{"dynamodb UpdateTable"}},
		{"table protected", updateTable(&dynamodb.UpdateTableInput{DeletionProtectionEnabled: aws.Bool(true)}),
			shown{"drift.table.deletion_protection": "on, should be off"}, calls{"dynamodb UpdateTable"}},
		{"table's stream", updateTable(&dynamodb.UpdateTableInput{StreamSpecification: &types.StreamSpecification{
			StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewImage,
		}}), shown{"drift.table.stream": "on, should be off"}, calls{"dynamodb UpdateTable"}},
		{"table's class", updateTable(&dynamodb.UpdateTableInput{TableClass: types.TableClassStandardInfrequentAccess}),
			shown{"drift.table.class": "STANDARD_INFREQUENT_ACCESS, should be STANDARD"}, calls{"dynamodb UpdateTable"}},
		{"table's maximum", updateTable(&dynamodb.UpdateTableInput{OnDemandThroughput: &types.OnDemandThroughput{
			MaxReadRequestUnits: aws.Int64(1), MaxWriteRequestUnits: aws.Int64(-1),
		}}), shown{"drift.table.max_request_units": "read 1, should be none"}, calls{"dynamodb UpdateTable"}},
		{"table's index", updateTable(&dynamodb.UpdateTableInput{
			AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("app"), AttributeType: types.ScalarAttributeTypeS}},
			GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
				IndexName: aws.String("mine"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("app"), KeyType: types.KeyTypeHash}},
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			}}},
		}), shown{"drift.table.indexes": "mine, should be none"}, calls{"dynamodb UpdateTable"}},
		{"table's recovery shortened", recoverTable(&types.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: aws.Bool(true), RecoveryPeriodInDays: aws.Int32(1),
		}), shown{"drift.table.recovery_period_in_days": "1, should be 35"}, calls{"dynamodb UpdateContinuousBackups"}},
		{"table's capacity", updateTable(&dynamodb.UpdateTableInput{BillingMode: types.BillingModeProvisioned,
			ProvisionedThroughput: &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1), WriteCapacityUnits: aws.Int64(1)}}),
			shown{"drift.table.billing_mode": "PROVISIONED, should be PAY_PER_REQUEST"}, calls{"dynamodb UpdateTable"}},
		{"table's tag", func(ctx context.Context, h *harness) error {
			_, err := dynamodb.NewFromConfig(h.AWS()).TagResource(ctx, &dynamodb.TagResourceInput{
				ResourceArn: aws.String("arn:aws:dynamodb:eu-central-1:123456789012:table/" + objectName),
				Tags:        []types.Tag{{Key: aws.String("owner"), Value: aws.String("me")}},
			})
			return err
		}, shown{"drift.table.tags": "owner = me, should be owner = bi"}, calls{"dynamodb TagResource"}},

		{"queue deleted", deleteQueue, shown{"dead_letter_queue_url": gone, "drift.dead_letter_queue": "missing"}, calls{"sqs CreateQueue"}},
		{"queue's retention", setQueue("MessageRetentionPeriod", "60"),
			shown{"drift.dead_letter_queue.message_retention_seconds": "60, should be 1209600"}, calls{"sqs SetQueueAttributes"}},
		{"queue's policy", setQueue("Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"`+queueARN+`"}]}`),
			shown{"drift.dead_letter_queue.policy": `tral-1:123456789012:qlik-task-chain-nightly-dead-letters"}]}, should be none`},
			calls{"sqs SetQueueAttributes"}},
		{"queue's visibility timeout", setQueue("VisibilityTimeout", "60"),
			shown{"drift.dead_letter_queue.visibility_timeout_seconds": "60, should be 30"}, calls{"sqs SetQueueAttributes"}},
		{"queue's delay", setQueue("DelaySeconds", "60"), shown{"drift.dead_letter_queue.delay_seconds": "60, should be 0"},
			calls{"sqs SetQueueAttributes"}},
		{"queue's wait", setQueue("ReceiveMessageWaitTimeSeconds", "20"),
			shown{"drift.dead_letter_queue.receive_wait_time_seconds": "20, should be 0"}, calls{"sqs SetQueueAttributes"}},
		{"queue's message size", setQueue("MaximumMessageSize", "1024"),
			shown{"drift.dead_letter_queue.max_message_size": "1024, should be 262144"}, calls{"sqs SetQueueAttributes"}},
		{"queue's key", setQueue("KmsMasterKeyId", kmsKeyARN), shown{
			"drift.dead_letter_queue.kms_key": "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab, should " +
				"be none",
			"drift.dead_letter_queue.sqs_managed_sse": "false, should be true",
		}, calls{"sqs SetQueueAttributes"}},
		{"queue's encryption off", setQueue("SqsManagedSseEnabled", "false"),
			shown{"drift.dead_letter_queue.sqs_managed_sse": "false, should be true"}, calls{"sqs SetQueueAttributes"}},
		{"queue's redrive policy", setQueue("RedrivePolicy", `{"deadLetterTargetArn":"`+queueARN+`","maxReceiveCount":3}`),
			shown{"drift.dead_letter_queue.redrive_policy": `-dead-letters","maxReceiveCount":3}, should be none`},
			calls{"sqs SetQueueAttributes"}},
		{"queue's redrive permission", setQueue("RedriveAllowPolicy", `{"redrivePermission":"denyAll"}`),
			shown{"drift.dead_letter_queue.redrive_allow_policy": `{"redrivePermission":"denyAll"}, should be none`},
			calls{"sqs SetQueueAttributes"}},
		{"queue's tag", func(ctx context.Context, h *harness) error {
			_, err := sqs.NewFromConfig(h.AWS()).TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: h.queueURL(), Tags: map[string]string{"owner": "me"}})
			return err
		}, shown{"drift.dead_letter_queue.tags": "owner = me, should be owner = bi"}, calls{"sqs TagQueue"}},

		{"timers' group deleted", deleteScheduleGroup, shown{"drift.schedule_group": "missing", "schedule_group_name": gone},
			calls{"scheduler CreateSchedule", "scheduler CreateScheduleGroup"}}, // with the sweep's schedule
		{"timers' group's tag", func(ctx context.Context, h *harness) error {
			_, err := scheduler.NewFromConfig(h.AWS()).TagResource(ctx, &scheduler.TagResourceInput{
				ResourceArn: aws.String("arn:aws:scheduler:eu-central-1:123456789012:schedule-group/" + objectName),
				Tags:        []schedulertypes.Tag{{Key: aws.String("owner"), Value: aws.String("me")}},
			})
			return err
		}, shown{"drift.schedule_group.tags": "owner = me, should be owner = bi"}, calls{"scheduler TagResource"}},
	},
}

func deleteTable(ctx context.Context, h *harness) error {
	_, err := dynamodb.NewFromConfig(h.AWS()).DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(objectName)})
	return err
}

func updateTable(input *dynamodb.UpdateTableInput) hand {
	input.TableName = aws.String(objectName)
	return func(ctx context.Context, h *harness) error {
		_, err := dynamodb.NewFromConfig(h.AWS()).UpdateTable(ctx, input)
		return err
	}
}

func recoverTable(specification *types.PointInTimeRecoverySpecification) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := dynamodb.NewFromConfig(h.AWS()).UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
			TableName: aws.String(objectName), PointInTimeRecoverySpecification: specification,
		})
		return err
	}
}

func setTimeToLive(attribute string, on bool) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := dynamodb.NewFromConfig(h.AWS()).UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName:               aws.String(objectName),
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(attribute), Enabled: aws.Bool(on)},
		})
		return err
	}
}

func (h *harness) queueURL() *string { return aws.String(h.Cloud.URL() + "/123456789012/" + queueName) }

func deleteQueue(ctx context.Context, h *harness) error {
	_, err := sqs.NewFromConfig(h.AWS()).DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: h.queueURL()})
	return err
}

func setQueue(attribute, value string) hand {
	return func(ctx context.Context, h *harness) error {
		_, err := sqs.NewFromConfig(h.AWS()).SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{
			QueueUrl: h.queueURL(), Attributes: map[string]string{attribute: value},
		})
		return err
	}
}

func deleteScheduleGroup(ctx context.Context, h *harness) error {
	_, err := scheduler.NewFromConfig(h.AWS()).DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String(objectName)})
	return err
}

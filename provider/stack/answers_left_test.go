// SPDX-License-Identifier: MPL-2.0

package stack_test

import "fmt"

// leftAlone are the fields of AWS's answers that nothing is compared with, and why. What is a part of a field that stands here is left
// alone with it.
var leftAlone = byField(map[string][]string{
	"it is of AWS's own making: a time, a count, a state that passes, an id": {
		"apigateway.GetApiKeys.Items[].CreatedDate", "apigateway.GetApiKeys.Items[].LastUpdatedDate",
		"apigateway.GetResources.Items[].Id", "apigateway.GetResources.Items[].ParentId", "apigateway.GetRestApi.ApiStatus",
		"apigateway.GetRestApi.ApiStatusMessage", "apigateway.GetRestApi.CreatedDate", "apigateway.GetRestApi.RootResourceId",
		"apigateway.GetRestApi.Warnings", "apigateway.GetApiKeys.Warnings", "apigateway.GetStage.CacheClusterStatus",
		"apigateway.GetStage.CreatedDate", "apigateway.GetStage.LastUpdatedDate",
		"cloudwatch.DescribeAlarms.MetricAlarms[].AlarmConfigurationUpdatedTimestamp",
		"cloudwatch.DescribeAlarms.MetricAlarms[].EvaluationState", "cloudwatch.DescribeAlarms.MetricAlarms[].StateReason",
		"cloudwatch.DescribeAlarms.MetricAlarms[].StateReasonData", "cloudwatch.DescribeAlarms.MetricAlarms[].StateTransitionedTimestamp",
		"cloudwatch.DescribeAlarms.MetricAlarms[].StateUpdatedTimestamp", "cloudwatch.DescribeAlarms.MetricAlarms[].StateValue",
		"cloudwatchlogs.DescribeLogGroups.LogGroups[].Arn", "cloudwatchlogs.DescribeLogGroups.LogGroups[].CreationTime",
		"cloudwatchlogs.DescribeLogGroups.LogGroups[].LogGroupArn", "cloudwatchlogs.DescribeLogGroups.LogGroups[].StoredBytes",
		"dynamodb.DescribeContinuousBackups.ContinuousBackupsDescription.ContinuousBackupsStatus",
		"dynamodb.DescribeContinuousBackups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.EarliestRestorableDateTime",
		"dynamodb.DescribeContinuousBackups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.LatestRestorableDateTime",
		"dynamodb.DescribeTable.Table.ArchivalSummary", "dynamodb.DescribeTable.Table.BillingModeSummary.LastUpdateToPayPerRequestDateTime",
		"dynamodb.DescribeTable.Table.CreationDateTime", "dynamodb.DescribeTable.Table.ItemCount",
		"dynamodb.DescribeTable.Table.LatestStreamArn", "dynamodb.DescribeTable.Table.LatestStreamLabel",
		"dynamodb.DescribeTable.Table.RestoreSummary", "dynamodb.DescribeTable.Table.TableArn",
		"dynamodb.DescribeTable.Table.SSEDescription.InaccessibleEncryptionDateTime", "dynamodb.DescribeTable.Table.SSEDescription.Status",
		"dynamodb.DescribeTable.Table.TableId", "dynamodb.DescribeTable.Table.TableSizeBytes", "dynamodb.DescribeTable.Table.TableStatus",
		"eventbridge.DescribeRule.Arn", "eventbridge.DescribeRule.CreatedBy", "eventbridge.DescribeRule.ManagedBy",
		"iam.GetRole.Role.Arn", "iam.GetRole.Role.CreateDate", "iam.GetRole.Role.RoleId", "iam.GetRole.Role.RoleLastUsed",
		"lambda.GetFunction.Code.Location", "lambda.GetFunction.Code.RepositoryType", "lambda.GetFunction.Configuration.CodeSize",
		"lambda.GetFunction.Configuration.ConfigSha256", "lambda.GetFunction.Configuration.LastModified",
		"lambda.GetFunction.Configuration.RevisionId", "lambda.GetFunction.Configuration.RuntimeVersionConfig",
		"lambda.GetFunction.Configuration.Version", "lambda.GetFunction.Configuration.MasterArn",
		"lambda.GetFunctionEventInvokeConfig.FunctionArn", "lambda.GetFunctionEventInvokeConfig.LastModified", "lambda.GetPolicy.RevisionId",
		"scheduler.GetSchedule.Arn", "scheduler.GetSchedule.CreationDate", "scheduler.GetSchedule.LastModificationDate",
		"sqs.GetQueueAttributes.Attributes{ApproximateNumberOfMessages}",
		"sqs.GetQueueAttributes.Attributes{ApproximateNumberOfMessagesDelayed}",
		"sqs.GetQueueAttributes.Attributes{ApproximateNumberOfMessagesNotVisible}", "sqs.GetQueueAttributes.Attributes{CreatedTimestamp}",
		"sqs.GetQueueAttributes.Attributes{LastModifiedTimestamp}", "sqs.GetQueueAttributes.Attributes{QueueArn}",
		"ssm.GetParametersByPath.Parameters[].ARN", "dynamodb.GetItem.ConsumedCapacity",
	},
	"it repeats what the request said": {
		"apigateway.GetResources.Items[].ResourceMethods{}.HttpMethod", "apigateway.GetStage.StageName", "iam.GetRole.Role.RoleName",
		"iam.GetRolePolicy.PolicyName", "eventbridge.DescribeRule.EventBusName", "eventbridge.DescribeRule.Name",
		"iam.GetRolePolicy.RoleName", "lambda.GetFunction.Configuration.FunctionName", "scheduler.GetSchedule.GroupName",
		"scheduler.GetSchedule.Name", "ssm.GetParametersByPath.Parameters[].Selector",
	},
	"it repeats what stands beside it": {
		"apigateway.GetResources.Items[].ResourceMethods{}.MethodIntegration.IntegrationResponses{}.StatusCode",
		"apigateway.GetResources.Items[].ResourceMethods{}.MethodResponses{}.StatusCode", // the entry's key
		"apigateway.GetResources.Items[].PathPart", "iam.ListAttachedRolePolicies.AttachedPolicies[].PolicyName",
		"iam.GetRole.Role.PermissionsBoundary.PermissionsBoundaryType", "lambda.GetFunction.Configuration.Layers[].CodeSize",
		"dynamodb.DescribeTable.Table.SSEDescription.SSEType", "cloudwatchlogs.DescribeLogGroups.LogGroups[].RetentionPolicyName",
	},
	"it only says where the next page begins": {
		"cloudwatch.DescribeAlarms.NextToken", "eventbridge.ListTargetsByRule.NextToken", "iam.ListAttachedRolePolicies.IsTruncated",
		"iam.ListRolePolicies.IsTruncated",
	},
	"another call reads it, and that is compared": {
		"apigateway.GetApiKeys.Items[].Name",                // GetApiKey, for a key that the list no longer has under its name
		"apigateway.GetApiKeys.Items[].Tags{qlik-instance}", // likewise, for a key that the list has as of another instance
		"apigateway.GetUsagePlanKeys.Items[].Name",
		"apigateway.GetUsagePlanKeys.Items[].Type", "scheduler.ListSchedules.Schedules[].Arn",
		"scheduler.ListSchedules.Schedules[].CreationDate", "scheduler.ListSchedules.Schedules[].GroupName",
		"scheduler.ListSchedules.Schedules[].LastModificationDate", "scheduler.ListSchedules.Schedules[].State",
		"scheduler.ListSchedules.Schedules[].Target",
	},
	"it is never asked for": {"apigateway.GetApiKeys.Items[].Value", "apigateway.GetUsagePlanKeys.Items[].Value"},
	"it is an error of another part of the answer, which is compared": {
		"lambda.GetFunction.Code.Error", "lambda.GetFunction.Configuration.Environment.Error",
	},
	"the chain's cache is off, which is compared": {
		"apigateway.GetResources.Items[].ResourceMethods{}.MethodIntegration.CacheNamespace", "apigateway.GetStage.CacheClusterSize",
		"apigateway.GetStage.MethodSettings{}.CacheDataEncrypted", "apigateway.GetStage.MethodSettings{}.CacheTtlInSeconds",
		"apigateway.GetStage.MethodSettings{}.RequireAuthorizationForCacheControl",
		"apigateway.GetStage.MethodSettings{}.UnauthorizedCacheControlHeaderStrategy",
	},
	"it belongs to a product on AWS Marketplace": {"apigateway.GetApiKeys.Items[].CustomerId", "apigateway.GetUsagePlan.ProductCode"},
	"usage plans have taken its place":           {"apigateway.GetApiKeys.Items[].StageKeys"},
	"it is a label that nothing reads":           {"apigateway.GetRestApi.Version", "apigateway.GetStage.DocumentationVersion"},
	"it is how callers' TLS is negotiated, whose default AWS raises, and an organization may demand more": {
		"apigateway.GetRestApi.SecurityPolicy", "apigateway.GetRestApi.EndpointAccessMode",
	},
	"an organization attaches it to every stage (AWS Firewall Manager), and would do so again": {"apigateway.GetStage.WebAclArn"},
	"an organization sets it for every log group": {
		"cloudwatchlogs.DescribeLogGroups.LogGroups[].DataProtectionStatus", "cloudwatchlogs.DescribeLogGroups.LogGroups[].InheritedProperties",
	},
	"who reads or writes the group besides the function is its account's to say": {
		"cloudwatchlogs.DescribeLogGroups.LogGroups[].MetricFilterCount",
		"cloudwatchlogs.DescribeLogGroups.LogGroups[].BearerTokenAuthenticationEnabled",
	},
	"it is set when the object is made, and cannot be changed": {
		"cloudwatchlogs.DescribeLogGroups.LogGroups[].LogGroupClass", "dynamodb.DescribeTable.Table.LocalSecondaryIndexes",
		"lambda.GetFunction.Configuration.CapacityProviderConfig", "lambda.GetFunction.Configuration.DurableConfig",
		"lambda.GetFunction.Configuration.PackageType", "lambda.GetFunction.Configuration.TenancyConfig",
	},
	"the chain's alarms are metric alarms, and no other kind can have their names": {
		"cloudwatch.DescribeAlarms.CompositeAlarms", "cloudwatch.DescribeAlarms.LogAlarms",
	},
	"an alarm that has it has no statistic of one metric, which is compared": {
		"cloudwatch.DescribeAlarms.MetricAlarms[].EvaluateLowSampleCountPercentile",
		"cloudwatch.DescribeAlarms.MetricAlarms[].EvaluationCriteria", "cloudwatch.DescribeAlarms.MetricAlarms[].EvaluationInterval",
		"cloudwatch.DescribeAlarms.MetricAlarms[].ExtendedStatistic", "cloudwatch.DescribeAlarms.MetricAlarms[].Metrics",
		"cloudwatch.DescribeAlarms.MetricAlarms[].ThresholdMetricId",
	},
	"it only says which of the alarm's tags go with a notification": {"cloudwatch.DescribeAlarms.MetricAlarms[].ActionConfiguration"},
	"with capacity on demand, which is compared, it is zero":        {"dynamodb.DescribeTable.Table.ProvisionedThroughput"},
	"it is only there with a stream, which is compared":             {"dynamodb.DescribeTable.Table.StreamSpecification.StreamViewType"},
	"the index that has it is a difference by its name": {
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].Backfilling", "dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].IndexArn",
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].IndexSizeBytes",
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].IndexStatus", "dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].ItemCount",
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].KeySchema",
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].OnDemandThroughput",
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].Projection",
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].ProvisionedThroughput",
		"dynamodb.DescribeTable.Table.GlobalSecondaryIndexes[].WarmThroughput",
	},
	"a copy of the table is its account's to have, and takes nothing from the chain": {
		"dynamodb.DescribeTable.Table.DisassociationProtectionEnabled", "dynamodb.DescribeTable.Table.GlobalTableSettingsReplicationMode",
		"dynamodb.DescribeTable.Table.GlobalTableVersion", "dynamodb.DescribeTable.Table.GlobalTableWitnesses",
		"dynamodb.DescribeTable.Table.MultiRegionConsistency", "dynamodb.DescribeTable.Table.Replicas",
		"dynamodb.DescribeTable.Table.VectorIndexes",
	},
	"it can only be raised, and AWS raises it by itself":   {"dynamodb.DescribeTable.Table.WarmThroughput"},
	"roles of a template have their policies' differences": {"iam.GetRole.Role.SourceRoleTemplate"},
	"it is of code that is not the chain's, whose hash is compared": {
		"lambda.GetFunction.Code.ImageUri", "lambda.GetFunction.Code.ResolvedImageUri", "lambda.GetFunction.Code.ResolvedS3Object",
		"lambda.GetFunction.Code.SourceKMSKeyArn", "lambda.GetFunction.Configuration.ImageConfigResponse",
		"lambda.GetFunction.Configuration.SigningJobArn", "lambda.GetFunction.Configuration.SigningProfileVersionArn",
		"lambda.GetFunction.Configuration.Layers[].SigningJobArn", "lambda.GetFunction.Configuration.Layers[].SigningProfileVersionArn",
	},
	"the file system that has it is a difference by its ARN": {
		"lambda.GetFunction.Configuration.FileSystemConfigs[].LocalMountPath",
		"lambda.GetFunction.Configuration.FileSystemConfigs[].S3FilesConfig",
	},
	"a state that matters has a value of its own: TestAccDrift has them": {
		"lambda.GetFunction.Configuration.LastUpdateStatus", "lambda.GetFunction.Configuration.LastUpdateStatusReason",
		"lambda.GetFunction.Configuration.LastUpdateStatusReasonCode", "lambda.GetFunction.Configuration.State",
		"lambda.GetFunction.Configuration.StateReason", "lambda.GetFunction.Configuration.StateReasonCode",
	},
	"functions of the chain's runtime have none, and versions alone use it": {"lambda.GetFunction.Configuration.SnapStart"},
	"it is of the VPC, whose subnets and security groups are compared": {
		"lambda.GetFunction.Configuration.VpcConfig.Ipv6AllowedForDualStack", "lambda.GetFunction.Configuration.VpcConfig.VpcId",
	},
	"a flexible window's mode is compared, and OFF has none": {"scheduler.GetSchedule.FlexibleTimeWindow.MaximumWindowInMinutes"},
	"a schedule whose target is a Lambda function has none": {
		"scheduler.GetSchedule.Target.EcsParameters", "scheduler.GetSchedule.Target.EventBridgeParameters",
		"scheduler.GetSchedule.Target.KinesisParameters", "scheduler.GetSchedule.Target.SageMakerPipelineParameters",
		"scheduler.GetSchedule.Target.SqsParameters",
	},
	"an attribute is compared by its name: one that AWS adds has a default": {"sqs.GetQueueAttributes.Attributes"},
	"of the owner's parameter, the value counts; of the others, it is compared: TestAccDrift has them": {
		"ssm.GetParametersByPath.Parameters[].LastModifiedDate", "ssm.GetParametersByPath.Parameters[].Version",
	},
	"every change writes a new version, which is compared": {
		"ssm.GetParametersByPath.Parameters[].DataType", "ssm.GetParametersByPath.Parameters[].SourceResult",
		"ssm.GetParametersByPath.Parameters[].Type",
		"ssm.GetParametersByPath.Parameters[].Value", // of a secret: encrypted
	},
})

// byField turns the lists around.
func byField(reasons map[string][]string) map[string]string {
	all := map[string]string{}
	for reason, fields := range reasons {
		for _, field := range fields {
			if all[field] != "" {
				panic(fmt.Sprintf("%s has two reasons", field))
			}
			all[field] = reason
		}
	}
	return all
}

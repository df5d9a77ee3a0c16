// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"strings"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// transientError is an error code with which a service refuses a change for a moment. The SDK does not repeat such a call.
type transientError struct {
	code   string
	only   string        // a part of the message, for a code that otherwise means a lasting error
	limit  time.Duration // how long the call is repeated
	reason string
	source string // page of the service's API reference
}

const (
	apiGatewayReference  = "https://docs.aws.amazon.com/apigateway/latest/api/"
	cloudWatchReference  = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/"
	logsReference        = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"
	dynamoDBReference    = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/"
	eventBridgeReference = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/"
	iamReference         = "https://docs.aws.amazon.com/IAM/latest/APIReference/"
	lambdaReference      = "https://docs.aws.amazon.com/lambda/latest/api/"
	schedulerReference   = "https://docs.aws.amazon.com/scheduler/latest/APIReference/"
	sqsReference         = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
	ssmReference         = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/"
)

// transientErrors are the temporary errors of the stack's calls, by the SDK's id of the service. The SDK itself repeats calls after
// throttling and service failures. For a call that creates something, this table is not enough: see create.
var transientErrors = map[string][]transientError{
	apigateway.ServiceID: {
		{"ConflictException", "try again", createTimeout, "two changes of one API at the same time",
			apiGatewayReference + "API_UpdateRestApi.html"},
	},
	cloudwatch.ServiceID: {
		{"ConcurrentModificationException", "", propagationTimeout, "two changes of one alarm's tags at the same time",
			cloudWatchReference + "API_TagResource.html"},
	},
	cloudwatchlogs.ServiceID: {
		{"OperationAbortedException", "", propagationTimeout, "two changes of one log group at the same time",
			logsReference + "API_PutRetentionPolicy.html"},
	},
	dynamodb.ServiceID: {
		{"ResourceInUseException", "", tableTimeout, "another change of the table is under way", dynamoDBReference + "API_UpdateTable.html"},
		{"LimitExceededException", "simultaneously", tableTimeout, "the account has too many changes of tables under way",
			dynamoDBReference + "API_UpdateTable.html"},
		{"ContinuousBackupsUnavailableException", "", tableTimeout, "backups are still being enabled for a new table",
			dynamoDBReference + "API_UpdateContinuousBackups.html"},
	},
	eventbridge.ServiceID: {
		{"ConcurrentModificationException", "", propagationTimeout, "two changes of one rule or its targets at the same time",
			eventBridgeReference + "API_PutRule.html"},
	},
	iam.ServiceID: {
		{"ConcurrentModification", "", propagationTimeout, "two changes of one role at the same time", iamReference + "API_PutRolePolicy.html"},
	},
	lambda.ServiceID: {
		{"ResourceConflictException", "", functionTimeout, "another change of the function is under way",
			lambdaReference + "API_DeleteFunction.html"},
		{"ResourceInUseException", "", functionTimeout, "the event source mapping is being changed",
			lambdaReference + "API_DeleteEventSourceMapping.html"},
	},
	scheduler.ServiceID: {
		{"ConflictException", "", propagationTimeout, "another change of the schedule or its group is under way",
			schedulerReference + "API_UpdateSchedule.html"},
	},
	sqs.ServiceID: {
		{"QueueDeletedRecently", "", propagationTimeout, "a deleted queue's name is kept for a minute", sqsReference + "API_CreateQueue.html"},
		{"AWS.SimpleQueueService.QueueDeletedRecently", "", propagationTimeout, "likewise, as SQS's query protocol spells it",
			sqsReference + "API_CreateQueue.html"},
	},
	ssm.ServiceID: {
		{"TooManyUpdates", "", propagationTimeout, "two changes of one parameter at the same time", ssmReference + "API_PutParameter.html"},
	},
}

// transientOf finds a service's error in the table. It returns nil when the error is not in it.
func transientOf(service string, err error) *transientError {
	for _, transient := range transientErrors[service] {
		if hasCode(err, transient.code) && strings.Contains(err.Error(), transient.only) {
			return &transient
		}
	}
	return nil
}

// isLasting reports whether an error has one of the table's codes but is permanent: a quota of the account. The SDK takes this code for
// throttling.
func isLasting(err error) bool {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	return ok && operation.Service() == dynamodb.ServiceID && hasCode(err, "LimitExceededException") && !isTransient(err)
}

// isTransient reports whether the error of a call is temporary.
func isTransient(err error) bool {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	return ok && transientOf(operation.Service(), err) != nil
}

// RepeatTransient repeats calls that a service refuses for a moment. Pass it in aws.Config.APIOptions. It leaves the calls that create
// something to create: one of their errors is that the object exists.
func RepeatTransient(s *middleware.Stack) error {
	if makesSomething(s.ID()) {
		return nil
	}
	return s.Initialize.Add(middleware.InitializeMiddlewareFunc("RepeatTransient",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			out middleware.InitializeOutput, metadata middleware.Metadata, err error,
		) {
			service, began := awsmiddleware.GetServiceID(ctx), time.Now()
			passing := func(err error) bool {
				transient := transientOf(service, err)
				return transient != nil && time.Since(began) < transient.limit
			}
			err = retry(ctx, longestTransient, passing, func(ctx context.Context) error {
				out, metadata, err = next.HandleInitialize(ctx, in)
				return err
			})
			return out, metadata, err
		}), middleware.After)
}

// longestTransient is the longest limit in the table.
const longestTransient = tableTimeout

// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"github.com/aws/aws-sdk-go-v2/aws"
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
	"github.com/hashicorp/aws-sdk-go-base/v2/endpoints"
)

// NewClients creates the clients of AWS's services. endpoint returns a service's endpoint, given the one that the SDK has found. The pacer
// spaces the calls to API Gateway.
func NewClients(config aws.Config, endpoint func(service string, found *string) *string, pacer *Pacer) Clients {
	return Clients{
		APIGateway: apigateway.NewFromConfig(config, func(o *apigateway.Options) {
			o.BaseEndpoint = endpoint("apigateway", o.BaseEndpoint)
			o.APIOptions = append(o.APIOptions, pacer.Add)
		}),
		CloudWatch: cloudwatch.NewFromConfig(config,
			func(o *cloudwatch.Options) { o.BaseEndpoint = endpoint("cloudwatch", o.BaseEndpoint) }),
		DynamoDB: dynamodb.NewFromConfig(config, func(o *dynamodb.Options) { o.BaseEndpoint = endpoint("dynamodb", o.BaseEndpoint) }),
		EventBridge: eventbridge.NewFromConfig(config,
			func(o *eventbridge.Options) { o.BaseEndpoint = endpoint("eventbridge", o.BaseEndpoint) }),
		IAM:       NewIAM(config, func(o *iam.Options) { o.BaseEndpoint = endpoint("iam", o.BaseEndpoint) }),
		Lambda:    lambda.NewFromConfig(config, func(o *lambda.Options) { o.BaseEndpoint = endpoint("lambda", o.BaseEndpoint) }),
		Logs:      cloudwatchlogs.NewFromConfig(config, func(o *cloudwatchlogs.Options) { o.BaseEndpoint = endpoint("logs", o.BaseEndpoint) }),
		Scheduler: scheduler.NewFromConfig(config, func(o *scheduler.Options) { o.BaseEndpoint = endpoint("scheduler", o.BaseEndpoint) }),
		SQS:       sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = endpoint("sqs", o.BaseEndpoint) }),
		SSM:       ssm.NewFromConfig(config, func(o *ssm.Options) { o.BaseEndpoint = endpoint("ssm", o.BaseEndpoint) }),
	}
}

// DNSSuffix returns the domain of AWS's services in a region.
func DNSSuffix(region string) string {
	if partition, ok := endpoints.PartitionForRegion(endpoints.DefaultPartitions(), region); ok {
		return partition.DNSSuffix()
	}
	return "amazonaws.com"
}

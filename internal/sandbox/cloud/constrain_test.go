// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

// TestConstraints: each service refuses what its AWS model refuses, and AWS's own SDK gets AWS's error code.
func TestConstraints(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	config, ctx := cloudtest.UserConfig(c), t.Context()
	text := aws.String
	for name, tt := range map[string]struct {
		call func() error
		code string
		at   string
	}{
		"scheduler": {func() error {
			_, err := scheduler.NewFromConfig(config).CreateScheduleGroup(ctx,
				&scheduler.CreateScheduleGroupInput{Name: text("a"), ClientToken: text("a.b")})
			return err
		}, "ValidationException", "Value 'a.b' at 'clientToken' failed"},
		"iam": {func() error {
			_, err := iam.NewFromConfig(config).TagRole(ctx,
				&iam.TagRoleInput{RoleName: text("a"), Tags: []iamtypes.Tag{{Key: text("Team"), Value: text("R&D")}}})
			return err
		}, "ValidationError", "Value 'R&D' at 'tags.1.member.value' failed"},
		"ssm": {func() error {
			_, err := ssm.NewFromConfig(config).PutParameter(ctx,
				&ssm.PutParameterInput{Name: text("/a"), Value: text("b"), Tags: []ssmtypes.Tag{{Key: text("R&D"), Value: text("")}}})
			return err
		}, "ValidationException", "Value 'R&D' at 'tags.1.member.key' failed"},
		"logs": {func() error {
			_, err := cloudwatchlogs.NewFromConfig(config).CreateLogGroup(ctx,
				&cloudwatchlogs.CreateLogGroupInput{LogGroupName: text("a"), Tags: map[string]string{"Team": "R&D"}})
			return err
		}, "InvalidParameterException", "at 'tags' failed"},
		"lambda": {func() error {
			_, err := lambda.NewFromConfig(config).Invoke(ctx, &lambda.InvokeInput{FunctionName: text("a"), InvocationType: "Later"})
			return err
		}, "ValidationException", "Value 'Later' at 'invocationType' failed"},
		"apigateway": {func() error {
			_, err := apigateway.NewFromConfig(config).CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: text("a"), ApiKeySource: "BODY"})
			return err
		}, "BadRequestException", "Value 'BODY' at 'apiKeySource' failed"},
		"sqs": {func() error {
			_, err := sqs.NewFromConfig(config).GetQueueAttributes(ctx,
				&sqs.GetQueueAttributesInput{QueueUrl: text("a"), AttributeNames: []sqstypes.QueueAttributeName{"Colour"}})
			return err
		}, "InvalidAttributeName", "Unknown Attribute Colour."},
		"dynamodb": {func() error {
			_, err := dynamodb.NewFromConfig(config).PutItem(ctx,
				&dynamodb.PutItemInput{TableName: text("a"), Item: map[string]dynamodbtypes.AttributeValue{}, ReturnValues: "ALL"})
			return err
		}, "ValidationException", "Value 'ALL' at 'returnValues' failed"},
		"cloudwatch": {func() error {
			_, err := cloudwatch.NewFromConfig(config).PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
				AlarmName: text("a"), EvaluationPeriods: aws.Int32(0), ComparisonOperator: cloudwatchtypes.ComparisonOperatorGreaterThanThreshold,
			})
			return err
		}, "ValidationError", "Value '0' at 'evaluationPeriods' failed"},
		"sts": {func() error {
			_, err := sts.NewFromConfig(config).AssumeRole(ctx,
				&sts.AssumeRoleInput{RoleArn: text("arn:aws:iam::123456789012:role/a"), RoleSessionName: text("a b")})
			return err
		}, "ValidationError", "Value 'a b' at 'roleSessionName' failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloudtest.WantError(t, tt.call(), 400, tt.code, tt.at)
		})
	}
}

// TestProductBreaksConstraints: Close reports the provider's requests that AWS refuses, but not those of another client.
func TestProductBreaksConstraints(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		agent    string
		provoked bool
		want     string // in Close's error
		figures  string
	}{
		"the provider": {"terraform-provider-qlik", false, "ssm GetParameter: ValidationException: 1 validation error detected",
			"constraints: 2 requests of 2 operations checked, 1 refused; provoked by tests: 0 of 0 refused; of other clients: 0 of 0 refused"},
		"provoked": {"terraform-provider-qlik", true, "",
			"constraints: 0 requests of 0 operations checked, 0 refused; provoked by tests: 1 of 2 refused; of other clients: 0 of 0 refused"},
		"another client": {"", false, "",
			"constraints: 0 requests of 0 operations checked, 0 refused; provoked by tests: 0 of 0 refused; of other clients: 1 of 2 refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := cloud.Start(t.Context(), cloud.Config{BreaksConstraints: tt.provoked})
			if err != nil {
				t.Fatal(err)
			}
			config := cloudtest.UserConfig(c)
			config.AppID = tt.agent
			client := ssm.NewFromConfig(config)
			if _, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("")}); err == nil {
				t.Error("a parameter without a name is found")
			}
			if _, err := client.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{}); err != nil {
				t.Error(err)
			}
			figures := c.Constraints()
			if figures.String() != tt.figures {
				t.Errorf("got  %s\nwant %s", figures.String(), tt.figures)
			}
			err = c.Close()
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Close: %v, want %q", err, tt.want)
			}
		})
	}
}

// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

func (c *clients) findQueue(ctx context.Context, name string) ([]object, error) {
	name += "-dead-letters"
	out, err := c.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	return one(object{"queue", name, func(ctx context.Context) error {
		_, err := c.sqs.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
		return err
	}}, err)
}

func (c *clients) findTable(ctx context.Context, name string) ([]object, error) {
	_, err := c.dynamodb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	return one(object{"table", name, func(ctx context.Context) error {
		_, err := c.dynamodb.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
		return err
	}}, err)
}

func (c *clients) findAlarms(ctx context.Context, name string) ([]object, error) {
	out, err := c.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(name + "-")})
	if err != nil {
		return nil, err
	}
	var all []object
	for _, alarm := range out.MetricAlarms {
		all = append(all, object{"alarm", aws.ToString(alarm.AlarmName), func(ctx context.Context) error {
			_, err := c.cloudwatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{aws.ToString(alarm.AlarmName)}})
			return err
		}})
	}
	return all, nil
}

// findParameters finds the parameters below the chain's path: its object name with a slash.
func (c *clients) findParameters(ctx context.Context, name string) ([]object, error) {
	path := "/qlik-task-chain/" + strings.TrimPrefix(name, "qlik-task-chain-")
	var all []object
	pages := ssm.NewGetParametersByPathPaginator(c.ssm, &ssm.GetParametersByPathInput{Path: &path, Recursive: aws.Bool(true),
		WithDecryption: aws.Bool(false)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, err
		}
		for _, parameter := range page.Parameters {
			all = append(all, object{"parameter", aws.ToString(parameter.Name), func(ctx context.Context) error {
				_, err := c.ssm.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: parameter.Name})
				return err
			}})
		}
	}
	return all, nil
}

// findRoles looks up the names of the two roles: a list of roles would need a permission for all roles of the account.
func (c *clients) findRoles(ctx context.Context, name string) ([]object, error) {
	var all []object
	for _, role := range []string{name + "-" + c.region, "qlik-task-timer-" + strings.TrimPrefix(name, "qlik-task-chain-") + "-" + c.region} {
		_, err := c.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &role})
		found, err := one(object{"role", role, func(ctx context.Context) error { return c.removeRole(ctx, role) }}, err)
		if err != nil {
			return all, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// removeRole deletes the inline policies first: IAM does not delete a role with inline policies.
func (c *clients) removeRole(ctx context.Context, role string) error {
	policies, err := c.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil {
		return err
	}
	for _, policy := range policies.PolicyNames {
		if _, err := c.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: &policy}); err != nil {
			return err
		}
	}
	_, err = c.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: &role})
	return err
}

func logGroup(name string) string { return "/aws/lambda/" + name }

func (c *clients) findLogGroups(ctx context.Context, name string) ([]object, error) {
	out, err := c.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(logGroup(name))})
	if err != nil {
		return nil, err
	}
	var all []object
	for _, group := range out.LogGroups {
		if aws.ToString(group.LogGroupName) == logGroup(name) {
			all = append(all, object{"log group", aws.ToString(group.LogGroupName), func(ctx context.Context) error {
				_, err := c.logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group.LogGroupName})
				return err
			}})
		}
	}
	return all, nil
}

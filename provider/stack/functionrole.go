// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// functionRole is the function's execution role.
type functionRole struct{ role }

func newFunctionRole(s *Stack) *functionRole {
	c := &functionRole{role{
		s: s, setting: "role",
		// The region too: roles belong to the whole account, the rest of the stack to a region.
		name:        s.objectName() + "-" + s.Region,
		description: "What the task chain " + s.chain + "'s Lambda function may do.",
		trust:       document(policyStatement{Effect: "Allow", Principal: map[string]string{"Service": "lambda.amazonaws.com"}, Action: []string{"sts:AssumeRole"}}),
	}}
	c.permissions = func(want *Spec) string { return c.policyFor(want, want.KMSKeyARN) }
	c.meanwhile = func(want *Spec) string { return c.policyFor(want, c.customerKeys(want)...) }
	return c
}

// policyFor is all that the function may do in AWS, with these keys; an empty one stands for none.
//
// SecureStrings are encrypted with the account's key aws/ssm, whose own policy lets every principal of the account use it by way of
// SSM, so no statement about KMS is needed for them
// (https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html). A customer managed key does need one: SSM
// decrypts with the caller's rights, and DynamoDB decrypts the table's key on behalf of who accesses the table
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html).
func (c *functionRole) policyFor(want *Spec, keys ...string) string {
	s := c.s
	statements := []policyStatement{
		{
			Sid: "OwnLogGroup", Effect: "Allow",
			Action:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			Resource: []string{s.logGroupARN() + ":*"},
		},
		{
			Sid: "OwnParameters", Effect: "Allow",
			Action:   []string{"ssm:GetParameters"},
			Resource: []string{s.definition.arn(), s.definition.arn() + "/*", s.credentials.arn(), s.signingSecret.arn()},
		},
		{
			Sid: "OwnTable", Effect: "Allow",
			Action: []string{"dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem",
				"dynamodb:Query", "dynamodb:UpdateItem"},
			Resource: []string{s.tableARN()},
		},
		{
			Sid: "OwnTimers", Effect: "Allow",
			Action:   []string{"scheduler:CreateSchedule"},
			Resource: []string{fmt.Sprintf("arn:%s:scheduler:%s:%s:schedule/%s/*", s.Partition, s.Region, s.Account, s.scheduleGroupName())},
		},
		{
			Sid: "TimersRole", Effect: "Allow",
			Action:    []string{"iam:PassRole"},
			Resource:  []string{s.timerRole.arn(want)},
			Condition: equals("iam:PassedToService", schedulerPrincipal),
		},
		{
			Sid: "OwnDeadLetters", Effect: "Allow",
			Action:   []string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"},
			Resource: []string{s.queueARN()},
		},
	}
	if topics := chain.Topics(want.AlarmActions); len(topics) > 0 {
		statements = append(statements, policyStatement{Sid: "Notifications", Effect: "Allow", Action: []string{"sns:Publish"}, Resource: topics})
	}
	if keys = slices.DeleteFunc(keys, isEmpty); len(keys) > 0 {
		var services []string
		for _, service := range []string{"dynamodb", "lambda", "ssm"} {
			services = append(services, fmt.Sprintf("%s.%s.%s", service, s.Region, s.DNSSuffix))
		}
		statements = append(statements, policyStatement{
			Sid: "CustomerKey", Effect: "Allow",
			Action:    []string{"kms:Decrypt", "kms:DescribeKey"},
			Resource:  keys,
			Condition: equals("kms:ViaService", services),
		})
	}
	return document(statements...)
}

// customerKeys are the customer managed keys that it takes to use the table and the secrets: the wanted one, and while one of these
// still has another one, that one too.
func (c *functionRole) customerKeys(want *Spec) []string {
	keys := []string{want.KMSKeyARN, c.s.tableKey, c.s.function.environment()[chain.EnvSecretsKMSKeyARN]}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func isEmpty(key string) bool { return key == "" }

func (c *functionRole) publish(state *State) {
	c.role.publish(state)
	state.RoleARN, state.RolePath, state.PermissionsBoundaryARN = "", "", ""
	if c.seen != nil && c.s.ours(c.tags) {
		state.RoleARN, state.RolePath, state.PermissionsBoundaryARN = aws.ToString(c.seen.Arn), aws.ToString(c.seen.Path), c.boundary()
	}
}

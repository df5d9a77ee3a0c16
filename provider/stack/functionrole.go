// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// functionRole is the function's execution role.
type functionRole struct{ role }

func newFunctionRole(s *Stack) *functionRole {
	c := &functionRole{role{
		s: s, setting: "role",
		// The name contains the region: roles belong to the whole account, the rest of the stack to a region.
		name:        s.objectName() + "-" + s.Region,
		description: "What the task chain " + s.chain + "'s Lambda function may do.",
		// The condition keeps another account's functions from using the role. AWS's own templates of execution roles have it
		// (github.com/aws/agent-toolkit-for-aws, lambda-trust-policy.json). AWS does not document that Lambda also passes the function's
		// ARN.
		trust: document(policyStatement{
			Effect: "Allow", Principal: map[string]string{"Service": "lambda.amazonaws.com"}, Action: []string{"sts:AssumeRole"},
			Condition: equals("aws:SourceAccount", s.Account),
		}),
	}}
	c.permissions = func(want *Spec) string { return c.policyFor(want, want.KMSKeyARN) }
	c.meanwhile = func(want *Spec) string { return c.policyFor(want, c.customerKeys(want)...) }
	return c
}

// policyFor returns all permissions of the function in AWS, with these keys. An empty key stands for none.
//
// SecureStrings are encrypted with the account's key aws/ssm. The policy of that key lets every principal of the account use it through
// SSM, so no statement about KMS is needed (https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html). A
// customer managed key needs some, see keyStatements.
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
	if want.Events != nil {
		statements = append(statements, policyStatement{
			Sid: "Events", Effect: "Allow", Action: []string{"events:PutEvents"}, Resource: []string{s.busARN(want.Events.Bus)},
		})
	}
	if keys = slices.DeleteFunc(keys, isEmpty); len(keys) > 0 {
		statements = append(statements, c.keyStatements(keys)...)
	}
	return document(statements...)
}

// busARN returns the ARN of a bus, which is given by its ARN, or by its name if it belongs to the chain's account.
func (s *Stack) busARN(bus string) string {
	if arn.IsARN(bus) {
		return bus
	}
	return fmt.Sprintf("arn:%s:events:%s:%s:event-bus/%s", s.Partition, s.Region, s.Account, bus)
}

// keyStatements returns what the function may do with the customer managed keys: have SSM decrypt its own secrets, and DynamoDB its own
// table. Both services use the caller's permissions, and name in the encryption context what they decrypt
// (https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html#parameter-store-encryption-context,
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-encryption-context). DescribeKey has
// no such context. Lambda decrypts the environment with its own grant.
func (c *functionRole) keyStatements(keys []string) []policyStatement {
	s := c.s
	via := func(service string) string { return fmt.Sprintf("%s.%s.%s", service, s.Region, s.DNSSuffix) }
	return []policyStatement{
		{
			Sid: "CustomerKeyOfSecrets", Effect: "Allow", Action: []string{"kms:Decrypt"}, Resource: keys,
			Condition: map[string]map[string]any{"StringEquals": {
				"kms:ViaService": via("ssm"), "kms:EncryptionContext:PARAMETER_ARN": []string{s.credentials.arn(), s.signingSecret.arn()},
			}},
		},
		{
			Sid: "CustomerKeyOfTable", Effect: "Allow", Action: []string{"kms:Decrypt"}, Resource: keys,
			Condition: map[string]map[string]any{"StringEquals": {
				"kms:ViaService": via("dynamodb"), "kms:EncryptionContext:aws:dynamodb:tableName": s.objectName(),
				"kms:EncryptionContext:aws:dynamodb:subscriberId": s.Account,
			}},
		},
		{
			Sid: "CustomerKeyItself", Effect: "Allow", Action: []string{"kms:DescribeKey"}, Resource: keys,
			Condition: equals("kms:ViaService", via("dynamodb")),
		},
	}
}

// customerKeys returns the customer managed keys that are needed to use the table and the secrets. These are the wanted key and, while one
// of them still has another key, that key too.
func (c *functionRole) customerKeys(want *Spec) []string {
	keys := []string{want.KMSKeyARN, c.s.tableKey, c.s.function.environment()[chain.EnvSecretsKMSKeyARN]}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func isEmpty(key string) bool { return key == "" }

func (c *functionRole) report(state *State) {
	if state.note(c.ours()) {
		state.RoleARN, state.RolePath, state.PermissionsBoundaryARN = aws.ToString(c.seen.Arn), aws.ToString(c.seen.Path), c.boundary()
	}
}

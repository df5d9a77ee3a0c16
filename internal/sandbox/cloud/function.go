// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"context"
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudwatch"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/iam"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/logs"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/policy"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sqs"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sts"
)

const lambdaPrincipal = "lambda.amazonaws.com"

// functionCredentials issues the credentials of functions' roles.
type functionCredentials struct {
	roles *iam.Service
	sts   *sts.Service
}

// AssumeForService returns credentials of a role.
func (f functionCredentials) AssumeForService(_ context.Context, roleARN, session string) (execution.Credentials, error) {
	role, found := f.roles.RoleByARN(roleARN)
	if !found {
		return execution.Credentials{}, fmt.Errorf("there is no role %s", roleARN)
	}
	if !f.roles.Trusts(role, lambdaPrincipal) {
		return execution.Credentials{}, fmt.Errorf("the role %s does not let %s assume it", roleARN, lambdaPrincipal)
	}
	id, secret, token, err := f.sts.Issue(role.Name, session)
	return execution.Credentials{AccessKeyID: id, SecretAccessKey: secret, SessionToken: token, RoleID: role.ID}, err
}

// functionLogs stores the log lines of functions.
type functionLogs struct {
	roles   *iam.Service
	logs    *logs.Service
	metrics *cloudwatch.Service
}

// AppendLine writes a line with the permissions of the function's role, as Lambda does. It creates a missing group if the role may do that.
// For this reason a deleted log group can reappear.
func (f functionLogs) AppendLine(_ context.Context, line execution.LogLine) error {
	role, found := f.roles.RoleByARN(line.RoleARN)
	if !found {
		return fmt.Errorf("there is no role %s", line.RoleARN)
	}
	groupExists, streamExists := f.logs.Exists(line.Group, line.Stream)
	needed := []string{"logs:PutLogEvents"}
	if !streamExists {
		needed = append(needed, "logs:CreateLogStream")
	}
	if !groupExists {
		needed = append(needed, "logs:CreateLogGroup")
	}
	for _, action := range needed {
		stream := line.Stream
		if action == "logs:CreateLogGroup" {
			stream = ""
		}
		resource := f.logs.StreamARN(line.Group, stream)
		if f.roles.Decide(role.Name, action, resource) != policy.Allow {
			return fmt.Errorf("%s may not do %s on %s", role.ARN, action, resource)
		}
	}
	if err := f.logs.Append(line.Group, line.Stream, line.Time, line.Message); err != nil {
		return err
	}
	f.metrics.Ingest(line.Message)
	return nil
}

// functionQueues stores the records of events on which functions failed.
type functionQueues struct {
	roles  serviceRoles
	queues *sqs.Service
}

// Exists reports whether a queue exists.
func (f functionQueues) Exists(queueARN string) bool { return f.queues.Exists(queueARN) }

// MaySend reports whether a role may put messages into a queue.
func (f functionQueues) MaySend(roleARN, queueARN string) bool {
	return f.roles.Allows(roleARN, "sqs:SendMessage", queueARN)
}

// Send sends a message to a queue, if the role may do that.
func (f functionQueues) Send(ctx context.Context, roleARN, queueARN, body string) error {
	if !f.MaySend(roleARN, queueARN) {
		return fmt.Errorf("%s may not do sqs:SendMessage on %s", roleARN, queueARN)
	}
	return f.queues.Send(ctx, queueARN, body, nil)
}

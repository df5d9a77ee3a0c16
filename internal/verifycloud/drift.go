// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

const (
	driftedRetention = 3 // days; the configuration says 1
	driftedTimeout   = 59
)

// deployed is what the drift changes, read by the APIs.
type deployed struct {
	retention int32
	timeout   int32
	enabled   bool
}

func (l *life) readDeployed(ctx context.Context) (deployed, error) {
	var d deployed
	groups, err := l.clients.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{
		LogGroupNamePrefix: aws.String(logGroup(l.object())),
	})
	if err != nil {
		return d, err
	}
	for _, group := range groups.LogGroups {
		if aws.ToString(group.LogGroupName) == logGroup(l.object()) {
			d.retention = aws.ToInt32(group.RetentionInDays)
		}
	}
	function, err := l.clients.lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(l.object())})
	if err != nil {
		return d, err
	}
	if function.Configuration != nil {
		d.timeout = aws.ToInt32(function.Configuration.Timeout)
	}
	webhook, err := l.clients.qlik.GetWebhook(ctx, l.outputs.WebhookID)
	if err != nil {
		return d, err
	}
	d.enabled = webhook.Enabled
	return d, nil
}

// drift changes a log group, a function and a webhook behind Terraform's back. The plan shows each, and apply repairs each.
func (l *life) drift(ctx context.Context) error {
	wanted, err := l.readDeployed(ctx)
	if err != nil {
		return err
	}
	if err := l.changeByHand(ctx); err != nil {
		return err
	}
	drifted, err := l.readDeployed(ctx)
	if err != nil {
		return err
	}
	if drifted.retention == wanted.retention || drifted.timeout == wanted.timeout || drifted.enabled == wanted.enabled {
		return fmt.Errorf("the changes by hand did not take: %+v, before %+v", drifted, wanted)
	}
	plan, err := l.root.plan(ctx)
	if err != nil {
		return err
	}
	found := before(plan)
	settings, _ := found["drift"].(map[string]any)
	for what, shown := range map[string]bool{
		"the log group's retention": fmt.Sprint(found["log_retention_in_days"]) == fmt.Sprint(driftedRetention),
		"the function's time-out":   has(settings, "function.timeout"),
		"the disabled webhook":      has(settings, "webhook.enabled"),
	} {
		if !shown {
			return fmt.Errorf("the plan does not show %s: drift %v", what, settings)
		}
	}
	if err := l.root.apply(ctx); err != nil {
		return err
	}
	repaired, err := l.readDeployed(ctx)
	if err != nil {
		return err
	}
	if repaired != wanted {
		return fmt.Errorf("apply did not repair all: %+v, before %+v", repaired, wanted)
	}
	return l.root.expectNoChange(ctx)
}

func (l *life) changeByHand(ctx context.Context) error {
	_, err := l.clients.logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
		LogGroupName: aws.String(logGroup(l.object())), RetentionInDays: aws.Int32(driftedRetention),
	})
	if err != nil {
		return err
	}
	name := aws.String(l.object())
	_, err = l.clients.lambda.UpdateFunctionConfiguration(ctx, &lambda.UpdateFunctionConfigurationInput{FunctionName: name,
		Timeout: aws.Int32(driftedTimeout)})
	if err != nil {
		return err
	}
	updated := lambda.NewFunctionUpdatedV2Waiter(l.clients.lambda)
	if err := updated.Wait(ctx, &lambda.GetFunctionInput{FunctionName: name}, answerWithin*3); err != nil {
		return err
	}
	return l.clients.qlik.PatchWebhook(ctx, l.outputs.WebhookID, []qlik.PatchOperation{{Op: "replace", Path: "/enabled", Value: false}})
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

const (
	// ruleOfDBT is the name of the rule of the step dbt: the chain's, and the beginning of the key's checksum.
	ruleOfDBT       = objectName + ".de371adefe4de7f"
	eventsStatement = "qlik-task-chain-events-37a8eec1ce19687d" // of the bus default
	dbtPattern      = `{"source":["dbt.cloud"]}`
)

// signalSteps returns nightlySteps with a step that events report.
func signalSteps(signal string) string {
	return nightlySteps + fmt.Sprintf("    dbt = { signal = %s }\n", signal)
}

// signalDrifts are manual changes of a step's rule, and of what goes with it.
var signalDrifts = driftGroup{
	steps: signalSteps(fmt.Sprintf("{ event_pattern = %q }", dbtPattern)),
	spec: func(spec *stack.Spec) {
		spec.Definition.Steps["dbt"] = chain.Step{Enabled: true, Signal: &chain.Signal{EventPattern: dbtPattern}}
	},
	drifts: []drift{
		{"deleted", deleteRule, shown{`drift.signals["dbt"]`: "missing"}, calls{"events PutRule", "events PutTargets"}},
		{"disabled", editRule(func(in *eventbridge.PutRuleInput) { in.State = types.RuleStateDisabled }),
			shown{`drift.signals["dbt"].state`: "DISABLED, should be ENABLED"}, calls{"events PutRule"}},
		{"pattern", editRule(func(in *eventbridge.PutRuleInput) { in.EventPattern = aws.String(`{"source":["other"]}`) }),
			shown{`drift.signals["dbt"].event_pattern`: `{"source":["other"]}, should be ` + dbtPattern}, calls{"events PutRule"}},
		{"description", editRule(func(in *eventbridge.PutRuleInput) { in.Description = aws.String("mine") }),
			shown{`drift.signals["dbt"].description`: "mine, should be Reports dbt to the task chain nightly."}, calls{"events PutRule"}},
		{"target", editTarget(func(target *types.Target) { target.InputTransformer, target.Input = nil, aws.String("{}") }),
			shown{`drift.signals["dbt"].target`: `"Input":"{}"`}, calls{"events PutTargets"}},
		{"dead letters", editTarget(func(target *types.Target) { target.DeadLetterConfig = nil }),
			shown{`drift.signals["dbt"].target`: `"DeadLetterConfig":null`}, calls{"events PutTargets"}},
		{"another target", editTarget(func(target *types.Target) { target.Id = aws.String("mine") }),
			shown{`drift.signals["dbt"].other_targets`: "mine, should be none"}, calls{"events PutTargets", "events RemoveTargets"}},
		{"tags", tagRule, shown{`drift.signals["dbt"].tags`: "mine = yes, should be none"}, calls{"events UntagResource"}},
		{"permission", func(ctx context.Context, h *harness) error {
			_, err := lambda.NewFromConfig(h.AWS()).RemovePermission(ctx,
				&lambda.RemovePermissionInput{FunctionName: aws.String(objectName), StatementId: aws.String(eventsStatement)})
			return err
		}, shown{"drift.function.permission_of_events": "missing"}, calls{"lambda AddPermission"}},
		{"queue's policy", func(ctx context.Context, h *harness) error {
			_, err := sqs.NewFromConfig(h.AWS()).SetQueueAttributes(ctx,
				&sqs.SetQueueAttributesInput{QueueUrl: h.queueURL(), Attributes: map[string]string{"Policy": ""}})
			return err
		}, shown{"drift.dead_letter_queue.policy": "none, should be"}, calls{"sqs SetQueueAttributes"}},
	},
}

func deleteRule(ctx context.Context, h *harness) error {
	client := eventbridge.NewFromConfig(h.AWS())
	if _, err := client.RemoveTargets(ctx,
		&eventbridge.RemoveTargetsInput{Rule: aws.String(ruleOfDBT), Ids: []string{"qlik-task-chain"}}); err != nil {
		return err
	}
	_, err := client.DeleteRule(ctx, &eventbridge.DeleteRuleInput{Name: aws.String(ruleOfDBT)})
	return err
}

// editRule changes the rule.
func editRule(change func(*eventbridge.PutRuleInput)) hand {
	return func(ctx context.Context, h *harness) error {
		client := eventbridge.NewFromConfig(h.AWS())
		out, err := client.DescribeRule(ctx, &eventbridge.DescribeRuleInput{Name: aws.String(ruleOfDBT)})
		if err != nil {
			return err
		}
		in := &eventbridge.PutRuleInput{Name: out.Name, EventPattern: out.EventPattern, State: out.State, Description: out.Description}
		change(in)
		_, err = client.PutRule(ctx, in)
		return err
	}
}

// editTarget puts the rule's target with changes.
func editTarget(change func(*types.Target)) hand {
	return func(ctx context.Context, h *harness) error {
		client := eventbridge.NewFromConfig(h.AWS())
		out, err := client.ListTargetsByRule(ctx, &eventbridge.ListTargetsByRuleInput{Rule: aws.String(ruleOfDBT)})
		if err != nil {
			return err
		}
		change(&out.Targets[0])
		_, err = client.PutTargets(ctx, &eventbridge.PutTargetsInput{Rule: aws.String(ruleOfDBT), Targets: out.Targets})
		return err
	}
}

func tagRule(ctx context.Context, h *harness) error {
	_, err := eventbridge.NewFromConfig(h.AWS()).TagResource(ctx, &eventbridge.TagResourceInput{
		ResourceARN: aws.String("arn:aws:events:eu-central-1:123456789012:rule/" + ruleOfDBT),
		Tags:        []types.Tag{{Key: aws.String("mine"), Value: aws.String("yes")}},
	})
	return err
}

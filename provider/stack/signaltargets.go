// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// signalTransformer makes a chain.EventSignal of an event. EventBridge inserts a text with its quotes, except between quotes: a value that
// the event does not have leaves nothing, so the outcome stands between quotes
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html). It comes first: if it has quotes of its own,
// what it adds does not count, because of several members of one name the last one does. The key's angle brackets are escaped, as JSON's
// encoder does: otherwise a key could look like a variable.
func signalTransformer(key string, signal *chain.Signal) *types.InputTransformer {
	step, err := json.Marshal(key)
	if err != nil {
		panic(fmt.Sprintf("a string always encodes: %v", err))
	}
	paths := map[string]string{"id": signal.IDPath(), "time": "$.time", "from": "$.source", "detail_type": "$.detail-type"}
	outcome := string(chain.OutcomeSuccess)
	if signal.Outcome != "" {
		outcome = signal.Outcome
	}
	if path, found := signal.OutcomePath(); found {
		paths["outcome"], outcome = path, "<outcome>"
	}
	return &types.InputTransformer{
		InputPathsMap: paths,
		InputTemplate: aws.String(fmt.Sprintf(
			`{"outcome":%q,"source":%q,"step":%s,"id":<id>,"time":<time>,"from":<from>,"detail_type":<detail_type>}`,
			outcome, chain.EventSignalSource, step)),
	}
}

// findTargets lists the targets. A rule has at most five, so they are on one page.
func (c *signalRules) findTargets(ctx context.Context, ref ruleRef, one *foundRule) error {
	out, err := c.s.EventBridge.ListTargetsByRule(ctx,
		&eventbridge.ListTargetsByRuleInput{Rule: aws.String(ref.name), EventBusName: aws.String(ref.bus)})
	if err == nil {
		one.targets = out.Targets
	}
	return err
}

// diffTargets compares the targets: all fields of the chain's one, and whether there are others.
func diffTargets(seen *foundRule, wanted wantedRule) []Difference {
	target := types.Target{}
	var others []string
	for _, one := range seen.targets {
		if aws.ToString(one.Id) == ruleTargetID {
			target = one
		} else {
			others = append(others, aws.ToString(one.Id))
		}
	}
	var all []Difference
	if have, want := inJSON(target), inJSON(wanted.target); have != want {
		all = append(all, Difference{wanted.setting + ".target", have, want})
	}
	if len(others) > 0 {
		slices.Sort(others)
		all = append(all, Difference{wanted.setting + ".other_targets", strings.Join(others, ", "), "none"})
	}
	return all
}

// ensureTarget sets the target, and removes all others.
func (c *signalRules) ensureTarget(ctx context.Context, ref ruleRef, seen *foundRule, target types.Target) error {
	others := slices.DeleteFunc(slices.Clone(seen.targets), func(t types.Target) bool { return aws.ToString(t.Id) == ruleTargetID })
	if err := c.removeTargets(ctx, ref, others); err != nil {
		return err
	}
	out, err := c.s.EventBridge.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String(ref.name), EventBusName: aws.String(ref.bus), Targets: []types.Target{target},
	})
	if err != nil {
		return err
	}
	for _, failed := range out.FailedEntries {
		return fmt.Errorf("EventBridge has not taken the target: %s: %s", aws.ToString(failed.ErrorCode), aws.ToString(failed.ErrorMessage))
	}
	seen.targets = []types.Target{target}
	return nil
}

func (c *signalRules) removeTargets(ctx context.Context, ref ruleRef, targets []types.Target) error {
	if len(targets) == 0 {
		return nil
	}
	in := &eventbridge.RemoveTargetsInput{Rule: aws.String(ref.name), EventBusName: aws.String(ref.bus)}
	for _, target := range targets {
		in.Ids = append(in.Ids, aws.ToString(target.Id))
	}
	out, err := c.s.EventBridge.RemoveTargets(ctx, in)
	if err != nil {
		return err
	}
	for _, failed := range out.FailedEntries {
		return fmt.Errorf("EventBridge has not removed the target %s: %s: %s", aws.ToString(failed.TargetId), aws.ToString(failed.ErrorCode),
			aws.ToString(failed.ErrorMessage))
	}
	return nil
}

// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// signalRules are the EventBridge rules of the steps for which events count. A chain without such steps has none, and makes no call.
// Nothing lists a chain's rules, so the stored definition says which ones to look for.
type signalRules struct {
	s    *Stack
	mu   sync.Mutex // guards seen
	seen map[ruleRef]*foundRule
}

// ruleRef names a rule.
type ruleRef struct{ bus, name string }

// foundRule is an existing rule with its targets.
type foundRule struct {
	rule    *eventbridge.DescribeRuleOutput
	targets []types.Target
	tags    map[string]string
}

// wantedRule is a rule and its only target.
type wantedRule struct {
	setting string // its name in differences
	rule    *eventbridge.PutRuleInput
	target  types.Target
}

const (
	eventsPrincipal = "events.amazonaws.com" // the same in every partition
	ruleTargetID    = "qlik-task-chain"
)

// rulePrefix begins the names of the chain's rules, and of no other chain's: a chain's name has no dot.
func (s *Stack) rulePrefix() string { return s.objectName() + "." }

// ruleOf names the rule of a step. The name is at most 64 characters long, which is what EventBridge allows.
func (s *Stack) ruleOf(step string, signal *chain.Signal) ruleRef {
	return ruleRef{bus: signal.Bus(), name: s.rulePrefix() + chain.RuleSuffix(step)}
}

// rulesOf returns the steps for which events count, by their rules. There are none without a definition.
func (s *Stack) rulesOf(d *chain.Definition) map[ruleRef]string {
	rules := map[ruleRef]string{}
	if d == nil {
		return rules
	}
	for _, step := range d.SignalSteps() {
		rules[s.ruleOf(step, d.Steps[step].Signal)] = step
	}
	return rules
}

// signalBuses returns the buses on which the chain has rules, sorted.
func signalBuses(d *chain.Definition) []string {
	buses := map[string]bool{}
	for _, step := range d.SignalSteps() {
		buses[d.Steps[step].Signal.Bus()] = true
	}
	return keys(buses)
}

// ruleARN returns the ARN of a rule, or with a wildcard of several.
func (s *Stack) ruleARN(ref ruleRef) string {
	path := ref.name
	if ref.bus != chain.DefaultEventBus {
		path = ref.bus + "/" + ref.name
	}
	return fmt.Sprintf("arn:%s:events:%s:%s:rule/%s", s.Partition, s.Region, s.Account, path)
}

// rulesOnBus returns the pattern of the ARNs of the chain's rules on a bus.
func (s *Stack) rulesOnBus(bus string) string { return s.ruleARN(ruleRef{bus, s.rulePrefix() + "*"}) }

func (c *signalRules) object() string { return c.s.rulePrefix() + "*" }

// wanted returns the wanted rules.
func (c *signalRules) wanted(want *Spec) map[ruleRef]wantedRule {
	all := map[ruleRef]wantedRule{}
	for ref, key := range c.s.rulesOf(want.Definition) {
		step := want.Definition.Steps[key]
		state := types.RuleStateEnabled
		if !step.Enabled {
			state = types.RuleStateDisabled
		}
		all[ref] = wantedRule{
			setting: fmt.Sprintf("signals[%q]", key),
			rule: &eventbridge.PutRuleInput{
				Name: aws.String(ref.name), EventBusName: aws.String(ref.bus), State: state, EventPattern: aws.String(step.Signal.EventPattern),
				Description: aws.String("Reports " + key + " to the task chain " + c.s.chain + "."),
			},
			target: types.Target{
				Id: aws.String(ruleTargetID), Arn: aws.String(c.s.functionARN()), InputTransformer: signalTransformer(key, step.Signal),
				DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(c.s.queueARN())},
				RetryPolicy: &types.RetryPolicy{
					MaximumEventAgeInSeconds: aws.Int32(int32(scheduleMaxAge / time.Second)), MaximumRetryAttempts: aws.Int32(scheduleMaxRetries),
				},
			},
		}
	}
	return all
}

// find looks for the rules of the stored definition. It comes after the definition is found.
func (c *signalRules) find(ctx context.Context) error {
	c.seen = map[ruleRef]*foundRule{}
	stored, err := c.s.definition.stored()
	if err != nil {
		stored = nil // the definition reports it
	}
	return together(ctx, slices.Collect(maps.Keys(c.s.rulesOf(stored))), c.findOne)
}

func (c *signalRules) findOne(ctx context.Context, ref ruleRef) error {
	rule, err := found(c.s.EventBridge.DescribeRule(ctx,
		&eventbridge.DescribeRuleInput{Name: aws.String(ref.name), EventBusName: aws.String(ref.bus)}))
	if rule == nil {
		return err
	}
	one := &foundRule{rule: rule}
	err = inParallel(ctx, func(ctx context.Context) error { return c.findTargets(ctx, ref, one) }, func(ctx context.Context) error {
		tags, err := c.s.EventBridge.ListTagsForResource(ctx, &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(c.s.ruleARN(ref))})
		if err == nil {
			one.tags = tagMap(tags.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
		}
		return err
	})
	if err != nil {
		return gone(one, err)
	}
	c.note(ref, one)
	return nil
}

// note remembers a rule; nil for none.
func (c *signalRules) note(ref ruleRef, found *foundRule) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[ref] = found
	if found == nil {
		delete(c.seen, ref)
	}
}

func (c *signalRules) get(ref ruleRef) *foundRule {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen[ref]
}

// sortedRefs returns the names of rules in a stable order.
func sortedRefs[V any](rules map[ruleRef]V) []ruleRef {
	return slices.SortedFunc(maps.Keys(rules), func(a, b ruleRef) int { return strings.Compare(a.bus+"/"+a.name, b.bus+"/"+b.name) })
}

func (c *signalRules) diff(want *Spec) []Difference {
	var all []Difference
	wanted := c.wanted(want)
	for _, ref := range sortedRefs(wanted) {
		seen := c.seen[ref]
		if seen == nil {
			all = append(all, Difference{Setting: wanted[ref].setting, Have: missing})
			continue
		}
		all = append(all, c.diffRule(seen, wanted[ref])...)
		all = append(all, diffTargets(seen, wanted[ref])...)
		all = append(all, c.s.diffTags(wanted[ref].setting, seen.tags, want)...)
	}
	for _, ref := range sortedRefs(c.seen) {
		if _, isWanted := wanted[ref]; !isWanted && c.ours(c.seen[ref]) {
			all = append(all, Difference{"signals." + ref.name, aws.ToString(c.seen[ref].rule.EventPattern), "none"})
		}
	}
	return all
}

// ours reports whether a rule is the chain's. A rule without its tags is recognized by its target.
func (c *signalRules) ours(one *foundRule) bool {
	return c.s.oursByTagsOr(one.tags, slices.ContainsFunc(one.targets, func(t types.Target) bool {
		return aws.ToString(t.Id) == ruleTargetID && aws.ToString(t.Arn) == c.s.functionARN()
	}))
}

func (c *signalRules) diffRule(seen *foundRule, wanted wantedRule) []Difference {
	pattern := aws.ToString(seen.rule.EventPattern)
	if sameJSON(pattern, aws.ToString(wanted.rule.EventPattern)) {
		pattern = aws.ToString(wanted.rule.EventPattern)
	}
	return unequal(wanted.setting+".", []Difference{
		{"description", orNone(aws.ToString(seen.rule.Description)), aws.ToString(wanted.rule.Description)},
		{"event_pattern", orNone(pattern), aws.ToString(wanted.rule.EventPattern)},
		{"state", string(seen.rule.State), string(wanted.rule.State)},
		{"schedule", orNone(aws.ToString(seen.rule.ScheduleExpression)), orNone("")},
		{"role", orNone(aws.ToString(seen.rule.RoleArn)), orNone("")},
	})
}

// sameJSON reports whether two texts are the same JSON. EventBridge need not keep spaces.
func sameJSON(a, b string) bool {
	var left, right any
	return json.Unmarshal([]byte(a), &left) == nil && json.Unmarshal([]byte(b), &right) == nil && inJSON(left) == inJSON(right)
}

func (c *signalRules) ensure(ctx context.Context, want *Spec) error {
	wanted := c.wanted(want)
	return together(ctx, sortedRefs(wanted), func(ctx context.Context, ref ruleRef) error {
		if err := c.ensureOne(ctx, want, ref, wanted[ref]); err != nil {
			return fmt.Errorf("%s: %w", ref.name, err)
		}
		return nil
	})
}

func (c *signalRules) ensureOne(ctx context.Context, want *Spec, ref ruleRef, wanted wantedRule) error {
	if c.get(ref) == nil { // the stored definition may not have had it, and PutRule would take over another's
		if err := c.findOne(ctx, ref); err != nil {
			return err
		}
	}
	seen := c.get(ref)
	if seen != nil && !c.ours(seen) {
		return c.s.foreign("EventBridge rule", ref.name)
	}
	if seen == nil || len(c.diffRule(seen, wanted)) > 0 {
		put := *wanted.rule
		if seen == nil {
			put.Tags = tagList(c.s.tags(want), ruleTag) // EventBridge takes tags for a new rule only
			seen = &foundRule{tags: c.s.tags(want)}
		}
		if _, err := c.s.EventBridge.PutRule(ctx, &put); err != nil {
			return err
		}
		seen.rule = describedRule(&put)
		c.note(ref, seen)
	}
	if len(diffTargets(seen, wanted)) > 0 {
		if err := c.ensureTarget(ctx, ref, seen, wanted.target); err != nil {
			return err
		}
	}
	return c.s.syncTags(ctx, taggedRule{c.s, ref}, &seen.tags, want)
}

// describedRule returns what EventBridge says of a rule after it was put.
func describedRule(put *eventbridge.PutRuleInput) *eventbridge.DescribeRuleOutput {
	return &eventbridge.DescribeRuleOutput{
		Name: put.Name, EventBusName: put.EventBusName, EventPattern: put.EventPattern, State: put.State, Description: put.Description,
	}
}

// removeOne deletes a rule. Its targets have to be removed before.
func (c *signalRules) removeOne(ctx context.Context, ref ruleRef) error {
	seen := c.get(ref)
	if !c.ours(seen) {
		return nil
	}
	err := c.removeTargets(ctx, ref, seen.targets)
	if err == nil { // EventBridge takes a while to show DeleteRule that the targets are removed
		err = retry(ctx, propagationTimeout, stillHasTargets, func(ctx context.Context) error {
			return done(c.s.EventBridge.DeleteRule(ctx,
				&eventbridge.DeleteRuleInput{Name: aws.String(ref.name), EventBusName: aws.String(ref.bus)}))
		})
	}
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("%s: %w", ref.name, err)
	}
	c.note(ref, nil)
	return nil
}

// stillHasTargets recognizes what DeleteRule says of a rule with targets. The code alone stands for many errors.
func stillHasTargets(err error) bool {
	return hasCode(err, "ValidationException") && strings.Contains(err.Error(), "has targets")
}

func (c *signalRules) remove(ctx context.Context) error {
	return together(ctx, sortedRefs(c.seen), c.removeOne)
}

func (c *signalRules) report(state *State) {
	for _, one := range c.seen {
		state.note(c.ours(one))
	}
}

func ruleTag(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }

// taggedRule is a rule as an object with tags.
type taggedRule struct {
	s   *Stack
	ref ruleRef
}

func (t taggedRule) tag(ctx context.Context, set map[string]string) error {
	return done(t.s.EventBridge.TagResource(ctx,
		&eventbridge.TagResourceInput{ResourceARN: aws.String(t.s.ruleARN(t.ref)), Tags: tagList(set, ruleTag)}))
}

func (t taggedRule) untag(ctx context.Context, keys []string) error {
	return done(t.s.EventBridge.UntagResource(ctx,
		&eventbridge.UntagResourceInput{ResourceARN: aws.String(t.s.ruleARN(t.ref)), TagKeys: keys}))
}

// staleRules are rules that the wanted definition no longer has. They are deleted before the definition is written: afterwards nothing
// would name them.
type staleRules struct{ s *Stack }

func (c *staleRules) object() string { return c.s.rulePrefix() + "*" }

func (c *staleRules) ensure(ctx context.Context, want *Spec) error {
	wanted := c.s.rulesOf(want.Definition)
	var errs []error
	for _, ref := range sortedRefs(c.s.signalRules.seen) {
		if _, isWanted := wanted[ref]; !isWanted {
			errs = append(errs, c.s.signalRules.removeOne(ctx, ref))
		}
	}
	return errors.Join(errs...)
}

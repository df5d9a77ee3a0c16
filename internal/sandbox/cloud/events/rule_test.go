// SPDX-License-Identifier: MPL-2.0

package events_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func TestRuleLives(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t)
	s.AddBus("partner")
	for name, arn := range map[string]string{
		"default": ruleARN, "partner": strings.Replace(ruleARN, "rule/", "rule/partner/", 1),
	} {
		made, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{
			Name: aws.String(rule), EventBusName: aws.String(name), EventPattern: aws.String(all), Description: aws.String("d"),
			Tags: []types.Tag{{Key: aws.String("qlik-task-chain"), Value: aws.String("nightly")}},
		})
		if err != nil || aws.ToString(made.RuleArn) != arn {
			t.Fatalf("got %+v, %v; want %s", made, err, arn)
		}
		// What is left out is not kept; tags are.
		if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{
			Name: aws.String(rule), EventBusName: aws.String(name), EventPattern: aws.String(`{"a":["b"]}`), State: types.RuleStateDisabled,
			Tags: []types.Tag{{Key: aws.String("later"), Value: aws.String("ignored")}},
		}); err != nil {
			t.Fatal(err)
		}
		got, err := client.DescribeRule(t.Context(), &eventbridge.DescribeRuleInput{Name: aws.String(rule), EventBusName: aws.String(name)})
		if err != nil || got.Description != nil || got.State != types.RuleStateDisabled || aws.ToString(got.EventPattern) != `{"a":["b"]}` ||
			aws.ToString(got.EventBusName) != name || aws.ToString(got.Arn) != arn {
			t.Errorf("got %+v, %v", got, err)
		}
		if _, err := client.TagResource(t.Context(), &eventbridge.TagResourceInput{
			ResourceARN: aws.String(arn), Tags: []types.Tag{{Key: aws.String("x"), Value: aws.String("")}},
		}); err != nil {
			t.Error(err)
		}
		if _, err := client.UntagResource(t.Context(), &eventbridge.UntagResourceInput{
			ResourceARN: aws.String(arn), TagKeys: []string{"x", "unknown"},
		}); err != nil {
			t.Error(err)
		}
		tags, err := client.ListTagsForResource(t.Context(), &eventbridge.ListTagsForResourceInput{ResourceARN: aws.String(arn)})
		if err != nil || len(tags.Tags) != 1 || aws.ToString(tags.Tags[0].Key) != "qlik-task-chain" {
			t.Errorf("got %+v, %v", tags, err)
		}
	}
	if objects := s.Objects(); len(objects) != 2 {
		t.Errorf("objects %v", objects)
	}
	send(t, s, client, `{}`)
	if len(a.handed) != 0 {
		t.Errorf("a disabled rule delivered %s", a.handed)
	}
	var err error
	for range 2 {
		_, err = client.DeleteRule(t.Context(), &eventbridge.DeleteRuleInput{Name: aws.String(rule)})
	}
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "Rule qlik-nightly-dbt does not exist on EventBus default.")
}

func TestTargets(t *testing.T) {
	t.Parallel()
	_, _, client := startAlone(t)
	put(t, client, all, types.Target{Input: aws.String(`{}`), RetryPolicy: &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(3)}})
	put(t, client, all, types.Target{InputPath: aws.String("$.detail")}) // replaces the target with the same id
	target := func(id string) types.Target { return types.Target{Id: aws.String(id), Arn: aws.String(functionARN)} }
	add := func(targets ...types.Target) error {
		_, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String(rule), Targets: targets})
		return err
	}
	if err := add(target("b"), target("c"), target("d"), target("e")); err != nil {
		t.Fatal(err)
	}
	cloudtest.WantError(t, add(target("f")), 400, "LimitExceededException", "maximum number")
	var ids []string
	in := &eventbridge.ListTargetsByRuleInput{Rule: aws.String(rule), Limit: aws.Int32(2)}
	for {
		page, err := client.ListTargetsByRule(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range page.Targets {
			ids = append(ids, aws.ToString(found.Id)+aws.ToString(found.InputPath)+aws.ToString(found.Input))
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			break
		}
	}
	if got := strings.Join(ids, " "); got != "chain$.detail b c d e" {
		t.Errorf("the targets are %s", got)
	}
	_, err := client.DeleteRule(t.Context(), &eventbridge.DeleteRuleInput{Name: aws.String(rule)})
	cloudtest.WantError(t, err, 400, "ValidationException", "Rule can't be deleted since it has targets.")
	out, err := client.RemoveTargets(t.Context(), &eventbridge.RemoveTargetsInput{
		Rule: aws.String(rule), Ids: []string{"chain", "b", "c", "d", "e", "unknown"},
	})
	if err != nil || out.FailedEntryCount != 0 {
		t.Errorf("got %+v, %v", out, err)
	}
	if _, err := client.DeleteRule(t.Context(), &eventbridge.DeleteRuleInput{Name: aws.String(rule)}); err != nil {
		t.Error(err)
	}
	cloudtest.WantError(t, add(target("a")), 400, "ResourceNotFoundException", "Rule")
}

func TestRuleRefusals(t *testing.T) {
	t.Parallel()
	_, _, client := startAlone(t)
	long := `{"a":["` + strings.Repeat("x", 2048) + `"]}`
	for _, tt := range []struct {
		name, bus, pattern, code, message string
	}{
		{"a", "", `{"a":"b"}`, "InvalidEventPatternException", "Event pattern is not valid. Reason: "},
		{"a", "", long, "InvalidEventPatternException", "2048"},
		{"a", "", "", "ValidationException", "EventPattern or ScheduleExpression must be specified"},
		{"a b", "", all, "ValidationException", "name"},
		{strings.Repeat("a", 65), "", all, "ValidationException", "name"},
		{"a", "nowhere", all, "ResourceNotFoundException", "Event bus nowhere does not exist."},
		{"a", "no bus", all, "ValidationException", "eventBusName"},
	} {
		in := &eventbridge.PutRuleInput{Name: aws.String(tt.name)}
		if tt.bus != "" {
			in.EventBusName = aws.String(tt.bus)
		}
		if tt.pattern != "" {
			in.EventPattern = aws.String(tt.pattern)
		}
		_, err := client.PutRule(t.Context(), in)
		cloudtest.WantError(t, err, 400, tt.code, tt.message)
	}
	_, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String("a"), ScheduleExpression: aws.String("rate(1 day)")})
	cloudtest.WantError(t, err, 400, "ValidationException", "does not support the field")
	for i := range 300 {
		if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String(fmt.Sprintf("r%d", i)),
			EventPattern: aws.String(all)}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String("r300"), EventPattern: aws.String(all)})
	cloudtest.WantError(t, err, 400, "LimitExceededException", "")
}

func TestTargetRefusals(t *testing.T) {
	t.Parallel()
	_, _, client := startAlone(t)
	put(t, client, all, types.Target{})
	transform := func(template string, paths ...string) *types.InputTransformer {
		in := &types.InputTransformer{InputTemplate: aws.String(template), InputPathsMap: map[string]string{}}
		for i := 0; i < len(paths); i += 2 {
			in.InputPathsMap[paths[i]] = paths[i+1]
		}
		return in
	}
	for message, target := range map[string]types.Target{
		"Lambda functions as targets": {Arn: aws.String(queueARN)},
		"Only one of":                 {Input: aws.String("{}"), InputPath: aws.String("$")},
		"not the ARN of a standard":   {DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(queueARN + ".fifo")}},
		"does not begin with $":       {InputPath: aws.String("detail")},
		"JSON path":                   {InputPath: aws.String("$.a[*]")},
		"placeholder <x>":             {InputTransformer: transform(`{"a":<x>}`)},
		"is not JSON":                 {InputTransformer: transform(`{"a":<x>`, "x", "$.x")},
		"is reserved":                 {InputTransformer: transform(`{}`, "aws_x", "$.x")},
		"maximumRetryAttempts":        {RetryPolicy: &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(186)}},
		"maximumEventAgeInSeconds":    {RetryPolicy: &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(59)}},
		"does not support the field":  {RoleArn: aws.String("arn:aws:iam::123456789012:role/x")},
	} {
		target.Id = aws.String("x")
		if target.Arn == nil {
			target.Arn = aws.String(functionARN)
		}
		_, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String(rule), Targets: []types.Target{target}})
		cloudtest.WantError(t, err, 400, "ValidationException", message)
	}
}

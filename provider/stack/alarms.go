// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// alarms are the chain's CloudWatch alarms: none without alarm actions.
type alarms struct {
	s    *Stack
	seen map[string]*foundAlarm // by their kind
}

// foundAlarm is an existing alarm.
type foundAlarm struct {
	types.MetricAlarm
	tags map[string]string
}

// alarmName returns the alarm's name, which is at most 67 characters long. CloudWatch allows 255.
func (s *Stack) alarmName(what string) string { return s.objectName() + "-" + what }

func (c *alarms) object() string { return c.s.alarmName("*") }

// find looks the alarms up if there can be some.
func (c *alarms) find(ctx context.Context) error {
	c.seen = map[string]*foundAlarm{}
	if !c.possible() {
		return nil
	}
	names := make([]string, len(alarmKinds))
	for i, kind := range alarmKinds {
		names[i] = c.s.alarmName(kind.what)
	}
	out, err := c.s.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names, MaxRecords: aws.Int32(100),
	})
	if err != nil {
		return err
	}
	there := map[string]types.MetricAlarm{} // by their kind
	for _, found := range out.MetricAlarms {
		there[strings.TrimPrefix(aws.ToString(found.AlarmName), c.s.alarmName(""))] = found
	}
	var mu sync.Mutex // guards seen
	return together(ctx, keys(there), func(ctx context.Context, what string) error {
		tags, err := found(c.s.CloudWatch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: there[what].AlarmArn}))
		if tags == nil { // deleted between the two calls
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		c.seen[what] = &foundAlarm{there[what], tagMap(tags.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })}
		return nil
	})
}

// possible reports whether the chain may have alarms. It has none without an owner, and none beside a function that knows no alarm actions:
// the function gets them before the first alarm exists, and staleAlarms keeps them until the last one is deleted.
func (c *alarms) possible() bool {
	known := c.s.known.Alarms || c.s.brief
	if c.s.function.seen == nil {
		return known || c.s.known.Function || c.s.owner.latest() != nil
	}
	return known || c.s.function.environment()[chain.EnvAlarmActions] != ""
}

// ours reports whether an alarm is the chain's. An alarm without its tags is recognized by its description.
func (c *alarms) ours(alarm *foundAlarm) bool {
	return c.s.oursByTagsOr(alarm.tags, strings.HasPrefix(aws.ToString(alarm.AlarmDescription), c.mark()))
}

func (c *alarms) diff(want *Spec) []Difference {
	var all []Difference
	wanted := c.wanted(want)
	for _, what := range keys(wanted) {
		seen := c.seen[what]
		if seen == nil {
			all = append(all, Difference{Setting: "alarms." + what, Have: missing})
			continue
		}
		all = append(all, unequal("alarms."+what+".", alarmSettings(seen, wanted[what]))...)
		all = append(all, c.s.diffTags("alarms."+what, seen.tags, want)...)
	}
	for _, what := range keys(c.seen) {
		if wanted[what] == nil && c.ours(c.seen[what]) {
			all = append(all, Difference{Setting: "alarms." + what, Have: "there", Want: "none"})
		}
	}
	return all
}

// alarmSettings returns an alarm's settings, each with the wanted value.
func alarmSettings(seen *foundAlarm, wanted *cloudwatch.PutMetricAlarmInput) []Difference {
	threshold := func(f *float64) string {
		if f == nil {
			return orNone("")
		}
		return strconv.FormatFloat(*f, 'f', -1, 64)
	}
	sorted := func(arns []string) string { return orNone(strings.Join(slices.Sorted(slices.Values(arns)), ", ")) }
	dimensions := func(list []types.Dimension) string {
		var words []string
		for _, d := range list {
			words = append(words, aws.ToString(d.Name)+" = "+aws.ToString(d.Value))
		}
		return orNone(strings.Join(slices.Sorted(slices.Values(words)), ", "))
	}
	return []Difference{
		{"description", aws.ToString(seen.AlarmDescription), aws.ToString(wanted.AlarmDescription)},
		{"actions_enabled", strconv.FormatBool(aws.ToBool(seen.ActionsEnabled)), "true"},
		{"alarm_actions", sorted(seen.AlarmActions), sorted(wanted.AlarmActions)},
		{"ok_actions", sorted(seen.OKActions), orNone("")},
		{"insufficient_data_actions", sorted(seen.InsufficientDataActions), orNone("")},
		{"namespace", orNone(aws.ToString(seen.Namespace)), aws.ToString(wanted.Namespace)},
		{"metric", orNone(aws.ToString(seen.MetricName)), aws.ToString(wanted.MetricName)},
		{"dimensions", dimensions(seen.Dimensions), dimensions(wanted.Dimensions)},
		{"statistic", orNone(string(seen.Statistic)), string(wanted.Statistic)},
		{"unit", orNone(string(seen.Unit)), orNone("")},
		{"period", number(seen.Period), number(wanted.Period)},
		{"evaluation_periods", number(seen.EvaluationPeriods), number(wanted.EvaluationPeriods)},
		{"datapoints_to_alarm", number(seen.DatapointsToAlarm), number(wanted.DatapointsToAlarm)},
		{"threshold", threshold(seen.Threshold), threshold(wanted.Threshold)},
		{"comparison_operator", string(seen.ComparisonOperator), string(wanted.ComparisonOperator)},
		{"treat_missing_data", aws.ToString(seen.TreatMissingData), aws.ToString(wanted.TreatMissingData)},
		{"warm_up", warmUpInWords(seen.WarmUpConfiguration), orNone("")},
		{"evaluation_window", evaluationWindowInWords(seen.EvaluationWindow), evaluationWindowInWords(nil)},
	}
}

// warmUpInWords returns how long a changed alarm stays silent.
func warmUpInWords(warmUp *types.WarmUpConfiguration) string {
	if warmUp == nil {
		return orNone("")
	}
	return number(warmUp.WarmUpPeriodDurationInMinutes) + " minutes"
}

// evaluationWindowInWords returns whether an alarm evaluates the minutes before now, or fixed periods of the clock.
func evaluationWindowInWords(window types.EvaluationWindow) string {
	if _, wallClock := window.(*types.EvaluationWindowMemberWallClockWindow); wallClock {
		return "wall clock"
	}
	return "sliding"
}

func (c *alarms) ensure(ctx context.Context, want *Spec) error {
	wanted := c.wanted(want)
	var errs []error
	for _, what := range keys(wanted) {
		errs = append(errs, c.ensureOne(ctx, want, what, wanted[what]))
	}
	return errors.Join(errs...)
}

// staleAlarms are alarms that the chain no longer wants. They are deleted before the function loses the alarm actions: see alarms.possible.
type staleAlarms struct{ alarms *alarms }

func (c *staleAlarms) object() string { return c.alarms.object() }

func (c *staleAlarms) ensure(ctx context.Context, want *Spec) error {
	wanted := wantedAlarms(want)
	stale := slices.DeleteFunc(keys(c.alarms.seen), func(what string) bool {
		return slices.ContainsFunc(wanted, func(kind alarmKind) bool { return kind.what == what })
	})
	return c.alarms.delete(ctx, stale)
}

func (c *alarms) ensureOne(ctx context.Context, want *Spec, what string, in *cloudwatch.PutMetricAlarmInput) error {
	seen := c.seen[what]
	if seen != nil && !c.ours(seen) {
		return c.s.foreign("CloudWatch alarm", c.s.alarmName(what))
	}
	if seen == nil || len(unequal("", alarmSettings(seen, in))) > 0 {
		put := *in
		if seen == nil {
			put.Tags = tagList(c.s.tags(want), alarmTag) // CloudWatch takes tags for a new alarm only
		}
		if _, err := c.s.CloudWatch.PutMetricAlarm(ctx, &put); err != nil {
			return err
		}
	}
	if seen == nil {
		seen = &foundAlarm{tags: c.s.tags(want)}
		c.seen[what] = seen
	}
	seen.AlarmDescription = in.AlarmDescription
	return c.s.syncTags(ctx, taggedAlarm{c.s, what}, &seen.tags, want)
}

// taggedAlarm is an alarm, by its kind, as an object with tags.
type taggedAlarm struct {
	s    *Stack
	what string
}

func alarmTag(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }

func (a taggedAlarm) tag(ctx context.Context, set map[string]string) error {
	return done(a.s.CloudWatch.TagResource(ctx, &cloudwatch.TagResourceInput{
		ResourceARN: aws.String(a.s.alarmARN(a.what)), Tags: tagList(set, alarmTag),
	}))
}

func (a taggedAlarm) untag(ctx context.Context, keys []string) error {
	return done(a.s.CloudWatch.UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: aws.String(a.s.alarmARN(a.what)),
		TagKeys: keys}))
}

// delete deletes those of the alarms that are the chain's. It takes one call for all, because CloudWatch allows three calls a second.
func (c *alarms) delete(ctx context.Context, whats []string) error {
	whats = slices.DeleteFunc(slices.Clone(whats), func(what string) bool { return !c.ours(c.seen[what]) })
	if len(whats) == 0 {
		return nil
	}
	names := make([]string, len(whats))
	for i, what := range whats {
		names[i] = c.s.alarmName(what)
	}
	_, err := c.s.CloudWatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: names})
	if isNotFound(err) && len(names) > 1 { // one of them, and then none was deleted
		var errs []error
		for _, what := range whats {
			errs = append(errs, c.delete(ctx, []string{what}))
		}
		return errors.Join(errs...)
	}
	if err != nil && !isNotFound(err) {
		return err
	}
	for _, what := range whats {
		delete(c.seen, what)
	}
	return nil
}

func (c *alarms) remove(ctx context.Context) error { return c.delete(ctx, keys(c.seen)) }

func (c *alarms) report(state *State) {
	for _, alarm := range c.seen {
		state.note(c.ours(alarm))
	}
}

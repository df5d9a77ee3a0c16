// SPDX-License-Identifier: MPL-2.0

package cloudwatch

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// The states of an alarm.
const (
	stateOK           = "OK"
	stateAlarm        = "ALARM"
	stateInsufficient = "INSUFFICIENT_DATA"
)

type alarm struct {
	settings
	state   string
	reason  string
	updated time.Time
	tags    wire.Tags
}

// settings are an alarm's settings from PutMetricAlarm.
type settings struct {
	AlarmName               string
	AlarmDescription        string
	ActionsEnabled          *bool
	OKActions               []string
	AlarmActions            []string
	InsufficientDataActions []string
	MetricName              string
	Namespace               string
	Statistic               string
	Dimensions              []dimension
	Period                  int // seconds
	EvaluationPeriods       int
	DatapointsToAlarm       int
	Threshold               float64
	ComparisonOperator      string
	TreatMissingData        string
	// These members are only stored and returned: an alarm here has no warm-up, and its window ends now.
	WarmUpConfiguration *warmUpConfiguration
	EvaluationWindow    *evaluationWindow
}

type warmUpConfiguration struct {
	WarmUpPeriodDurationInMinutes            int
	OnlyStartEvaluatingAfterWarmUpPeriodEnds bool
}

// evaluationWindow has exactly one of its members.
type evaluationWindow struct {
	SlidingWindow   *struct{}
	WallClockWindow *struct{ Timezone string }
}

type dimension struct{ Name, Value string }

type putInput struct {
	settings
	Tags []wire.Tag
}

func (s *Service) putMetricAlarm(c *wire.Call, in *putInput) ([]string, func() (any, error)) {
	if len(in.Tags) > 0 { // PutMetricAlarm, "Tags"
		c.Also = wire.Each("cloudwatch:TagResource", s.arn(in.AlarmName))
	}
	return []string{s.arn(in.AlarmName)}, func() (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		a, found := s.alarms[in.AlarmName]
		if !found {
			a = &alarm{tags: wire.Tags{}}
			if err := a.tags.Change(in.Tags, nil, invalid); err != nil {
				return nil, err
			}
			s.alarms[in.AlarmName] = a
		} // an existing alarm keeps its tags
		a.settings = in.settings
		a.state, a.reason, a.updated = stateInsufficient, "Unchecked: Initial alarm creation", s.config.Now()
		return nil, nil
	}
}

// check checks the rules of PutMetricAlarm and sets the defaults.
func (in *settings) check() error {
	if in.ActionsEnabled == nil {
		yes := true
		in.ActionsEnabled = &yes
	}
	if in.TreatMissingData == "" {
		in.TreatMissingData = "missing"
	}
	if in.DatapointsToAlarm == 0 {
		in.DatapointsToAlarm = in.EvaluationPeriods
	}
	switch {
	case in.AlarmName == "" || len(in.AlarmName) > 255:
		return invalid("AlarmName must have 1 to 255 characters")
	case len([]rune(in.AlarmDescription)) > 1024:
		return invalid("AlarmDescription must have at most 1024 characters")
	case in.MetricName == "" || in.Namespace == "":
		return invalid("The sandbox supports alarms on one metric only: MetricName and Namespace are required")
	case !slices.Contains([]string{"Sum", "Maximum"}, in.Statistic):
		return invalid("The sandbox does not support the statistic %s", in.Statistic)
	case in.Period <= 0 || in.Period%60 != 0:
		return invalid("Period must be a multiple of 60")
	case in.EvaluationPeriods < 1 || in.Period*in.EvaluationPeriods > 86400:
		return invalid("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).")
	case in.DatapointsToAlarm > in.EvaluationPeriods:
		return invalid("DatapointsToAlarm must be at most EvaluationPeriods")
	case in.ComparisonOperator != "GreaterThanThreshold" && in.ComparisonOperator != "GreaterThanOrEqualToThreshold":
		return invalid("The sandbox does not support the operator %s", in.ComparisonOperator)
	case !slices.Contains([]string{"missing", "ignore", "breaching", "notBreaching"}, in.TreatMissingData):
		return invalid("TreatMissingData %s is none of those there are", in.TreatMissingData)
	}
	for _, actions := range [][]string{in.OKActions, in.AlarmActions, in.InsufficientDataActions} {
		if len(actions) > 5 {
			return invalid("An alarm can have at most 5 actions for a state")
		}
		for _, action := range actions {
			if !strings.HasPrefix(action, "arn:") {
				return invalid("Invalid arn syntax: %s", action)
			}
		}
	}
	return nil
}

type describeInput struct {
	AlarmNamePrefix string
	AlarmNames      []string
	MaxRecords      int
	NextToken       string
}

func (s *Service) describeAlarms(_ *wire.Call, in *describeInput) ([]string, func() (any, error)) {
	return []string{s.arn("*")}, func() (any, error) {
		if in.MaxRecords == 0 {
			in.MaxRecords = 50
		}
		if in.MaxRecords < 1 || in.MaxRecords > 100 {
			return nil, invalid("MaxRecords must be 1 to 100")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		found := []map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(s.alarms)) {
			if strings.HasPrefix(name, in.AlarmNamePrefix) && (len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, name)) {
				found = append(found, s.alarms[name].output(s.arn(name)))
			}
		}
		page, next, ok := wire.Page(found, in.NextToken, in.MaxRecords)
		if !ok {
			return nil, wire.Sender("InvalidNextToken", "The next token specified is invalid.")
		}
		out := map[string]any{"MetricAlarms": page}
		if next != "" {
			out["NextToken"] = next
		}
		return out, nil
	}
}

func (a *alarm) output(arn string) map[string]any {
	dimensions := make([]map[string]any, len(a.Dimensions))
	for i, d := range a.Dimensions {
		dimensions[i] = map[string]any{"Name": d.Name, "Value": d.Value}
	}
	out := map[string]any{
		"AlarmArn": arn, "AlarmName": a.AlarmName, "AlarmDescription": a.AlarmDescription, "ActionsEnabled": *a.ActionsEnabled,
		"OKActions": a.OKActions, "AlarmActions": a.AlarmActions, "InsufficientDataActions": a.InsufficientDataActions,
		"MetricName": a.MetricName, "Namespace": a.Namespace, "Statistic": a.Statistic, "Dimensions": dimensions, "Period": a.Period,
		"EvaluationPeriods": a.EvaluationPeriods, "DatapointsToAlarm": a.DatapointsToAlarm, "Threshold": a.Threshold,
		"ComparisonOperator": a.ComparisonOperator, "TreatMissingData": a.TreatMissingData,
		"StateValue": a.state, "StateReason": a.reason, "StateUpdatedTimestamp": a.updated,
	}
	if w := a.WarmUpConfiguration; w != nil {
		out["WarmUpConfiguration"] = map[string]any{
			"WarmUpPeriodDurationInMinutes":            w.WarmUpPeriodDurationInMinutes,
			"OnlyStartEvaluatingAfterWarmUpPeriodEnds": w.OnlyStartEvaluatingAfterWarmUpPeriodEnds,
		}
	}
	if w := a.EvaluationWindow; w != nil && w.WallClockWindow != nil {
		out["EvaluationWindow"] = map[string]any{"WallClockWindow": map[string]any{"Timezone": w.WallClockWindow.Timezone}}
	}
	return out
}

type namesInput struct{ AlarmNames []string }

func (s *Service) arns(names []string) []string {
	arns := make([]string, len(names))
	for i, name := range names {
		arns[i] = s.arn(name)
	}
	return arns
}

// deleteAlarms deletes all named alarms, or none if one does not exist.
func (s *Service) deleteAlarms(_ *wire.Call, in *namesInput) ([]string, func() (any, error)) {
	return s.arns(in.AlarmNames), func() (any, error) {
		if len(in.AlarmNames) == 0 || len(in.AlarmNames) > 100 {
			return nil, invalid("AlarmNames must have 1 to 100 members")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, name := range in.AlarmNames {
			if s.alarms[name] == nil {
				return nil, notFound("ResourceNotFound", name)
			}
		}
		for _, name := range in.AlarmNames {
			delete(s.alarms, name)
		}
		return nil, nil
	}
}

type tagsInput struct {
	ResourceARN string
	Tags        []wire.Tag
	TagKeys     []string
}

func (s *Service) listTagsForResource(_ *wire.Call, in *tagsInput) ([]string, func() (any, error)) {
	return s.onTags(in, func(tags wire.Tags) (any, error) {
		list := []map[string]any{}
		for _, tag := range tags.List() {
			list = append(list, map[string]any{"Key": tag.Key, "Value": tag.Value})
		}
		return map[string]any{"Tags": list}, nil
	})
}

// changeTags implements TagResource and UntagResource.
func (s *Service) changeTags(_ *wire.Call, in *tagsInput) ([]string, func() (any, error)) {
	return s.onTags(in, func(tags wire.Tags) (any, error) { return map[string]any{}, tags.Change(in.Tags, in.TagKeys, invalid) })
}

func (s *Service) onTags(in *tagsInput, run func(wire.Tags) (any, error)) ([]string, func() (any, error)) {
	return []string{in.ResourceARN}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		a, found := s.alarms[s.nameOf(in.ResourceARN)]
		if !found {
			return nil, notFound("ResourceNotFoundException", in.ResourceARN)
		}
		return run(a.tags)
	}
}

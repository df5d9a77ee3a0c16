// SPDX-License-Identifier: MPL-2.0

package cloudwatch

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sns"
)

// Evaluate evaluates every alarm, as CloudWatch does each minute. It sends state changes to actions that are SNS topics, and assumes that
// other actions succeed.
func (s *Service) Evaluate() error {
	s.mu.Lock()
	var changed []alarm
	for _, name := range slices.Sorted(maps.Keys(s.alarms)) {
		a := s.alarms[name]
		state, reason := s.judge(a)
		if state == a.state {
			continue
		}
		a.state, a.reason, a.updated = state, reason, s.config.Now()
		if *a.ActionsEnabled {
			changed = append(changed, *a)
		}
	}
	s.mu.Unlock()
	var errs []error
	for i := range changed {
		errs = append(errs, s.notify(&changed[i]))
	}
	return errors.Join(errs...)
}

// judge returns the state of an alarm and its reason. The caller holds the lock.
func (s *Service) judge(a *alarm) (state, reason string) {
	breaching, missing := 0, 0
	end := s.config.Now()
	for range a.EvaluationPeriods {
		begin := end.Add(-time.Duration(a.Period) * time.Second)
		value, there := s.value(a, begin, end)
		switch {
		case !there && a.TreatMissingData == "breaching", there && a.breaches(value):
			breaching++
		case !there && a.TreatMissingData != "notBreaching":
			missing++
		}
		end = begin
	}
	switch {
	case breaching >= a.DatapointsToAlarm:
		return stateAlarm, fmt.Sprintf("Threshold Crossed: %d datapoints were above the threshold (%v).", breaching, a.Threshold)
	case missing == a.EvaluationPeriods && a.TreatMissingData == "missing":
		return stateInsufficient, "Insufficient Data"
	case missing == a.EvaluationPeriods:
		return a.state, a.reason
	default:
		return stateOK, "Threshold Not Crossed"
	}
}

func (a *alarm) breaches(value float64) bool {
	return value > a.Threshold || value == a.Threshold && a.ComparisonOperator == "GreaterThanOrEqualToThreshold"
}

// value returns the alarm's statistic over a period that ends with end. For the depth of a queue it uses the current value.
func (s *Service) value(a *alarm, begin, end time.Time) (value float64, there bool) {
	if a.Namespace == "AWS/SQS" && a.MetricName == "ApproximateNumberOfMessagesVisible" && len(a.Dimensions) == 1 {
		depth, found := s.config.Queues.Visible(a.Dimensions[0].Value)
		return float64(depth), found
	}
	for _, d := range s.metrics[metricKey(a.Namespace, a.MetricName, a.Dimensions)] {
		if d.at.Before(begin) || !d.at.Before(end) {
			continue
		}
		if a.Statistic == "Sum" {
			value += d.value
		} else {
			value = max(value, d.value)
		}
		there = true
	}
	return value, there
}

// notify sends an alarm's new state, in the format of CloudWatch's notifications.
func (s *Service) notify(a *alarm) error {
	actions := map[string][]string{stateOK: a.OKActions, stateAlarm: a.AlarmActions, stateInsufficient: a.InsufficientDataActions}[a.state]
	body, err := json.Marshal(map[string]any{
		"AlarmName": a.AlarmName, "AlarmDescription": a.AlarmDescription, "AWSAccountId": s.config.Account.ID, "NewStateValue": a.state,
		"NewStateReason": a.reason, "StateChangeTime": a.updated.UTC().Format("2006-01-02T15:04:05.000+0000"), "AlarmArn": s.arn(a.AlarmName),
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, action := range actions {
		if strings.HasPrefix(action, s.config.Account.ARN("sns", "")) {
			subject := fmt.Sprintf("%s: %q in %s", a.state, a.AlarmName, s.config.Account.Region)
			errs = append(errs, s.config.Topics.Send(action, sns.Message{Subject: subject, Default: string(body)}))
		}
	}
	return errors.Join(errs...)
}

// States returns the states of the alarms, by name.
func (s *Service) States() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := map[string]string{}
	for name, a := range s.alarms {
		states[name] = a.state
	}
	return states
}

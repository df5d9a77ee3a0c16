// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// alarmDrifts are of the alarms, of what they and the notifications need, and of the schedule of what is expected.
var alarmDrifts = driftGroup{
	settings: tellBoth + "\n  " + expectBySix + "\n  tags = { owner = \"bi\" }",
	spec: func(spec *stack.Spec) {
		spec.AlarmActions, spec.Tags = []string{actionARN, topicARN}, map[string]string{"owner": "bi"}
		spec.Definition.ExpectBy = &chain.ExpectBy{Time: "06:00", Timezone: "Europe/Zurich"}
	},
	drifts: []drift{
		{"alarm deleted", deleteAlarms("dead-letters"), shown{"drift.alarms.dead-letters": "missing"}, calls{"monitoring PutMetricAlarm"}},
		{"all alarms deleted", func(ctx context.Context, h *harness) error {
			found, err := h.alarms(ctx)
			if err != nil {
				return err
			}
			var names []string
			for what := range found {
				names = append(names, what)
			}
			return deleteAlarms(names...)(ctx, h)
		}, allAlarmsMissing(), allAlarmsMade()},
		{"alarm's description", putAlarm("failed-steps",
			func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmDescription = aws.String("Task chain nightly: mine") }),
			shown{"drift.alarms.failed-steps.description": "Task chain nightly: mine, " +
				"should be Task chain nightly: A step has failed, and no attempt is left."},
			calls{"monitoring PutMetricAlarm"}},
		{"alarm's threshold", putAlarm("not-started", func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = aws.Float64(2.5) }),
			shown{"drift.alarms.not-started.threshold": "2.5, should be 0"}, calls{"monitoring PutMetricAlarm"}},
		{"alarm's comparison", putAlarm("refused", func(in *cloudwatch.PutMetricAlarmInput) {
			in.ComparisonOperator = types.ComparisonOperatorGreaterThanOrEqualToThreshold
		}), shown{"drift.alarms.refused.comparison_operator": "GreaterThanOrEqualToThreshold, should be GreaterThanThreshold"},
			calls{"monitoring PutMetricAlarm"}},
		{"alarm's periods", putAlarm("function-errors", func(in *cloudwatch.PutMetricAlarmInput) {
			in.Period, in.EvaluationPeriods, in.DatapointsToAlarm = aws.Int32(60), aws.Int32(10), aws.Int32(2)
		}), shown{
			"drift.alarms.function-errors.period": "60, should be 300", "drift.alarms.function-errors.evaluation_periods": "10, should be 3",
			"drift.alarms.function-errors.datapoints_to_alarm": "2, should be 3",
		}, calls{"monitoring PutMetricAlarm"}},
		{"alarm's metric", putAlarm("late", func(in *cloudwatch.PutMetricAlarmInput) {
			in.Namespace, in.MetricName, in.Statistic = aws.String("Mine"), aws.String("m"), types.StatisticMaximum
			in.Dimensions = nil
		}), shown{
			"drift.alarms.late.namespace": "Mine, should be QlikTaskChain", "drift.alarms.late.metric": "m, should be DeadlinesMissed",
			"drift.alarms.late.statistic":  "Maximum, should be Sum",
			"drift.alarms.late.dimensions": "none, should be chain = nightly",
		}, calls{"monitoring PutMetricAlarm"}},
		{"alarm's missing data", putAlarm("webhook", func(in *cloudwatch.PutMetricAlarmInput) { in.TreatMissingData = aws.String("breaching") }),
			shown{"drift.alarms.webhook.treat_missing_data": "breaching, should be notBreaching"}, calls{"monitoring PutMetricAlarm"}},
		{"alarm's actions", putAlarm("credentials", func(in *cloudwatch.PutMetricAlarmInput) {
			in.AlarmActions, in.OKActions, in.InsufficientDataActions = []string{topicARN}, []string{topicARN}, []string{actionARN}
		}), shown{
			"drift.alarms.credentials.alarm_actions":             topicARN + ", should be " + actionARN + ", " + topicARN,
			"drift.alarms.credentials.ok_actions":                topicARN + ", should be none",
			"drift.alarms.credentials.insufficient_data_actions": actionARN + ", should be none",
		}, calls{"monitoring PutMetricAlarm"}},
		{"alarm's warm-up", putAlarm("refused", func(in *cloudwatch.PutMetricAlarmInput) {
			in.WarmUpConfiguration = &types.WarmUpConfiguration{WarmUpPeriodDurationInMinutes: aws.Int32(600)}
		}), shown{"drift.alarms.refused.warm_up": "600 minutes, should be none"}, calls{"monitoring PutMetricAlarm"}},
		{"alarm's window", putAlarm("refused", func(in *cloudwatch.PutMetricAlarmInput) {
			in.EvaluationWindow = &types.EvaluationWindowMemberWallClockWindow{}
		}), shown{"drift.alarms.refused.evaluation_window": "wall clock, should be sliding"}, calls{"monitoring PutMetricAlarm"}},
		{"alarm silenced", putAlarm("dead-letters", func(in *cloudwatch.PutMetricAlarmInput) { in.ActionsEnabled = aws.Bool(false) }),
			shown{"drift.alarms.dead-letters.actions_enabled": "false, should be true"}, calls{"monitoring PutMetricAlarm"}},
		{"alarm's tag", func(ctx context.Context, h *harness) error {
			_, err := cloudwatch.NewFromConfig(h.AWS()).TagResource(ctx, &cloudwatch.TagResourceInput{
				ResourceARN: alarmARN("refused"), Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("me")}},
			})
			return err
		}, shown{"drift.alarms.refused.tags": "owner = me, should be owner = bi"}, calls{"monitoring TagResource"}},
		{"alarm's further tag", func(ctx context.Context, h *harness) error {
			_, err := cloudwatch.NewFromConfig(h.AWS()).TagResource(ctx, &cloudwatch.TagResourceInput{
				ResourceARN: alarmARN("refused"), Tags: []types.Tag{{Key: aws.String("by"), Value: aws.String("me")}},
			})
			return err
		}, shown{"drift.alarms.refused.tags": "by = me, should be none"}, calls{"monitoring UntagResource"}},
		{"alarm's own tags", func(ctx context.Context, h *harness) error {
			_, err := cloudwatch.NewFromConfig(h.AWS()).UntagResource(ctx, &cloudwatch.UntagResourceInput{
				ResourceARN: alarmARN("refused"), TagKeys: []string{"qlik-task-chain", "managed-by", "qlik-tenant"},
			})
			return err
		}, shown{"drift.alarms.refused.tags": "none, should be managed-by = terraform-provider-qlik"}, calls{"monitoring TagResource"}},
	},
}

func alarmARN(what string) *string {
	return aws.String("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:" + objectName + "-" + what)
}

// alarmNames are what the chain's alarms are about.
var alarmNames = []string{
	"api-errors", "api-refused", "credentials", "dead-letters", "failed-steps", "function-errors", "function-throttles", "late",
	"not-notified", "not-started", "refused", "webhook",
}

func allAlarmsMissing() shown {
	all := shown{}
	for _, what := range alarmNames {
		all["drift.alarms."+what] = "missing"
	}
	return all
}

func allAlarmsMade() calls {
	var all calls
	for range alarmNames {
		all = append(all, "monitoring PutMetricAlarm")
	}
	return all
}

func deleteAlarms(whats ...string) hand {
	return func(ctx context.Context, h *harness) error {
		var names []string
		for _, what := range whats {
			names = append(names, objectName+"-"+what)
		}
		_, err := cloudwatch.NewFromConfig(h.AWS()).DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: names})
		return err
	}
}

// putAlarm changes an alarm as the console does: all of it is said again.
func putAlarm(what string, change func(*cloudwatch.PutMetricAlarmInput)) hand {
	return func(ctx context.Context, h *harness) error {
		found, err := h.alarms(ctx)
		if err != nil {
			return err
		}
		a := found[what]
		in := &cloudwatch.PutMetricAlarmInput{
			AlarmName: a.AlarmName, AlarmDescription: a.AlarmDescription, AlarmActions: a.AlarmActions, Namespace: a.Namespace,
			MetricName: a.MetricName, Dimensions: a.Dimensions,
			Statistic: a.Statistic, Period: a.Period, EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm,
			Threshold:          a.Threshold,
			ComparisonOperator: a.ComparisonOperator, TreatMissingData: a.TreatMissingData,
		}
		change(in)
		_, err = cloudwatch.NewFromConfig(h.AWS()).PutMetricAlarm(ctx, in)
		return err
	}
}

// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// alarmKind is an alarm that a chain can have.
type alarmKind struct {
	what   string // the end of its name, and its heading in the guide
	reason string // a sentence: what has happened
	order  sequence

	metric    chain.Metric // of the chain's own
	of        service      // or else one of these
	awsMetric string

	notified bool // the function itself notifies the topics, with more detail than an alarm: the alarm is for the other actions
	wanted   func(*Spec) bool
}

// sequence is how long a condition has to last before the alarm goes off.
type sequence struct{ datapoints, periods int32 } // of five minutes

var (
	once   = sequence{1, 1}
	lasts  = sequence{3, 3}  // for a quarter of an hour
	repeat = sequence{3, 12} // three times in an hour
)

// service is an AWS service that publishes the metric of an alarm.
type service int

const (
	ofChain service = iota
	ofQueue
	ofFunction
	ofAPI
)

// alarmPeriod is five minutes, in seconds: a notification may take that long.
const alarmPeriod = 300

// alarmKinds lists all alarms. Failures that are retried automatically have to last before their alarm goes off.
var alarmKinds = []alarmKind{
	{what: "api-errors", reason: "API Gateway could not hand a delivery to the function.", order: once, of: ofAPI, awsMetric: "5XXError"},
	{what: "api-refused",
		reason: "API Gateway has turned callers away, several times in an hour: with a wrong API key, or above the limit. If the webhook is " +
			"among them, events are lost.", order: repeat, of: ofAPI, awsMetric: "4XXError"},
	{what: "credentials", reason: "Qlik Cloud does not accept the function's credentials: no reload is started.", order: once,
		metric: chain.MetricRejected},
	{what: "dead-letters",
		reason: "The function failed permanently on events or timers in the dead-letter queue: the chain has stopped there.",
		order:  once, of: ofQueue, awsMetric: "ApproximateNumberOfMessagesVisible"},
	{what: "failed-steps", reason: "A step has failed, and no attempt is left.", order: once, metric: chain.MetricFailed, notified: true},
	{what: "function-errors", reason: "The function has been failing for a quarter of an hour.", order: lasts, of: ofFunction,
		awsMetric: "Errors"},
	{what: "function-throttles", reason: "Lambda has been turning executions of the function away for a quarter of an hour.", order: lasts,
		of: ofFunction, awsMetric: "Throttles"},
	{what: "late", reason: "Something was not done by its expect_by.", order: once, metric: chain.MetricLate, notified: true,
		wanted: func(want *Spec) bool { return len(want.Definition.Deadlines()) > 0 }},
	{what: "not-notified", reason: "The function could not notify an SNS topic, or put an event on the bus of events.", order: once,
		metric: chain.MetricNotNotified,
		wanted: func(want *Spec) bool {
			return want.Events != nil || slices.ContainsFunc(want.AlarmActions, chain.IsTopic)
		}},
	{what: "not-started", reason: "Reloads that are due have been failing to start for a quarter of an hour. They are tried again.",
		order: sequence{3, 4}, metric: chain.MetricNotStarted},
	{what: "refused",
		reason: "Deliveries have not passed a check, for example the signature: another client sends them, or Qlik Cloud signs " +
			"with another secret.",
		order: once, metric: chain.MetricRefused},
	{what: "webhook", reason: "The webhook is disabled in Qlik Cloud: no events come.", order: once, metric: chain.MetricWebhookDisabled},
}

func (s *Stack) alarmARN(what string) string {
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:%s", s.Partition, s.Region, s.Account, s.alarmName(what))
}

// wantedAlarms returns the kinds of alarms that are wanted: none without actions.
func wantedAlarms(want *Spec) []alarmKind {
	if len(want.AlarmActions) == 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(alarmKinds), func(kind alarmKind) bool { return kind.wanted != nil && !kind.wanted(want) })
}

// wanted returns the wanted alarms by their kind. They contain the API's address, so the API must exist.
func (c *alarms) wanted(want *Spec) map[string]*cloudwatch.PutMetricAlarmInput {
	all := map[string]*cloudwatch.PutMetricAlarmInput{}
	for _, kind := range wantedAlarms(want) {
		all[kind.what] = c.input(kind, want)
	}
	return all
}

func (c *alarms) input(kind alarmKind, want *Spec) *cloudwatch.PutMetricAlarmInput {
	actions := slices.Clone(want.AlarmActions)
	if kind.notified {
		actions = slices.DeleteFunc(actions, chain.IsTopic)
	}
	namespace, metric, statistic := chain.MetricNamespace, string(kind.metric), types.StatisticSum
	dimensions := map[string]string{chain.MetricDimension: c.s.chain}
	switch kind.of {
	case ofChain:
	case ofQueue:
		namespace, metric, statistic = "AWS/SQS", kind.awsMetric, types.StatisticMaximum
		dimensions = map[string]string{"QueueName": c.s.queueName()}
	case ofFunction:
		namespace, metric, dimensions = "AWS/Lambda", kind.awsMetric, map[string]string{"FunctionName": c.s.objectName()}
	case ofAPI: // API Gateway has these two dimensions without detailed metrics, which cost money
		namespace, metric, dimensions = "AWS/ApiGateway", kind.awsMetric, map[string]string{"ApiName": c.s.objectName(), "Stage": liveStage}
	}
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String(c.s.alarmName(kind.what)), AlarmDescription: aws.String(c.description(kind, want)),
		ActionsEnabled: aws.Bool(true), AlarmActions: actions,
		Namespace: aws.String(namespace), MetricName: aws.String(metric), Statistic: statistic,
		Period: aws.Int32(alarmPeriod), EvaluationPeriods: aws.Int32(kind.order.periods), DatapointsToAlarm: aws.Int32(kind.order.datapoints),
		Threshold: aws.Float64(0), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("notBreaching"),
	}
	for _, name := range keys(dimensions) {
		in.Dimensions = append(in.Dimensions, types.Dimension{Name: aws.String(name), Value: aws.String(dimensions[name])})
	}
	return in
}

// mark returns the beginning of the descriptions of the chain's alarms.
func (c *alarms) mark() string { return "Task chain " + c.s.chain + ": " }

// description returns the text of the notification: what has happened, where, and where to look. CloudWatch allows 1,024 characters.
func (c *alarms) description(kind alarmKind, want *Spec) string {
	return fmt.Sprintf("%s%s\nTenant: %s, AWS account %s, %s.\nThe runs: %s/page\nThe log: %s in CloudWatch\nWhat to do: %s#%s",
		c.mark(), kind.reason, want.TenantURL, c.s.Account, c.s.Region, c.s.linkURL(), c.s.logGroupName(), chain.MonitoringGuide, kind.what)
}

// linkURL returns the address of the chain's API, for links. While an API is to be replaced, its new address is not known yet. Until then,
// linkURL returns the address that the function has.
func (s *Stack) linkURL() string {
	if s.restAPI.seen == nil {
		return s.function.environment()[chain.EnvInvokeURL]
	}
	return s.invokeURL()
}

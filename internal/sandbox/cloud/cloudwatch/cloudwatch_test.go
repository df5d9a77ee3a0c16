// SPDX-License-Identifier: MPL-2.0

package cloudwatch_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

// input is an alarm on a count, with what is changed.
func input(name string, change func(*cloudwatch.PutMetricAlarmInput)) *cloudwatch.PutMetricAlarmInput {
	in := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String(name), AlarmDescription: aws.String("a step failed"), Namespace: aws.String("Test"),
		MetricName: aws.String("Failed"),
		Dimensions: []types.Dimension{{Name: aws.String("chain"), Value: aws.String("nightly")}}, Statistic: types.StatisticSum,
		Period: aws.Int32(300), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(0),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		TreatMissingData:   aws.String("notBreaching"), Tags: []types.Tag{{Key: aws.String("chain"), Value: aws.String("nightly")}},
	}
	if change != nil {
		change(in)
	}
	return in
}

func put(t *testing.T, c *cloud.Cloud, in *cloudwatch.PutMetricAlarmInput) {
	t.Helper()
	if _, err := cloudwatch.NewFromConfig(cloudtest.UserConfig(c)).PutMetricAlarm(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func TestAlarms(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	client := cloudwatch.NewFromConfig(cloudtest.UserConfig(c))
	put(t, c, input("chain-a", nil))
	put(t, c, input("chain-b", func(in *cloudwatch.PutMetricAlarmInput) { in.Threshold = aws.Float64(1.5) }))
	put(t, c, input("other", nil))
	put(t, c, input("chain-a", func(in *cloudwatch.PutMetricAlarmInput) {
		in.AlarmDescription, in.Tags = aws.String("changed"), []types.Tag{{Key: aws.String("chain"), Value: aws.String("ignored")}}
	}))
	var names []string
	pages := cloudwatch.NewDescribeAlarmsPaginator(client,
		&cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String("chain-"), MaxRecords: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.MetricAlarms {
			names = append(names, *a.AlarmName)
			if *a.AlarmName == "chain-a" && (*a.AlarmDescription != "changed" || *a.Period != 300 || !*a.ActionsEnabled ||
				a.StateUpdatedTimestamp.IsZero() ||
				*a.Dimensions[0].Value != "nightly" || *a.Threshold != 0 || a.StateValue != types.StateValueInsufficientData) {
				t.Errorf("the alarm is %+v", a)
			}
		}
	}
	if !slices.Equal(names, []string{"chain-a", "chain-b"}) {
		t.Errorf("the alarms are %v", names)
	}
	arn := aws.String("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:chain-a")
	if _, err := client.TagResource(t.Context(), &cloudwatch.TagResourceInput{ResourceARN: arn,
		Tags: []types.Tag{{Key: aws.String("owner"), Value: aws.String("bi")}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UntagResource(t.Context(), &cloudwatch.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"none"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := client.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: arn})
	if err != nil || len(tags.Tags) != 2 || *tags.Tags[0].Value != "nightly" {
		t.Errorf("the tags are %+v, %v", tags, err)
	}
	_, err = client.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"chain-a", "none"}})
	cloudtest.WantError(t, err, 404, "ResourceNotFound", "none")
	if _, ok := errors.AsType[*types.ResourceNotFound](err); !ok {
		t.Errorf("the SDK does not know the error %v", err)
	}
	_, err = client.ListTagsForResource(t.Context(), &cloudwatch.ListTagsForResourceInput{ResourceARN: aws.String(*arn + "x")})
	cloudtest.WantError(t, err, 404, "ResourceNotFoundException", "")
	if _, err = client.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{"chain-a", "chain-b",
		"other"}}); err != nil || len(c.Objects()) != 0 {
		t.Errorf("%v are left, %v", c.Objects(), err)
	}
}

func TestWrongAlarms(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	client := cloudwatch.NewFromConfig(cloudtest.UserConfig(c))
	for want, change := range map[string]func(*cloudwatch.PutMetricAlarmInput){
		"'alarmName' failed":        func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmName = aws.String(strings.Repeat("x", 256)) },
		"'alarmDescription' failed": func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmDescription = aws.String(strings.Repeat("ü", 1025)) },
		"multiple of 60":            func(in *cloudwatch.PutMetricAlarmInput) { in.Period = aws.Int32(61) },
		"across more than a day":    func(in *cloudwatch.PutMetricAlarmInput) { in.EvaluationPeriods = aws.Int32(289) },
		"at most EvaluationPeriods": func(in *cloudwatch.PutMetricAlarmInput) { in.DatapointsToAlarm = aws.Int32(2) },
		"less than or equal to 5": func(in *cloudwatch.PutMetricAlarmInput) {
			in.AlarmActions = slices.Repeat([]string{"arn:aws:sns:x"}, 6)
		},
		"Invalid arn syntax": func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmActions = []string{"oncall"} },
		"does not support the operator": func(in *cloudwatch.PutMetricAlarmInput) {
			in.ComparisonOperator = types.ComparisonOperatorLessThanThreshold
		},
		"does not support the statistic": func(in *cloudwatch.PutMetricAlarmInput) { in.Statistic = types.StatisticAverage },
		"TreatMissingData":               func(in *cloudwatch.PutMetricAlarmInput) { in.TreatMissingData = aws.String("so what") },
		"MetricName and Namespace":       func(in *cloudwatch.PutMetricAlarmInput) { in.MetricName = nil },
		"Tag keys beginning with aws:": func(in *cloudwatch.PutMetricAlarmInput) {
			in.Tags = []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("")}}
		},
		"does not support the field \"Unit\"": func(in *cloudwatch.PutMetricAlarmInput) { in.Unit = types.StandardUnitCount },
	} {
		_, err := client.PutMetricAlarm(t.Context(), input("a", change))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("PutMetricAlarm() = %v, want %q", err, want)
		}
	}
}

// TestRights: an alarm with tags takes the right to tag, too.
func TestRights(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	roles := iam.NewFromConfig(cloudtest.UserConfig(c))
	if _, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("deployer"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}`)}); err != nil {
		t.Fatal(err)
	}
	allow := func(actions string) {
		if _, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("deployer"), PolicyName: aws.String("p"),
			PolicyDocument: aws.String(
				fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[%s],"Resource":"arn:aws:cloudwatch:*:*:alarm:chain-*"}]}`,
					actions))}); err != nil {
			t.Fatal(err)
		}
	}
	client := cloudwatch.NewFromConfig(cloudtest.RoleConfig(t, c, "deployer"))
	allow(`"cloudwatch:PutMetricAlarm"`)
	_, err := client.PutMetricAlarm(t.Context(), input("chain-a", nil))
	cloudtest.WantError(t, err, 403, "AccessDenied", "cloudwatch:TagResource on resource: "+
		"arn:aws:cloudwatch:eu-central-1:123456789012:alarm:chain-a")
	allow(`"cloudwatch:PutMetricAlarm","cloudwatch:TagResource"`)
	if _, err := client.PutMetricAlarm(t.Context(), input("chain-a", nil)); err != nil {
		t.Error(err)
	}
	_, err = client.PutMetricAlarm(t.Context(), input("other", nil))
	cloudtest.WantError(t, err, 403, "AccessDenied", "cloudwatch:PutMetricAlarm on resource")
}

// TestEvaluation: a metric in a log line and the depth of a queue raise alarms. A topic gets each alarm once.
func TestEvaluation(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	topic := c.SNS().AddTopic("oncall")
	queues := sqs.NewFromConfig(cloudtest.UserConfig(c))
	queue, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("dead-letters")})
	if err != nil {
		t.Fatal(err)
	}
	actions := func(in *cloudwatch.PutMetricAlarmInput) { in.AlarmActions = []string{topic} }
	put(t, c, input("failed", actions))
	put(t, c, input("three", func(in *cloudwatch.PutMetricAlarmInput) {
		actions(in)
		in.EvaluationPeriods, in.DatapointsToAlarm = aws.Int32(4), aws.Int32(2)
	}))
	put(t, c, input("silent", func(in *cloudwatch.PutMetricAlarmInput) { actions(in); in.ActionsEnabled = aws.Bool(false) }))
	put(t, c, input("letters", func(in *cloudwatch.PutMetricAlarmInput) {
		actions(in)
		in.Namespace, in.MetricName, in.Statistic = aws.String("AWS/SQS"), aws.String("ApproximateNumberOfMessagesVisible"),
			types.StatisticMaximum
		in.Dimensions = []types.Dimension{{Name: aws.String("QueueName"), Value: aws.String("dead-letters")}}
	}))
	subjects := func() []string {
		if err := c.CloudWatch().Evaluate(); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range c.SNS().Messages(topic) {
			all = append(all, m.Subject)
		}
		return all
	}
	if got := subjects(); len(got) != 0 {
		t.Errorf("nothing has happened, and the topic got %v", got)
	}
	line := func(at time.Time) string {
		return fmt.Sprintf(`{"chain":"nightly","Failed":1,"_aws":{"Timestamp":%d,"CloudWatchMetrics":[{"Namespace":"Test","Dimensions":[["chain"]],"Metrics":[{"Name":"Failed","Unit":"Count"}]}]}}`,
			at.UnixMilli())
	}
	now := time.Now().Add(-time.Second)
	c.CloudWatch().Ingest(line(now))
	for _, wrong := range []string{"text", `{"_aws":{}}`, strings.Replace(line(now), `"chain":"nightly",`, "", 1),
		strings.Replace(line(now), `"Failed":1`, `"Failed":"1"`, 1)} {
		c.CloudWatch().Ingest(wrong)
	}
	if got := c.CloudWatch().Metrics("Test", "chain", "nightly"); len(got) != 1 || got["Failed"] != 1 {
		t.Errorf("the metrics are %v", got)
	}
	if got, want := subjects(), []string{`ALARM: "failed" in eu-central-1`}; !slices.Equal(got, want) {
		t.Errorf("the topic got %v, want %v", got, want)
	}
	if _, err := queues.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: queue.QueueUrl,
		MessageBody: aws.String("lost")}); err != nil {
		t.Fatal(err)
	}
	c.CloudWatch().Ingest(line(now.Add(-10 * time.Minute)))
	if got, want := subjects(), []string{`ALARM: "failed" in eu-central-1`, `ALARM: "letters" in eu-central-1`,
		`ALARM: "three" in eu-central-1`}; !slices.Equal(got, want) {
		t.Errorf("the topic got %v, want %v", got, want)
	}
	if got := subjects(); len(got) != 3 || c.CloudWatch().States()["silent"] != "ALARM" {
		t.Errorf("in the end the topic got %v, and the alarms are %v", got, c.CloudWatch().States())
	}
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sns"
)

const (
	topicARN    = "arn:aws:sns:eu-central-1:123456789012:oncall"
	actionARN   = "arn:aws:lambda:eu-central-1:123456789012:function:page-the-operator"
	tellTopic   = `alarm_actions = ["` + topicARN + `"]`
	tellBoth    = `alarm_actions = ["` + topicARN + `", "` + actionARN + `"]`
	expectBySix = `expect_by = { time = "06:00", timezone = "Europe/Zurich" }`
)

// alarms returns the chain's alarms by their kind.
func (h *harness) alarms(ctx context.Context) (map[string]types.MetricAlarm, error) {
	out, err := cloudwatch.NewFromConfig(h.AWS()).DescribeAlarms(ctx,
		&cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: aws.String(objectName + "-")})
	if err != nil {
		return nil, err
	}
	found := map[string]types.MetricAlarm{}
	for _, alarm := range out.MetricAlarms {
		found[strings.TrimPrefix(aws.ToString(alarm.AlarmName), objectName+"-")] = alarm
	}
	return found, nil
}

// expectAlarms checks the number of alarms. It also checks that exactly these actions belong to the alarms that the function notifies
// topics of.
func (h *harness) expectAlarms(want int, actions ...string) func(context.Context) error {
	return func(ctx context.Context) error {
		found, err := h.alarms(ctx)
		if err != nil || len(found) != want {
			return fmt.Errorf("there are %d alarms instead of %d (%w)", len(found), want, err)
		}
		for _, what := range []string{"failed-steps", "late"} {
			if alarm, there := found[what]; there && !slices.Equal(alarm.AlarmActions, actions) {
				return fmt.Errorf("the alarm %s goes to %v instead of %v", what, alarm.AlarmActions, actions)
			}
		}
		for what, alarm := range found {
			if text := aws.ToString(alarm.AlarmDescription); len(text) > 1024 || !strings.Contains(text, h.invokeURL()+"/page") ||
				!strings.HasSuffix(text, "#"+what) {
				return fmt.Errorf("the description of %s is %q", what, text)
			}
		}
		return nil
	}
}

// TestAccAlarms checks that alarms are created, changed, imported and deleted with alarm_actions, each in place.
func TestAccAlarms(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.Cloud.SNS().AddTopic("oncall")
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), func(ctx context.Context) error {
			found, err := h.alarms(ctx)
			if err != nil || len(found) > 0 {
				return fmt.Errorf("there are the alarms %v (%w)", found, err)
			}
			return nil
		})},
		inPlace(t, h.chain(nightlySteps, tellTopic), h.expectAlarms(11), "alarm_actions"),
		imported(),
		inPlace(t, h.chain(nightlySteps, tellBoth, expectBySix), h.expectAlarms(12, actionARN), "alarm_actions", "expect_by"),
		imported(),
		inPlace(t, h.chain(nightlySteps, `alarm_actions = ["`+actionARN+`"]`,
			`expect_by = { time = "06:00", timezone = "Europe/Zurich", days = ["MON", "FRI"] }`),
			h.expectAlarms(11, actionARN), "alarm_actions", "expect_by"),
		imported(),
		inPlace(t, h.chain(nightlySteps, "metrics = true"), func(ctx context.Context) error {
			found, err := h.alarms(ctx)
			if err != nil || len(found) > 0 {
				return fmt.Errorf("there are the alarms %v (%w)", found, err)
			}
			return h.runs(ctx)
		}, "alarm_actions", "expect_by", "metrics"),
		inPlace(t, h.chain(nightlySteps, "metrics = false"), func(ctx context.Context) error {
			before := h.Cloud.CloudWatch().Metrics(chain.MetricNamespace, chain.MetricDimension, "nightly")
			if err := h.runs(ctx); err != nil {
				return err
			}
			if after := h.Cloud.CloudWatch().Metrics(chain.MetricNamespace, chain.MetricDimension,
				"nightly"); after["ReloadsFinished"] != before["ReloadsFinished"] || before["ReloadsFinished"] == 0 {
				return fmt.Errorf("the metrics were %v and are %v", before, after)
			}
			return nil
		}, "metrics"),
		imported(),
	)
}

// subjects returns the subjects of the topic's messages.
func subjects(messages []sns.Message) []string {
	var all []string
	for _, m := range messages {
		all = append(all, m.Subject)
	}
	return all
}

// TestAccNotifications checks that the topic gets one message per failure of a deployed chain, with what failed and where to look.
func TestAccNotifications(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	topic := h.Cloud.SNS().AddTopic("oncall")
	l := newLife(t, 10*time.Second, 600)
	// Without sweeps: one that waits while the clock is moved by hours would be a dead letter.
	l.configure(h.chain(nightlySteps, tellTopic, expectBySix, "reconciliation = { enabled = false }"))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	if err := h.runs(ctx); err != nil {
		t.Fatal(err)
	}
	evaluate := func() []sns.Message {
		t.Helper()
		if err := h.Cloud.CloudWatch().Evaluate(); err != nil {
			t.Fatal(err)
		}
		return h.Cloud.SNS().Messages(topic)
	}
	if got := evaluate(); len(got) > 0 {
		t.Fatalf("all goes well, and the topic got %q", subjects(got))
	}

	h.Clock.Advance(time.Minute) // times of reloads have whole seconds, which distinguish the later one
	h.Tenant.SetOutcomes(sandbox.AppTransform, "FAILED")
	reload, err := h.Tenant.StartReload(sandbox.AppTransform)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	got := evaluate()
	if want := []string{"Task chain nightly: transform failed"}; !slices.Equal(subjects(got), want) {
		t.Fatalf("the topic got %q, want %q", subjects(got), want)
	}
	for _, want := range []string{
		"- transform failed: the load script ended with an error, as configured (EngineScriptError); " +
			"2 steps are blocked: archive and dashboard\n",
		"- dashboard is blocked: transform failed\n", h.invokeURL() + "/page?run=", h.Tenant.URL() + "/api/v1/reloads/" + reload.ID,
		"console.aws.amazon.com/cloudwatch",
	} {
		if text := got[0].Of["email"]; !strings.Contains(text, want) {
			t.Errorf("the e-mail does not have %q:\n%s", want, text)
		}
	}
	var chat struct{ Source string }
	if err := json.Unmarshal([]byte(got[0].Default), &chat); err != nil || chat.Source != "custom" || got[0].Of["sms"] != got[0].Subject {
		t.Errorf("the topic got %+v", got[0])
	}
	h.expectRun(t, got[0].Of["email"])

	for range 2 { // twice over 06:00: after 18:00 the run above belongs to the cycle of the first
		h.Clock.Advance(24 * time.Hour)
		if err := h.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sqs.NewFromConfig(h.AWS()).SendMessage(ctx,
		&sqs.SendMessageInput{QueueUrl: h.queueURL(), MessageBody: aws.String("{}")}); err != nil {
		t.Fatal(err)
	}
	if got = evaluate()[1:]; len(got) != 3 || !strings.HasPrefix(got[0].Subject, "Task chain nightly: not done by 06:00 ") {
		t.Fatalf("the topic got %q", subjects(got))
	}
	got = got[1:]
	if !strings.HasPrefix(got[0].Subject, "Task chain nightly: not done by 06:00 ") ||
		!strings.Contains(got[0].Of["email"], "- extract has not started since 18:00") ||
		!strings.Contains(got[0].Of["email"], "- archive has not started; it comes after transform\n") ||
		got[1].Subject != `ALARM: "qlik-task-chain-nightly-dead-letters" in eu-central-1` ||
		!strings.Contains(got[1].Default, "the chain has stopped there") {
		t.Errorf("the topic got %+v", got)
	}
	states := h.Cloud.CloudWatch().States()
	for what, want := range map[string]string{"failed-steps": "ALARM", "late": "ALARM", "dead-letters": "ALARM", "credentials": "OK",
		"webhook": "OK"} {
		if states[objectName+"-"+what] != want {
			t.Errorf("the alarm %s is in %s, want %s", what, states[objectName+"-"+what], want)
		}
	}
	if again := evaluate(); len(again) != 4 {
		t.Errorf("the topic was notified again: %q", subjects(again))
	}
	if err := l.destroy(); err != nil {
		t.Fatal(err)
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}

// expectRun checks that the link to the record in a notification leads to one.
func (h *harness) expectRun(t *testing.T, text string) {
	t.Helper()
	key, err := h.APIKey(t.Context(), objectName)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		if url := strings.TrimSpace(line); strings.HasPrefix(url, h.invokeURL()+"/runs/") {
			status, body, err := sandbox.Call(t.Context(), http.MethodGet, url, map[string]string{"x-api-key": key}, nil)
			if err != nil || status != http.StatusOK || !strings.Contains(string(body), `"FAILED"`) {
				t.Errorf("%s is answered %d: %s (%v)", url, status, body, err)
			}
			return
		}
	}
	t.Errorf("there is no link to the run in\n%s", text)
}

// TestAccForeignAlarm checks that another owner's alarm with the chain's name is reported and left alone.
func TestAccForeignAlarm(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	client := cloudwatch.NewFromConfig(h.AWS())
	if _, err := client.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String(objectName + "-refused"), Namespace: aws.String("Mine"), MetricName: aws.String("m"), Statistic: types.StatisticSum,
		Period:            aws.Int32(60),
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	}); err != nil {
		t.Fatal(err)
	}
	l := newLife(t, 10*time.Second, 600)
	l.configure(h.chain(nightlySteps))
	if err := l.apply(); err != nil {
		t.Fatalf("the chain has no alarms, and another one is in its way: %v", err)
	}
	l.configure(h.chain(nightlySteps, tellTopic))
	if output, err := l.terraform("apply", "-auto-approve", "-no-color", "-input=false"); err == nil ||
		!strings.Contains(output, "do not belong to this chain: the CloudWatch alarm qlik-task-chain-nightly-refused.") {
		t.Errorf("apply said %v: %s", err, output)
	}
	if err := l.destroy(); err != nil {
		t.Fatal(err)
	}
	found, err := h.alarms(t.Context())
	if err != nil || len(found) != 1 || aws.ToString(found["refused"].Namespace) != "Mine" {
		t.Errorf("left are %v (%v)", found, err)
	}
}

// TestAccInvalidAlarms checks that the plan refuses what AWS would refuse, or would never notify.
func TestAccInvalidAlarms(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	for argument, want := range map[string]string{
		`alarm_actions = []`:                        "at least 1",
		`alarm_actions = ["oncall"]`:                `"oncall" is no ARN. Use one such as that of an SNS topic`,
		`alarm_actions = ["` + topicARN + `.fifo"]`: "is a FIFO topic",
		`alarm_actions = ["arn:aws:sns:us-east-1:123456789012:oncall"]`: "is in us-east-1 (aws), and the chain is in eu-central-1 (aws). Use " +
			"one of the chain's region.",
		`alarm_actions = [for i in range(6) : "` + topicARN + `${i}"]`: "at most 5",
		tellTopic + "\n  metrics = false":                              "Remove metrics = false, or alarm_actions.",
		`expect_by = { time = "6" }`:                                   `expect_by.time: "6" is no time of day.`,
		`expect_by = { time = "06:00", days = ["Monday"] }`:            `There is no day "Monday".`,
		`expect_by = { time = "06:00", days = [] }`:                    "days is empty. Give it a value, or leave it out.",
		`expect_by = { time = "06:00", timezone = "Zurich" }`:          `Did you mean "Europe/Zurich"?`,
	} {
		l.configure(h.chain(nightlySteps, argument))
		if output, err := l.terraform("plan", "-no-color", "-input=false"); err == nil || !strings.Contains(output, want) {
			t.Errorf("%s: the plan says %v: %s", argument, err, output)
		}
	}
}

// TestAccExampleAlarms applies the example, and checks what it describes.
func TestAccExampleAlarms(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	topic := h.Cloud.SNS().AddTopic("oncall")
	l := exampleLife(t, "alarms", h.providerConfig())
	l.env = append(l.env, "TF_VAR_topic_arn="+topic, "TF_VAR_architecture="+function.HostArchitecture())
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	if err := l.expectNoChange(); err != nil {
		t.Error(err)
	}
	for range 7 { // days on which nothing is reloaded
		h.Clock.Advance(24 * time.Hour)
		if err := h.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	count := map[string]int{}
	for _, subject := range subjects(h.Cloud.SNS().Messages(topic)) {
		at, _, _ := strings.Cut(strings.TrimPrefix(subject, "Task chain nightly: not done by "), " ")
		count[at]++
	}
	if want := map[string]int{"06:00": 5, "05:30": 7}; !maps.Equal(count, want) {
		t.Errorf("the topic was notified %v times, want %v", count, want)
	}
	if err := l.destroy(); err != nil {
		t.Fatal(err)
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}

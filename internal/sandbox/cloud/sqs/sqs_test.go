// SPDX-License-Identifier: MPL-2.0

package sqs_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	sandboxsqs "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/sqs"
)

const noQueue = "AWS.SimpleQueueService.NonExistentQueue"

func start(t *testing.T) (*cloud.Cloud, *clock.Clock, *sqs.Client) {
	t.Helper()
	clk := clock.NewFrozen(time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC))
	c := cloudtest.Start(t, cloud.Config{Clock: clk})
	return c, clk, sqs.NewFromConfig(cloudtest.UserConfig(c))
}

// create makes a queue and returns its URL.
func create(t *testing.T, client *sqs.Client, name string, attributes map[string]string) *string {
	t.Helper()
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return out.QueueUrl
}

func send(t *testing.T, client *sqs.Client, url *string, body string) {
	t.Helper()
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String(body)}); err != nil {
		t.Fatal(err)
	}
}

// receive receives up to ten messages and returns their bodies.
func receive(t *testing.T, client *sqs.Client, url *string) []types.Message {
	t.Helper()
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
	if err != nil {
		t.Fatal(err)
	}
	return out.Messages
}

func bodies(messages []types.Message) string {
	var list []string
	for _, m := range messages {
		list = append(list, *m.Body)
	}
	return strings.Join(list, ",")
}

func TestCreateQueue(t *testing.T) {
	t.Parallel()
	c, clk, client := start(t)
	url := create(t, client, "chain", map[string]string{"MessageRetentionPeriod": "1209600"})
	if want := c.URL() + "/123456789012/chain"; *url != want {
		t.Errorf("URL %s, want %s", *url, want)
	}
	if objects := c.Objects()["sqs"]; !slices.Equal(objects, []string{"arn:aws:sqs:eu-central-1:123456789012:chain"}) {
		t.Errorf("objects %v", objects)
	}
	for name, attributes := range map[string]map[string]string{
		"the same":          {"MessageRetentionPeriod": "1209600"},
		"the default":       {"VisibilityTimeout": "30"},
		"none":              nil,
		"encryption of SQS": {"SqsManagedSseEnabled": "true"},
	} {
		if again := create(t, client, "chain", attributes); *again != *url {
			t.Errorf("%s: URL %s", name, *again)
		}
	}
	_, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("chain"),
		Attributes: map[string]string{"VisibilityTimeout": "60"}})
	cloudtest.WantError(t, err, 400, "QueueAlreadyExists", "a different value for attribute VisibilityTimeout")
	if exists := new(types.QueueNameExists); !errors.As(err, &exists) {
		t.Errorf("%T is not the SDK's type", err)
	}

	if _, err := client.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("chain")})
	cloudtest.WantError(t, err, 400, "AWS.SimpleQueueService.QueueDeletedRecently", "You must wait 60 seconds")
	clk.Advance(time.Minute)
	create(t, client, "chain", nil)
}

func TestCreateQueueAgainAtOnce(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{SQS: sandboxsqs.Config{RecreateAfter: -1}})
	client := sqs.NewFromConfig(cloudtest.UserConfig(c))
	if _, err := client.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: create(t, client, "chain", nil)}); err != nil {
		t.Fatal(err)
	}
	create(t, client, "chain", nil)
}

func TestCreateQueueRefuses(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	tests := map[string]struct {
		name          string
		attributes    map[string]string
		code, message string
	}{
		"a character":           {"a.b", nil, "InvalidParameterValue", "alphanumeric"},
		"81 characters":         {strings.Repeat("a", 81), nil, "InvalidParameterValue", "1 to 80 in length"},
		"no name":               {"", nil, "MissingParameter", "QueueName"},
		"FIFO":                  {"a.fifo", nil, "AWS.SimpleQueueService.UnsupportedOperation", "FIFO"},
		"too short a retention": {"a", map[string]string{"MessageRetentionPeriod": "59"}, "InvalidAttributeValue", "MessageRetentionPeriod"},
		"too long a retention": {"a", map[string]string{"MessageRetentionPeriod": "1209601"}, "InvalidAttributeValue",
			"MessageRetentionPeriod"},
		"no number":                {"a", map[string]string{"VisibilityTimeout": "30s"}, "InvalidAttributeValue", "VisibilityTimeout"},
		"a policy that is no JSON": {"a", map[string]string{"Policy": "{"}, "InvalidAttributeValue", "Policy"},
		"a policy of nothing":      {"a", map[string]string{"Policy": "{}"}, "InvalidAttributeValue", "Policy"},
		"encryption maybe":         {"a", map[string]string{"SqsManagedSseEnabled": "maybe"}, "InvalidAttributeValue", "SqsManagedSseEnabled"},
		"two kinds of encryption": {"a", map[string]string{"SqsManagedSseEnabled": "true", "KmsMasterKeyId": "alias/a"}, "InvalidAttributeValue",
			"one type of server-side encryption"},
		"a redrive to nowhere":    {"a", map[string]string{"RedrivePolicy": `{"maxReceiveCount":3}`}, "InvalidAttributeValue", "RedrivePolicy"},
		"a redrive after nothing": {"a", map[string]string{"RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:b","maxReceiveCount":0}`}, "InvalidAttributeValue", "RedrivePolicy"},
		"a redrive by some": {"a", map[string]string{"RedriveAllowPolicy": `{"redrivePermission":"some"}`}, "InvalidAttributeValue",
			"RedriveAllowPolicy"},
		"an unknown attribute": {"a", map[string]string{"Colour": "red"}, "InvalidAttributeName", "Colour"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(tt.name), Attributes: tt.attributes})
			cloudtest.WantError(t, err, 400, tt.code, tt.message)
		})
	}
	_, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("a"), Tags: map[string]string{"aws:a": "b"}})
	cloudtest.WantError(t, err, 400, "InvalidParameterValue", "reserved")
}

// TestNoQueue calls every operation on a queue that does not exist.
func TestNoQueue(t *testing.T) {
	t.Parallel()
	c, _, client := start(t)
	for _, url := range []*string{aws.String(c.URL() + "/123456789012/none"), aws.String(c.URL() + "/999999999999/chain"), aws.String("://")} {
		calls := map[string]func() error{
			"GetQueueAttributes": func() error {
				_, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url})
				return err
			},
			"SetQueueAttributes": func() error {
				_, err := client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{}})
				return err
			},
			"DeleteQueue": func() error {
				_, err := client.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url})
				return err
			},
			"SendMessage": func() error {
				_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("a")})
				return err
			},
			"ReceiveMessage": func() error {
				_, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
				return err
			},
		}
		for name, call := range calls {
			err := call()
			cloudtest.WantError(t, err, 400, noQueue, "The specified queue does not exist.")
			if missing := new(types.QueueDoesNotExist); !errors.As(err, &missing) {
				t.Errorf("%s: %T is not the SDK's type", name, err)
			}
		}
	}
	_, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
	cloudtest.WantError(t, err, 400, noQueue, "The specified queue does not exist.")
}

func TestGetQueueURL(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	url := create(t, client, "chain", nil)
	out, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("chain")})
	if err != nil || *out.QueueUrl != *url {
		t.Errorf("%v, %v", out, err)
	}
	_, err = client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("other")})
	cloudtest.WantError(t, err, 400, noQueue, "")
}

func TestQueueAttributes(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	url := create(t, client, "chain", nil)
	get := func(names ...types.QueueAttributeName) map[string]string {
		t.Helper()
		out, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: names})
		if err != nil {
			t.Fatal(err)
		}
		return out.Attributes
	}
	set := func(attributes map[string]string) {
		t.Helper()
		if _, err := client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: attributes}); err != nil {
			t.Fatal(err)
		}
	}
	all := get(types.QueueAttributeNameAll)
	for name, want := range map[string]string{
		"QueueArn": "arn:aws:sqs:eu-central-1:123456789012:chain", "SqsManagedSseEnabled": "true", "MessageRetentionPeriod": "345600",
		"VisibilityTimeout": "30", "DelaySeconds": "0", "MaximumMessageSize": "1048576", "ReceiveMessageWaitTimeSeconds": "0",
		"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0", "ApproximateNumberOfMessagesDelayed": "0",
	} {
		if all[name] != want {
			t.Errorf("%s is %q, want %q", name, all[name], want)
		}
	}
	for _, name := range []string{"KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "Policy"} {
		if _, has := all[name]; has {
			t.Errorf("%s is %q and was not set", name, all[name])
		}
	}
	if len(all["CreatedTimestamp"]) != 10 || len(get()) != 0 || len(get("KmsMasterKeyId", "VisibilityTimeout")) != 1 {
		t.Errorf("created %q, none asked for %v", all["CreatedTimestamp"], get())
	}

	set(map[string]string{"KmsMasterKeyId": "alias/chain", "VisibilityTimeout": "900", "Policy": `{"Statement":[]}`})
	for name, want := range map[string]string{
		"KmsMasterKeyId": "alias/chain", "KmsDataKeyReusePeriodSeconds": "300", "SqsManagedSseEnabled": "false", "VisibilityTimeout": "900",
		"Policy": `{"Statement":[]}`,
	} {
		if got := get("All")[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, value := range map[string]string{
		"DelaySeconds": "5", "MaximumMessageSize": "2048", "ReceiveMessageWaitTimeSeconds": "20", "MessageRetentionPeriod": "1209600",
		"RedrivePolicy":      `{"deadLetterTargetArn":"arn:aws:sqs:eu-central-1:123456789012:b","maxReceiveCount":"3"}`,
		"RedriveAllowPolicy": `{"redrivePermission":"denyAll"}`,
	} {
		set(map[string]string{name: value})
		if got := get("All")[name]; got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	create(t, client, "chain", map[string]string{"Policy": `{ "Statement": [ ] }`})
	set(map[string]string{"SqsManagedSseEnabled": "true", "Policy": ""})
	all = get("All")
	if _, has := all["Policy"]; has || all["KmsMasterKeyId"] != "" || all["SqsManagedSseEnabled"] != "true" {
		t.Errorf("attributes %v", all)
	}
	_, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url,
		AttributeNames: []types.QueueAttributeName{"Colour"}})
	cloudtest.WantError(t, err, 400, "InvalidAttributeName", "Colour")
	_, err = client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url,
		Attributes: map[string]string{"QueueArn": "a"}})
	cloudtest.WantError(t, err, 400, "InvalidAttributeName", "QueueArn")
}

// TestAccess calls with a role that may send to one queue alone.
func TestAccess(t *testing.T) {
	t.Parallel()
	c, _, client := start(t)
	mine, other := create(t, client, "mine", nil), create(t, client, "other", nil)
	roles := iam.NewFromConfig(cloudtest.UserConfig(c))
	if _, err := roles.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("sender"), AssumeRolePolicyDocument: aws.String(
		`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}}`)}); err != nil {
		t.Fatal(err)
	}
	if _, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("sender"), PolicyName: aws.String("inline"),
		PolicyDocument: aws.String(
			`{"Statement":{"Effect":"Allow","Action":["sqs:SendMessage","sqs:DeleteMessage"],"Resource":"arn:aws:sqs:eu-central-1:123456789012:mine"}}`)}); err != nil {
		t.Fatal(err)
	}
	role := sqs.NewFromConfig(cloudtest.RoleConfig(t, c, "sender"))
	send(t, role, mine, "a")
	_, err := role.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: other, MessageBody: aws.String("a")})
	cloudtest.WantError(t, err, 403, "AccessDenied", "sqs:SendMessage on resource: arn:aws:sqs:eu-central-1:123456789012:other")
}

func TestSendFromService(t *testing.T) {
	t.Parallel()
	c, clk, client := start(t)
	url := create(t, client, "chain", nil)
	arn := "arn:aws:sqs:eu-central-1:123456789012:chain"
	if !c.SQS().Exists(arn) || c.SQS().Exists(arn+"s") || c.SQS().Exists("arn:aws:sqs:eu-west-1:123456789012:chain") {
		t.Error("the wrong queues exist")
	}
	if err := c.SQS().Send(t.Context(), arn, "body", map[string]string{"ERROR_CODE": "No"}); err != nil {
		t.Fatal(err)
	}
	messages := c.SQS().Messages("chain")
	if len(messages) != 1 || messages[0].Body != "body" || messages[0].Attributes["ERROR_CODE"] != "No" ||
		!messages[0].Sent.Equal(clk.Now()) || messages[0].Received != 0 {
		t.Errorf("messages %+v", messages)
	}
	if got := bodies(receive(t, client, url)); got != "body" {
		t.Errorf("received %s", got)
	}
	if err := c.SQS().Send(t.Context(), arn+"s", "body", nil); err == nil || !strings.Contains(err.Error(), "QueueDoesNotExist") {
		t.Errorf("error %v", err)
	}
	if err := c.SQS().Send(t.Context(), arn, "", nil); err == nil || !strings.Contains(err.Error(), "MessageBody") {
		t.Errorf("error %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.SQS().Send(ended, arn, "body", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if c.SQS().Messages("none") != nil {
		t.Error("messages of no queue")
	}
}

// TestRace sends, receives and deletes at the same time: every message is received once, since none becomes visible again.
func TestRace(t *testing.T) {
	t.Parallel()
	c, _, client := start(t)
	url := create(t, client, "chain", nil)
	const senders, each = 4, 10
	var group sync.WaitGroup
	seen := make(chan string, senders*each*2)
	for sender := range senders {
		group.Go(func() {
			for n := range each {
				if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url,
					MessageBody: aws.String(fmt.Sprint(sender, n))}); err != nil {
					t.Error(err)
				}
			}
		})
		group.Go(func() {
			for received := 0; received < each; {
				out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
				if err == nil && len(out.Messages) == 0 {
					continue
				}
				received++
				if err != nil || len(out.Messages) != 1 {
					t.Errorf("received %v, %v", out, err)
					return
				}
				seen <- *out.Messages[0].Body
				if _, err := client.DeleteMessage(t.Context(),
					&sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: out.Messages[0].ReceiptHandle}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	close(seen)
	distinct := map[string]bool{}
	for body := range seen {
		distinct[body] = true
	}
	if left := c.SQS().Messages("chain"); len(distinct) != senders*each || len(left) != 0 {
		t.Errorf("%d distinct messages were received, %d are left", len(distinct), len(left))
	}
}

// SPDX-License-Identifier: MPL-2.0

package sqs_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func TestReceiveAndDelete(t *testing.T) {
	t.Parallel()
	_, clk, client := start(t)
	url := create(t, client, "chain", nil)
	for _, body := range []string{"a", "b", "c"} {
		send(t, client, url, body)
	}
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: 2, VisibilityTimeout: 60, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil || bodies(out.Messages) != "a,b" {
		t.Fatalf("received %s, %v", bodies(out.Messages), err)
	}
	first := out.Messages[0]
	if first.Attributes["ApproximateReceiveCount"] != "1" || first.Attributes["SentTimestamp"] != "1795410000000" || first.Attributes["SenderId"] == "" {
		t.Errorf("attributes %v", first.Attributes)
	}
	if got := bodies(receive(t, client, url)); got != "c" {
		t.Errorf("received %s while two are invisible", got)
	}
	if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: first.ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	attributes, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || attributes.Attributes["ApproximateNumberOfMessagesNotVisible"] != "2" || attributes.Attributes["ApproximateNumberOfMessages"] != "0" {
		t.Errorf("attributes %v, %v", attributes, err)
	}
	clk.Advance(59 * time.Second)
	if got := bodies(receive(t, client, url)); got != "c" {
		t.Errorf("received %q after 59 s, want c, which the queue's own 30 s hid", got)
	}
	clk.Advance(time.Second)
	again := receive(t, client, url)
	if bodies(again) != "b" {
		t.Errorf("received %q after 60 s, want b", bodies(again))
	}
	// The handle of the first receipt no longer deletes; it is no error either.
	if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: out.Messages[1].ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	clk.Advance(time.Hour)
	if got := bodies(receive(t, client, url)); got != "b,c" {
		t.Errorf("left is %q, want b,c", got)
	}
	_, err = client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: aws.String("nonsense")})
	cloudtest.WantError(t, err, 404, "ReceiptHandleIsInvalid", "nonsense")
}

func TestRetention(t *testing.T) {
	t.Parallel()
	_, clk, client := start(t)
	url := create(t, client, "chain", map[string]string{"MessageRetentionPeriod": "60", "VisibilityTimeout": "0"})
	send(t, client, url, "a")
	clk.Advance(time.Minute)
	if got := bodies(receive(t, client, url)); got != "a" {
		t.Errorf("received %q after 60 s", got)
	}
	clk.Advance(time.Second)
	if got := bodies(receive(t, client, url)); got != "" {
		t.Errorf("received %q after 61 s", got)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	_, clk, client := start(t)
	url := create(t, client, "chain", map[string]string{"DelaySeconds": "5"})
	send(t, client, url, "queue's")
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("own"), DelaySeconds: 900}); err != nil {
		t.Fatal(err)
	}
	attributes, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || attributes.Attributes["ApproximateNumberOfMessagesDelayed"] != "2" {
		t.Errorf("attributes %v, %v", attributes, err)
	}
	if got := bodies(receive(t, client, url)); got != "" {
		t.Errorf("received %q at once", got)
	}
	clk.Advance(5 * time.Second)
	if got := bodies(receive(t, client, url)); got != "queue's" {
		t.Errorf("received %q after 5 s", got)
	}
}

// TestLongPoll waits for a message that is sent, for one that becomes visible, and in vain.
func TestLongPoll(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prepare func(t *testing.T, client *sqs.Client, url *string)
		provoke func(t *testing.T, client *sqs.Client, url *string, advance func(time.Duration))
	}{
		"sent": {
			func(*testing.T, *sqs.Client, *string) {},
			func(t *testing.T, client *sqs.Client, url *string, _ func(time.Duration)) { send(t, client, url, "a") },
		},
		"visible": {
			func(t *testing.T, client *sqs.Client, url *string) {
				send(t, client, url, "a")
				receive(t, client, url)
			},
			func(_ *testing.T, _ *sqs.Client, _ *string, advance func(time.Duration)) { advance(30 * time.Second) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, clk, client := start(t)
			url := create(t, client, "chain", map[string]string{"ReceiveMessageWaitTimeSeconds": "20"})
			tt.prepare(t, client, url)
			got := make(chan string)
			go func() {
				out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
				if err != nil {
					t.Error(err)
					got <- ""
					return
				}
				got <- bodies(out.Messages)
			}()
			tt.provoke(t, client, url, clk.Advance)
			if body := <-got; body != "a" {
				t.Errorf("received %q", body)
			}
		})
	}
	t.Run("in vain", func(t *testing.T) {
		t.Parallel()
		_, _, client := start(t)
		url := create(t, client, "chain", nil)
		before := time.Now()
		out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 1})
		if took := time.Since(before); err != nil || len(out.Messages) != 0 || took < time.Second {
			t.Errorf("received %v after %v, %v", out, took, err)
		}
	})
}

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	url := create(t, client, "chain", nil)
	for message, input := range map[string]*sqs.ReceiveMessageInput{
		"Must be between 1 and 10":    {QueueUrl: url, MaxNumberOfMessages: 11},
		"Must be >= 0 and <= 20":      {QueueUrl: url, WaitTimeSeconds: 21},
		"Must be between 0 and 43200": {QueueUrl: url, VisibilityTimeout: -1},
		"does not support the field":  {QueueUrl: url, ReceiveRequestAttemptId: aws.String("a")},
	} {
		_, err := client.ReceiveMessage(t.Context(), input)
		if err == nil || !strings.Contains(err.Error(), message) {
			t.Errorf("error %v, want %s", err, message)
		}
	}
}

// TestSend sends messages at the bounds. The SDK compares the checksums.
func TestSend(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	url := create(t, client, "chain", map[string]string{"MaximumMessageSize": "1024"})
	many := map[string]types.MessageAttributeValue{}
	for _, name := range strings.Split("a b c d e f g h i j k", " ") {
		many[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("1")}
	}
	tests := map[string]struct {
		body          string
		delay         int32
		attributes    map[string]types.MessageAttributeValue
		code, message string
	}{
		"as long as can be": {body: strings.Repeat("a", 1024)},
		"a byte too long":   {body: strings.Repeat("a", 1025), code: "InvalidParameterValue", message: "shorter than 1024 bytes"},
		"too long with its attribute": {body: strings.Repeat("a", 1020), attributes: map[string]types.MessageAttributeValue{
			"n": {DataType: aws.String("String"), StringValue: aws.String("1")},
		}, code: "InvalidParameterValue", message: "shorter than 1024 bytes"},
		"no body":             {code: "MissingParameter", message: "MessageBody"},
		"lines":               {body: "a\r\n\tb ü 🙂"},
		"a control character": {body: "a\x00", code: "InvalidMessageContents", message: "Invalid characters"},
		"too late":            {body: "a", delay: 901, code: "InvalidParameterValue", message: "<= 900"},
		"attributes": {body: "a", attributes: map[string]types.MessageAttributeValue{
			"text": {DataType: aws.String("String"), StringValue: aws.String("1")}, "bytes": {DataType: aws.String("Binary.gif"), BinaryValue: []byte{1}},
		}},
		"an attribute without a value": {body: "a", attributes: map[string]types.MessageAttributeValue{"n": {DataType: aws.String("String")}},
			code: "InvalidParameterValue", message: "one value"},
		"an attribute of no type": {body: "a", attributes: map[string]types.MessageAttributeValue{"n": {DataType: aws.String("Colour"), StringValue: aws.String("red")}},
			code: "InvalidParameterValue", message: "data type"},
		"eleven attributes": {body: "a", attributes: many, code: "InvalidParameterValue", message: "[11]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{
				QueueUrl: url, MessageBody: aws.String(tt.body), DelaySeconds: tt.delay, MessageAttributes: tt.attributes,
			})
			switch {
			case tt.code != "":
				cloudtest.WantError(t, err, 400, tt.code, tt.message)
			case err != nil || *out.MessageId == "" || (out.MD5OfMessageAttributes == nil) != (tt.attributes == nil):
				t.Errorf("%+v, %v", out, err)
			}
		})
	}
}

// TestFaults are the service's own.
func TestFaults(t *testing.T) {
	t.Parallel()
	c, _, client := start(t)
	for kind, want := range map[cloud.FaultKind]struct {
		status int
		code   string
	}{cloud.FaultThrottle: {403, "RequestThrottled"}, cloud.FaultServer: {500, "InternalFailure"}} {
		c.Faults().Add(cloud.Fault{Service: "sqs", Kind: kind, Times: 1})
		_, err := client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
		cloudtest.WantError(t, err, want.status, want.code, "")
	}
}

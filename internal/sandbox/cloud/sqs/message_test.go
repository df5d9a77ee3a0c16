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
		QueueUrl: url, MaxNumberOfMessages: 2, VisibilityTimeout: 60,
		AttributeNames: []types.QueueAttributeName{"SentTimestamp"}, //nolint:staticcheck // the aws CLI sends the older name, too
	})
	if err != nil || bodies(out.Messages) != "a,b" {
		t.Fatalf("received %s, %v", bodies(out.Messages), err)
	}
	first := out.Messages[0]
	if len(first.Attributes) != 1 || first.Attributes["SentTimestamp"] != "1795410000000" {
		t.Errorf("attributes %v", first.Attributes)
	}
	if got := bodies(receive(t, client, url)); got != "c" {
		t.Errorf("received %s while two are invisible", got)
	}
	if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: first.ReceiptHandle}); err != nil {
		t.Fatal(err)
	}
	attributes, err := client.GetQueueAttributes(t.Context(),
		&sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || attributes.Attributes["ApproximateNumberOfMessagesNotVisible"] != "2" ||
		attributes.Attributes["ApproximateNumberOfMessages"] != "0" {
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
	if _, err := client.DeleteMessage(t.Context(), &sqs.DeleteMessageInput{QueueUrl: url,
		ReceiptHandle: out.Messages[1].ReceiptHandle}); err != nil {
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
	attributes, err := client.GetQueueAttributes(t.Context(),
		&sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}})
	if err != nil || attributes.Attributes["ApproximateNumberOfMessagesDelayed"] != "1" {
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

func TestReceiveRefuses(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	url := create(t, client, "chain", nil)
	for message, input := range map[string]*sqs.ReceiveMessageInput{
		"Must be between 1 and 10":    {QueueUrl: url, MaxNumberOfMessages: 11},
		"field \"WaitTimeSeconds\"":   {QueueUrl: url, WaitTimeSeconds: 20},
		"no attribute of messages":    {QueueUrl: url, AttributeNames: []types.QueueAttributeName{"All"}},
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
	for name, tt := range map[string]struct {
		in            sqs.SendMessageInput
		code, message string
	}{
		"as long as can be": {in: sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("a", 1024))}},
		"a byte too long": {sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("a", 1025))}, "InvalidParameterValue",
			"shorter than 1024 bytes"},
		"no body":             {sqs.SendMessageInput{MessageBody: aws.String("")}, "MissingParameter", "MessageBody"},
		"lines":               {in: sqs.SendMessageInput{MessageBody: aws.String("a\r\n\tb ü 🙂")}},
		"a control character": {sqs.SendMessageInput{MessageBody: aws.String("a\x00")}, "InvalidMessageContents", "Invalid characters"},
		"a delay":             {sqs.SendMessageInput{MessageBody: aws.String("a"), DelaySeconds: 1}, "", "does not support the field"},
		"an attribute": {sqs.SendMessageInput{MessageBody: aws.String("a"), MessageAttributes: map[string]types.MessageAttributeValue{
			"n": {DataType: aws.String("String"), StringValue: aws.String("1")},
		}}, "", "does not support the field"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.in.QueueUrl = url
			out, err := client.SendMessage(t.Context(), &tt.in)
			switch {
			case tt.message != "":
				if err == nil || !strings.Contains(err.Error(), tt.code) || !strings.Contains(err.Error(), tt.message) {
					t.Errorf("error %v, want %s: %s", err, tt.code, tt.message)
				}
			case err != nil || *out.MessageId == "":
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

// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// Queue is an SQS queue: the chain's dead-letter queue. It is safe for concurrent use.
type Queue struct {
	client *client
	url    string
}

// QueueMessage is a message of a queue.
type QueueMessage struct {
	ID      string
	Body    string
	Sent    time.Time // into the queue
	RuleARN string    // of the EventBridge rule that sent it; empty: none did
	receipt string
}

const (
	maxReceived = 10               // the most messages that SQS returns in one call
	hiddenFor   = 90 * time.Second // how long SQS hides a received message: longer than the function may run
)

// ruleARN is the attribute in which EventBridge says which rule's event it could not deliver
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html).
const ruleARN = "RULE_ARN"

// NewQueue returns the queue with this ARN, with the region, the credentials, the endpoint and the HTTP client of config.
func NewQueue(config aws.Config, queueARN string) (*Queue, error) {
	name, err := arn.Parse(queueARN)
	if err != nil {
		return nil, fmt.Errorf("the dead-letter queue's ARN %q: %w", queueARN, err)
	}
	c := newClient(config, service{id: "SQS", scope: "sqs", target: "AmazonSQS", version: "1.0"})
	return &Queue{c, c.url + "/" + name.AccountID + "/" + name.Resource}, nil
}

// Receive returns some messages; none if the queue has none to return. They come again later unless Delete deletes them. Source:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
func (q *Queue) Receive(ctx context.Context) ([]QueueMessage, error) {
	var out struct {
		Messages []struct {
			MessageID     string `json:"MessageId"`
			Body          string
			ReceiptHandle string
			Attributes    map[string]string

			MessageAttributes map[string]struct{ StringValue string }
		}
	}
	err := q.client.call(ctx, "ReceiveMessage", map[string]any{
		"QueueUrl": q.url, "MaxNumberOfMessages": maxReceived, "VisibilityTimeout": int(hiddenFor.Seconds()),
		"AttributeNames": []string{"SentTimestamp"}, "MessageAttributeNames": []string{ruleARN},
	}, &out)
	if err != nil {
		return nil, err
	}
	messages := make([]QueueMessage, len(out.Messages))
	for i, m := range out.Messages {
		sent, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the message %s has no time: %w", m.MessageID, err)
		}
		messages[i] = QueueMessage{
			ID: m.MessageID, Body: m.Body, Sent: time.UnixMilli(sent), RuleARN: m.MessageAttributes[ruleARN].StringValue, receipt: m.ReceiptHandle,
		}
	}
	return messages, nil
}

// Delete deletes a message for good.
func (q *Queue) Delete(ctx context.Context, m QueueMessage) error {
	return q.client.call(ctx, "DeleteMessage", map[string]any{"QueueUrl": q.url, "ReceiptHandle": m.receipt}, nil)
}

// Left returns about how many messages the queue holds, with those that were received and not deleted.
func (q *Queue) Left(ctx context.Context) (int, error) {
	names := []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}
	var out struct{ Attributes map[string]string }
	if err := q.client.call(ctx, "GetQueueAttributes", map[string]any{"QueueUrl": q.url, "AttributeNames": names}, &out); err != nil {
		return 0, err
	}
	left := 0
	for _, name := range names {
		n, err := strconv.Atoi(out.Attributes[name])
		if err != nil {
			return 0, fmt.Errorf("the queue %s: %s: %w", q.url[strings.LastIndex(q.url, "/")+1:], name, err)
		}
		left += n
	}
	return left, nil
}

// SPDX-License-Identifier: MPL-2.0

// Package deadletter reads the chain's dead-letter queue.
package deadletter

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/awscall"
)

// Queue is an SQS queue. It is safe for concurrent use.
type Queue struct {
	client *awscall.JSONClient
	url    string
}

// Message is what a queue holds.
type Message struct {
	ID      string
	Body    string
	Sent    time.Time // into the queue
	receipt string
}

// atOnce is how many messages SQS hands out in one call.
const atOnce = 10

// hidden is for how long a message that was received is not handed out again: longer than the function may run.
const hidden = 90 * time.Second

// New is the queue with this ARN, with the region, the credentials, the endpoint and the HTTP client of config.
func New(config aws.Config, queueARN string) (*Queue, error) {
	name, err := arn.Parse(queueARN)
	if err != nil {
		return nil, fmt.Errorf("the dead-letter queue's ARN %q: %w", queueARN, err)
	}
	client := awscall.NewJSONClient(config, awscall.JSONService{Service: awscall.Service{ID: "SQS", Scope: "sqs"}, Target: "AmazonSQS", Protocol: "1.0"})
	return &Queue{client, client.URL + "/" + name.AccountID + "/" + name.Resource}, nil
}

// Receive takes some messages, none when there is none to be had. They come again later unless they are deleted. Source:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
func (q *Queue) Receive(ctx context.Context) ([]Message, error) {
	var out struct {
		Messages []struct {
			MessageID     string `json:"MessageId"`
			Body          string
			ReceiptHandle string
			Attributes    map[string]string
		}
	}
	err := q.client.Call(ctx, "ReceiveMessage", map[string]any{
		"QueueUrl": q.url, "MaxNumberOfMessages": atOnce, "VisibilityTimeout": int(hidden.Seconds()),
		"AttributeNames": []string{"SentTimestamp"},
	}, &out)
	if err != nil {
		return nil, err
	}
	messages := make([]Message, len(out.Messages))
	for i, m := range out.Messages {
		sent, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("the message %s has no time: %w", m.MessageID, err)
		}
		messages[i] = Message{ID: m.MessageID, Body: m.Body, Sent: time.UnixMilli(sent), receipt: m.ReceiptHandle}
	}
	return messages, nil
}

// Delete takes a message away for good.
func (q *Queue) Delete(ctx context.Context, m Message) error {
	return q.client.Call(ctx, "DeleteMessage", map[string]any{"QueueUrl": q.url, "ReceiptHandle": m.receipt}, nil)
}

// Left is about how many messages there are, those that were received and not deleted included.
func (q *Queue) Left(ctx context.Context) (int, error) {
	names := []string{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}
	var out struct{ Attributes map[string]string }
	if err := q.client.Call(ctx, "GetQueueAttributes", map[string]any{"QueueUrl": q.url, "AttributeNames": names}, &out); err != nil {
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

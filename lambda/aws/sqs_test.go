// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
)

// TestQueue reads a queue of the sandbox to its end: a received message does not come again while it is hidden, and a deleted one never.
func TestQueue(t *testing.T) {
	t.Parallel()
	config := cloudtest.UserConfig(cloudtest.Start(t, cloud.Config{}))
	client := sqs.NewFromConfig(config)
	made, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: sdk.String("letters")})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		in := &sqs.SendMessageInput{QueueUrl: made.QueueUrl, MessageBody: sdk.String(fmt.Sprint(i))}
		if _, err := client.SendMessage(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	queue, err := aws.NewQueue(config, "arn:aws:sqs:eu-central-1:"+account(t, *made.QueueUrl)+":letters")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for {
		messages, err := queue.Receive(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(messages) == 0 {
			break
		}
		for _, m := range messages {
			if seen[m.Body] || m.ID == "" || time.Since(m.Sent).Abs() > time.Minute {
				t.Errorf("received %+v, after %v", m, seen)
			}
			seen[m.Body] = true
			if m.Body == "3" {
				continue
			}
			if err := queue.Delete(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
	}
	if left, err := queue.Left(t.Context()); len(seen) != 12 || left != 1 || err != nil {
		t.Errorf("received %d messages, %d are left, %v", len(seen), left, err)
	}
}

// account is that of a queue's URL.
func account(t *testing.T, url string) string {
	t.Helper()
	parts := strings.Split(url, "/")
	if len(parts) < 2 {
		t.Fatalf("the queue's URL is %s", url)
	}
	return parts[len(parts)-2]
}

func TestAQueueNeedsAnARN(t *testing.T) {
	t.Parallel()
	if _, err := aws.NewQueue(sdk.Config{Region: "eu-central-1"}, "letters"); err == nil || !strings.Contains(err.Error(), `"letters"`) {
		t.Errorf("New() = %v", err)
	}
}

// SPDX-License-Identifier: MPL-2.0

package sqs_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func TestTags(t *testing.T) {
	t.Parallel()
	_, _, client := start(t)
	out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("chain"),
		Tags: map[string]string{"a": "1", "b": "2"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: out.QueueUrl,
		Tags: map[string]string{"b": "3", "c": "4"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UntagQueue(t.Context(), &sqs.UntagQueueInput{QueueUrl: out.QueueUrl, TagKeys: []string{"a", "z"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := client.ListQueueTags(t.Context(), &sqs.ListQueueTagsInput{QueueUrl: out.QueueUrl})
	if err != nil || fmt.Sprint(tags.Tags) != "map[b:3 c:4]" {
		t.Errorf("tags %v, %v", tags, err)
	}
	_, err = client.TagQueue(t.Context(), &sqs.TagQueueInput{QueueUrl: out.QueueUrl, Tags: map[string]string{"": "3"}})
	cloudtest.WantError(t, err, 400, "InvalidParameterValue", "1 to 128 characters")
}

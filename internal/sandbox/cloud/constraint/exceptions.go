// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"slices"
	"strings"
)

// widen corrects a member for which the model is narrower than AWS itself. The member _source of the document names these places.
func widen(operation, path string, m *Member) {
	switch {
	case strings.HasPrefix(operation, "scheduler ") && strings.HasPrefix(m.Pattern, "^arn:aws(-[a-z]+)?:"):
		// arn:aws-us-gov:…: two hyphens. EventBridge Scheduler is offered there.
		m.Pattern = strings.Replace(m.Pattern, "(-[a-z]+)?", "(-[a-z]+)*", 1)
	case operation == "sqs ReceiveMessage" && path == "AttributeNames[]":
		// AttributeNames also takes the names of message system attributes. The model has these only in MessageSystemAttributeNames.
		m.Enum = append(slices.Clone(m.Enum), messageAttributes...)
	case operation == "cloudwatch PutMetricAlarm" && path == "":
		// These members are newer than the document.
		// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
		m.Members = append(slices.Clone(m.Members), "WarmUpConfiguration", "EvaluationWindow")
	}
}

// messageAttributes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html, AttributeNames.
var messageAttributes = []string{
	"SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "SequenceNumber", "MessageDeduplicationId",
	"MessageGroupId", "AWSTraceHeader",
}

// payloads are the members that form the whole body. The document does not mark them.
var payloads = map[string]string{"lambda Invoke": "Payload"}

// unmodelled are operations that the document does not have. Only tests use them, to read a whole table with one request.
var unmodelled = map[string]bool{"dynamodb Scan": true}

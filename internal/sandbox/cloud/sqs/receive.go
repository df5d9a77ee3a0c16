// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// sentTimestamp is the only system attribute that the sandbox returns.
const sentTimestamp = "SentTimestamp"

type receiveInput struct {
	queueInput
	AttributeNames        []string
	MessageAttributeNames []string
	MaxNumberOfMessages   *int
	VisibilityTimeout     *int
}

// messageAttribute is a message attribute of the type String.
type messageAttribute struct{ DataType, StringValue string }

type receivedMessage struct {
	MessageID     string `json:"MessageId"`
	ReceiptHandle string
	MD5OfBody     string
	Body          string
	Attributes    map[string]string `json:",omitempty"`

	MessageAttributes map[string]messageAttribute `json:",omitempty"`
}

type receiveOutput struct {
	Messages []receivedMessage `json:",omitempty"`
}

// receiveMessage receives visible messages. It answers at once, even if the queue has a ReceiveMessageWaitTimeSeconds.
func (s *Service) receiveMessage(_ *wire.Call, in *receiveInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		most, visibility := 1, q.seconds(attributeVisibility)
		if n := in.MaxNumberOfMessages; n != nil {
			most = *n
		}
		if seconds := in.VisibilityTimeout; seconds != nil {
			visibility = time.Duration(*seconds) * time.Second
		}
		switch {
		case most < 1 || most > 10:
			return nil, invalidParameter("MaxNumberOfMessages", strconv.Itoa(most), "Must be between 1 and 10, if provided.")
		case visibility < 0 || visibility > maxVisibility*time.Second:
			return nil, invalidParameter("VisibilityTimeout", strconv.Itoa(*in.VisibilityTimeout), "Must be between 0 and 43200.")
		case slices.ContainsFunc(in.AttributeNames, func(name string) bool { return name != sentTimestamp }):
			return nil, wire.Sender(codeUnsupported, "The sandbox returns no attribute of messages but %s.", sentTimestamp)
		}
		now := s.config.Clock.Now()
		var out receiveOutput
		for _, m := range q.messages {
			if len(out.Messages) == most || m.visibleAt.After(now) {
				continue
			}
			m.received++
			m.visibleAt = now.Add(visibility)
			received := receivedMessage{MessageID: m.id, ReceiptHandle: receiptHandle(q, m), MD5OfBody: md5OfBody(m.body), Body: m.body}
			if len(in.AttributeNames) > 0 {
				received.Attributes = map[string]string{sentTimestamp: strconv.FormatInt(m.sent.UnixMilli(), 10)}
			}
			for _, name := range in.MessageAttributeNames {
				if value, has := m.attributes[name]; has {
					if received.MessageAttributes == nil {
						received.MessageAttributes = map[string]messageAttribute{}
					}
					received.MessageAttributes[name] = messageAttribute{"String", value}
				}
			}
			out.Messages = append(out.Messages, received)
		}
		return out, nil
	})
}

// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type receiveInput struct {
	queueInput
	AttributeNames              []string // the older name of MessageSystemAttributeNames
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
}

type receiveOutput struct {
	Messages []receivedMessage `json:",omitempty"`
}

type receivedMessage struct {
	MessageID       string `json:"MessageId"`
	ReceiptHandle   string
	MD5OfBody       string
	Body            string
	Attributes      map[string]string           `json:",omitempty"`
	MD5OfAttributes string                      `json:"MD5OfMessageAttributes,omitempty"`
	Attached        map[string]messageAttribute `json:"MessageAttributes,omitempty"`
}

// maxReceived is the most messages that one call receives.
const maxReceived = 10

func (s *Service) receiveMessage(c *wire.Call, in *receiveInput) ([]string, func() (any, error)) {
	name := s.nameOf(in.QueueURL)
	return []string{s.arn(name)}, func() (any, error) {
		if err := in.validate(); err != nil {
			return nil, err
		}
		// A client waits in its own time, not in the Clock's: that one may stand still.
		var deadline context.Context
		for {
			received, q, err := s.receive(name, in)
			if err != nil || len(received) > 0 {
				return receiveOutput{received}, err
			}
			if deadline == nil {
				wait := q.wait
				if in.WaitTimeSeconds != nil {
					wait = time.Duration(*in.WaitTimeSeconds) * time.Second
				}
				ctx, cancel := context.WithTimeout(c.HTTP.Context(), wait)
				defer cancel()
				deadline = ctx
			}
			if !s.awaitMessage(deadline, q) {
				return receiveOutput{}, nil
			}
		}
	}
}

func (in *receiveInput) validate() error {
	if n := in.MaxNumberOfMessages; n != nil && (*n < 1 || *n > maxReceived) {
		return invalidParameter("MaxNumberOfMessages", strconv.Itoa(*n), "Must be between 1 and 10, if provided.")
	}
	if n := in.WaitTimeSeconds; n != nil && (*n < 0 || *n > maxWait) {
		return invalidParameter("WaitTimeSeconds", strconv.Itoa(*n), "Must be >= 0 and <= 20, if provided.")
	}
	return checkVisibility(in.VisibilityTimeout)
}

func checkVisibility(seconds *int) error {
	if seconds != nil && (*seconds < 0 || *seconds > maxVisibility) {
		return invalidParameter("VisibilityTimeout", strconv.Itoa(*seconds), "Must be between 0 and 43200.")
	}
	return nil
}

// emptyQueue is what a receiver waits for after it has found no message.
type emptyQueue struct {
	wait    time.Duration   // how long the queue lets receivers wait that do not say it themselves
	arrived <-chan struct{} // closed when a message may have become visible
	next    time.Time       // when the next one becomes visible by itself; zero when none will
}

// receive takes what is visible.
func (s *Service) receive(name string, in *receiveInput) ([]receivedMessage, emptyQueue, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(name)
	if err != nil {
		return nil, emptyQueue{}, err
	}
	visibility := q.seconds(attributeVisibility)
	if in.VisibilityTimeout != nil {
		visibility = time.Duration(*in.VisibilityTimeout) * time.Second
	}
	most := 1
	if in.MaxNumberOfMessages != nil {
		most = *in.MaxNumberOfMessages
	}
	now := s.config.Clock.Now()
	var received []receivedMessage
	for _, m := range q.messages {
		if len(received) == most {
			break
		}
		if m.visibleAt.After(now) {
			continue
		}
		m.received++
		if m.received == 1 {
			m.firstReceived = now
		}
		m.visibleAt = now.Add(visibility)
		received = append(received, in.output(q, m))
	}
	return received, emptyQueue{wait: q.seconds(attributeWait), arrived: q.arrived, next: q.nextVisible(now)}, nil
}

// awaitMessage returns true when there may be a message, false when ctx ends before.
func (s *Service) awaitMessage(ctx context.Context, q emptyQueue) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	visible := make(chan struct{})
	if !q.next.IsZero() {
		go func() {
			if s.config.Clock.Wait(ctx, q.next) {
				close(visible)
			}
		}()
	}
	select {
	case <-q.arrived:
		return true
	case <-visible:
		return true
	case <-ctx.Done():
		return false
	}
}

// output is a message as the call that received it wants to see it.
func (in *receiveInput) output(q *queue, m *message) receivedMessage {
	system := map[string]string{
		"SenderId":                         m.sender,
		"SentTimestamp":                    strconv.FormatInt(m.sent.UnixMilli(), 10),
		"ApproximateReceiveCount":          strconv.Itoa(m.received),
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.firstReceived.UnixMilli(), 10),
	}
	names := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	maps.DeleteFunc(system, func(name, _ string) bool { return !slices.Contains(names, name) && !slices.Contains(names, "All") })
	attached := maps.Clone(m.attributes)
	maps.DeleteFunc(attached, func(name string, _ messageAttribute) bool { return !asked(in.MessageAttributeNames, name) })
	return receivedMessage{
		MessageID: m.id, ReceiptHandle: receiptHandle(q, m), MD5OfBody: md5OfBody(m.body), Body: m.body,
		Attributes: system, MD5OfAttributes: md5OfAttributes(attached), Attached: attached,
	}
}

// asked tells whether a message attribute is among those asked for: by its name, by a prefix (bar.*), or by All or .*.
func asked(names []string, name string) bool {
	for _, pattern := range names {
		prefix, isPrefix := strings.CutSuffix(pattern, ".*")
		if pattern == name || pattern == "All" || isPrefix && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

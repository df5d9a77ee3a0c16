// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
)

// message is a message in a queue. Its times are the Clock's.
type message struct {
	id         string
	body       string
	attributes map[string]string // message attributes of the type String, which services set
	sent       time.Time
	visibleAt  time.Time // from when on it can be received
	received   int
}

// Message is a message as tests see it.
type Message struct {
	ID         string
	Body       string
	Attributes map[string]string // the message attributes
	Sent       time.Time         // by the Clock
	Received   int               // how often
}

// Messages lists what is in a queue, oldest first, visible or not; nothing for a queue that does not exist.
func (s *Service) Messages(name string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(name)
	if err != nil {
		return nil
	}
	var list []Message
	for _, m := range q.messages {
		list = append(list, Message{ID: m.id, Body: m.body, Attributes: m.attributes, Sent: m.sent, Received: m.received})
	}
	return list
}

// Visible is how many messages can be received from a queue, by its name. It is false when there is no such queue.
func (s *Service) Visible(name string) (int, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(name)
	if err != nil {
		return 0, false
	}
	visible, _, _ := q.count(s.config.Clock.Now())
	return visible, true
}

// Exists reports whether there is a queue with an ARN.
func (s *Service) Exists(arn string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.queues[s.nameOfARN(arn)]
	return found
}

// Send puts a message into the queue with an ARN, in the name of another service: the caller has to have checked that the role
// it acts with may do sqs:SendMessage on the ARN. Attributes become message attributes of the type String. A refusal is a
// *wire.Error.
func (s *Service) Send(ctx context.Context, arn, body string, attributes map[string]string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(s.nameOfARN(arn))
	if err != nil {
		return err
	}
	if err := checkMessage(body, attributes, q.number(attributeMaxSize)); err != nil {
		return err
	}
	s.put(q, body, attributes)
	return nil
}

// put adds a message; the caller holds the lock.
func (s *Service) put(q *queue, body string, attributes map[string]string) *message {
	now := s.config.Clock.Now()
	m := &message{id: uuid.NewString(), body: body, attributes: attributes, sent: now, visibleAt: now.Add(q.seconds(attributeDelay))}
	q.messages = append(q.messages, m)
	return m
}

// expire drops the messages that have been in the queue for longer than it keeps them.
func (q *queue) expire(now time.Time) {
	oldest := now.Add(-q.seconds(attributeRetention))
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.sent.Before(oldest) })
}

// count returns how many messages can be received, how many have been, and how many wait for their delay to pass.
func (q *queue) count(now time.Time) (visible, invisible, delayed int) {
	for _, m := range q.messages {
		switch {
		case !m.visibleAt.After(now):
			visible++
		case m.received > 0:
			invisible++
		default:
			delayed++
		}
	}
	return visible, invisible, delayed
}

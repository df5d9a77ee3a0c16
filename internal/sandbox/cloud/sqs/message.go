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
	attributes map[string]string // message attributes of the type String, set by services
	sent       time.Time
	visibleAt  time.Time // it can be received from then on
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

// Messages lists all messages in a queue, visible or not, oldest first. It returns nothing for a queue that does not exist.
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

// Visible returns the number of visible messages in a queue, by its name. It returns false if the queue does not exist.
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

// Exists reports whether a queue with this ARN exists.
func (s *Service) Exists(arn string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.queues[s.nameOfARN(arn)]
	return found
}

// Send sends a message to the queue with an ARN for another service. The caller must check before that its role has sqs:SendMessage on the
// ARN. Attributes become message attributes of the type String. A refusal is a *wire.Error.
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

// expire removes the messages that are older than the queue's retention period.
func (q *queue) expire(now time.Time) {
	oldest := now.Add(-q.seconds(attributeRetention))
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.sent.Before(oldest) })
}

// count returns the numbers of visible, received and delayed messages.
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

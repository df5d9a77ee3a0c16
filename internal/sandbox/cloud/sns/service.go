// SPDX-License-Identifier: MPL-2.0

// Package sns is the sandbox's Amazon Simple Notification Service, limited to what is needed to see published messages: standard topics,
// which tests create, and Publish. Source: Amazon SNS API Reference, version 2010-03-31.
package sns

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const (
	apiVersion = "2010-03-31"
	namespace  = "http://sns.amazonaws.com/doc/2010-03-31/"

	maxSubject = 99 // "must be less than 100 characters long"
	maxMessage = 256 << 10
)

// Message is a message that was published to a topic.
type Message struct {
	Subject string
	Default string            // for the protocols that are not in Of
	Of      map[string]string // by protocol: email, sms
}

// Service is SNS. It is safe for concurrent use.
type Service struct {
	*api.Service
	account wire.Account

	mu     sync.Mutex
	topics map[string][]Message // by ARN, in order of arrival
}

var _ wire.Service = (*Service)(nil)

// New returns the service.
func New(account wire.Account) *Service {
	s := &Service{account: account, topics: map[string][]Message{}}
	s.Service = api.New("sns", api.Query(apiVersion, namespace), api.Operations{"Publish": api.Of(s.publish)})
	return s
}

// AddTopic creates a topic and returns its ARN.
func (s *Service) AddTopic(name string) string {
	arn := s.account.ARN("sns", name)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.topics[arn] = []Message{}
	return arn
}

// Messages returns the messages that were published to a topic, oldest first.
func (s *Service) Messages(arn string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.topics[arn])
}

// Send publishes a message for an AWS service. It returns an error if the topic does not exist.
func (s *Service) Send(arn string, m Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found := s.topics[arn]; !found {
		return wire.Errorf(http.StatusNotFound, "NotFound", "Topic does not exist")
	}
	s.topics[arn] = append(s.topics[arn], m)
	return nil
}

type publishInput struct {
	TopicArn, Message, MessageStructure string
	Subject                             *string
}

type published struct {
	MessageID string `xml:"MessageId"`
}

func (s *Service) publish(_ *wire.Call, in *publishInput) ([]string, func() (any, error)) {
	return []string{in.TopicArn}, func() (any, error) {
		message, err := in.message()
		if err == nil {
			err = s.Send(in.TopicArn, message)
		}
		return published{MessageID: uuid.NewString()}, err
	}
}

// message checks the input and returns the message to publish. Source: API Reference, "Publish".
func (in *publishInput) message() (Message, error) {
	m := Message{Default: in.Message}
	if in.Subject != nil {
		m.Subject = *in.Subject
		if !validSubject(m.Subject) {
			return m, invalid("Invalid parameter: Subject")
		}
	}
	if m.Default == "" || len(m.Default) > maxMessage {
		return m, invalid("Invalid parameter: Message")
	}
	switch in.MessageStructure {
	case "":
		return m, nil
	case "json":
		if err := json.Unmarshal([]byte(m.Default), &m.Of); err != nil {
			return m, invalid("Invalid parameter: Message Structure - JSON message body failed to parse")
		}
		text, found := m.Of["default"]
		if !found {
			return m, invalid("Invalid parameter: Message Structure - No default entry in JSON message body")
		}
		m.Default = text
		delete(m.Of, "default")
		return m, nil
	default:
		return m, invalid("Invalid parameter: MessageStructure " + in.MessageStructure)
	}
}

// validSubject reports whether a subject is valid: "Subjects must be ASCII text that begins with a letter, number, or punctuation mark;
// must not include line breaks or control characters; and must be less than 100 characters long." Source: API Reference, "Publish".
func validSubject(subject string) bool {
	return subject != "" && subject[0] != ' ' && len(subject) <= maxSubject &&
		!strings.ContainsFunc(subject, func(r rune) bool { return r < ' ' || r > '~' })
}

func invalid(message string) error { return wire.Sender("InvalidParameter", "%s", message) }

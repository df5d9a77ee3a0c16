// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"regexp"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type queue struct {
	name       string
	attributes map[string]string // the settable attributes; missing ones have their defaults
	tags       wire.Tags
	created    time.Time
	modified   time.Time
	messages   []*message
}

var queueName = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,80}$`)

func checkName(name string) error {
	switch {
	case name == "":
		return missingParameter("QueueName")
	case strings.HasSuffix(name, ".fifo"):
		return wire.Sender(codeUnsupported, "The sandbox does not offer FIFO queues.")
	case !queueName.MatchString(name):
		return wire.Sender(codeInvalidParameter, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	return nil
}

type createInput struct {
	QueueName  string
	Attributes map[string]string
	Tags       wire.Tags `json:"tags"`
}

type urlOutput struct {
	QueueURL string `json:"QueueUrl"`
}

func (s *Service) createQueue(c *wire.Call, in *createInput) ([]string, func() (any, error)) {
	if len(in.Tags) > 0 { // API reference, CreateQueue: "tags"
		c.Also = wire.Each("sqs:TagQueue", s.arn(in.QueueName))
	}
	return []string{s.arn(in.QueueName)}, func() (any, error) {
		if err := checkName(in.QueueName); err != nil {
			return nil, err
		}
		attributes, err := apply(nil, in.Attributes)
		if err != nil {
			return nil, err
		}
		tags := wire.Tags{}
		if err := tags.Change(in.Tags.List(), nil, invalidTags); err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if there, exists := s.queues[in.QueueName]; exists {
			if name := differs(there.attributes, attributes, in.Attributes); name != "" {
				return nil, wire.Sender(codeNameExists, "A queue already exists with the same name and a different value for attribute %s", name)
			}
			return urlOutput{s.url(in.QueueName)}, nil
		}
		deleted, was := s.deleted[in.QueueName]
		if was && s.config.Clock.Now().Before(deleted.Add(s.config.RecreateAfter)) {
			return nil, wire.Sender(codeDeletedRecently,
				"You must wait %d seconds after deleting a queue before you can create another with the same name.",
				int(s.config.RecreateAfter.Seconds()))
		}
		delete(s.deleted, in.QueueName)
		now := s.config.Now()
		q := &queue{name: in.QueueName, attributes: attributes, tags: tags, created: now, modified: now}
		s.queues[in.QueueName] = q
		return urlOutput{s.url(in.QueueName)}, nil
	}
}

type queueInput struct {
	QueueURL string `json:"QueueUrl"`
}

func (s *Service) deleteQueue(_ *wire.Call, in *queueInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		delete(s.queues, q.name)
		s.deleted[q.name] = s.config.Clock.Now()
		return nil, nil
	})
}

type getURLInput struct{ QueueName string }

func (s *Service) getQueueURL(_ *wire.Call, in *getURLInput) ([]string, func() (any, error)) {
	return []string{s.arn(in.QueueName)}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, err := s.find(in.QueueName); err != nil {
			return nil, err
		}
		return urlOutput{s.url(in.QueueName)}, nil
	}
}

// SPDX-License-Identifier: MPL-2.0

// Package sqs is the sandbox's Amazon Simple Queue Service: standard queues, without redrive policies.
// Source: Amazon SQS API Reference, version 2012-11-05, in the AWS JSON 1.0 protocol.
package sqs

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// recreateAfter is how long the name of a deleted queue cannot be reused. Source: CreateQueue, "QueueDeletedRecently".
const recreateAfter = 60 * time.Second

// Config configures the service.
type Config struct {
	Account  wire.Account
	Endpoint string           // the sandbox's URL: the prefix of queue URLs
	Now      func() time.Time // the clock of time stamps
	// Clock is the time of messages (delay, visibility, retention) and of RecreateAfter.
	Clock *clock.Clock
	// RecreateAfter is how long the name of a deleted queue cannot be reused. Zero means 60 s, as on AWS; a negative value means no time.
	RecreateAfter time.Duration
}

// Service is SQS. It is safe for concurrent use.
type Service struct {
	*api.Service
	config Config

	mu      sync.Mutex
	queues  map[string]*queue
	deleted map[string]time.Time // when a queue was deleted, by name
}

var _ wire.Service = (*Service)(nil)

// New returns the service.
func New(config Config) *Service {
	if config.RecreateAfter == 0 {
		config.RecreateAfter = recreateAfter
	}
	s := &Service{config: config, queues: map[string]*queue{}, deleted: map[string]time.Time{}}
	s.Service = api.New("sqs", api.JSON("AmazonSQS", "1.0"), api.Operations{
		"CreateQueue":        api.Of(s.createQueue),
		"DeleteQueue":        api.Of(s.deleteQueue),
		"GetQueueUrl":        api.Of(s.getQueueURL),
		"GetQueueAttributes": api.Of(s.getQueueAttributes),
		"SetQueueAttributes": api.Of(s.setQueueAttributes),
		"TagQueue":           api.Of(s.changeTags),
		"UntagQueue":         api.Of(s.changeTags),
		"ListQueueTags":      api.Of(s.listQueueTags),
		"SendMessage":        api.Of(s.sendMessage),
		"ReceiveMessage":     api.Of(s.receiveMessage),
		"DeleteMessage":      api.Of(s.deleteMessage),
	})
	return s
}

// Objects lists the ARNs of the queues.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	objects := make([]string, 0, len(s.queues))
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		objects = append(objects, s.arn(name))
	}
	return objects
}

func (s *Service) arn(name string) string { return s.config.Account.ARN("sqs", name) }

func (s *Service) url(name string) string {
	return s.config.Endpoint + "/" + s.config.Account.ID + "/" + name
}

// nameOf returns the name of the queue with a URL, or "" if the URL is not of a queue in this account.
func (s *Service) nameOf(queueURL string) string {
	parsed, err := url.Parse(queueURL)
	if err != nil {
		return ""
	}
	name, found := strings.CutPrefix(parsed.Path, "/"+s.config.Account.ID+"/")
	if !found {
		return ""
	}
	return name
}

// nameOfARN returns the name of the queue with an ARN, or "" if the ARN is of another region or account.
func (s *Service) nameOfARN(arn string) string {
	name, found := strings.CutPrefix(arn, s.arn(""))
	if !found {
		return ""
	}
	return name
}

// onQueue returns an operation on the queue with the given URL. It runs under the lock.
func (s *Service) onQueue(queueURL string, run func(*queue) (any, error)) ([]string, func() (any, error)) {
	name := s.nameOf(queueURL)
	return []string{s.arn(name)}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		q, err := s.find(name)
		if err != nil {
			return nil, err
		}
		return run(q)
	}
}

// find returns a queue; the caller holds the lock.
func (s *Service) find(name string) (*queue, error) {
	q, found := s.queues[name]
	if !found {
		return nil, wire.Sender(codeNoQueue, "The specified queue does not exist.")
	}
	q.expire(s.config.Clock.Now())
	return q, nil
}

// SPDX-License-Identifier: MPL-2.0

// Package events is the sandbox's Amazon EventBridge: event buses, rules with event patterns, Lambda functions as targets, and events from
// functions. Sources: Amazon EventBridge API Reference, version 2015-10-07, and User Guide.
package events

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/delivery"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// principal is the service in resource policies.
const principal = "events.amazonaws.com"

const defaultBus = "default"

// Functions is the Lambda service that rules invoke.
type Functions interface {
	Invoke(ctx context.Context, in function.Invocation) (*function.Outcome, error)
}

// Queues is the SQS service for events that could not be delivered.
type Queues interface {
	// Permits reports whether a queue's resource policy lets a service send messages to it for the object with the ARN source.
	Permits(queueARN, service, source string) bool
	Send(ctx context.Context, arn, body string, attributes map[string]string) error
}

// Config configures the service.
type Config struct {
	Account   wire.Account
	Functions Functions
	Queues    Queues

	Now    func() time.Time // the clock of time stamps
	Clock  *clock.Clock     // the time of events and retries
	Logger *slog.Logger     // reports dropped events
}

// Service is EventBridge. It is safe for concurrent use. Call Close when done.
type Service struct {
	*api.Service
	*delivery.Runner[*pending]
	config Config

	mu      sync.Mutex
	buses   map[string]*bus
	waiting []*pending // in order of arrival
	copies  int        // how often each event is delivered
}

// bus is an event bus with its rules, by name.
type bus struct {
	name   string
	rules  map[string]*rule
	events []Event // in order of arrival
}

var _ wire.Service = (*Service)(nil)

// New returns the service, with the bus default, and starts its runner.
func New(config Config) *Service {
	s := &Service{config: config, buses: map[string]*bus{}, copies: 1}
	s.addBus(defaultBus)
	s.Service = api.New("events", api.JSON("AWSEvents", "1.1"), api.Operations{
		"PutRule":             api.Of(s.putRule),
		"DescribeRule":        api.Of(s.describeRule),
		"DeleteRule":          api.Of(s.deleteRule),
		"PutTargets":          api.Of(s.putTargets),
		"RemoveTargets":       api.Of(s.removeTargets),
		"ListTargetsByRule":   api.Of(s.listTargetsByRule),
		"TagResource":         api.Of(s.changeTags),
		"UntagResource":       api.Of(s.changeTags),
		"ListTagsForResource": api.Of(s.listTagsForResource),
		"PutEvents":           api.Of(s.putEvents),
	})
	s.Runner = delivery.Start(delivery.Config[*pending]{
		Lock: &s.mu, Clock: config.Clock, Earliest: s.earliest, Deliver: s.deliver, Finish: s.finish,
	})
	return s
}

// AddBus adds a custom or partner event bus, and returns its ARN: the sandbox does not offer CreateEventBus.
func (s *Service) AddBus(name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addBus(name)
	return s.busARN(name)
}

func (s *Service) addBus(name string) {
	s.buses[name] = &bus{name: name, rules: map[string]*rule{}}
}

// Redeliver makes the service deliver each later event several times: "at least once" is all that EventBridge promises.
func (s *Service) Redeliver(copies int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.copies = copies
}

// Objects lists the ARNs of the rules.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var objects []string
	for _, b := range s.buses {
		for _, r := range b.rules {
			objects = append(objects, r.arn)
		}
	}
	slices.Sort(objects)
	return objects
}

func (s *Service) busARN(name string) string {
	return s.config.Account.ARN("events", "event-bus/"+name)
}

// busName returns the name of the bus that a member names by name or ARN. Without one it is the bus default.
func (s *Service) busName(reference string) string {
	if reference == "" {
		return defaultBus
	}
	return strings.TrimPrefix(reference, s.busARN(""))
}

// bus returns a bus; the caller holds the lock.
func (s *Service) bus(name string) (*bus, error) {
	b, found := s.buses[name]
	if !found {
		return nil, notFound("Event bus %s does not exist.", name)
	}
	return b, nil
}

func validation(format string, args ...any) *wire.Error {
	return wire.Sender("ValidationException", format, args...)
}

func notFound(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusBadRequest, "ResourceNotFoundException", format, args...)
}

func limitExceeded() *wire.Error {
	return wire.Sender("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}

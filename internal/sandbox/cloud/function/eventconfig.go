// SPDX-License-Identifier: MPL-2.0

package function

import (
	"regexp"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// eventInvokeOptions are a function's options for asynchronous invocation. Options that are not set have Lambda's defaults.
type eventInvokeOptions struct {
	retries   *int
	age       *int   // seconds
	onFailure string // ARN of an SQS queue; empty for none
}

type eventInvokeConfig struct {
	eventInvokeOptions
	modified time.Time
}

// maxRetries returns how often an event is retried after a function error.
func (o *eventInvokeOptions) maxRetries() int {
	if o.retries == nil {
		return 2
	}
	return *o.retries
}

// maxAge returns how long an event may stay in the queue.
func (o *eventInvokeOptions) maxAge() time.Duration {
	if o.age == nil {
		return 6 * time.Hour
	}
	return time.Duration(*o.age) * time.Second
}

type destination struct {
	Destination string `json:",omitempty"`
}

type destinationConfig struct{ OnFailure, OnSuccess destination }

type eventInvokeInput struct {
	functionInput
	MaximumRetryAttempts     *int
	MaximumEventAgeInSeconds *int
	DestinationConfig        *destinationConfig
}

// eventInvokeAnswer is the API's FunctionEventInvokeConfig.
type eventInvokeAnswer struct {
	LastModified             float64 // seconds since 1970
	FunctionArn              string
	MaximumRetryAttempts     *int `json:",omitempty"`
	MaximumEventAgeInSeconds *int `json:",omitempty"`
	DestinationConfig        destinationConfig
}

func (f *function) eventInvokeAnswer() eventInvokeAnswer {
	c := f.asynchronous
	return eventInvokeAnswer{
		LastModified: float64(c.modified.UnixMilli()) / 1000, FunctionArn: f.arn + ":$LATEST", MaximumRetryAttempts: c.retries,
		MaximumEventAgeInSeconds: c.age, DestinationConfig: destinationConfig{OnFailure: destination{c.onFailure}},
	}
}

// putEventInvokeConfig replaces the whole configuration.
func (s *Service) putEventInvokeConfig(_ *wire.Call, in *eventInvokeInput) ([]string, func() (any, error)) {
	return s.resources(in.functionInput), func() (any, error) {
		if err := in.validate(); err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		f, err := s.lookup(in.functionInput)
		if err != nil {
			return nil, notFound("The function doesn't exist.")
		}
		options := eventInvokeOptions{retries: in.MaximumRetryAttempts, age: in.MaximumEventAgeInSeconds}
		if in.DestinationConfig != nil {
			options.onFailure = in.DestinationConfig.OnFailure.Destination
			if err := s.checkDestination(f, options.onFailure); err != nil {
				return nil, err
			}
		}
		f.asynchronous = &eventInvokeConfig{options, s.config.Now()}
		return f.eventInvokeAnswer(), nil
	}
}

var queueARN = regexp.MustCompile(`^arn:[^:]+:sqs:`)

func (in *eventInvokeInput) validate() error {
	if in.MaximumRetryAttempts == nil && in.MaximumEventAgeInSeconds == nil && in.DestinationConfig == nil {
		return invalidParameter("You must specify at least one of error handling or destination setting.")
	}
	if in.DestinationConfig == nil {
		return nil
	}
	failure := in.DestinationConfig.OnFailure.Destination
	switch {
	case in.DestinationConfig.OnSuccess.Destination != "":
		return invalidParameter("The sandbox keeps no records of successful invocations.")
	case failure != "" && !queueARN.MatchString(failure):
		return invalidParameter("The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=%s)) is "+
			"invalid. "+
			"The sandbox sends to SQS queues alone.", failure)
	}
	return nil
}

// checkDestination refuses a queue that does not exist or to which the function's role may not send. The AWS provider for Terraform retries
// on these messages, because a new queue and a new policy take a moment.
func (s *Service) checkDestination(f *function, queue string) error {
	switch {
	case queue == "":
		return nil
	case s.config.Queues == nil || !s.config.Queues.Exists(queue):
		return invalidParameter("The destination ARN %s is invalid.", queue)
	case !s.config.Queues.MaySend(f.settings.Role, queue):
		return invalidParameter("The function's execution role does not have permissions to call SendMessage on %s", queue)
	}
	return nil
}

func noEventInvokeConfig(functionARN string) *wire.Error {
	return notFound("The function %s:$LATEST doesn't have an EventInvokeConfig", functionARN)
}

// onEventInvokeConfig returns an operation on a function with a configuration for asynchronous invocation.
func (s *Service) onEventInvokeConfig(in *functionInput, run func(*function) (any, error)) ([]string, func() (any, error)) {
	resources := s.resources(*in)
	return resources, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f, err := s.lookup(*in)
		if err != nil || f.asynchronous == nil {
			return nil, noEventInvokeConfig(resources[0])
		}
		return run(f)
	}
}

func (s *Service) getEventInvokeConfig(_ *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	return s.onEventInvokeConfig(in, func(f *function) (any, error) { return f.eventInvokeAnswer(), nil })
}

func (s *Service) deleteEventInvokeConfig(_ *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	return s.onEventInvokeConfig(in, func(f *function) (any, error) {
		f.asynchronous = nil
		return nil, nil
	})
}

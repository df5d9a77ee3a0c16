// SPDX-License-Identifier: MPL-2.0

package function

import (
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// eventInvokeOptions are a function's options for asynchronous invocation; what is not set is at Lambda's default.
type eventInvokeOptions struct {
	retries   *int
	age       *int   // seconds
	onFailure string // ARN of an SQS queue; empty for none
}

type eventInvokeConfig struct {
	eventInvokeOptions
	modified time.Time
}

// maxRetries is how often an event is tried again after a function error.
func (o *eventInvokeOptions) maxRetries() int {
	if o.retries == nil {
		return 2
	}
	return *o.retries
}

// maxAge is how long an event may stay in the queue.
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

func (s *Service) putEventInvokeConfig(call *wire.RESTCall) (*wire.Response, error) {
	return s.setEventInvokeConfig(call, func(*function) (eventInvokeOptions, error) { return eventInvokeOptions{}, nil })
}

// updateEventInvokeConfig changes what the call sets and keeps the rest.
func (s *Service) updateEventInvokeConfig(call *wire.RESTCall) (*wire.Response, error) {
	return s.setEventInvokeConfig(call, func(f *function) (eventInvokeOptions, error) {
		if f.asynchronous == nil {
			return eventInvokeOptions{}, noEventInvokeConfig(f.arn)
		}
		return f.asynchronous.eventInvokeOptions, nil
	})
}

func (s *Service) setEventInvokeConfig(call *wire.RESTCall, before func(*function) (eventInvokeOptions, error)) (*wire.Response, error) {
	var in eventInvokeInput
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	if err := in.validate(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, notFound("The function doesn't exist.")
	}
	options, err := before(f)
	if err != nil {
		return nil, err
	}
	if in.DestinationConfig != nil {
		options.onFailure = in.DestinationConfig.OnFailure.Destination
		if err := s.checkDestination(f, options.onFailure); err != nil {
			return nil, err
		}
	}
	if in.MaximumRetryAttempts != nil {
		options.retries = in.MaximumRetryAttempts
	}
	if in.MaximumEventAgeInSeconds != nil {
		options.age = in.MaximumEventAgeInSeconds
	}
	f.asynchronous = &eventInvokeConfig{options, s.config.Now()}
	return wire.RESTJSONResponse(http.StatusOK, f.eventInvokeAnswer())
}

var (
	destinationARN = regexp.MustCompile(`^$|^arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)$`)
	queueARN       = regexp.MustCompile(`^arn:[^:]+:sqs:`)
)

func (in *eventInvokeInput) validate() error {
	retries, age := in.MaximumRetryAttempts, in.MaximumEventAgeInSeconds
	switch {
	case retries == nil && age == nil && in.DestinationConfig == nil:
		return invalidParameter("You must specify at least one of error handling or destination setting.")
	case retries != nil && (*retries < 0 || *retries > 2):
		return constraint("maximumRetryAttempts", strconv.Itoa(*retries), "Member must have value between 0 and 2")
	case age != nil && (*age < 60 || *age > 21600):
		return constraint("maximumEventAgeInSeconds", strconv.Itoa(*age), "Member must have value between 60 and 21600")
	case in.DestinationConfig == nil:
		return nil
	}
	failure := in.DestinationConfig.OnFailure.Destination
	switch {
	case in.DestinationConfig.OnSuccess.Destination != "":
		return invalidParameter("The sandbox keeps no records of successful invocations.")
	case !destinationARN.MatchString(failure):
		return constraint("destinationConfig.onFailure.destination", failure, "Member must satisfy regular expression pattern: "+
			`^$|arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\-])+:([a-z]{2}(-gov)?-[a-z]+-\d{1})?:(\d{12})?:(.*)`)
	case failure != "" && !queueARN.MatchString(failure):
		return invalidParameter("The provided destination config DestinationConfig(onSuccess=null, onFailure=OnFailure(destination=%s)) is invalid. "+
			"The sandbox sends to SQS queues alone.", failure)
	}
	return nil
}

// checkDestination refuses a queue that is not there or that the function's role may not send to. The messages are those
// that the AWS provider for Terraform waits out: a new queue and a new policy take a moment.
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

// withEventInvokeConfig finds the function of a call that needs it to have a configuration. The caller holds mu.
func (s *Service) withEventInvokeConfig(call *wire.RESTCall) (*function, error) {
	f, err := s.called(call)
	if err != nil || f.asynchronous == nil {
		name, _ := splitReference(call.Params["FunctionName"])
		return nil, noEventInvokeConfig(s.arn(name))
	}
	return f, nil
}

func (s *Service) getEventInvokeConfig(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.withEventInvokeConfig(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, f.eventInvokeAnswer())
}

func (s *Service) deleteEventInvokeConfig(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.withEventInvokeConfig(call)
	if err != nil {
		return nil, err
	}
	f.asynchronous = nil
	return &wire.Response{Status: http.StatusNoContent}, nil
}

// listEventInvokeConfigs has at most one: the sandbox has no versions and no aliases.
func (s *Service) listEventInvokeConfigs(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, notFound("The function doesn't exist.")
	}
	list := []eventInvokeAnswer{}
	if f.asynchronous != nil {
		list = append(list, f.eventInvokeAnswer())
	}
	return wire.RESTJSONResponse(http.StatusOK, struct{ FunctionEventInvokeConfigs []eventInvokeAnswer }{list})
}

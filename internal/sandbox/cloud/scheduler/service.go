// SPDX-License-Identifier: MPL-2.0

// Package scheduler is the sandbox's Amazon EventBridge Scheduler: schedule groups, and schedules with Lambda functions as targets. Source:
// EventBridge Scheduler API Reference, version 2021-06-30, and User Guide.
package scheduler

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/delivery"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Roles is the part of IAM that Scheduler needs for a schedule's execution role.
type Roles interface {
	// CanAssume reports whether the role exists and its trust policy lets the service, scheduler.amazonaws.com, assume it for the schedule
	// group with the ARN source.
	CanAssume(roleARN, service, source string) bool
	// Allows reports whether the role's policies allow an action on a resource.
	Allows(roleARN, action, resource string) bool
}

// Functions is the Lambda service that schedules invoke.
type Functions interface {
	Invoke(ctx context.Context, in function.Invocation) (*function.Outcome, error)
}

// Queues is the SQS service for events that could not be delivered.
type Queues interface {
	Send(ctx context.Context, arn, body string, attributes map[string]string) error
}

// Config configures the service.
type Config struct {
	Account   wire.Account
	Roles     Roles
	Functions Functions
	Queues    Queues

	// RunPast runs a schedule with a time in the past at once. Without it, such a schedule is refused. AWS documents neither.
	RunPast bool
	// DeletingFor is the time that a deleted group stays in the state DELETING. Zero means 200 ms, a negative value no time at all.
	DeletingFor time.Duration

	Now    func() time.Time // the clock of time stamps and of DeletingFor
	Clock  *clock.Clock     // the time of schedules and retries
	Logger *slog.Logger     // reports dropped events
}

// Service is EventBridge Scheduler. It is safe for concurrent use. Call Close when done.
type Service struct {
	*api.Service
	*delivery.Runner[*occurrence]
	config Config

	mu        sync.Mutex
	groups    map[string]*group
	schedules map[key]*schedule
}

var _ wire.Service = (*Service)(nil)

// New returns the service, with the group default, and starts its runner.
func New(config Config) *Service {
	if config.DeletingFor == 0 {
		config.DeletingFor = 200 * time.Millisecond
	}
	s := &Service{config: config, groups: map[string]*group{}, schedules: map[key]*schedule{}}
	s.groups[defaultGroup] = s.newGroup(defaultGroup, "", nil)
	s.Service = api.New("scheduler", api.REST("EventBridge Scheduler"), api.Operations{
		"CreateScheduleGroup": api.Of(s.createScheduleGroup),
		"GetScheduleGroup":    api.Of(s.getScheduleGroup),
		"DeleteScheduleGroup": api.Of(s.deleteScheduleGroup),
		"CreateSchedule":      api.Of(s.createSchedule),
		"GetSchedule":         api.Of(s.getSchedule),
		"UpdateSchedule":      api.Of(s.updateSchedule),
		"DeleteSchedule":      api.Of(s.deleteSchedule),
		"ListSchedules":       api.Of(s.listSchedules),
		"TagResource":         api.Of(s.changeTags),
		"UntagResource":       api.Of(s.changeTags),
		"ListTagsForResource": api.Of(s.listTagsForResource),
	})
	s.Runner = delivery.Start(delivery.Config[*occurrence]{
		Lock: &s.mu, Clock: config.Clock, Earliest: s.earliest, Take: s.take, Deliver: s.deliver, Finish: s.finish,
	})
	return s
}

// Objects lists the ARNs of the schedules and of the groups, except the group default.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	var objects []string
	for name, g := range s.groups {
		if name != defaultGroup {
			objects = append(objects, g.arn)
		}
	}
	for _, sch := range s.schedules {
		objects = append(objects, sch.arn)
	}
	slices.Sort(objects)
	return objects
}

func validation(format string, args ...any) *wire.Error {
	return wire.Sender("ValidationException", format, args...)
}

func conflict(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusConflict, "ConflictException", format, args...)
}

func notFound(format string, args ...any) *wire.Error {
	return wire.Errorf(http.StatusNotFound, "ResourceNotFoundException", format, args...)
}

// timestamp converts a time to the API's format: seconds since 1970.
func timestamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// fromTimestamp converts a timestamp to a time.
func fromTimestamp(seconds float64) time.Time { return time.UnixMilli(int64(seconds * 1000)) }

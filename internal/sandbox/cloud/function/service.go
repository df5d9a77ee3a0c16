// SPDX-License-Identifier: MPL-2.0

// Package function is the sandbox's AWS Lambda: the API of functions, their resource policies, and invocations that run the function's zip
// as a process.
package function

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sort"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Roles answers what Lambda asks IAM about a function's execution role.
type Roles interface {
	// CanAssume reports whether the role exists and its trust policy lets the service assume it: lambda.amazonaws.com.
	CanAssume(roleARN, service string) bool
	// RoleID returns the role's unique id. A role that is created again under the same ARN has a different id.
	RoleID(roleARN string) string
}

// Credentials issues the temporary credentials that a function runs with.
type Credentials interface {
	// AssumeForService returns credentials of the role, for a session of the given name.
	AssumeForService(ctx context.Context, roleARN, session string) (execution.Credentials, error)
}

// Logs stores the lines of the functions' logs.
type Logs interface {
	// AppendLine writes one line with the permissions of the function's role. It creates a missing stream; a missing group is an error.
	AppendLine(ctx context.Context, line execution.LogLine) error
}

// Config configures the service.
type Config struct {
	Account     wire.Account
	Endpoint    string // the sandbox's URL; functions get it as AWS_ENDPOINT_URL
	Roles       Roles
	Credentials Credentials
	Logs        Logs
	Queues      Queues // nil: there are none

	PendingFor time.Duration // from CreateFunction to the state Active
	UpdateFor  time.Duration // from an update to LastUpdateStatus Successful
	// RetryDelay is the time by the Clock before a failed asynchronous invocation is retried. Zero means one minute, then two, as in AWS.
	RetryDelay time.Duration
	// Concurrency is the maximum number of simultaneous invocations of one function; zero means 10. Above it, a synchronous invocation is
	// refused and an asynchronous one waits.
	Concurrency int
	// HostBootstrap is the path of a bootstrap built for this host from the functions' source, for hosts that cannot execute the zip's
	// bootstrap. If empty, such a function fails with Runtime.InvalidEntrypoint.
	HostBootstrap string

	Now    func() time.Time // the clock of states and logs
	Clock  *clock.Clock     // of the asynchronous invocations' retries and age
	Logger *slog.Logger     // for messages that do not fit into the functions' logs
}

// Service is the sandbox's Lambda. Call Close when done.
type Service struct {
	*api.Service
	config    Config
	dir       string // the unpacked code
	runner    *execution.Runner
	activity  *activity
	unpacking sync.Mutex

	mu        sync.Mutex
	functions map[string]*function // by name
	sources   []*eventSource       // oldest first
}

var _ wire.Service = (*Service)(nil)

// New returns the service. It keeps the functions' code in a temporary folder until Close.
func New(config Config) (*Service, error) {
	if config.Concurrency == 0 {
		config.Concurrency = 10
	}
	dir, err := os.MkdirTemp("", "qlik-task-chain-lambda-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the functions' code: %w", err)
	}
	s := &Service{config: config, dir: dir, activity: newActivity(config.Clock), functions: map[string]*function{}}
	s.Service = api.New("lambda", api.REST("Lambda"), s.operations())
	s.Action = func(c *wire.Call) string { return "lambda:" + cmp.Or(actions[c.Operation], c.Operation) }
	s.runner = execution.NewRunner(execution.Config{
		Region: config.Account.Region, Endpoint: config.Endpoint, HostBootstrap: config.HostBootstrap,
		Credentials: config.Credentials.AssumeForService, Log: s.appendLine, Now: config.Now, Logger: config.Logger,
	})
	return s, nil
}

// actions maps operations to their actions in IAM policies, where the names differ.
var actions = map[string]string{"Invoke": "InvokeFunction"}

func (s *Service) operations() api.Operations {
	return api.Operations{
		"CreateFunction":                  api.Of(s.createFunction, http.StatusCreated),
		"ListFunctions":                   api.Of(s.listFunctions),
		"GetFunction":                     api.Of(s.getFunction),
		"DeleteFunction":                  api.Of(s.deleteFunction, http.StatusNoContent),
		"GetFunctionConfiguration":        api.Of(s.getFunctionConfiguration),
		"UpdateFunctionConfiguration":     api.Of(s.updateFunctionConfiguration),
		"UpdateFunctionCode":              api.Of(s.updateFunctionCode),
		"Invoke":                          api.Of(s.invokeFunction),
		"AddPermission":                   api.Of(s.addPermission, http.StatusCreated),
		"GetPolicy":                       api.Of(s.getPolicy),
		"RemovePermission":                api.Of(s.removePermission, http.StatusNoContent),
		"PutFunctionEventInvokeConfig":    api.Of(s.putEventInvokeConfig),
		"GetFunctionEventInvokeConfig":    api.Of(s.getEventInvokeConfig),
		"DeleteFunctionEventInvokeConfig": api.Of(s.deleteEventInvokeConfig, http.StatusNoContent),
		"PutFunctionConcurrency":          api.Of(s.putConcurrency),
		"DeleteFunctionConcurrency":       api.Of(s.deleteConcurrency, http.StatusNoContent),
		"CreateFunctionUrlConfig":         api.Of(s.createURL, http.StatusCreated),
		"GetFunctionUrlConfig":            api.Of(s.getURL),
		"DeleteFunctionUrlConfig":         api.Of(s.deleteURL, http.StatusNoContent),
		"CreateEventSourceMapping":        api.Of(s.createEventSource, http.StatusAccepted),
		"ListEventSourceMappings":         api.Of(s.listEventSources),
		"DeleteEventSourceMapping":        api.Of(s.deleteEventSource, http.StatusAccepted),
		"ListTags":                        api.Of(s.listTags),
		"TagResource":                     api.Of(s.changeTags, http.StatusNoContent),
		"UntagResource":                   api.Of(s.changeTags, http.StatusNoContent),
	}
}

// appendLine sends a line to the logs. Like Lambda, the sandbox drops a line that it cannot deliver, without an error for the function. The
// sandbox's own log reports it.
func (s *Service) appendLine(ctx context.Context, line execution.LogLine) {
	if err := s.config.Logs.AppendLine(ctx, line); err != nil {
		s.config.Logger.Warn("a line of a function's log was lost", "group", line.Group, "line", line.Message, "error", err)
	}
}

// Close ends every invocation, kills the processes, drops queued events and removes the code. It returns when this is complete.
func (s *Service) Close() error {
	s.activity.stop()
	s.runner.Close()
	err := s.activity.over(context.Background())
	if removed := os.RemoveAll(s.dir); removed != nil {
		err = errors.Join(err, fmt.Errorf("removing the functions' code: %w", removed))
	}
	return err
}

// Idle waits until no invocation runs or is due, or returns ctx's error. It does not wait for retries that wait for the clock: see
// NextRetry.
func (s *Service) Idle(ctx context.Context) error { return s.activity.atMost(ctx, 0) }

// AtMost works as Idle, but lets n invocations run: those that wait for the caller.
func (s *Service) AtMost(ctx context.Context, n int) error { return s.activity.atMost(ctx, n) }

// NextRetry returns the time of the first retry that waits for the clock; false if there is none.
func (s *Service) NextRetry() (time.Time, bool) { return s.activity.next() }

// Attempts returns the number of attempts at invocations so far. An event may need several.
func (s *Service) Attempts() int {
	s.activity.mu.Lock()
	defer s.activity.mu.Unlock()
	return s.activity.begun
}

// Kill ends the processes of a function and their children with SIGKILL. It returns their number when all have ended. Their invocations
// fail.
func (s *Service) Kill(function string) int { return s.runner.Kill(function) }

// Objects lists the ARNs of the existing objects.
func (s *Service) Objects() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	objects := make([]string, 0, len(s.functions))
	for _, f := range s.functions {
		objects = append(objects, f.arn)
	}
	sort.Strings(objects)
	return objects
}

// SPDX-License-Identifier: MPL-2.0

// Package function is the sandbox's AWS Lambda: the API over functions, their resource policies, and invocations that run
// the function's zip as a process.
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
	// RoleID is the role's unique id: a role that is created again under the same ARN has another one.
	RoleID(roleARN string) string
}

// Credentials issues the temporary credentials that a function runs with.
type Credentials interface {
	// AssumeForService returns credentials of the role, for a session of the given name.
	AssumeForService(ctx context.Context, roleARN, session string) (execution.Credentials, error)
}

// Logs takes the lines of the functions' logs.
type Logs interface {
	// AppendLine writes one line with the permissions of the function's role. The stream is created where it is missing; a
	// group that is missing is an error.
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
	// RetryDelay is how long the Clock has to go before an asynchronous invocation that failed is tried again; when zero one
	// minute, then two, as in AWS.
	RetryDelay time.Duration
	// Concurrency is how many invocations of one function run at the same time; 10 when zero. Past it a synchronous invocation
	// is refused and an asynchronous one waits.
	Concurrency int
	// HostBootstrap is the path of a bootstrap built for this host from the functions' source, for hosts that cannot execute
	// the zip's own. Empty: such a function fails with Runtime.InvalidEntrypoint.
	HostBootstrap string

	Now    func() time.Time // the clock of states and logs
	Clock  *clock.Clock     // of the asynchronous invocations' retries and age
	Logger *slog.Logger     // for what the functions' logs cannot hold
}

// Service is the sandbox's Lambda. Close it.
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

// actions are the operations' actions in IAM policies that have another name.
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
		"UpdateFunctionEventInvokeConfig": api.Of(s.updateEventInvokeConfig),
		"GetFunctionEventInvokeConfig":    api.Of(s.getEventInvokeConfig),
		"DeleteFunctionEventInvokeConfig": api.Of(s.deleteEventInvokeConfig, http.StatusNoContent),
		"PutFunctionConcurrency":          api.Of(s.putConcurrency),
		"DeleteFunctionConcurrency":       api.Of(s.deleteConcurrency, http.StatusNoContent),
		"GetFunctionConcurrency":          api.Of(s.getConcurrency),
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

// appendLine passes a line on. Lambda drops what it cannot deliver and the function never hears of it; so does the sandbox,
// except that its own log says so.
func (s *Service) appendLine(ctx context.Context, line execution.LogLine) {
	if err := s.config.Logs.AppendLine(ctx, line); err != nil {
		s.config.Logger.Warn("a line of a function's log was lost", "group", line.Group, "line", line.Message, "error", err)
	}
}

// Close ends every invocation, kills the processes, drops what is queued and removes the code. It returns when all is gone.
func (s *Service) Close() error {
	s.activity.stop()
	s.runner.Close()
	err := s.activity.over(context.Background())
	if removed := os.RemoveAll(s.dir); removed != nil {
		err = errors.Join(err, fmt.Errorf("removing the functions' code: %w", removed))
	}
	return err
}

// Idle returns when no invocation runs or is due; or with ctx's error. One that waits for the clock to be tried again is not
// waited for: see NextRetry.
func (s *Service) Idle(ctx context.Context) error { return s.activity.atMost(ctx, 0) }

// AtMost is Idle for one who wants to be left with n invocations that run: those that wait for the caller.
func (s *Service) AtMost(ctx context.Context, n int) error { return s.activity.atMost(ctx, n) }

// NextRetry is when the first of the events that wait for the clock is tried again; false when none waits.
func (s *Service) NextRetry() (time.Time, bool) { return s.activity.next() }

// Attempts is how many attempts at invocations have begun so far. An event may need several.
func (s *Service) Attempts() int {
	s.activity.mu.Lock()
	defer s.activity.mu.Unlock()
	return s.activity.begun
}

// Kill ends the processes of a function as SIGKILL does, with what they started, and returns how many they were when all are
// gone. Their invocations have failed.
func (s *Service) Kill(function string) int { return s.runner.Kill(function) }

// Objects lists the ARNs of what exists.
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

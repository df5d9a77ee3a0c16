// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
)

// sandbox is a service with a client of the AWS SDK.
type sandbox struct {
	*lambda.Client
	service *function.Service
	logs    *functiontest.Logs
	clock   *clock.Clock
	queue   *clock.Clock // of the retries; it stands
	url     string
}

func start(t *testing.T, change func(*function.Config)) *sandbox {
	t.Helper()
	queue := clock.NewFrozen(time.Unix(1_800_000_000, 0))
	s := &sandbox{logs: &functiontest.Logs{}, clock: clock.NewFrozen(functiontest.Morning), queue: queue}
	config := function.Config{
		Account: functiontest.Account, Endpoint: "http://127.0.0.1:1", Roles: functiontest.Roles{}, Credentials: functiontest.Credentials{},
		Logs: s.logs, Now: s.clock.Now, Clock: s.queue, Logger: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&config)
	}
	service, err := function.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Error(err)
		}
	})
	s.service = service
	s.url = functiontest.Serve(t, functiontest.Handler(service))
	s.Client = lambda.New(lambda.Options{
		Region: "eu-central-1", BaseEndpoint: &s.url, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", ""),
		RetryMaxAttempts: 1,
	})
	return s
}

// create creates the function nightly from the test function's zip.
func (s *sandbox) create(t *testing.T, change func(*lambda.CreateFunctionInput)) *lambda.CreateFunctionOutput {
	t.Helper()
	in := input(t)
	if change != nil {
		change(in)
	}
	out, err := s.CreateFunction(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func input(t *testing.T) *lambda.CreateFunctionInput {
	t.Helper()
	return &lambda.CreateFunctionInput{
		FunctionName: aws.String("nightly"), Role: aws.String(functiontest.RoleARN), Handler: aws.String("bootstrap"),
		Runtime: types.RuntimeProvidedal2023, Architectures: []types.Architecture{types.Architecture(function.HostArchitecture())},
		Code: &types.FunctionCode{ZipFile: functiontest.Zip(t, functiontest.Bootstrap(t), 0o755)}, Timeout: aws.Int32(30),
	}
}

// invoke invokes nightly with a payload.
func (s *sandbox) invoke(t *testing.T, payload string) *lambda.InvokeOutput {
	t.Helper()
	out, err := s.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("nightly"), Payload: []byte(payload)})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// send sends nightly an event.
func (s *sandbox) send(t *testing.T, payload string) {
	t.Helper()
	out, err := s.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("nightly"), Payload: []byte(payload),
		InvocationType: types.InvocationTypeEvent})
	if err != nil {
		t.Fatal(err)
	}
	if out.StatusCode != 202 {
		t.Errorf("an event was answered with %d, want 202", out.StatusCode)
	}
}

func (s *sandbox) idle(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.service.Idle(ctx); err != nil {
		t.Fatal(err)
	}
}

// untilOver moves the clock from retry to retry until none is left.
func (s *sandbox) untilOver(t *testing.T) (waits []time.Duration) {
	t.Helper()
	for {
		s.idle(t)
		next, waiting := s.service.NextRetry()
		if !waiting {
			return waits
		}
		wait := next.Sub(s.queue.Now())
		waits = append(waits, wait)
		s.queue.Advance(wait)
	}
}

// wantError checks an API error's type and message.
func wantError[T error](t *testing.T, err error, message string) {
	t.Helper()
	var typed T
	if !errors.As(err, &typed) {
		t.Errorf("got %v, want a %T", err, typed)
		return
	}
	wantMessage(t, err, message)
}

func wantMessage(t *testing.T, err error, message string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorMessage() != message {
		t.Errorf("got %v\nwant the message %q", err, message)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("got %v, want the code %s", err, code)
	}
}

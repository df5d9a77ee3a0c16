// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
)

// visits is a server that invocations call. It counts them, and answers as the test wants.
type visits struct {
	mu       sync.Mutex
	requests []string            // the request ids, in the order of arrival
	pids     map[string]struct{} // the processes that called
	arrived  chan string         // the function's variable VERSION, when not nil
	answer   func(visit int) int // the status
}

func (v *visits) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	v.requests = append(v.requests, r.Header.Get("X-Request"))
	v.pids[r.Header.Get("X-Pid")] = struct{}{}
	visit := len(v.requests)
	v.mu.Unlock()
	if v.arrived != nil {
		v.arrived <- r.Header.Get("X-Version")
	}
	w.WriteHeader(v.answer(visit))
}

func visit(t *testing.T, v *visits) (payload string) {
	t.Helper()
	v.pids = map[string]struct{}{}
	return fmt.Sprintf(`{"do":"get","url":%q}`, functiontest.Serve(t, v))
}

func TestEventIsTriedAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		failures int
		waits    []time.Duration
	}{
		{"succeeds at once", 0, nil},
		{"succeeds at the second retry", 2, []time.Duration{time.Minute, 2 * time.Minute}},
		{"is dropped after the second retry", 9, []time.Duration{time.Minute, 2 * time.Minute}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			s.create(t, nil)
			v := failing(test.failures)
			s.send(t, visit(t, v))
			if waits := s.untilOver(t); !slices.Equal(waits, test.waits) {
				t.Errorf("the event waited for %v, want %v", waits, test.waits)
			}
			if attempts := len(test.waits) + 1; len(v.requests) != attempts || s.service.Attempts() != attempts {
				t.Fatalf("the function ran %d times, Lambda counted %d, want %d", len(v.requests), s.service.Attempts(), attempts)
			}
			for _, id := range v.requests {
				if id == "" || id != v.requests[0] {
					t.Errorf("the attempts had the request ids %q, want the same", v.requests)
				}
			}
		})
	}
}

// failing answers the given number of visits with an error, and the rest successfully.
func failing(times int) *visits {
	return &visits{answer: func(visit int) int {
		if visit <= times {
			return http.StatusTeapot
		}
		return http.StatusOK
	}}
}

func TestRetryDelayAsConfigured(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *function.Config) { c.RetryDelay = time.Second })
	s.create(t, nil)
	s.send(t, visit(t, failing(9)))
	if waits := s.untilOver(t); !slices.Equal(waits, []time.Duration{time.Second, time.Second}) {
		t.Errorf("the event waited for %v", waits)
	}
}

// TestCloseWhileAnEventWaits does not wait for it.
func TestCloseWhileAnEventWaits(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	s.send(t, `{"do":"fail"}`)
	s.idle(t)
	if next, waiting := s.service.NextRetry(); !waiting || next.Sub(s.queue.Now()) != time.Minute {
		t.Errorf("the next retry is at %v, %v", next, waiting)
	}
	if err := s.service.Close(); err != nil {
		t.Error(err)
	}
}

func TestEventOfADeletedFunctionIsDropped(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.create(t, nil)
	proceed := make(chan struct{})
	v := &visits{arrived: make(chan string, 9), answer: func(int) int { <-proceed; return http.StatusTeapot }}
	s.send(t, visit(t, v))
	<-v.arrived
	if _, err := s.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("nightly")}); err != nil {
		t.Fatal(err)
	}
	close(proceed)
	s.untilOver(t)
	if len(v.requests) != 1 {
		t.Errorf("the function ran %d times", len(v.requests))
	}
}

func TestConcurrency(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *function.Config) { c.Concurrency = 2 })
	s.create(t, nil)
	proceed := make(chan struct{})
	v := &visits{arrived: make(chan string, 9), answer: func(int) int { <-proceed; return http.StatusOK }}
	payload := visit(t, v)
	for range 4 {
		s.send(t, payload)
	}
	<-v.arrived
	<-v.arrived
	// Both places are taken: a synchronous invocation is refused, and the other events wait.
	_, err := s.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("nightly")})
	wantError[*types.TooManyRequestsException](t, err, "Rate Exceeded.")
	close(proceed)
	s.idle(t)
	if len(v.requests) != 4 || len(v.pids) != 2 {
		t.Errorf("%d invocations in %d processes, want 4 in 2", len(v.requests), len(v.pids))
	}
}

func TestUpdateWhileInvocationsRun(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *function.Config) { c.UpdateFor = time.Second })
	version := func(v string) *types.Environment {
		return &types.Environment{Variables: map[string]string{"VERSION": v}}
	}
	s.create(t, func(in *lambda.CreateFunctionInput) { in.Environment = version("1") })
	proceed := make(chan struct{})
	v := &visits{arrived: make(chan string, 9), answer: func(int) int { <-proceed; return http.StatusOK }}
	payload := visit(t, v)
	next := func() string {
		s.send(t, payload)
		return <-v.arrived
	}
	if got := next(); got != "1" {
		t.Errorf("got the version %s before the update", got)
	}
	if _, err := s.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("nightly"), Environment: version("2"),
	}); err != nil {
		t.Fatal(err)
	}
	if got := next(); got != "1" {
		t.Errorf("got the version %s while the update was in progress, want 1", got)
	}
	s.clock.Advance(time.Second)
	if got := next(); got != "2" {
		t.Errorf("got the version %s after the update, want 2", got)
	}
	close(proceed)
	s.idle(t)
}

func TestInvocationsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := start(t, func(c *function.Config) { c.PendingFor = time.Second })
	s.create(t, nil)
	invoke := func(in lambda.InvokeInput) error {
		if in.FunctionName == nil {
			in.FunctionName = aws.String("nightly")
		}
		_, err := s.Invoke(t.Context(), &in)
		return err
	}
	wantError[*types.ResourceConflictException](t, invoke(lambda.InvokeInput{}),
		"The operation cannot be performed at this time. The function is currently in the following state: Pending")
	s.clock.Advance(time.Second)
	wantError[*types.ResourceNotFoundException](t, invoke(lambda.InvokeInput{FunctionName: aws.String("other")}),
		"Function not found: arn:aws:lambda:eu-central-1:123456789012:function:other")
	wantError[*types.ResourceNotFoundException](t, invoke(lambda.InvokeInput{Qualifier: aws.String("7")}),
		"Function not found: arn:aws:lambda:eu-central-1:123456789012:function:nightly:7")
	wantError[*types.InvalidRequestContentException](t, invoke(lambda.InvokeInput{Payload: []byte(`{`)}),
		"Could not parse request body into json: the payload is not valid JSON")
	wantError[*types.RequestTooLargeException](t, invoke(lambda.InvokeInput{
		Payload: []byte(`"` + strings.Repeat("x", 1024*1024) + `"`), InvocationType: types.InvocationTypeEvent,
	}), "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)")
	wantError[*types.InvalidParameterValueException](t, invoke(lambda.InvokeInput{InvocationType: types.InvocationTypeDryRun}),
		"The sandbox does not offer the invocation type DryRun.")
}

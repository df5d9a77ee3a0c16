// SPDX-License-Identifier: MPL-2.0

package function_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
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

const (
	queueARN    = "arn:aws:sqs:eu-central-1:123456789012:dead-letters"
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:nightly:$LATEST"
)

// queues is one queue, queueARN.
type queues struct {
	mu      sync.Mutex
	refuses bool
	records []map[string]any
}

func (q *queues) Exists(arn string) bool { return arn == queueARN }

func (q *queues) MaySend(role, _ string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return role == functiontest.RoleARN && !q.refuses
}

func (q *queues) Send(_ context.Context, role, arn, body string) error {
	if !q.MaySend(role, arn) {
		return errors.New("not allowed")
	}
	var record map[string]any
	if err := json.Unmarshal([]byte(body), &record); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.records = append(q.records, record)
	return nil
}

func startWithQueue(t *testing.T, change func(*function.Config)) (*sandbox, *queues) {
	t.Helper()
	q := &queues{}
	return start(t, func(c *function.Config) {
		c.Queues = q
		if change != nil {
			change(c)
		}
	}), q
}

// putEventConfig gives nightly the queue as its destination.
func (s *sandbox) putEventConfig(t *testing.T, retries, age *int32) {
	t.Helper()
	_, err := s.PutFunctionEventInvokeConfig(t.Context(), &lambda.PutFunctionEventInvokeConfigInput{
		FunctionName: aws.String("nightly"), MaximumRetryAttempts: retries, MaximumEventAgeInSeconds: age,
		DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String(queueARN)}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRecordOfAFailedEvent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		payload      string
		retries, age *int32
		condition    string
		attempts     float64
		error        string
	}{
		"retries used up":         {`{"do":"fail","text":"no"}`, nil, nil, "RetriesExhausted", 3, "no"},
		"no retries":              {`{"do":"fail","text":"no"}`, aws.Int32(0), nil, "RetriesExhausted", 1, "no"},
		"the process exits":       {`{"do":"exit"}`, aws.Int32(1), nil, "RetriesExhausted", 2, "exit status 3"},
		"the next try comes late": {`{"do":"fail","text":"no"}`, nil, aws.Int32(120), "EventAgeExceeded", 2, "no"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, q := startWithQueue(t, nil)
			s.create(t, nil)
			s.putEventConfig(t, test.retries, test.age)
			s.send(t, test.payload)
			s.untilOver(t)
			if len(q.records) != 1 {
				t.Fatalf("the queue has %v", q.records)
			}
			record := q.records[0]
			about, _ := record["requestContext"].(map[string]any)
			answer, _ := record["responsePayload"].(map[string]any)
			response, _ := record["responseContext"].(map[string]any)
			message, _ := answer["errorMessage"].(string)
			if about["condition"] != test.condition || about["approximateInvokeCount"] != test.attempts || about["functionArn"] != functionARN ||
				about["requestId"] == "" || !strings.Contains(message, test.error) || response["functionError"] != "Unhandled" ||
				record["version"] != "1.0" || record["timestamp"] != s.queue.Now().UTC().Format("2006-01-02T15:04:05.000Z") {
				t.Errorf("got the record %v", record)
			}
			if payload, err := json.Marshal(record["requestPayload"]); err != nil || string(payload) != test.payload {
				t.Errorf("the record's payload is %s, %v; want %s", payload, err, test.payload)
			}
		})
	}
}

// TestEventThatNeverRuns waits behind another one for longer than it may.
func TestEventThatNeverRuns(t *testing.T) {
	t.Parallel()
	s, q := startWithQueue(t, func(c *function.Config) { c.Concurrency = 1 })
	s.create(t, nil)
	s.putEventConfig(t, nil, aws.Int32(60))
	proceed := make(chan struct{})
	v := &visits{arrived: make(chan string, 9), answer: func(int) int { <-proceed; return http.StatusOK }}
	payload := visit(t, v)
	s.send(t, payload)
	<-v.arrived
	s.send(t, `{"do":"print"}`)
	s.queue.Advance(time.Minute)
	if err := s.service.AtMost(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	close(proceed)
	s.untilOver(t)
	if len(q.records) != 1 || q.records[0]["responseContext"] != nil || q.records[0]["responsePayload"] != nil {
		t.Fatalf("the queue has %v", q.records)
	}
	if about, _ := q.records[0]["requestContext"].(map[string]any); about["condition"] != "EventAgeExceeded" ||
		about["approximateInvokeCount"] != 0.0 {
		t.Errorf("got the record %v", q.records[0])
	}
}

func TestReservedConcurrency(t *testing.T) {
	t.Parallel()
	s, q := startWithQueue(t, nil)
	s.create(t, nil)
	s.putEventConfig(t, nil, nil)
	name := aws.String("nightly")
	reserve := func(n int32) {
		t.Helper()
		if _, err := s.PutFunctionConcurrency(t.Context(),
			&lambda.PutFunctionConcurrencyInput{FunctionName: name, ReservedConcurrentExecutions: aws.Int32(n)}); err != nil {
			t.Fatal(err)
		}
	}
	reserve(0)
	reserved := func() *types.Concurrency {
		t.Helper()
		out, err := s.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: name})
		if err != nil {
			t.Fatal(err)
		}
		return out.Concurrency
	}
	if got := reserved(); got == nil || aws.ToInt32(got.ReservedConcurrentExecutions) != 0 {
		t.Errorf("got %v", got)
	}
	_, err := s.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: name})
	wantError[*types.TooManyRequestsException](t, err, "Rate Exceeded.")
	s.send(t, `{"do":"print"}`)
	if waits := s.untilOver(t); len(waits) != 0 || len(q.records) != 1 {
		t.Errorf("the event waited for %v, the queue has %v", waits, q.records)
	}

	reserve(1)
	proceed := make(chan struct{})
	v := &visits{arrived: make(chan string, 9), answer: func(int) int { <-proceed; return http.StatusOK }}
	s.send(t, visit(t, v))
	<-v.arrived
	_, err = s.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: name})
	wantError[*types.TooManyRequestsException](t, err, "Rate Exceeded.")
	close(proceed)
	s.idle(t)
	if got := reserved(); got == nil || aws.ToInt32(got.ReservedConcurrentExecutions) != 1 {
		t.Errorf("got %v", got)
	}

	_, err = s.PutFunctionConcurrency(t.Context(), &lambda.PutFunctionConcurrencyInput{FunctionName: name,
		ReservedConcurrentExecutions: aws.Int32(901)})
	wantCode(t, err, "InvalidParameterValueException")
	_, err = s.PutFunctionConcurrency(t.Context(), &lambda.PutFunctionConcurrencyInput{FunctionName: name,
		ReservedConcurrentExecutions: aws.Int32(-1)})
	wantCode(t, err, "ValidationException")
	if _, err := s.DeleteFunctionConcurrency(t.Context(), &lambda.DeleteFunctionConcurrencyInput{FunctionName: name}); err != nil {
		t.Error(err)
	}
	if got := reserved(); got != nil {
		t.Errorf("got %v", got)
	}
}

// TestRecordThatMayNotBeSent is lost, and nothing waits for it.
func TestRecordThatMayNotBeSent(t *testing.T) {
	t.Parallel()
	s, q := startWithQueue(t, nil)
	s.create(t, nil)
	s.putEventConfig(t, aws.Int32(0), nil)
	q.mu.Lock()
	q.refuses = true
	q.mu.Unlock()
	s.send(t, `{"do":"fail"}`)
	if s.untilOver(t); len(q.records) != 0 {
		t.Errorf("the queue has %v", q.records)
	}
}

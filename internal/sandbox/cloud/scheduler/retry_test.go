// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	sandboxscheduler "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/scheduler"
)

// TestRetries retries with growing delays, until the function accepts the event.
func TestRetries(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	in := at("a", time.Hour)
	in.ActionAfterCompletion = types.ActionAfterCompletionDelete
	create(t, client, in)
	a.locked(func() { a.failing = 7 })
	for range 8 {
		next, pending := s.Next()
		if !pending {
			t.Fatal("nothing is pending")
		}
		advance(t, a, s, next.Sub(a.clock.Now()))
	}
	last := time.Hour
	var gaps []string
	for _, h := range a.handed[1:] {
		gaps = append(gaps, (h.after - last).String())
		last = h.after
	}
	if got, want := strings.Join(gaps, " "), "30s 1m0s 2m0s 4m0s 8m0s 8m0s 8m0s"; got != want {
		t.Errorf("tried again after %s, want %s", got, want)
	}
	if pending, objects := s.Pending(), s.Objects(); len(pending) != 0 || len(objects) != 1 || len(a.buried) != 0 {
		t.Errorf("pending %v, objects %v, buried %v", pending, objects, a.buried)
	}
}

// TestGivesUp ends at the first bound of the retry policy that is reached, and sends the event to the dead-letter queue.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		policy    types.RetryPolicy
		attempts  int
		condition string
	}{
		"at once":     {types.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)}, 1, "MaximumRetryAttempts"},
		"twice more":  {types.RetryPolicy{MaximumRetryAttempts: aws.Int32(2)}, 3, "MaximumRetryAttempts"},
		"in a minute": {types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(60)}, 2, "MaximumEventAgeInSeconds"},
		"by default":  {types.RetryPolicy{}, 184, "MaximumEventAgeInSeconds"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, s, client := startAlone(t, sandboxscheduler.Config{})
			in := at("a", time.Hour)
			in.ActionAfterCompletion = types.ActionAfterCompletionDelete
			in.Target.RetryPolicy = &tt.policy
			in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(queueARN)}
			create(t, client, in)
			a.locked(func() { a.failing = -1 })
			for next, pending := s.Next(); pending; next, pending = s.Next() {
				advance(t, a, s, next.Sub(a.clock.Now()))
			}
			if len(a.handed) != tt.attempts || len(a.buried) != 1 {
				t.Fatalf("tried %d times, buried %v", len(a.handed), a.buried)
			}
			for attribute, want := range map[string]string{
				"ERROR_CODE": "TooManyRequestsException", "ERROR_MESSAGE": "Rate Exceeded.", "EXHAUSTED_RETRY_CONDITION": tt.condition,
				"IS_PAYLOAD_TRUNCATED": "false", "RETRY_ATTEMPTS": fmt.Sprint(tt.attempts - 1), "SCHEDULED_TIME": "2026-11-23T06:00:00Z",
				"SCHEDULE_ARN": "arn:aws:scheduler:eu-central-1:123456789012:schedule/chain/a", "TARGET_ARN": functionARN, "body": `{"name":"a"}`,
			} {
				if got := a.buried[0][attribute]; got != want {
					t.Errorf("%s is %s, want %s", attribute, got, want)
				}
			}
			if objects := s.Objects(); len(objects) != 1 {
				t.Errorf("objects %v: the schedule is complete", objects)
			}
		})
	}
}

// TestDropped logs events that are dropped.
func TestDropped(t *testing.T) {
	t.Parallel()
	for reason, config := range map[string]*types.DeadLetterConfig{
		"the schedule has none": nil, "there is no queue": {Arn: aws.String(queueARN + "s")},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			a, s, client := startAlone(t, sandboxscheduler.Config{})
			in := at("a", time.Hour)
			in.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)}
			in.Target.DeadLetterConfig = config
			create(t, client, in)
			a.locked(func() { a.failing = 1 })
			advance(t, a, s, time.Hour)
			a.locked(func() {
				if log := a.log.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, reason) || !strings.Contains(log, "Rate Exceeded.") {
					t.Errorf("log %s", log)
				}
			})
		})
	}
}

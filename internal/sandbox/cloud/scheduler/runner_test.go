// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	sandboxscheduler "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/scheduler"
)

// TestOrder moves the clock past three schedules that were created in a different order.
func TestOrder(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	for _, after := range []int{2, 4, 1, 3} {
		create(t, client, at(fmt.Sprint(after), time.Duration(after)*time.Hour))
	}
	idle(t, s)
	if next, pending := s.Next(); !pending || !next.Equal(fiveOClock.Add(time.Hour)) {
		t.Errorf("next is %v, %v", next, pending)
	}
	advance(t, a, s, time.Hour-time.Nanosecond)
	if got := a.names(); got != "" {
		t.Errorf("%s came too early", got)
	}
	advance(t, a, s, 2*time.Hour+time.Nanosecond)
	if got := a.names(); got != "1,2,3" {
		t.Errorf("handed over %s, want 1,2,3", got)
	}
	if pending := s.Pending(); len(pending) != 1 || pending[0].Name != "4" || pending[0].Group != "chain" ||
		pending[0].Input != `{"name":"4"}` {
		t.Errorf("pending %+v", pending)
	}
	// Schedules that have run stay unless they say otherwise, and do not run again.
	advance(t, a, s, 24*time.Hour)
	if got := a.names(); got != "1,2,3,4" {
		t.Errorf("handed over %s, want 1,2,3,4", got)
	}
	getSchedule(t, client, "1")
	if _, pending := s.Next(); pending {
		t.Error("something is pending")
	}
}

// TestTogether delivers schedules that are due at the same time in order of their names.
func TestTogether(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	for _, name := range []string{"b", "a", "c"} {
		create(t, client, at(name, time.Hour))
	}
	advance(t, a, s, time.Hour)
	if got := a.names(); got != "a,b,c" {
		t.Errorf("handed over %s, want a,b,c", got)
	}
}

// TestContextAttributes puts them into the input, anew with each attempt.
func TestContextAttributes(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	in := at("a", time.Hour)
	in.ScheduleExpressionTimezone, in.ScheduleExpression = aws.String("America/New_York"), aws.String("at(2026-11-23T01:00:00)")
	in.Target.Input = aws.String(`["<aws.scheduler.schedule-arn>","<aws.scheduler.scheduled-time>",<aws.scheduler.attempt-number>,"<aws.scheduler.execution-id>"]`)
	create(t, client, in)
	a.locked(func() { a.failing = 1 })
	advance(t, a, s, time.Hour)
	advance(t, a, s, time.Minute)
	var ids []string
	for i, h := range a.handed {
		prefix := fmt.Sprintf(`["arn:aws:scheduler:eu-central-1:123456789012:schedule/chain/a","2026-11-23T06:00:00Z",%d,"`, i+1)
		id, found := strings.CutPrefix(h.payload, prefix)
		if !found || len(id) != len(`0123456789abcdef"]`) {
			t.Errorf("attempt %d has the payload %s", i+1, h.payload)
		}
		ids = append(ids, id)
	}
	if len(ids) != 2 || ids[0] == ids[1] {
		t.Errorf("execution ids %v", ids)
	}
}

// TestDeletedMeanwhile deletes and updates a schedule while it is being delivered, and a failure may not bring it back.
func TestDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change  func(ctx context.Context, client *scheduler.Client) error
		pending int
	}{
		"deleted": {func(ctx context.Context, client *scheduler.Client) error {
			_, err := client.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: aws.String("a"), GroupName: aws.String("chain")})
			return err
		}, 0},
		"group deleted": {func(ctx context.Context, client *scheduler.Client) error {
			_, err := client.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String("chain")})
			return err
		}, 0},
		"updated": {func(ctx context.Context, client *scheduler.Client) error {
			_, err := client.UpdateSchedule(ctx, updateOf(at("a", 3*time.Hour)))
			return err
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, s, client := startAlone(t, sandboxscheduler.Config{})
			create(t, client, at("a", time.Hour))
			changed := make(chan error, 1)
			a.locked(func() {
				a.failing = 1
				a.hook = func() {
					a.locked(func() { a.hook = nil })
					changed <- tt.change(t.Context(), client)
				}
			})
			advance(t, a, s, time.Hour)
			if err := <-changed; err != nil {
				t.Fatal(err)
			}
			pending := s.Pending()
			if len(pending) != tt.pending || tt.pending == 1 && (pending[0].Attempt != 0 || !pending[0].Due.Equal(fiveOClock.Add(3*time.Hour))) {
				t.Errorf("pending %+v", pending)
			}
			advance(t, a, s, 24*time.Hour)
			if len(a.handed) != 1+tt.pending {
				t.Errorf("handed over %v", a.handed)
			}
		})
	}
}

// TestRunPast runs a schedule in the past at once.
func TestRunPast(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{RunPast: true})
	create(t, client, at("a", -time.Hour))
	idle(t, s)
	if got := a.names(); got != "a" {
		t.Errorf("handed over %q", got)
	}
}

// TestNow takes a schedule for this very second.
func TestNow(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	create(t, client, at("a", 0))
	idle(t, s)
	if got := a.names(); got != "a" {
		t.Errorf("handed over %q", got)
	}
}

// TestRace makes and deletes schedules while the clock moves: schedules that were not deleted are delivered once.
func TestRace(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	const makers, each = 4, 15
	var group sync.WaitGroup
	for maker := range makers {
		group.Go(func() {
			for n := range each {
				in := at(fmt.Sprintf("%d-%d", maker, n), 48*time.Hour-time.Duration(n)*time.Hour)
				in.ActionAfterCompletion = types.ActionAfterCompletionDelete
				if _, err := client.CreateSchedule(t.Context(), in); err != nil {
					t.Error(err)
				}
				if n%3 == 0 {
					if _, err := client.DeleteSchedule(t.Context(), &scheduler.DeleteScheduleInput{Name: in.Name, GroupName: in.GroupName}); err != nil {
						t.Error(err)
					}
				}
				a.clock.Advance(time.Minute)
				s.Pending()
			}
		})
	}
	group.Go(func() {
		if err := s.Idle(t.Context()); err != nil {
			t.Error(err)
		}
	})
	group.Wait()
	advance(t, a, s, 48*time.Hour)
	counts := map[string]int{}
	for _, h := range a.handed {
		counts[h.payload]++
	}
	for payload, n := range counts {
		if n != 1 {
			t.Errorf("%s was handed over %d times", payload, n)
		}
	}
	if want := makers * each * 2 / 3; len(counts) != want || len(s.Pending()) != 0 {
		t.Errorf("%d were handed over, want %d; pending %v", len(counts), want, s.Pending())
	}
}

// TestIdleEnds with its context when a target takes its time.
func TestIdleEnds(t *testing.T) {
	t.Parallel()
	a, s, client := startAlone(t, sandboxscheduler.Config{})
	invoked, release := make(chan struct{}), make(chan struct{})
	a.locked(func() {
		a.hook = func() {
			close(invoked)
			<-release
		}
	})
	create(t, client, at("a", time.Hour))
	a.clock.Advance(time.Hour)
	<-invoked
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Idle(ctx); err == nil {
		t.Error("the scheduler is idle while it delivers")
	}
	close(release)
	idle(t, s)
}

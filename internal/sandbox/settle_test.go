// SPDX-License-Identifier: MPL-2.0

package sandbox_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestRunUntilQuiet goes through a timer, an event that fails twice, and a reload.
func TestRunUntilQuiet(t *testing.T) {
	t.Parallel()
	c := start(t)
	c.addRole(t, "timer", "scheduler", `"lambda:InvokeFunction"`)
	due := c.Clock.Now().Add(time.Hour).Truncate(time.Second)
	_, err := scheduler.NewFromConfig(c.AWS()).CreateSchedule(t.Context(), &scheduler.CreateScheduleInput{
		Name: aws.String("timer"), ScheduleExpression: aws.String("at(" + due.UTC().Format("2006-01-02T15:04:05") + ")"),
		FlexibleTimeWindow:    &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		ActionAfterCompletion: types.ActionAfterCompletionDelete,
		Target: &types.Target{Arn: aws.String(functionARN), RoleArn: aws.String("arn:aws:iam::123456789012:role/timer"),
			Input: aws.String(string(c.calls(t)))},
	})
	if err != nil {
		t.Fatal(err)
	}
	if next, found := c.Next(); !found || !next.Equal(due) {
		t.Errorf("next is %v, %v; want the timer at %v", next, found, due)
	}
	c.CrashAt(1, false)
	c.CrashAt(3, false)
	c.run(t)
	// The timer's event fails at its first call, a minute later at its second, and is done two minutes after that.
	if now := c.Clock.Now(); now.Before(due.Add(3*time.Minute+10*time.Second)) || now.After(due.Add(4*time.Minute)) {
		t.Errorf("the clock was moved to %v, want little after %v", now, due.Add(3*time.Minute))
	}
	if len(c.OutsideCalls()) != 6 || len(c.Tenant.Reloads()) != 1 || c.Tenant.Reloads()[0].Status != "SUCCEEDED" ||
		c.written(t, "/second") != 1 {
		t.Errorf("the calls were %q, the reloads %+v", c.OutsideCalls(), c.Tenant.Reloads())
	}
	if next, found := c.Next(); found {
		t.Errorf("something is left: at %v", next)
	}
}

func TestRunUntilTheLimit(t *testing.T) {
	t.Parallel()
	c := start(t)
	began := c.Clock.Now()
	c.send(t, []byte(`{"do":"fail"}`))
	for _, limit := range []time.Duration{40 * time.Second, 19 * time.Second} {
		if err := c.RunUntilQuiet(t.Context(), limit); err != nil {
			t.Fatal(err)
		}
	}
	next, found := c.Next()
	if moved := c.Clock.Now().Sub(began); moved != 59*time.Second || !found || next.Sub(began) != time.Minute ||
		c.Cloud.Lambda().Attempts() != 1 {
		t.Errorf("the clock moved by %v, next is %v, %v", moved, next.Sub(began), found)
	}
	if err := c.RunUntilQuiet(t.Context(), time.Second); err != nil || c.Cloud.Lambda().Attempts() != 2 {
		t.Errorf("%v; the clock reached the retry, and %d attempts were made", err, c.Cloud.Lambda().Attempts())
	}
	if next, found := c.Next(); !found || next.Sub(began) != 3*time.Minute {
		t.Errorf("next is %v, %v", next.Sub(began), found)
	}
}

// order notes what happens, in the order in which it does.
type order struct {
	mu    sync.Mutex
	notes []string
}

func (o *order) note(what string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.notes = append(o.notes, what)
}

// TestEndBeforeAnswer lets the function start a reload. The function handles the reload's event before it knows that the reload was
// started.
func TestEndBeforeAnswer(t *testing.T) {
	t.Parallel()
	c := start(t)
	var happened order
	handled := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { happened.note("handled") }))
	defer handled.Close()
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		happened.note("delivered")
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		if err := c.deliver(r.Context(), payload(t, map[string]string{"do": "get", "url": handled.URL})); err != nil {
			t.Error(err)
		}
	}))
	defer receiver.Close()
	client, err := qlik.NewClient(qlik.Config{TenantURL: c.Tenant.URL(), Credentials: qlik.Credentials{APIKey: c.Tenant.APIKey()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.CreateWebhook(t.Context(), qlik.WebhookRequest{
		Name: "a", URL: receiver.URL, EventTypes: []string{qlik.EventReloadFinished}, Level: "tenant", Enabled: true,
	}); err != nil {
		t.Fatal(err)
	}
	c.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if r.Pattern != "POST /api/v1/reloads" {
			return nil
		}
		return &tenant.Fault{Delay: func(ctx context.Context) error {
			err := c.EndBeforeAnswer(ctx)
			happened.note("answered")
			return err
		}}
	})
	c.send(t, c.calls(t))
	c.run(t)
	if want := []string{"delivered", "handled", "answered"}; !slices.Equal(happened.notes, want) || c.written(t, "/second") != 1 {
		t.Errorf("in this order: %q, want %q", happened.notes, want)
	}
}

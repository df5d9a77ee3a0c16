// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
)

// scheduleWorld is a chain with a schedule on its first step, and a clock that moves by hand only. It stands at noon of the day before the
// clocks of Zurich change next.
type scheduleWorld struct {
	*harness
	*life
	t      *testing.T
	zurich *time.Location
	change time.Time // when they do
}

func newScheduleWorld(t *testing.T, schedule string) *scheduleWorld {
	t.Helper()
	zurich, err := time.LoadLocation("Europe/Zurich")
	if err != nil {
		t.Fatal(err)
	}
	_, change := time.Now().In(zurich).ZoneBounds()
	w := &scheduleWorld{life: newLife(t, faultAnswer, 1000), t: t, zurich: zurich, change: change}
	w.harness = newHarness(t, func(c *sandbox.Config) { c.Clock = clock.NewFrozen(w.day(-1, 12, 0)) })
	w.schedule(schedule)
	return w
}

// day returns a time of day in Zurich, so many days after the clocks have changed.
func (w *scheduleWorld) day(n, hour, minute int) time.Time {
	local := w.change.In(w.zurich)
	return time.Date(local.Year(), local.Month(), local.Day()+n, hour, minute, 0, 0, w.zurich)
}

// schedule gives the first step a schedule and applies; "" takes it away.
func (w *scheduleWorld) schedule(schedule string) {
	w.t.Helper()
	steps := nightlySteps
	if schedule != "" {
		steps = scheduledSteps(schedule)
	}
	w.configure(w.chain(steps, "history_days = 365", "reconciliation = { enabled = false }")) // the function goes by the real time
	if err := errors.Join(w.apply(), w.expectNoChange()); err != nil {
		w.t.Fatal(err)
	}
}

// until moves the clock to a time, with everything that is due meanwhile.
func (w *scheduleWorld) until(end time.Time) {
	w.t.Helper()
	if err := w.RunUntilQuiet(w.t.Context(), end.Sub(w.Clock.Now())); err != nil {
		w.t.Fatal(err)
	}
	w.Clock.Advance(max(0, end.Sub(w.Clock.Now())))
}

// expectBegun checks when the first app was reloaded so far, and that what comes after it was reloaded as often.
func (w *scheduleWorld) expectBegun(want ...time.Time) {
	w.t.Helper()
	var begun []time.Time
	times := map[string]int{}
	for _, reload := range w.Tenant.Reloads() {
		times[reload.AppID]++
		if reload.AppID == sandbox.AppExtract {
			begun = append(begun, reload.Created)
		}
	}
	if !slices.EqualFunc(begun, want, time.Time.Equal) {
		lines, err := w.LogLines(w.t.Context(), logGroup)
		w.t.Fatalf("the chain began at %v, want %v; the function's log (%v):\n%s", begun, want, err, strings.Join(lines, "\n"))
	}
	for _, app := range []string{sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppArchive} {
		if times[app] != len(want) {
			w.t.Errorf("%s was reloaded %d times, not %d", app, times[app], len(want))
		}
	}
}

// get asks the chain's API.
func (w *scheduleWorld) get(path string, into any) {
	w.t.Helper()
	key, err := w.APIKey(w.t.Context(), objectName)
	if err != nil {
		w.t.Fatal(err)
	}
	status, body, err := sandbox.Call(w.t.Context(), http.MethodGet, w.invokeURL()+path, map[string]string{"x-api-key": key}, nil)
	if err != nil || status != http.StatusOK {
		w.t.Fatalf("GET %s: %d %s %v", path, status, body, err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		w.t.Fatalf("GET %s: %v: %s", path, err, body)
	}
}

type begunRun struct {
	Run       string
	StartedBy string `json:"started_by"`
	At        time.Time
}

// runsBegun returns the chain's runs.
func (w *scheduleWorld) runsBegun() []begunRun {
	w.t.Helper()
	var list struct{ Runs []begunRun }
	w.get("/runs", &list)
	return list.Runs
}

// TestAccSchedule covers the life of a schedule. It begins a run at the right time of day, also after the clocks have changed. It is
// changed, stopped and removed in place, and is deleted with the chain.
func TestAccSchedule(t *testing.T) {
	t.Parallel()
	w := newScheduleWorld(t, `{ cron = "0 5 * * ? *", timezone = "Europe/Zurich" }`)
	w.until(w.day(0, 5, 0).Add(-time.Second))
	w.expectBegun()
	w.until(w.day(0, 5, 10))
	w.expectBegun(w.day(0, 5, 0))

	runs := w.runsBegun()
	if len(runs) != 1 || runs[0].StartedBy != "schedule" || !runs[0].At.Equal(w.day(0, 5, 0)) {
		t.Fatalf("the runs are %+v", runs)
	}
	var run struct {
		Origin    string
		StartedBy string `json:"started_by"`
		Starts    []struct{ Step, Phase string }
	}
	w.get("/runs/"+runs[0].Run, &run)
	if run.Origin != "extract" || run.StartedBy != "schedule" || len(run.Starts) != 4 || run.Starts[0].Step != "extract" ||
		run.Starts[0].Phase != "ended" {
		t.Errorf("the run is %+v", run)
	}

	if err := w.invokeAgain(t.Context(), w.day(0, 5, 0)); err != nil {
		t.Fatal(err)
	}
	w.expectBegun(w.day(0, 5, 0))

	w.ResetProviderCalls()
	w.schedule(`{ cron = "30 5 ? * MON-FRI *", timezone = "Europe/Zurich" }`)
	if wrote := w.writes(); !slices.Contains(wrote, "scheduler UpdateSchedule") || slices.Contains(wrote, "scheduler DeleteSchedule") {
		t.Errorf("it was changed with the calls %q", wrote)
	}
	w.until(w.day(1, 5, 40))
	w.expectBegun(w.day(0, 5, 0), w.day(1, 5, 30))

	w.schedule(`{ cron = "30 5 ? * MON-FRI *", timezone = "Europe/Zurich" }, enabled = false`)
	w.until(w.day(4, 12, 0))
	w.expectBegun(w.day(0, 5, 0), w.day(1, 5, 30))

	w.schedule(`{ rate = "90m" }`)
	w.until(w.day(4, 14, 0))
	begun := []time.Time{w.day(0, 5, 0), w.day(1, 5, 30), w.day(4, 12, 0), w.day(4, 13, 30)}
	w.expectBegun(begun...)

	// The function's timers are none of the provider's business.
	if err := w.makeTimer(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.schedule("")
	w.until(w.day(6, 12, 0))
	w.expectBegun(begun...)
	if objects := w.Objects()["scheduler"]; len(objects) != 3 || !strings.HasSuffix(objects[1], "/schedule-sweep") ||
		!strings.HasSuffix(objects[2], "/timer") {
		t.Errorf("there are %q instead of the group, the sweep's schedule and a timer", objects)
	}
	w.schedule(`{ rate = "90m" }`)
	if err := errors.Join(w.destroy(), w.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccScheduleLate checks that a failed invocation is repeated later, and begins the run of its own time once.
func TestAccScheduleLate(t *testing.T) {
	t.Parallel()
	w := newScheduleWorld(t, `{ cron = "0 5 * * ? *", timezone = "Europe/Zurich" }`)
	if err := deleteRolePolicy(timerRoleName)(t.Context(), w.harness); err != nil {
		t.Fatal(err)
	}
	w.until(w.day(0, 5, 10))
	w.expectBegun()
	if err := w.apply(); err != nil {
		t.Fatal(err)
	}
	w.until(w.day(0, 6, 0))
	w.expectBegun(w.day(0, 5, 15).Add(30 * time.Second)) // 30 s, 1, 2, 4 and 8 minutes after each other
	if runs := w.runsBegun(); len(runs) != 1 || !runs[0].At.Equal(w.day(0, 5, 0)) {
		t.Errorf("the runs are %+v", runs)
	}
	if err := errors.Join(w.destroy(), w.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// invokeAgain invokes the function once more with the schedule's input: EventBridge Scheduler promises at least once.
func (w *scheduleWorld) invokeAgain(ctx context.Context, at time.Time) error {
	_, err := lambda.NewFromConfig(w.AWS()).Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(objectName), InvocationType: types.InvocationTypeEvent,
		Payload: fmt.Appendf(nil, `{"source":"qlik-task-chain-schedule","step":"extract","time":%q}`, at.UTC().Format(time.RFC3339)),
	})
	if err != nil {
		return err
	}
	return w.RunUntilQuiet(ctx, 10*time.Minute)
}

// makeTimer makes what the function makes when something has to wait.
func (w *scheduleWorld) makeTimer(ctx context.Context) error {
	client, in, err := w.harness.schedule(ctx, scheduleOfExtract)
	if err != nil {
		return err
	}
	_, err = client.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
		GroupName: in.GroupName, Name: aws.String("timer"), ScheduleExpression: aws.String("at(2199-12-24T18:00:00)"),
		FlexibleTimeWindow: in.FlexibleTimeWindow, Target: in.Target,
	})
	return err
}

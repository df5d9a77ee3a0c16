// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// kinds is load (a data task) → sales (an app) → mail (an automation).
func kinds() *chain.Definition {
	task := chain.DataTask{Project: "65f2a4b7c1d2e3f405162738", Task: "task-cYSY"}
	return &chain.Definition{Version: chain.Version, Name: "kinds", Timezone: "Europe/Berlin", Steps: map[string]chain.Step{
		"load":  {DataTask: &task, Enabled: true},
		"sales": {App: chaintest.AppID(1), Enabled: true, After: after("load", "success")},
		"mail":  {Automation: chaintest.AppID(2), Enabled: true, After: after("sales", "success")},
	}}
}

// ended lets the latest job of a step end without an event.
func (w *world) ended(step, status string) {
	w.t.Helper()
	silent, ending := w.silent, w.ending
	w.silent, w.ending = true, func(string, int) string { return status }
	w.end(w.of(w.stepID(step))[0], 1)
	w.silent, w.ending = silent, ending
}

// polls has so many timers come that ask for an end, and returns after how many seconds each did.
func (w *world) polls(number int) (after []int) {
	w.t.Helper()
	began := w.clock.Now()
	for range number {
		if r := w.nextTimer(); r.Timer != chain.TimerPoll {
			w.t.Fatalf("the next timer is %s", r.Timer)
		}
		after = append(after, int(w.clock.Now().Sub(began).Seconds()))
	}
	return after
}

// TestPolls: the end of a data task's run is asked for after 10, 20, 40, 80, 160 and then every 300 seconds, and no longer once it is
// known.
func TestPolls(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, kinds())
	w.schedule("", 1)
	w.run(1)
	if got, want := w.polls(7), []int{10, 30, 70, 150, 310, 610, 910}; !slices.Equal(got, want) {
		t.Errorf("it was asked for after %v seconds, want %v", got, want)
	}
	if view := w.record(1); view.Starts[0].Phase != engine.PhaseStarted || view.Starts[0].Reload != "" {
		t.Errorf("the run has an id before its end: %+v", view.Starts[0])
	}
	w.ended("load", "SUCCEEDED")
	if r := w.nextTimer(); len(r.Started) != 1 || r.Started[0].Step != "sales" {
		t.Fatalf("the end that was asked for came to %+v", r)
	}
	start := w.record(1).Starts[0]
	if !strings.HasPrefix(start.Reload, w.stepID("load")+"@20261124T020000Z") || start.Status != qlik.StatusSucceeded {
		t.Errorf("the record has %+v", start)
	}
	w.polls(1) // the one that was set before the end was known
	if left := w.timersLeft(); left != "" {
		t.Errorf("these timers are left: %s", left)
	}
	w.ends("sales", "SUCCEEDED")
	if r := w.ends("mail", "SUCCEEDED"); len(r.RunsEnded) != 1 || r.RunsEnded[0].Status != "succeeded" {
		t.Errorf("the event of the automation's end came to %+v", r)
	}
	if r := w.nextTimer(); r.Timer != chain.TimerPoll || r.Outcome != engine.OutcomeNothingDue || len(w.timers) > 0 {
		t.Errorf("after an event the timer came to %+v, and left %s", r, w.timersLeft())
	}
}

// TestAPollThatIsCutOff: the execution that finds the end of a data task's run is cut off at each of its calls, and no event comes. The
// repeated timer, or the next one, does what is left. The cut-off calls must include those between the end's record and all that follows.
func TestAPollThatIsCutOff(t *testing.T) {
	t.Parallel()
	between := 0
	for cutAt := 1; cutAt < 60; cutAt++ {
		w := newWorld(t, 1, kinds())
		w.schedule("", 1)
		w.run(1)
		w.ended("load", "SUCCEEDED")
		w.silent = true
		w.tick()
		w.calls.Store(0)
		w.cutAt = cutAt
		w.run(1)
		w.cutAt = -1
		if start := w.record(1).Starts[0]; w.cut > 0 && start.Status == qlik.StatusSucceeded && w.count("sales") == 0 {
			between++
		}
		w.play(1, 1)
		if got := w.record(1); got.Status != "succeeded" || !slices.Equal(w.made(), []string{"load #1", "mail #1", "sales #1"}) {
			t.Errorf("cut off at %d: the run is %s, with %q", cutAt, got.Status, w.made())
		}
	}
	if between == 0 {
		t.Error("no call was cut off between the end's record and the next start")
	}
}

// TestNoPollForApps: a chain of apps sets no timer that another chain would not set.
func TestNoPollForApps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.schedule("", 1)
	w.run(1)
	if left := w.timersLeft(); left != "" {
		t.Errorf("a chain of apps sets the timers %s", left)
	}
}

// TestRunLimit: an automation with too many runs is asked for again, later each time.
func TestRunLimit(t *testing.T) {
	t.Parallel()
	for _, status := range []int{409, 429} {
		w := newWorld(t, 1, kinds())
		w.refuse = func(app string, n int) error {
			if strings.HasPrefix(app, "automation-") && n <= 3 {
				return &qlik.Error{Method: "POST", Status: status}
			}
			return nil
		}
		w.schedule("", 1)
		w.play(1, 1)
		if got, want := w.made(), []string{"load #1", "mail #1", "sales #1"}; !slices.Equal(got, want) || len(w.unfinished()) > 0 {
			t.Errorf("%d: the jobs are %v, want %v; unfinished: %v", status, got, want, w.unfinished())
		}
	}
}

// TestDataTaskUnderWay: a data task that another client runs is waited for. That run begins one of its own at the step.
func TestDataTaskUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, kinds())
	w.begin("load")
	w.clock.Advance(time.Second)
	r := w.ask(t, "load", "1")
	if len(r.Started) > 0 || len(r.NotStarted) != 1 || !strings.Contains(r.NotStarted[0].Reason, "runs the data task already") {
		t.Fatalf("a request for a task that is running: %+v", r)
	}
	w.play(1, 1)
	want := []string{"load #1", "load #2", "mail #1", "mail #2", "sales #1", "sales #2"}
	if got := w.made(); !slices.Equal(got, want) || len(w.unfinished()) > 0 {
		t.Errorf("the jobs are %v, want %v; unfinished: %v", got, want, w.unfinished())
	}
}

// TestNotRunnable: a data task that Qlik Cloud will not run fails its step at once, with Qlik's reason.
func TestNotRunnable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, kinds())
	w.notRunnable = "the task is not prepared"
	r := w.ask(t, "load", "1")
	if len(r.FailedSteps) != 1 || !strings.Contains(r.FailedSteps[0].Reason, "the task is not prepared") || len(w.made()) > 0 {
		t.Errorf("a task that cannot run: %+v", r)
	}
	if view := w.record(1); view.Status != "failed" {
		t.Errorf("the run is %s", view.Status)
	}
}

// TestCancelKinds: the runs of an automation and of a data task are stopped, and nothing follows from their ends.
func TestCancelKinds(t *testing.T) {
	t.Parallel()
	for step, number := range map[string]int{"load": 1, "mail": 3} { // the job that is under way, and the number of all
		w := newWorld(t, 1, kinds())
		first := w.ask(t, "load", "1")
		for _, before := range []string{"load", "sales"}[:number-1] {
			w.ends(before, "SUCCEEDED")
		}
		r := w.cancel(t, first.Run)
		if how(r, step) != "Qlik Cloud was asked to cancel its run" || !w.of(w.stepID(step))[0].canceled {
			t.Fatalf("canceling while %s runs: %+v", step, r)
		}
		if again := w.cancel(t, first.Run); !strings.Contains(how(again, step), "is being canceled") {
			t.Errorf("canceling it again: %+v", again)
		}
		w.silent = true
		w.play(1, 1)
		if view := w.record(1); view.Status != "canceled" || len(w.unfinished()) > 0 || len(w.made()) != number {
			t.Errorf("in the end the run is %s, %v unfinished, the jobs %v", view.Status, w.unfinished(), w.made())
		}
	}
}

// TestForeignKinds: a run of an automation that another client started carries the chain on, by its event or by a sweep.
func TestForeignKinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	d := w.index.Definition()
	d.Steps["a"] = chain.Step{Automation: chaintest.AppID(9), Enabled: true}
	w.index = chain.NewIndex(d)
	if r := w.somebodyElse("a", "SUCCEEDED"); len(r.Started) != 1 || r.Started[0].Step != "b" {
		t.Errorf("the event of a run in the editor came to %+v", r)
	}
	w.ends("b", "SUCCEEDED")
	w.sweep(t, reloads) // from now on it compares
	w.clock.Advance(10 * time.Minute)
	w.begin("a")
	w.clock.Advance(time.Minute)
	w.ended("a", "SUCCEEDED")
	w.clock.Advance(10 * time.Minute)
	if r := w.sweep(t, reloads); len(r.Recovered) != 1 || r.Recovered[0].Step != "a" || len(r.Started) != 1 {
		t.Errorf("the sweep came to %+v", r)
	}
}

// TestRunsOfADataTask: the events of two runs of a data task come in the wrong order. Each belongs to the start that knew of the run
// before.
func TestRunsOfADataTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, kinds())
	w.ask(t, "load", "1")
	w.ended("load", "FAILED")
	w.clock.Advance(time.Minute)
	w.ask(t, "load", "2")
	w.ended("load", "SUCCEEDED")
	runs := w.of(w.stepID("load"))
	for _, r := range runs { // the newer one first
		if _, err := w.handle(string(w.eventOf(r, 0).body)); err != nil {
			t.Fatal(err)
		}
	}
	for number, r := range map[int]*reload{1: runs[1], 2: runs[0]} {
		if start := w.record(number).Starts[0]; start.Reload != r.recordedID() || start.Status != r.Status {
			t.Errorf("the start of run %d has the data task's run %s, which ended %s; want %s", number, start.Reload, start.Status, r.recordedID())
		}
	}
}

// TestLostStartOfADataTask: Qlik Cloud accepts two starts of a data task and runs it once. A start is requested
// again if the run turns out to be that of the other one.
func TestLostStartOfADataTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, kinds())
	w.dropStarts = 1
	w.ask(t, "load", "1")
	w.clock.Advance(time.Second)
	w.ask(t, "load", "2")
	w.play(1, 1)
	if got, want := w.count("load"), 2; got != want || len(w.unfinished()) > 0 {
		t.Errorf("the data task ran %d times, want %d; unfinished: %v", got, want, w.unfinished())
	}
	for number := 1; number <= 2; number++ {
		if view := w.record(number); view.Status != "succeeded" {
			t.Errorf("run %d is %s", number, view.Status)
		}
	}
}

// cutBeforeTheRequest begins a run at a data task, in an execution that is cut off at a call. It reports whether that has left a claim
// without a request.
func cutBeforeTheRequest(t *testing.T, cutAt int) (w *world, at time.Time, claimed bool) {
	t.Helper()
	w = newWorld(t, 1, kinds())
	w.cutAt, at = cutAt, w.clock.Now()
	_, err := w.engine(w.execution()).Begin(t.Context(), "ask-1", engine.Beginning{
		Step: "load", At: at, StartedBy: engine.StartedByRequest, ID: "1",
	})
	w.cutAt = 0
	items := strings.Join(slices.Collect(maps.Values(w.store.Items())), "")
	return w, at, err != nil && w.count("load") == 0 && strings.Contains(items, `"claimed"`)
}

// TestStartOfADataTaskCutTwice: a start is cut off before its request, and another run's start makes the next run. The start then knows of
// that run, also after it is cut off once more behind its own request, which no event reports.
func TestStartOfADataTaskCutTwice(t *testing.T) {
	t.Parallel()
	tried := 0
	for cutAt := 1; cutAt < 60; cutAt++ {
		w, at, claimed := cutBeforeTheRequest(t, cutAt)
		if !claimed {
			continue
		}
		tried++
		w.askAt(t, "load", "2", at.Add(-time.Minute)) // its run is the earlier one, so the job is its
		w.ended("load", "SUCCEEDED")
		w.polls(1)
		w.making = func(*reload) { w.making, w.cutAt = nil, 2*int(w.calls.Load())+1 } // before its record
		for w.making != nil && w.tick() {
			w.run(1)
		}
		w.cutAt = 0
		if w.count("load") != 2 {
			t.Fatalf("cut off at %d: the data task ran %d times", cutAt, w.count("load"))
		}
		w.ended("load", "SUCCEEDED")
		w.play(1, 1)
		if got := w.count("load"); got != 2 || len(w.unfinished()) > 0 {
			t.Errorf("cut off at %d: the data task ran %d times, want 2; unfinished: %v", cutAt, got, w.unfinished())
		}
	}
	if tried == 0 {
		t.Error("no cut leaves a claim without a request")
	}
}

// TestALateRequestOfADataTask: a request arrives after the search for its run, and its run has ended before the next request.
func TestALateRequestOfADataTask(t *testing.T) {
	t.Parallel()
	tried := 0
	for cutAt := 1; cutAt < 60; cutAt++ {
		w, _, claimed := cutBeforeTheRequest(t, cutAt)
		if !claimed {
			continue
		}
		tried++
		reads := 0
		w.stateRead = func() {
			if reads++; reads == 2 {
				if _, err := w.reloadBy(w.stepID("load"), "external"); err != nil {
					t.Error(err)
				}
				w.ended("load", "SUCCEEDED")
			}
		}
		w.play(1, 1)
		if got := w.count("load"); got != 1 || len(w.unfinished()) > 0 {
			t.Errorf("cut off at %d: the data task ran %d times, want 1; unfinished: %v", cutAt, got, w.unfinished())
		}
	}
	if tried == 0 {
		t.Error("no cut leaves a claim without a request")
	}
}

// TestNoSignalComes: two starts that have waited for a signal for longer than anything may take have failed, each by itself.
func TestNoSignalComes(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{"erp": {}, "a": {After: after("erp", "success")}})
	d.Steps["erp"] = chain.Step{Signal: &chain.Signal{}, Enabled: true}
	w := newWorld(t, 1, d)
	for _, id := range []string{"1", "2"} {
		if r := w.ask(t, "erp", id); len(r.Started) > 0 || len(r.NotStarted) != 1 || r.NotStarted[0].Reason != "waits for its signal" {
			t.Errorf("a request for the step came to %+v", r)
		}
		w.clock.Advance(time.Minute)
	}
	w.clock.Advance(13 * time.Hour)
	w.sweep(t, reloads)
	for number := 1; number <= 2; number++ {
		view := w.record(number)
		if view.Status != "failed" || !strings.Contains(view.Starts[0].Reason, "no signal has come for 12h") {
			t.Errorf("run %d is %s: %+v", number, view.Status, view.Starts)
		}
	}
	if list := w.twice(); len(list) > 0 || len(w.made()) > 0 {
		t.Errorf("%v; the jobs are %v", list, w.made())
	}
}

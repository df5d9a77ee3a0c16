// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// quieted is upload, a signal that counts after a quiet time → load (success), alert (failure).
func quieted(quiet time.Duration) *chain.Definition {
	d := signaled(map[string]chain.Step{
		"upload": {}, "load": {After: after("upload", "success")}, "alert": {After: after("upload", "failure")},
	}, "upload")
	d.Steps["upload"].Signal.QuietFor = chain.Duration(quiet)
	return d
}

// counted returns how many signals the step had in each run, the oldest run first.
func (w *world) counted(step string) []int {
	w.t.Helper()
	var all []int
	for i := range w.runs() {
		for _, s := range w.record(i + 1).Starts {
			n := 0
			if s.Step == step && strings.Contains(s.Reason, "was reported by dbt") {
				if _, of, many := strings.Cut(s.Reason, "one of "); !many {
					n = 1
				} else if _, err := fmt.Sscanf(of, "%d signals", &n); err != nil {
					w.t.Fatal(err)
				}
			}
			if s.Step == step {
				all = append(all, n)
			}
		}
	}
	return all
}

// kept lists the signals that are kept.
func (w *world) kept() []string {
	var kept []string
	for key, doc := range w.store.Items() {
		if key.PK == "QUIET" && strings.Contains(doc, `"id":`) {
			kept = append(kept, key.SK+" "+doc)
		}
	}
	return kept
}

// TestManySignalsAreOne: each further signal moves the end of the quiet time, and one that comes again does not.
func TestManySignalsAreOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, quieted(5*time.Minute))
	for _, id := range []string{"1", "2", "3"} {
		if r := w.signal("upload", id, chain.OutcomeSuccess); r.Outcome != engine.OutcomePutOff || r.Run != "" || len(r.NotStarted) != 1 ||
			!strings.HasSuffix(r.NotStarted[0].Reason, "if no further signal comes for 5m") {
			t.Errorf("the signal %s: %+v", id, r)
		}
		w.clock.Advance(4 * time.Minute)
	}
	again := w.signal("upload", "2", chain.OutcomeSuccess)
	if early := w.nextTimer(); again.Outcome != engine.OutcomeRepeated || early.Outcome != engine.OutcomePutOff || w.requests > 0 {
		t.Errorf("a signal again: %+v; the first timer: %+v", again, early)
	}
	last := w.clock.Now()
	result := w.nextTimer()
	if !slices.Equal(startedSteps(result), []string{"load"}) || w.clock.Now().Sub(last) > 2*time.Minute ||
		!slices.Equal(w.counted("upload"), []int{3}) {
		t.Errorf("the last timer, %s later: %+v; %v", w.clock.Now().Sub(last), result, w.counted("upload"))
	}
	if again := w.signal("upload", "2", chain.OutcomeSuccess); again.Outcome != engine.OutcomeRepeated || again.Run != w.record(1).ID {
		t.Errorf("a signal that counted comes again: %+v", again)
	}
	w.play(1, 1)
	if left := append(w.unfinished(), w.kept()...); len(left) > 0 || w.requests != 1 || len(w.signals()) != 3 {
		t.Errorf("%d requests, %d signals; unfinished: %v", w.requests, len(w.signals()), left)
	}
	w.signal("upload", "4", chain.OutcomeSuccess)
	w.play(1, 1)
	if got := w.counted("upload"); !slices.Equal(got, []int{3, 1}) {
		t.Errorf("the runs had %v signals", got)
	}
}

// TestTheWorstOutcomeCounts in whatever order the signals come.
func TestTheWorstOutcomeCounts(t *testing.T) {
	t.Parallel()
	success, canceled, failure := chain.OutcomeSuccess, chain.OutcomeCanceled, chain.OutcomeFailure
	for _, tt := range []struct {
		come []chain.Outcome
		want string
	}{
		{[]chain.Outcome{success, failure, success}, "failed"}, {[]chain.Outcome{failure, canceled}, "failed"},
		{[]chain.Outcome{canceled, failure}, "failed"}, {[]chain.Outcome{canceled, success}, "canceled"},
		{[]chain.Outcome{success, canceled}, "canceled"}, {[]chain.Outcome{success, success}, "succeeded"},
	} {
		w := newWorld(t, 1, quieted(5*time.Minute))
		for i, outcome := range tt.come {
			w.signal("upload", fmt.Sprint(i), outcome)
		}
		w.play(1, 1)
		if got := w.stands(1, "upload"); got != tt.want || len(w.runs()) != 1 {
			t.Errorf("after %v: upload has %s in %v", tt.come, got, w.runs())
		}
	}
}

// TestKeptSignalsSettleAStep that became due while they were kept.
func TestKeptSignalsSettleAStep(t *testing.T) {
	t.Parallel()
	d := extracts()
	d.Steps["dbt"].Signal.QuietFor = chain.Duration(5 * time.Minute)
	w := newWorld(t, 1, d)
	w.signal("dbt", "1", chain.OutcomeSuccess)
	w.clock.Advance(time.Minute)
	w.somebodyElse("extract", "SUCCEEDED")
	w.signal("dbt", "2", chain.OutcomeSuccess)
	w.play(1, 1)
	if w.stands(1, "dashboards") != "succeeded" || len(w.runs()) != 1 || !slices.Equal(w.counted("dbt"), []int{2}) {
		t.Errorf("dashboards are %s in %v", w.stands(1, "dashboards"), w.runs())
	}
}

// TestATimerOfAFasterClock: EventBridge Scheduler's clock is not the function's, and its timer does not come again.
func TestATimerOfAFasterClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, quieted(5*time.Minute))
	w.signal("upload", "1", chain.OutcomeSuccess)
	for name, timer := range w.timers {
		delete(w.timers, name)
		w.fired[name] = w.clock.Now()
		w.queue = append(w.queue, invocation{id: name, timer: &timer})
	}
	w.run(1)
	if w.requests != 1 || len(w.kept()) > 0 {
		t.Errorf("%d requests; kept: %v", w.requests, w.kept())
	}
}

// TestSignalsThatNeverPause count after twelve hours.
func TestSignalsThatNeverPause(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, quieted(time.Hour))
	begun := w.clock.Now()
	for i := 0; len(w.active()) == 0 && i < 100; i++ {
		w.signal("upload", fmt.Sprint(i), chain.OutcomeSuccess)
		w.clock.Advance(30 * time.Minute)
		for w.nextDue() <= 0 {
			w.nextTimer()
		}
	}
	if took := w.clock.Now().Sub(begun); took < 12*time.Hour || took > 13*time.Hour {
		t.Errorf("the signals counted after %s", took)
	}
}

// TestKeptSignalsWithoutATimer: the sweep reports them, also if their report broke off.
func TestKeptSignalsWithoutATimer(t *testing.T) {
	t.Parallel()
	for cutAt := range 20 {
		w := newWorld(t, 1, quieted(5*time.Minute))
		w.signal("upload", "1", chain.OutcomeSuccess)
		if !w.tick() {
			t.Fatal("no timer is set")
		}
		w.queue[0].once = true
		w.calls.Store(0)
		w.cutAt = cutAt + 1
		w.run(1)
		w.cutAt = 0
		w.clock.Advance(10 * time.Minute)
		w.sweep(t, reloads)
		w.play(1, 1)
		w.sweep(t, reloads)
		if left := append(w.unfinished(), w.kept()...); len(left) > 0 || len(w.runs()) != 1 || w.stands(1, "load") != "succeeded" {
			t.Errorf("cut off at %d: the runs are %v; left: %v", cutAt+1, w.runs(), left)
		}
	}
}

// TestKeptSignalsOutliveTheQuietTime: they count although the step no longer has one, and no timer comes.
func TestKeptSignalsOutliveTheQuietTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, quieted(5*time.Minute))
	w.signal("upload", "1", chain.OutcomeSuccess)
	if w.index = chain.NewIndex(quieted(0)); !w.tick() {
		t.Fatal("no timer is set")
	}
	w.queue = nil
	w.clock.Advance(10 * time.Minute)
	w.sweep(t, reloads)
	w.play(1, 1)
	if left := append(w.unfinished(), w.kept()...); len(left) > 0 || len(w.runs()) != 1 || w.stands(1, "load") != "succeeded" {
		t.Errorf("the runs are %v; left: %v", w.runs(), left)
	}
}

// TestARemovedStepKeepsNothing: its signals count no longer, and one that no longer waits for quiet counts as before.
func TestARemovedStepKeepsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, quieted(5*time.Minute))
	w.signal("upload", "1", chain.OutcomeSuccess)
	w.index = chain.NewIndex(quieted(0))
	if r := w.signal("upload", "2", chain.OutcomeSuccess); !slices.Equal(startedSteps(r), []string{"load"}) {
		t.Errorf("a signal without a quiet time: %+v", r)
	}
	w.play(1, 1)
	if got := w.counted("upload"); !slices.Equal(got, []int{1, 1}) {
		t.Errorf("the runs had %v signals", got)
	}
	w.index = chain.NewIndex(quieted(time.Minute))
	w.signal("upload", "3", chain.OutcomeSuccess)
	w.index = chain.NewIndex(definition(map[string]chain.Step{"load": {}}))
	if r := w.nextTimer(); r.Refusal != engine.RefusalSignal || len(w.kept()) > 0 {
		t.Errorf("the timer of a removed step: %+v; kept: %v", r, w.kept())
	}
}

// TestKeptSignalsAtEachCut: wherever an execution is cut off, the signals are one.
func TestKeptSignalsAtEachCut(t *testing.T) {
	t.Parallel()
	cuts := 0
	for cutAt := 1; ; cutAt++ {
		w := newWorld(t, 1, quieted(time.Hour))
		w.cutAt = cutAt
		for _, id := range []string{"1", "2", "3"} {
			r := w.report("upload", id, chain.OutcomeSuccess)
			w.request(false, func(e *engine.Engine, invocation string, _ chain.Operation) error {
				_, err := e.Signal(contextOf(), invocation, r)
				return err
			})
		}
		w.play(1, 1)
		w.cutAt = 0
		calls := int(w.calls.Load())
		if left := append(w.unfinished(), w.kept()...); len(left) > 0 || !slices.Equal(w.counted("upload"), []int{3}) || w.requests != 1 ||
			len(w.signals()) != 3 {
			t.Fatalf("cut off at %d: the runs had %v signals, %d requests; left: %v", cutAt, w.counted("upload"), w.requests, left)
		}
		if calls < (cutAt+1)/2 {
			break
		}
		cuts += w.cut
	}
	if cuts < 40 {
		t.Errorf("%d executions were cut off", cuts)
	}
}

// TestKeptSignalsAreCountedOnce: signals come several times, at the same time as timers, to executions that are cut off at random. Each
// counts in one run.
func TestKeptSignalsAreCountedOnce(t *testing.T) {
	t.Parallel()
	const signals = 12
	cut, runs := 0, 0
	for seed := range uint64(played(200)) {
		w := newWorld(t, seed, quieted(2*time.Minute))
		w.crashes = 0.05
		random := rand.New(rand.NewPCG(seed, 3))
		for i := range signals {
			r := w.report("upload", fmt.Sprint(i), chain.OutcomeSuccess)
			for range 2 {
				w.request(false, func(e *engine.Engine, invocation string, _ chain.Operation) error {
					_, err := e.Signal(contextOf(), invocation, r)
					return err
				})
			}
			for range random.IntN(3) {
				w.tick()
			}
			w.run(random.IntN(4))
			w.clock.Advance(time.Duration(random.IntN(120)) * time.Second)
		}
		w.play(2, 3)
		cut, w.crashes = cut+w.cut, 0
		w.sweep(t, reloads) // two executions that have left a report to each other have not deleted it
		counted := 0
		for _, n := range w.counted("upload") {
			counted += n
		}
		if left := append(w.unfinished(), w.kept()...); len(left) > 0 || counted != signals || w.requests != len(w.runs()) ||
			len(w.signals()) != signals {
			t.Fatalf("seed %d: %d signals counted in %d runs with %d requests; left: %v", seed, counted, len(w.runs()), w.requests, left)
		}
		runs += len(w.runs())
	}
	if cut < played(200) || runs < played(300) {
		t.Errorf("%d executions were cut off, and there were %d runs", cut, runs)
	}
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// signaled is a chain of these steps. The named ones are signals.
func signaled(steps map[string]chain.Step, signals ...string) *chain.Definition {
	d := definition(steps)
	for _, key := range signals {
		s := d.Steps[key]
		s.App, s.Signal = "", &chain.Signal{}
		d.Steps[key] = s
	}
	return d
}

// extracts is extract → dbt, a signal → dashboards (success), alert (failure).
func extracts() *chain.Definition {
	return signaled(map[string]chain.Step{
		"extract": {}, "dbt": {After: after("extract", "success")}, "dashboards": {After: after("dbt", "success")},
		"alert": {After: after("dbt", "failure")},
	}, "dbt")
}

func (w *world) report(step, id string, outcome chain.Outcome) engine.Report {
	return engine.Report{Step: step, ID: id, Outcome: outcome, At: w.clock.Now(), By: "dbt", Request: true}
}

// signal has one execution handle a signal.
func (w *world) signal(step, id string, outcome chain.Outcome) engine.Result {
	w.t.Helper()
	w.clock.Advance(time.Second)
	result, err := w.engine(w.execution()).Signal(w.t.Context(), "signal-"+id, w.report(step, id, outcome))
	if err != nil {
		w.t.Fatalf("the signal %s: %v", id, err)
	}
	return result
}

// signals are the recorded operations that are signals, the newest first.
func (w *world) signals() []engine.OperationRecord {
	w.t.Helper()
	seen, err := w.engine(w.execution()).Operations(w.t.Context(), 50)
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.DeleteFunc(seen.Operations, func(o engine.OperationRecord) bool { return o.Kind != chain.OperationSignal })
}

// TestTheNoticeOfASignalSaysWhoReportedIt checks the notice of a signal that failed, and of one that never came: neither has a reload.
func TestTheNoticeOfASignalSaysWhoReportedIt(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, want string
		do         func(t *testing.T, w *world)
	}{
		{"reported", "was reported by dbt", func(_ *testing.T, w *world) { w.signal("dbt", "1", chain.OutcomeFailure) }},
		{"never came", "is lost: no signal has come for 12h", func(t *testing.T, w *world) {
			t.Helper()
			w.ask(t, "dbt", "1")
			w.clock.Advance(13 * time.Hour)
			w.sweep(t, reloads)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, signaled(map[string]chain.Step{"dbt": {}, "load": {}, "dashboards": {After: after("dbt", "success")}}, "dbt"))
			w.notices = &sentNotices{}
			tt.do(t, w)
			if len(w.notices.notices) != 1 || len(w.notices.notices[0].Failed) != 1 {
				t.Fatalf("the notices are %+v", w.notices.notices)
			}
			if f := w.notices.notices[0].Failed[0]; f.Ended != tt.want || f.Reload != "" || f.Reason != "" {
				t.Errorf("the failure is %+v, want %q", f, tt.want)
			}
		})
	}
}

func TestASignalBeginsARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, signaled(map[string]chain.Step{"dbt": {}, "dashboards": {After: after("dbt", "success")}}, "dbt"))
	first := w.signal("dbt", "1", chain.OutcomeSuccess)
	if !slices.Equal(startedSteps(first), []string{"dashboards"}) || first.Run != w.record(1).ID {
		t.Errorf("the signal: %+v", first)
	}
	w.ends("dashboards", "SUCCEEDED")
	if view := w.record(1); view.Status != "succeeded" || view.StartedBy != engine.StartedBySignal || view.Origin != "dbt" ||
		view.Counts.Succeeded != 2 ||
		!slices.ContainsFunc(view.Starts, func(s engine.StartView) bool { return s.Reason == "was reported by dbt" }) {
		t.Errorf("the run has %+v", view)
	}
	if again := w.signal("dbt", "1", chain.OutcomeSuccess); again.Outcome != engine.OutcomeRepeated || again.Run != first.Run {
		t.Errorf("the same signal again: %+v", again)
	}
	if next := w.signal("dbt", "2", chain.OutcomeSuccess); next.Run == first.Run || !slices.Equal(startedSteps(next), []string{"dashboards"}) {
		t.Errorf("the next signal: %+v", next)
	}
	if all := w.signals(); len(all) != 2 || all[1].Run != first.Run || all[1].Step != "dbt" || all[1].By != "dbt" {
		t.Errorf("the operations are %+v", all)
	}
	w.play(1, 1)
	if left := w.unfinished(); len(left) > 0 {
		t.Errorf("unfinished: %v", left)
	}
}

// TestAChainWaitsForASignal: a step in the middle is under way from when it is due until its signal comes.
func TestAChainWaitsForASignal(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[chain.Outcome]struct {
		starts []string
		status string
	}{
		chain.OutcomeSuccess: {[]string{"dashboards"}, "succeeded"}, chain.OutcomeFailure: {[]string{"alert"}, "failed"},
		chain.OutcomeCanceled: {nil, "failed"},
	} {
		w := newWorld(t, 1, extracts())
		w.somebodyElse("extract", "SUCCEEDED")
		if w.stands(1, "dbt") != "under_way" || w.requests != 0 {
			t.Errorf("dbt is %s after %d requests", w.stands(1, "dbt"), w.requests)
		}
		w.clock.Advance(3 * time.Hour)
		result := w.signal("dbt", "1", outcome)
		if !slices.Equal(startedSteps(result), want.starts) || result.Run != w.record(1).ID {
			t.Errorf("%s: %+v", outcome, result)
		}
		if again := w.signal("dbt", "1", outcome); again.Outcome != engine.OutcomeRepeated || again.Run != w.record(1).ID {
			t.Errorf("%s again: %+v", outcome, again)
		}
		w.play(1, 1)
		if left := w.unfinished(); len(left) > 0 || string(w.record(1).Status) != want.status || len(w.runs()) != 1 {
			t.Errorf("%s: the runs are %v, the first is %s; unfinished: %v", outcome, w.runs(), w.record(1).Status, left)
		}
	}
}

// TestASignalBeforeItsStepIsDue begins a run at the step, as a reload by hand does. The step, once it is due, waits for the next signal.
func TestASignalBeforeItsStepIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, extracts())
	w.begin("extract")
	if early := w.signal("dbt", "1", chain.OutcomeSuccess); !slices.Equal(startedSteps(early), []string{"dashboards"}) {
		t.Errorf("the early signal: %+v", early)
	}
	w.ends("dashboards", "SUCCEEDED")
	w.ends("extract", "SUCCEEDED") // its reload began before the signal
	if w.stands(1, "dbt") != "under_way" || w.record(2).StartedBy != engine.StartedBySignal {
		t.Errorf("dbt is %s", w.stands(1, "dbt"))
	}
	if next := w.signal("dbt", "2", chain.OutcomeSuccess); next.Run != w.record(1).ID || len(next.Started) != 1 {
		t.Errorf("the next signal: %+v", next)
	}
	w.play(1, 1)
	if left := w.unfinished(); len(left) > 0 || len(w.runs()) != 2 {
		t.Errorf("the runs are %v; unfinished: %v", w.runs(), left)
	}
}

// TestAJoinOfASignalAndTwoApps: dashboards start when dbt has reported and both extracts have succeeded, in any order.
func TestAJoinOfASignalAndTwoApps(t *testing.T) {
	t.Parallel()
	comes := map[string]func(w *world) engine.Result{
		"sales": func(w *world) engine.Result { return w.somebodyElse("sales", "SUCCEEDED") },
		"hr":    func(w *world) engine.Result { return w.somebodyElse("hr", "SUCCEEDED") },
		"dbt":   func(w *world) engine.Result { return w.signal("dbt", "1", chain.OutcomeSuccess) },
	}
	for _, order := range [][]string{{"sales", "hr", "dbt"}, {"sales", "dbt", "hr"}, {"dbt", "hr", "sales"}} {
		w := newWorld(t, 1, signaled(map[string]chain.Step{
			"sales": {}, "hr": {}, "dbt": {}, "dashboards": {After: after("sales", "success", "hr", "success", "dbt", "success")},
		}, "dbt"))
		for i, step := range order {
			w.clock.Advance(time.Minute)
			if result := comes[step](w); (len(result.Started) == 1) != (i == 2) {
				t.Errorf("%v: after %s: %+v", order, step, result)
			}
		}
		w.play(1, 1)
		if left := w.unfinished(); len(left) > 0 || w.stands(3, "dashboards") != "succeeded" {
			t.Errorf("%v: dashboards are %s; unfinished: %v", order, w.stands(3, "dashboards"), left)
		}
	}
}

// TestARunThatWaitsForASignalIsCanceled: nothing is left of it, and a signal after that begins a run of its own.
func TestARunThatWaitsForASignalIsCanceled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, extracts())
	w.somebodyElse("extract", "SUCCEEDED")
	canceled := w.cancel(t, w.record(1).ID)
	if !strings.HasPrefix(how(canceled, "dbt"), "waits no longer: ") || w.record(1).Status != "canceled" || len(w.unfinished()) > 0 {
		t.Errorf("%+v; the run is %s; unfinished: %v", canceled, w.record(1).Status, w.unfinished())
	}
	if late := w.signal("dbt", "1", chain.OutcomeSuccess); late.Run == w.record(1).ID || len(late.Started) != 1 {
		t.Errorf("a signal after that: %+v", late)
	}
}

// TestASignalThatDoesNotCome: max_duration reports it, or settles the step.
func TestASignalThatDoesNotCome(t *testing.T) {
	t.Parallel()
	for _, rule := range []chain.OnExceeded{chain.OnExceededCancel, chain.OnExceededAlarm} {
		d := extracts()
		dbt := d.Steps["dbt"]
		dbt.MaxDuration = &chain.MaxDuration{After: chain.Duration(time.Hour), OnExceeded: rule}
		d.Steps["dbt"] = dbt
		w := newWorld(t, 1, d)
		w.notices = &sentNotices{}
		w.somebodyElse("extract", "SUCCEEDED")
		w.play(1, 1)
		overran := slices.DeleteFunc(w.notices.kinds(), func(kind string) bool { return kind != string(engine.NoticeOverran) })
		if len(overran) != 1 {
			t.Errorf("%s: the notices were %v", rule, w.notices.kinds())
		}
		want := "under_way"
		if rule == chain.OnExceededCancel {
			want = "canceled"
		}
		if w.stands(1, "dbt") != want || len(w.active()) > 0 {
			t.Errorf("%s: dbt is %s: %+v", rule, w.stands(1, "dbt"), w.record(1))
		}
	}
}

func TestSignalRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, extracts())
	for _, tt := range []struct {
		step    string
		ago     time.Duration
		refusal engine.Refusal
		says    string
	}{
		{"none", 0, engine.RefusalStep, `the chain has no step "none"`},
		{"extract", 0, engine.RefusalSignal, `the step "extract" waits for no signal, unlike dbt`},
		{"dbt", 100 * 24 * time.Hour, engine.RefusalAge, "the signal is of "},
	} {
		r := w.report(tt.step, "1", chain.OutcomeSuccess)
		r.At = r.At.Add(-tt.ago)
		result, err := w.engine(w.execution()).Signal(t.Context(), "signal", r)
		if err != nil || result.Refusal != tt.refusal || !strings.HasPrefix(result.Reason, tt.says) {
			t.Errorf("%s: %+v, %v", tt.step, result, err)
		}
	}
	if len(w.signals()) > 0 {
		t.Errorf("the operations are %+v", w.signals())
	}
}

// TestSignalsAreHandledOnce: each of three signals comes several times, at the same time, to executions that are cut off at random. Each
// settles its own step or begins one run, and is recorded once.
func TestSignalsAreHandledOnce(t *testing.T) {
	t.Parallel()
	cut := 0
	for seed := range uint64(played(200)) {
		w := newWorld(t, seed, signaled(map[string]chain.Step{
			"extract": {}, "dbt": {After: after("extract", "success")}, "upload": {}, "dashboards": {After: after("dbt", "success")},
			"report": {After: after("upload", "success")},
		}, "dbt", "upload"))
		w.crashes = 0.05
		w.begin("extract")
		w.end(w.reloads[0], 2)
		for len(w.queue) > 0 { // dbt waits
			w.run(2)
		}
		for _, r := range []engine.Report{
			w.report("dbt", "1", chain.OutcomeSuccess), w.report("upload", "2", chain.OutcomeSuccess),
			w.report("upload", "3", chain.OutcomeFailure),
		} {
			for range 3 {
				w.request(false, func(e *engine.Engine, id string, _ chain.Operation) error {
					_, err := e.Signal(contextOf(), id, r)
					return err
				})
			}
		}
		w.play(2, 3)
		cut, w.crashes = cut+w.cut, 0
		want := []string{"dashboards #1", "extract #1", "report #1"}
		if made := w.made(); !slices.Equal(made, want) || len(w.signals()) != 3 || len(w.runs()) != 3 {
			t.Errorf("seed %d: %s\n%d runs, the signals are %+v", seed, difference(made, want), len(w.runs()), w.signals())
		}
		if left := w.unfinished(); len(left) > 0 {
			t.Errorf("seed %d: unfinished: %v", seed, left)
		}
	}
	if cut < played(100) {
		t.Errorf("%d executions were cut off", cut)
	}
}

// TestOneSignalForTwoWaits: two runs wait at the same step. Each signal settles one of them, the older first.
func TestOneSignalForTwoWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, extracts())
	w.somebodyElse("extract", "SUCCEEDED")
	w.clock.Advance(time.Minute)
	w.somebodyElse("extract", "SUCCEEDED")
	if w.stands(1, "dbt") != "under_way" || w.stands(2, "dbt") != "under_way" {
		t.Fatalf("dbt is %s and %s", w.stands(1, "dbt"), w.stands(2, "dbt"))
	}
	var all sync.WaitGroup
	for _, id := range []string{"1", "2"} {
		r := w.report("dbt", id, chain.OutcomeSuccess)
		x := w.execution()
		all.Go(func() {
			if _, err := w.engine(x).Signal(t.Context(), "signal-"+id, r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.play(1, 1)
	if w.stands(1, "dbt") != "succeeded" || w.stands(2, "dbt") != "succeeded" || len(w.runs()) != 2 || len(w.unfinished()) > 0 {
		t.Errorf("dbt is %s and %s of %v; unfinished: %v", w.stands(1, "dbt"), w.stands(2, "dbt"), w.runs(), w.unfinished())
	}
}

// TestARemovedSignalComesNoMore: a run does not wait for the signal of a step that the chain no longer has, under this name or at all.
func TestARemovedSignalComesNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, extracts())
	w.schedule("", 1)
	w.run(1)
	w.ends("extract", "SUCCEEDED")
	w.apply(func(steps map[string]chain.Step) {
		steps["dbt_nightly"] = steps["dbt"]
		delete(steps, "dbt")
		for _, of := range []string{"dashboards", "alert"} {
			s := steps[of]
			s.After = map[string]chain.Condition{"dbt_nightly": steps[of].After["dbt"]}
			steps[of] = s
		}
	})
	w.clock.Advance(time.Minute)
	w.sweep(t, reloads)
	if view := w.record(1); view.EndedAt.IsZero() || !strings.Contains(view.Starts[len(view.Starts)-1].Reason+w.reason(1, "dbt"), "removed") {
		t.Errorf("the run: %+v", view)
	}
}

// TestASignalAfterACancellation: no run waits for it, so it begins one, as the guide says.
func TestASignalAfterACancellation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, extracts())
	w.schedule("", 1)
	w.run(1)
	w.ends("extract", "SUCCEEDED")
	w.cancel(t, w.firstRun())
	r := w.signal("dbt", "1", chain.OutcomeSuccess)
	if len(w.runs()) != 2 || r.Run != w.record(2).ID || w.record(1).Status != "canceled" {
		t.Errorf("the signal came to %+v", r)
	}
}

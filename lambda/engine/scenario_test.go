// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func after(pairs ...string) map[string]chain.Condition {
	m := map[string]chain.Condition{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = chain.Condition(pairs[i+1])
	}
	return m
}

// definition is a chain of these steps, with apps that are numbered in the order of their keys.
func definition(steps map[string]chain.Step) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "test", Timezone: "Europe/Berlin", Steps: map[string]chain.Step{}}
	keys := []string{}
	for key := range steps {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for i, key := range keys {
		s := steps[key]
		s.App, s.Enabled = chaintest.AppID(i+1), true
		d.Steps[key] = s
	}
	return d
}

// twoExtracts is sales, hr → transform → report.
func twoExtracts() *chain.Definition {
	return definition(map[string]chain.Step{
		"sales": {}, "hr": {},
		"transform": {After: after("sales", "success", "hr", "success")},
		"report":    {After: after("transform", "success")},
	})
}

func startedSteps(r engine.Result) []string {
	var names []string
	for _, s := range r.Started {
		names = append(names, s.Step)
	}
	return names
}

// stands is how a step stands in the run with this number: "skipped blocked", "waiting for hr", "continued in 2".
func (w *world) stands(number int, step string) string {
	w.t.Helper()
	for _, s := range w.record(number).Steps {
		if s.Step != step {
			continue
		}
		stands := string(s.Status)
		switch {
		case s.Skip != "":
			stands += " " + string(s.Skip)
		case len(s.WaitsFor) > 0:
			stands += " for " + strings.Join(s.WaitsFor, ", ")
		case s.Continued != "":
			for other := 1; ; other++ {
				if w.record(other).ID == s.Continued {
					return fmt.Sprintf("%s in %d", stands, other)
				}
			}
		}
		return stands
	}
	return "not covered"
}

// reason is why it stands so.
func (w *world) reason(number int, step string) string {
	w.t.Helper()
	for _, s := range w.record(number).Steps {
		if s.Step == step {
			return s.Reason
		}
	}
	return ""
}

func reasonFor(r engine.Result, step string) string {
	for _, h := range r.NotStarted {
		if h.Step == step {
			return h.Reason
		}
	}
	return ""
}

func TestJoinOfTwoRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	first := w.somebodyElse("sales", "SUCCEEDED")
	if first.Outcome != engine.OutcomeNothingDue || w.stands(1, "transform") != "waiting for hr" || w.record(1).Status != "waiting" {
		t.Errorf("after sales: %+v, transform is %s", first, w.stands(1, "transform"))
	}
	if reason := w.reason(1, "transform"); !strings.Contains(reason, "waits for hr") {
		t.Errorf("the record says %q", reason)
	}
	w.clock.Advance(time.Second)
	if second := w.somebodyElse("hr", "SUCCEEDED"); !slices.Equal(startedSteps(second), []string{"transform"}) ||
		second.Started[0].Run != w.record(2).ID {
		t.Errorf("after hr: %+v", second)
	}
	// Everything that follows is in the run that began last; the other one says so, and has ended.
	if w.stands(1, "transform") != "continued in 2" || w.stands(1, "report") != "continued in 2" || w.record(1).Status != "succeeded" {
		t.Errorf("the run of sales has %+v", w.record(1))
	}
	w.ends("transform", "SUCCEEDED")
	w.ends("report", "SUCCEEDED")
	hr := w.record(2)
	if len(hr.Starts) != 3 || len(w.record(1).Starts) != 1 || hr.Status != "succeeded" || hr.Counts.Succeeded != 3 || hr.Seconds != 3 {
		t.Errorf("the run of hr has %+v", hr)
	}
	if causes := hr.Starts[1].Causes; len(causes) != 2 || causes[0].Upstream != "hr" || causes[1].Run != w.record(1).ID ||
		causes[1].Reload != w.reloads[0].ID {
		t.Errorf("transform was started by %+v", causes)
	}
	// Later hr alone starts it with the latest sales of the same cycle.
	w.clock.Advance(time.Second)
	if third := w.somebodyElse("hr", "SUCCEEDED"); !slices.Equal(startedSteps(third), []string{"transform"}) {
		t.Errorf("after hr again: %+v", third)
	}
}

// TestWaitExpires: an hour after the cycle's end what a step waits for does not come any longer.
func TestWaitExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	if len(w.timers) != 1 {
		t.Fatalf("the timers are %v", w.timers)
	}
	expired := w.nextTimer()
	if end := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC); !w.clock.Now().Equal(end) {
		t.Errorf("it expired at %s, want %s", w.clock.Now(), end)
	}
	if len(expired.RunsEnded) != 1 || expired.Level().String() != "WARN" || w.stands(1, "transform") != "skipped expired" ||
		w.record(1).Status != "succeeded" {
		t.Errorf("when the cycle ended: %+v at %s; the record has %+v", expired, expired.Level(), w.record(1))
	}
	w.clock.Advance(time.Minute)
	if late := w.somebodyElse("hr", "SUCCEEDED"); len(late.Started) > 0 || w.stands(2, "transform") != "waiting for sales" {
		t.Errorf("hr in the next cycle: %+v, transform is %s", late, w.stands(2, "transform"))
	}
	if again := w.somebodyElse("sales", "SUCCEEDED"); !slices.Equal(startedSteps(again), []string{"transform"}) {
		t.Errorf("sales after that: %+v", again)
	}
}

// TestReloadByHandOverTheCyclesEnd: it begins before the cycle's end and is reported after it, and transform, which has waited for it,
// starts.
func TestReloadByHandOverTheCyclesEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.clock.Advance(w.record(1).CycleEnd.Sub(w.clock.Now()) - 10*time.Minute)
	w.begin("hr")
	w.clock.Advance(30 * time.Minute)
	if reported := w.ends("hr", "SUCCEEDED"); !slices.Equal(startedSteps(reported), []string{"transform"}) {
		t.Errorf("hr is reported after the cycle's end: %+v; transform %s", reported, w.reason(1, "transform"))
	}
}

// TestReloadByHandRepairsANight: one of two failed at night; in the morning it is reloaded by hand, and the chain goes on.
func TestReloadByHandRepairsANight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"root": {}, "a": {After: after("root", "success")}, "b": {After: after("root", "success")},
		"both": {After: after("a", "success", "b", "success")},
	}))
	w.somebodyElse("root", "SUCCEEDED")
	w.ends("a", "SUCCEEDED")
	w.ends("b", "FAILED")
	if night := w.record(1); night.Status != "failed" || w.stands(1, "both") != "skipped blocked" || night.Counts.Blocked != 1 ||
		night.Counts.Failed != 1 {
		t.Errorf("the night's run has %+v", night)
	}
	w.clock.Advance(3 * time.Hour)
	if result := w.somebodyElse("b", "SUCCEEDED"); !slices.Equal(startedSteps(result), []string{"both"}) {
		t.Errorf("after b by hand: %+v", result)
	}
}

func TestRetryComesBeforeTheFailureBranch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"extract":  {Retry: &chain.Retry{MaxAttempts: 3, Interval: chain.Duration(5 * time.Minute)}},
		"fallback": {After: after("extract", "failure")}, "report": {After: after("extract", "success")},
	}))
	failed := w.somebodyElse("extract", "FAILED")
	if failed.Outcome != engine.OutcomePutOff || reasonFor(failed, "extract") != "attempt 1 of 3 failed; the next one comes at 03:05" {
		t.Errorf("after attempt 1: %+v", failed)
	}
	if second := w.nextTimer(); !slices.Equal(startedSteps(second), []string{"extract"}) || second.Started[0].Attempt != 2 {
		t.Errorf("attempt 2: %+v", second)
	}
	w.ends("extract", "EXCEEDED_LIMIT")
	w.nextTimer()
	if last := w.ends("extract", "FAILED"); !slices.Equal(startedSteps(last), []string{"fallback"}) || last.Attempt != 3 ||
		len(last.FailedSteps) != 1 {
		t.Errorf("after attempt 3: %+v", last)
	}
	view := w.record(1)
	if len(view.Starts) != 4 || view.Starts[1].Attempt != 2 || view.Starts[1].Of != 3 || view.Starts[2].Status != "FAILED" {
		t.Errorf("the record has %+v", view.Starts)
	}
	if w.stands(1, "report") != "skipped blocked" || !strings.Contains(w.reason(1, "report"), "extract") {
		t.Errorf("report is %s: %s", w.stands(1, "report"), w.reason(1, "report"))
	}
	if w.ends("fallback", "SUCCEEDED"); w.record(1).Status != "failed" { // report is blocked
		t.Errorf("the run has %s", w.record(1).Status)
	}
}

func TestCanceledIsNeitherSuccessNorFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"extract": {Retry: &chain.Retry{MaxAttempts: 3}},
		"good":    {After: after("extract", "success")}, "bad": {After: after("extract", "failure")},
		"done": {After: after("extract", "completion")},
	}))
	if result := w.somebodyElse("extract", "CANCELED"); !slices.Equal(startedSteps(result), []string{"done"}) {
		t.Errorf("after a canceled reload: %+v", result)
	}
	if good, bad := w.stands(1, "good"), w.stands(1, "bad"); good != "skipped blocked" || bad != "skipped not_needed" {
		t.Errorf("good is %s, bad is %s", good, bad)
	}
}

// TestReloadByHandIsTheNextAttempt: another client's successful reload while a further attempt waits is that attempt, and begins no run.
func TestReloadByHandIsTheNextAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"extract": {Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Hour)}}, "report": {After: after("extract", "success")},
	}))
	w.somebodyElse("extract", "FAILED")
	w.clock.Advance(10 * time.Minute)
	if result := w.somebodyElse("extract", "SUCCEEDED"); !slices.Equal(startedSteps(result), []string{"report"}) || result.Attempt != 2 {
		t.Errorf("after the reload by hand: %+v", result)
	}
	if woken := w.nextTimer(); len(woken.Started) > 0 {
		t.Errorf("the second attempt came all the same: %+v", woken)
	}
	if runs, _, err := w.engine(w.execution()).Runs(t.Context(), "", 0); err != nil || len(runs) != 1 {
		t.Errorf("there are %d runs, %v", len(runs), err)
	}
	if second := w.record(1).Starts[1]; second.Attempt != 2 || second.Phase != engine.PhaseEnded || second.Reload != w.reloads[1].ID {
		t.Errorf("the record has %+v", second)
	}
}

// TestFailureByHandWhileAnAttemptWaits begins a run of its own.
func TestFailureByHandWhileAnAttemptWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"extract": {Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Hour)}},
		"report": {After: after("extract", "success")}}))
	w.somebodyElse("extract", "FAILED")
	w.clock.Advance(10 * time.Minute)
	if result := w.somebodyElse("extract", "FAILED"); result.Outcome != engine.OutcomePutOff || result.Run != w.record(2).ID {
		t.Errorf("after the second failure by hand: %+v", result)
	}
	w.play(1, 1)
	if got, want := w.made(), []string{"extract #1", "extract #2", "extract #3", "extract #4", "report #1", "report #2"}; !slices.Equal(got,
		want) {
		t.Errorf("the reloads are %v, want %v", got, want)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {},
		"b": {After: after("a", "success"), Delay: chain.Duration(10 * time.Minute)}}))
	if result := w.somebodyElse("a", "SUCCEEDED"); result.Outcome != engine.OutcomePutOff || reasonFor(result, "b") != "starts at 03:10" {
		t.Errorf("after a: %+v", result)
	}
	if result := w.nextTimer(); !slices.Equal(startedSteps(result), []string{"b"}) {
		t.Errorf("after the delay: %+v", result)
	}
}

func TestGuardAndItsReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "weekend": {After: after("a", "success"), When: "weekday in 6..7"}, "night": {After: after("a", "success"), When: "hour < 6"},
	}))
	result := w.somebodyElse("a", "SUCCEEDED")
	if !slices.Equal(startedSteps(result), []string{"night"}) {
		t.Errorf("after a: %+v", result)
	}
	if w.stands(1, "weekend") != "skipped guard" || !strings.Contains(w.reason(1, "weekend"),
		"guard `weekday in 6..7` was false in the cycle of Tuesday, 2026-11-24") {
		t.Errorf("weekend is %s: %s", w.stands(1, "weekend"), w.reason(1, "weekend"))
	}
}

func TestTheSameEventAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.begin("sales")
	w.end(w.active()[0], 2)
	for i, want := range []engine.Outcome{engine.OutcomeNothingDue, engine.OutcomeRepeated} {
		if result, err := w.handle(string(w.queue[i].body)); err != nil || result.Outcome != want {
			t.Errorf("delivery %d: %+v, %v, want %s", i+1, result, err, want)
		}
	}
	if runs, _, err := w.engine(w.execution()).Runs(t.Context(), "", 0); err != nil || len(runs) != 1 {
		t.Errorf("there are %d runs, %v", len(runs), err)
	}
}

func TestRunsAreListedInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	for range 5 {
		w.somebodyElse("sales", "FAILED")
	}
	e := w.engine(w.execution())
	first, more, err := e.Runs(t.Context(), "", 2)
	if err != nil || len(first) != 2 || !more || first[0].ID < first[1].ID {
		t.Fatalf("the first page is %+v, %t, %v", first, more, err)
	}
	rest, more, err := e.Runs(t.Context(), first[1].ID, 10)
	if err != nil || len(rest) != 3 || more || rest[0].ID >= first[1].ID {
		t.Errorf("the second page is %+v, %t, %v", rest, more, err)
	}
	if view, err := e.Run(t.Context(), "no such run"); view != nil || err != nil {
		t.Errorf("a run that is not there: %+v, %v", view, err)
	}
}

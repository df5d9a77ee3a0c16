// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
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

// definition is a chain of these steps, whose apps are numbered by their keys' order.
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

// twoExtracts is sales, hr → transform (both, within 6 h) → report.
func twoExtracts() *chain.Definition {
	return definition(map[string]chain.Step{
		"sales": {}, "hr": {},
		"transform": {After: after("sales", "success", "hr", "success"), Window: 6 * time.Hour},
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

func reasonFor(r engine.Result, step string) string {
	for _, h := range r.Held {
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
	if got := reasonFor(first, "transform"); got != "waits for hr, 1 of 2, until 09:00" || first.Outcome != engine.OutcomeNothingDue {
		t.Errorf("after sales: %+v", first)
	}
	if e := edge(w.record(1), "sales", "transform"); e.State != engine.EdgeWaits || !strings.Contains(e.Reason, "waits for hr") {
		t.Errorf("the record says %+v", e)
	}
	if second := w.somebodyElse("hr", "SUCCEEDED"); !slices.Equal(startedSteps(second), []string{"transform"}) {
		t.Errorf("after hr: %+v", second)
	}
	w.ends("transform", "SUCCEEDED")
	w.ends("report", "SUCCEEDED")
	// Everything that follows is in the run that began first; the other one says so.
	sales, hr := w.record(1), w.record(2)
	if len(sales.Starts) != 3 || sales.Starts[1].Step != "transform" || len(sales.Starts[1].Met) != 1 || len(hr.Starts) != 1 {
		t.Errorf("the run of sales has %+v, that of hr %+v", sales.Starts, hr.Starts)
	}
	if e := edge(hr, "hr", "transform"); e.State != engine.EdgeTaken || e.Run != sales.ID || !strings.Contains(e.Reason, sales.ID) {
		t.Errorf("the record of hr says %+v", e)
	}
	if e := edge(sales, "sales", "transform"); e.State != engine.EdgeTaken || e.Reason != "" {
		t.Errorf("the record of sales says %+v", e)
	}
	// Reset: one of them alone starts nothing.
	if third := w.somebodyElse("hr", "SUCCEEDED"); !strings.HasPrefix(reasonFor(third, "transform"), "waits for sales, 1 of 2") {
		t.Errorf("after hr again: %+v", third)
	}
}

func TestJoinExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	expired := w.nextTimer()
	want := "waited for hr until 09:00, when the window of 6h had passed"
	if reasonFor(expired, "transform") != want || expired.Level().String() != "WARN" {
		t.Errorf("when the window ended: %+v at %s", expired, expired.Level())
	}
	if e := edge(w.record(1), "sales", "transform"); e.State != engine.EdgeExpired || e.Reason != want {
		t.Errorf("the record says %+v", e)
	}
	w.clock.Advance(time.Minute)
	if late := w.somebodyElse("hr", "SUCCEEDED"); len(late.Started) > 0 || !strings.HasPrefix(reasonFor(late, "transform"), "waits for sales") {
		t.Errorf("hr after the window: %+v", late)
	}
	if again := w.somebodyElse("sales", "SUCCEEDED"); !slices.Equal(startedSteps(again), []string{"transform"}) {
		t.Errorf("sales after that: %+v", again)
	}
}

// TestReloadByHandCompletesAJoin: one of two failed at night; in the morning somebody reloads it, and the chain goes on.
func TestReloadByHandCompletesAJoin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"root": {}, "a": {After: after("root", "success")}, "b": {After: after("root", "success")},
		"both": {After: after("a", "success", "b", "success")},
	}))
	w.somebodyElse("root", "SUCCEEDED")
	w.ends("a", "SUCCEEDED")
	w.ends("b", "FAILED")
	w.clock.Advance(3 * time.Hour)
	if result := w.somebodyElse("b", "SUCCEEDED"); !slices.Equal(startedSteps(result), []string{"both"}) {
		t.Errorf("after b by hand: %+v", result)
	}
	if view := w.record(1); !slices.ContainsFunc(view.Starts, func(s engine.StartView) bool { return s.Step == "both" }) {
		t.Errorf("the night's run has %+v", view.Starts)
	}
}

func TestRetryComesBeforeTheFailureBranch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"extract":  {Retry: &chain.Retry{MaxAttempts: 3, Interval: 5 * time.Minute}},
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
	if last := w.ends("extract", "FAILED"); !slices.Equal(startedSteps(last), []string{"fallback"}) || last.Attempt != 3 {
		t.Errorf("after attempt 3: %+v", last)
	}
	view := w.record(1)
	if len(view.Starts) != 4 || view.Starts[1].Attempt != 2 || view.Starts[1].Of != 3 || view.Starts[2].Status != "FAILED" {
		t.Errorf("the record has %+v", view.Starts)
	}
	if e := edge(view, "extract", "report"); e.State != engine.EdgeHeld || !strings.Contains(e.Reason, "ended with failure") {
		t.Errorf("the record says %+v", e)
	}
}

func TestCanceledIsNeitherSuccessNorFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"extract": {Retry: &chain.Retry{MaxAttempts: 3}},
		"good":    {After: after("extract", "success")}, "bad": {After: after("extract", "failure")}, "done": {After: after("extract", "completion")},
	}))
	if result := w.somebodyElse("extract", "CANCELED"); !slices.Equal(startedSteps(result), []string{"done"}) || len(result.Held) != 2 {
		t.Errorf("after a canceled reload: %+v", result)
	}
}

func TestRetryIsSupersededByAReloadByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"extract": {Retry: &chain.Retry{MaxAttempts: 2, Interval: time.Hour}}, "report": {After: after("extract", "success")},
	}))
	w.somebodyElse("extract", "FAILED")
	w.clock.Advance(10 * time.Minute)
	if result := w.somebodyElse("extract", "SUCCEEDED"); !slices.Equal(startedSteps(result), []string{"report"}) {
		t.Errorf("after the reload by hand: %+v", result)
	}
	if woken := w.nextTimer(); len(woken.Started) > 0 {
		t.Errorf("the second attempt came all the same: %+v", woken)
	}
	if view := w.record(1); view.Starts[1].Phase != engine.PhaseSuperseded || !strings.Contains(view.Starts[1].Reason, w.record(2).ID) {
		t.Errorf("the record has %+v", view.Starts)
	}
}

func TestDelay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success"), Delay: 10 * time.Minute}}))
	if result := w.somebodyElse("a", "SUCCEEDED"); result.Outcome != engine.OutcomePutOff || reasonFor(result, "b") != "starts 10m later, at 03:10" {
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
	if e := edge(w.record(1), "a", "weekend"); e.State != engine.EdgeHeld || !strings.Contains(e.Reason, "guard `weekday in 6..7` was false on Tuesday") {
		t.Errorf("the record says %+v", e)
	}
}

func TestMaxDepth(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}})
	d.MaxDepth = 2
	w := newWorld(t, 1, d)
	w.somebodyElse("a", "SUCCEEDED")
	if result := w.ends("b", "SUCCEEDED"); len(result.Started) > 0 || !strings.Contains(reasonFor(result, "c"), "max_depth is 2") {
		t.Errorf("after b: %+v", result)
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

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// The tests are of faults that joins by arrivals had. That of yesterday's hr is TestRow1bYesterdaysHR.

// TestRerunOfTheOriginStartsAJoinOnce: after a good night its origin is started again; a join of 20 starts once, when all 20 are new.
func TestRerunOfTheOriginStartsAJoinOnce(t *testing.T) {
	t.Parallel()
	steps := map[string]chain.Step{"origin": {}, "z join": {After: map[string]chain.Condition{}}}
	for i := range 20 {
		name := fmt.Sprintf("part %02d", i)
		steps[name] = chain.Step{After: after("origin", "success")}
		steps["z join"].After[name] = chain.ConditionSuccess
	}
	w := newWorld(t, 1, definition(steps))
	for round := range 2 {
		if round == 0 {
			w.ask(t, "origin", "1")
		} else {
			w.rerun(t, w.record(1).ID, "origin", "2")
		}
		w.ends("origin", "SUCCEEDED")
		for i := range 20 {
			result := w.ends(fmt.Sprintf("part %02d", i), "SUCCEEDED")
			if started := len(result.Started) == 1; started != (i == 19) {
				t.Errorf("round %d: after part %d: %+v", round, i, result.Started)
			}
		}
		w.ends("z join", "SUCCEEDED")
		w.clock.Advance(time.Hour)
	}
	if joins := w.count("z join"); joins != 2 {
		t.Errorf("the join was started %d times in two runs", joins)
	}
}

// count is how many reloads of a step there were.
func (w *world) count(step string) int {
	n := 0
	for _, r := range w.reloads {
		if r.step == step {
			n++
		}
	}
	return n
}

// TestKilledStartIsTakenUp: the function is killed while it carries out a POST /start, which is not repeated.
func TestKilledStartIsTakenUp(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	for name, sweeps := range map[string]bool{"by a timer": false, "by a sweep": true} {
		taken := 0
		for cutAt := 1; cutAt < 40; cutAt++ {
			w := newWorld(t, 1, twoExtracts())
			w.sweep(t, reloads)
			w.calls.Store(0)
			w.cutAt = cutAt
			w.request(true, begins("sales"))
			w.run(1)
			w.cutAt = -1
			begun := w.runs()[0] != "none"
			if sweeps {
				clear(w.timers)
				for range 2 {
					w.clock.Advance(15 * time.Minute)
					w.sweep(t, reloads)
				}
			} else {
				for w.nextDue() <= 5*time.Minute {
					w.nextTimer()
				}
			}
			switch got := w.count("sales"); {
			case begun && got != 1:
				t.Errorf("%s: cut off at %d: sales was started %d times", name, cutAt, got)
			case !begun && got != 0:
				t.Errorf("%s: cut off at %d: sales was started without a record", name, cutAt)
			case begun && w.cut > 0:
				taken++
			}
			w.play(1, 1)
			if unfinished := w.unfinished(); len(unfinished) > 0 {
				t.Errorf("%s: cut off at %d: %v", name, cutAt, unfinished)
			}
		}
		if taken < 5 {
			t.Errorf("%s: only %d starts were taken up", name, taken)
		}
	}
}

// TestAnOldClaimAdoptsNothing: an execution was killed when it had claimed a start, and nine days later another client reloads the app
// through the API.
func TestAnOldClaimAdoptsNothing(t *testing.T) {
	t.Parallel()
	claims := 0
	for cutAt := 1; cutAt < 40; cutAt++ {
		w := newWorld(t, 1, twoExtracts())
		w.cutAt = cutAt
		w.request(true, begins("sales"))
		w.run(1)
		w.cutAt = -1
		clear(w.timers)
		if w.runs()[0] == "none" || len(w.reloads) > 0 || len(w.record(1).Starts) == 0 || w.record(1).Starts[0].Phase != engine.PhaseClaimed {
			continue
		}
		claims++
		w.clock.Advance(9 * 24 * time.Hour)
		other, err := w.reloadBy(w.index.Definition().Steps["sales"].App, "external")
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(10 * time.Minute)
		result := w.ends("sales", "SUCCEEDED")
		if result.Run == w.record(1).ID || w.record(2).Reload != other.ID || w.record(1).Starts[0].Reload == other.ID {
			t.Errorf("cut off at %d: the other client's reload is of the run %s: %+v", cutAt, result.Run, w.record(1).Starts)
		}
	}
	if claims == 0 {
		t.Error("no execution was cut off between the claim and the request")
	}
}

// TestRenamedWhileARunIsUnderWay: results belong to the app. Steps get other names while a run waits for them; nothing is lost.
func TestRenamedWhileARunIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.schedule("", 1)
	w.run(1)
	w.ends("sales", "SUCCEEDED")
	d := w.index.Definition()
	renamed := &chain.Definition{Version: d.Version, Name: d.Name, Timezone: d.Timezone, Steps: map[string]chain.Step{}}
	for name, s := range d.Steps {
		upstreams := map[string]chain.Condition{}
		for upstream, condition := range s.After {
			upstreams["new "+upstream] = condition
		}
		if s.After = upstreams; len(upstreams) == 0 {
			s.After = nil
		}
		renamed.Steps["new "+name] = s
	}
	w.index = chain.NewIndex(renamed)
	for _, r := range w.reloads {
		r.step = "new " + r.step
	}
	if result := w.ends("new hr", "SUCCEEDED"); !slices.Equal(startedSteps(result), []string{"new transform"}) {
		t.Errorf("after hr: %+v", result)
	}
	w.play(1, 1)
	if w.record(1).Status != "succeeded" || w.stands(1, "new report") != "succeeded" || len(w.runs()) != 1 {
		t.Errorf("the run is %+v", w.record(1))
	}
}

// TestRemovedWhileARunIsUnderWay: a step, or a link, is removed while a run is under way. The run keeps its shape: a removed step counts as
// disabled, and a removed link holds in it.
func TestRemovedWhileARunIsUnderWay(t *testing.T) {
	t.Parallel()
	without := func(edit func(steps map[string]chain.Step)) func(d *chain.Definition) *chain.Index {
		return func(d *chain.Definition) *chain.Index {
			steps := map[string]chain.Step{}
			for name, s := range d.Steps {
				upstreams := map[string]chain.Condition{}
				for upstream, condition := range s.After {
					upstreams[upstream] = condition
				}
				if s.After = upstreams; len(upstreams) == 0 {
					s.After = nil
				}
				steps[name] = s
			}
			edit(steps)
			return chain.NewIndex(&chain.Definition{Version: d.Version, Name: d.Name, Timezone: d.Timezone, Steps: steps})
		}
	}
	tests := map[string]struct {
		edit  func(d *chain.Definition) *chain.Index
		want  []string // after the run has begun
		stand map[string]string
	}{
		"the join": {
			without(func(steps map[string]chain.Step) {
				delete(steps, "transform")
				report := steps["report"]
				report.After = nil
				steps["report"] = report
			}),
			nil, map[string]string{"transform": "skipped disabled", "report": "skipped not_needed"},
		},
		"an upstream that has not ended": {
			without(func(steps map[string]chain.Step) {
				delete(steps, "hr")
				delete(steps["transform"].After, "hr")
			}),
			[]string{"report #1", "transform #1"}, map[string]string{"hr": "succeeded", "transform": "succeeded", "report": "succeeded"},
		},
		"a link": {
			without(func(steps map[string]chain.Step) { delete(steps["transform"].After, "hr") }),
			[]string{"report #1", "transform #1"}, map[string]string{"transform": "succeeded", "report": "succeeded"},
		},
		"what comes last": {
			without(func(steps map[string]chain.Step) { delete(steps, "report") }),
			[]string{"transform #1"}, map[string]string{"transform": "succeeded"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, twoExtracts())
			w.schedule("", 1)
			w.run(1)
			w.ends("sales", "SUCCEEDED")
			w.index = tt.edit(w.index.Definition())
			for _, r := range w.active() {
				w.end(r, 2)
			}
			w.play(1, 2)
			w.clock.Advance(15 * time.Minute)
			w.sweep(t, reloads) // no event of an app is handled that is no longer in the chain
			for _, r := range w.active() {
				w.end(r, 1)
			}
			w.play(1, 2)
			got := slices.DeleteFunc(w.made(), func(s string) bool { return s == "sales #1" || s == "hr #1" })
			if !slices.Equal(got, tt.want) {
				t.Errorf("the reloads are %v, want %v", got, tt.want)
			}
			for step, want := range tt.stand {
				if got := w.stands(1, step); got != want {
					t.Errorf("%s is %q, want %q", step, got, want)
				}
			}
			if unfinished := w.unfinished(); len(unfinished) > 0 {
				t.Errorf("this has come to no end: %v", unfinished)
			}
		})
	}
}

// TestRedriveAfterALongOutage: the webhook was down for longer than max_age. The sweep reports the ends that it finds and starts nothing;
// when their events are sent again, the chain goes on.
func TestRedriveAfterALongOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.sweep(t, reloads)
	w.clock.Advance(15 * time.Minute)
	w.schedule("", 1)
	w.run(1)
	missed := []*reload{w.drop(t, "sales"), w.drop(t, "hr")}
	w.clock.Advance(7 * time.Hour)
	for range 2 {
		if r := w.sweep(t, reloads); len(r.Started) > 0 {
			t.Fatalf("a sweep came to %+v", r)
		}
		w.clock.Advance(15 * time.Minute)
	}
	for i, r := range missed {
		result, err := w.handle(string(w.eventOf(r, 1).body))
		if err != nil || result.Outcome == engine.OutcomeRepeated || (i == 1) != (len(result.Started) == 1) {
			t.Errorf("the event of %s comes to %+v, %v", r.step, result, err)
		}
	}
	w.play(1, 1)
	if got, want := w.made(), []string{"hr #1", "report #1", "sales #1", "transform #1"}; !slices.Equal(got, want) ||
		w.record(1).Status != "succeeded" {
		t.Errorf("the reloads are %v, want %v; the run is %s", got, want, w.record(1).Status)
	}
}

// TestForeignReloadCostsNoAttempt: a start waits behind a reload that fails, and comes as its first attempt, with its own variables.
func TestForeignReloadCostsNoAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success"), Retry: &chain.Retry{MaxAttempts: 2}, Partial: true,
			Variables: map[string]string{"mode": "full"}},
	}))
	w.pendingActive = true
	w.begin("b")
	w.clock.Advance(time.Second)
	w.somebodyElse("a", "SUCCEEDED")
	w.sent = nil
	w.ends("b", "FAILED")
	if len(w.sent) == 0 || !w.sent[0].Partial || w.sent[0].Variables["mode"] != "full" {
		t.Errorf("Qlik Cloud was asked for %+v", w.sent)
	}
	i := slices.IndexFunc(w.record(2).Starts, func(s engine.StartView) bool { return s.Step == "b" })
	if s := w.record(2).Starts[i]; s.Attempt != 1 || s.Phase != engine.PhaseStarted || s.Reload == w.reloads[0].ID {
		t.Errorf("the record has %+v", s)
	}
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestReportedAfterItWasLost: no event came of a reload for half a day, so that it counts as lost. Then its event arrives. The chain goes
// on with it.
func TestReportedAfterItWasLost(t *testing.T) {
	t.Parallel()
	for name, sweep := range map[string]engine.Sweep{
		"a sweep that does not see the lists": {}, "a sweep that does": reloads,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, twoExtracts())
			w.sweep(t, sweep)
			w.clock.Advance(15 * time.Minute)
			w.schedule("", 1)
			w.run(1)
			missed := []*reload{w.drop(t, "sales"), w.drop(t, "hr")}
			w.clock.Advance(13 * time.Hour)
			for range 2 {
				if r := w.sweep(t, sweep); len(r.Started) > 0 {
					t.Fatalf("a sweep came to %+v", r)
				}
				w.clock.Advance(15 * time.Minute)
			}
			for range 2 {
				for i, r := range missed {
					if result, err := w.handle(string(w.eventOf(r, 1).body)); err != nil {
						t.Errorf("the event %d comes to %+v, %v", i, result, err)
					}
				}
			}
			w.play(1, 1)
			if got, want := w.made(), []string{"hr #1", "report #1", "sales #1", "transform #1"}; !slices.Equal(got, want) {
				t.Errorf("the reloads are %v, want %v; the run is %s: %s", got, want, w.record(1).Status, w.reason(1, "sales"))
			}
			if unfinished := w.unfinished(); len(unfinished) > 0 {
				t.Errorf("this has come to no end: %v", unfinished)
			}
		})
	}
}

// withoutID is an event as eventOf makes it, without the reload's id.
func (w *world) withoutID(t *testing.T, r *reload, kind string) string {
	t.Helper()
	var event map[string]any
	if err := json.Unmarshal(w.eventOf(r, 1).body, &event); err != nil {
		t.Fatal(err)
	}
	event["type"] = kind
	delete(event["data"].(map[string]any), "id") //nolint:forcetypeassert // made above
	body, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestAnEventWithoutAnID: the end of a reload is reported without its id, and the next sweep finds it in Qlik's list. It is one end.
func TestAnEventWithoutAnID(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w *world){
		"a reload by hand": func(w *world) { w.begin("a") },
		"a start":          func(w *world) { w.ask(t, "a", "1") },
	} {
		for _, kind := range []string{qlik.EventReloadFinished, qlik.EventAppReloadFinished} {
			w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
			w.sweep(t, reloads)
			w.clock.Advance(15 * time.Minute)
			begin(w)
			w.clock.Advance(5 * time.Minute)
			r := w.drop(t, "a")
			if _, err := w.handle(w.withoutID(t, r, kind)); err != nil {
				t.Fatal(err)
			}
			w.play(1, 1)
			for range 2 {
				w.clock.Advance(15 * time.Minute)
				w.sweep(t, reloads)
			}
			w.play(1, 1)
			if w.count("b") != 1 || len(w.runs()) != 1 {
				t.Errorf("%s, %s: b was started %d times; the runs are %v", name, kind, w.count("b"), w.runs())
			}
		}
	}
}

// TestPartialChangesWhileAReloadIsUnderWay: a start's own end counts, whatever the definition says of partial reloads by then.
func TestPartialChangesWhileAReloadIsUnderWay(t *testing.T) {
	t.Parallel()
	for name, sweeps := range map[string]bool{"an event": false, "a sweep": true} {
		d := definition(map[string]chain.Step{"a": {Partial: true}, "b": {After: after("a", "success")}})
		w := newWorld(t, 1, d)
		w.sweep(t, reloads)
		w.clock.Advance(15 * time.Minute)
		w.ask(t, "a", "1")
		w.reloads[0].Partial = true
		whole := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}})
		w.index = chain.NewIndex(whole)
		r := w.drop(t, "a")
		if sweeps {
			w.clock.Advance(15 * time.Minute)
			w.sweep(t, reloads)
		} else {
			var event map[string]any
			if err := json.Unmarshal(w.eventOf(r, 1).body, &event); err != nil {
				t.Fatal(err)
			}
			event["data"].(map[string]any)["isPartialReload"] = true //nolint:forcetypeassert // made above
			body, _ := json.Marshal(event)
			if _, err := w.handle(string(body)); err != nil {
				t.Fatal(err)
			}
		}
		if w.count("b") != 1 {
			t.Errorf("%s: b was started %d times", name, w.count("b"))
		}
	}
}

// TestCycleSettingsChangeWhileARunIsUnderWay: runs keep the cycle in which they began, to its end.
func TestCycleSettingsChangeWhileARunIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED") // 03:00
	changed := *w.index.Definition()
	changed.Cycle = &chain.Cycle{Begins: "18:00", Every: chain.Duration(12 * time.Hour)}
	w.index = chain.NewIndex(&changed)
	w.somebodyElse("sales", "SUCCEEDED") // of 18:00 to 06:00
	w.clock.Advance(4 * time.Hour)
	for range 3 {
		w.sweep(t, reloads)
		w.clock.Advance(15 * time.Minute)
	}
	if got := w.stands(1, "transform"); got != "continued in 2" && got != "waiting for hr" {
		t.Errorf("at 07:00 transform is %q in the run that began in the cycle to 18:00", got)
	}
}

// TestStartsThatWaitInTheRecord: the record says of a step what it waits for.
func TestStartsThatWaitInTheRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "delayed": {After: after("a", "success"), Delay: chain.Duration(time.Hour)},
		"often": {After: after("a", "success"), MaxStartsPerHour: 1},
		"again": {After: after("a", "success"), Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Hour)}},
	}))
	w.somebodyElse("a", "SUCCEEDED")
	w.ends("again", "FAILED")
	w.somebodyElse("a", "SUCCEEDED")
	for step, number := range map[string]int{"delayed": 1, "often": 2, "again": 1} {
		if got := w.reason(number, step); got == "is under way" {
			t.Errorf("%s %s", step, got)
		}
	}
}

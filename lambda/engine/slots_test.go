// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestASlotThatIsGivenBack: while Qlik Cloud is asked for a start another one comes due and finds no slot. Then the first one gives its
// slot back, since Qlik Cloud does not take it now. The latter gets it at once, without a sweep.
func TestASlotThatIsGivenBack(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "x": {}, "y": {After: after("x", "success")}})
	d.MaxRunning = 1
	w := newWorld(t, 1, d)
	first := d.Steps["b"].App
	w.refuse = func(app string, n int) error {
		if app != first || n > 3 {
			return nil
		}
		if n == 2 {
			w.mu.Unlock()
			defer w.mu.Lock()
			w.somebodyElse("x", "SUCCEEDED")
		}
		return answer(503, "")
	}
	w.somebodyElse("a", "SUCCEEDED")
	w.nextTimer()
	if w.count("y") != 1 {
		t.Errorf("while b waits to be tried again, y %s: %+v", w.reason(2, "y"), w.record(2).Starts[1])
	}
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"a #1", "b #1", "x #1", "y #1"}) {
		t.Errorf("the reloads are %v", got)
	}
	for key := range w.store.Items() {
		if strings.HasPrefix(key.SK, "SLOT#") {
			t.Errorf("%s is left", key.SK)
		}
	}
}

// TestWhatCameDueFirstGoesFirst: with max_running, a start waits behind those that are queued, although a slot is free when it comes due:
// the one of the reload that it follows.
func TestWhatCameDueFirstGoesFirst(t *testing.T) {
	t.Parallel()
	for most := 1; most <= 3; most++ {
		d := definition(map[string]chain.Step{
			"a": {}, "b": {}, "d": {}, "e": {}, "f": {}, "a2": {After: after("a", "success")}, "b2": {After: after("b", "success")},
			"d2": {After: after("d", "success")}, "e2": {After: after("e", "success")}, "f2": {After: after("f", "success")},
		})
		d.MaxRunning = most
		w := newWorld(t, 1, d)
		w.comes()
		for len(w.active()) > 0 {
			w.clock.Advance(time.Minute)
			w.end(w.active()[0], 1)
			w.run(1)
		}
		var made []string
		for _, r := range w.reloads {
			made = append(made, r.step)
		}
		late := func(step string) bool { return len(step) == 2 }
		if len(made) != 10 || slices.ContainsFunc(made[:5], late) {
			t.Errorf("with max_running = %d the reloads were made in the order %q", most, made)
		}
	}
}

// TestASlotOfAnExecutionThatWasCutOff: an execution is cut off after it has claimed the queued start, and another copy of its event, which
// does not know of that, marks the end as handled. The execution that repeats the first one goes on with the start, without a sweep.
func TestASlotOfAnExecutionThatWasCutOff(t *testing.T) {
	t.Parallel()
	for cut := 1; ; cut++ {
		d := definition(map[string]chain.Step{"a": {}, "b": {}})
		d.MaxRunning = 1
		w := newWorld(t, 1, d)
		w.schedule("", 1)
		w.run(1)
		running := w.active()[0]
		w.end(running, 1)
		event := w.queue[0]
		w.queue = nil
		x := w.execution()
		w.cutAt = 2 * (int(w.calls.Load()) + cut) // after the call
		err := w.invoke(x, event)
		if w.cutAt = 0; err == nil && !x.dead {
			t.Fatalf("no call claims the queued start: %v", w.made())
		}
		if !slices.ContainsFunc(slices.Collect(maps.Values(w.store.Items())), func(doc string) bool {
			return strings.Contains(doc, `"phase":"claimed"`)
		}) || len(w.made()) > 1 {
			continue
		}
		key := engine.Key{PK: "RELOAD#" + running.ID, SK: "-"}
		var handled map[string]any
		if err := json.Unmarshal([]byte(w.store.Items()[key]), &handled); err != nil {
			t.Fatal(err)
		}
		handled["handled"] = true
		if err := w.store.Write(t.Context(), engine.Write{Key: key, Doc: handled, Always: true}); err != nil {
			t.Fatal(err)
		}
		if err := w.invoke(w.execution(), event); err == nil {
			t.Error("while the claim lasts, the repetition does not ask for another one")
		}
		w.clock.Advance(time.Minute)
		if err := w.invoke(w.execution(), event); err != nil || len(w.made()) != 2 {
			t.Errorf("after that the reloads are %v, and the error %v", w.made(), err)
		}
		return
	}
}

// TestAClaimOfATimerThatWasCutOff: the execution of a timer finds that its reload has ended, claims the start that follows, and is cut off.
// Its repetition sees that the timer's own start is done, and the reload's event found the claim. The start goes on without a sweep.
func TestAClaimOfATimerThatWasCutOff(t *testing.T) {
	t.Parallel()
	for cut := 1; ; cut++ {
		w := newWorld(t, 1, definition(map[string]chain.Step{
			"a": {Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Minute)}}, "b": {After: after("a", "success")},
		}))
		w.ending = func(_ string, n int) string { return []string{"FAILED", "SUCCEEDED", "SUCCEEDED"}[n-1] }
		w.schedule("", 1)
		w.run(1)
		w.end(w.active()[0], 1)
		w.run(1)
		if !w.tick() {
			t.Fatal("no timer is set for the second attempt")
		}
		timer := w.queue[0]
		w.queue = nil
		w.making = func(*reload) { w.cutAt = 2*int(w.calls.Load()) + 1 } // before its record
		if err := w.invoke(w.execution(), timer); err == nil {
			t.Fatal("the request was recorded")
		}
		w.making, w.cutAt = nil, 0
		w.end(w.active()[0], 1)
		event := w.queue[0]
		w.queue = nil
		w.clock.Advance(time.Minute)
		w.cutAt = 2 * (int(w.calls.Load()) + cut)
		err := w.invoke(w.execution(), timer)
		if w.cutAt = 0; err == nil {
			t.Fatalf("no call claims the start of b: %v", w.made())
		}
		if len(w.made()) > 2 || !strings.Contains(w.store.Items()[startOf(w, "b")], `"phase":"claimed"`) {
			continue
		}
		if err := w.invoke(w.execution(), event); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Minute)
		if err := w.invoke(w.execution(), timer); err != nil {
			t.Fatal(err)
		}
		w.play(1, 1)
		if list := w.unfinished(); len(w.made()) != 3 || len(list) > 0 {
			t.Errorf("the reloads are %v, and this has come to no end: %v", w.made(), list)
		}
		return
	}
}

// startOf is the key of a step's first attempt in the only run.
func startOf(w *world, step string) engine.Key {
	id := w.index.Definition().StepID(step)
	for key := range w.store.Items() {
		if strings.HasPrefix(key.PK, "RUN#") && key.SK == "START#"+id+"#01" {
			return key
		}
	}
	return engine.Key{}
}

// TestMaxDurationOfAStep: a reload that takes too long is canceled, also when Qlik Cloud does not take the request at first. The record
// says why.
func TestMaxDurationOfAStep(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success"), MaxDuration: &chain.MaxDuration{After: chain.Duration(time.Hour),
			OnExceeded: chain.OnExceededCancel}},
	})
	w := newWorld(t, 1, d)
	w.notices = &sentNotices{}
	w.somebodyElse("a", "SUCCEEDED")
	refusals := 0
	w.refuseCancel = func(string) error {
		if refusals++; refusals < 3 {
			return answer(503, "")
		}
		return nil
	}
	w.tick()
	for range 4 {
		w.run(1)
	}
	b := w.reloads[1]
	if !b.canceled {
		t.Fatalf("after %d requests the reload of b is not canceled", refusals)
	}
	w.ends("b", "CANCELED")
	if s := w.record(1).Starts[1]; strings.Contains(s.Reason, "the run was canceled") || !strings.Contains(s.Reason, "max_duration of 1h") {
		t.Errorf("the record says of b's reload %q", s.Reason)
	}
	kinds := slices.DeleteFunc(w.notices.kinds(), func(kind string) bool { return kind != string(engine.NoticeOverran) })
	if len(kinds) != 1 {
		t.Errorf("the notices were %v", w.notices.kinds())
	}
}

// TestMarkAndSkipInOtherCycles: a mark counts in the cycle of its run, a skip in the cycle that it names alone.
func TestMarkAndSkipInOtherCycles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.somebodyElse("hr", "FAILED")
	e := func() *engine.Engine { return w.engine(w.execution()) }
	w.clock.Advance(24 * time.Hour)
	for len(w.timers) > 0 && w.nextDue() <= 0 {
		w.nextTimer()
	}
	if _, err := e().Skip(t.Context(), "s", "s", "transform", "2026-11-26", w.order()); err != nil {
		t.Fatal(err)
	}
	if _, err := e().Mark(t.Context(), "m", engine.Repeat{ID: "m", Run: w.record(2).ID, Step: "hr", Operation: w.order()}); err != nil {
		t.Fatal(err)
	}
	if w.count("transform") != 1 {
		t.Errorf("after the mark the reloads are %v; transform is %q: %s", w.made(), w.stands(3, "transform"), w.reason(3, "transform"))
	}
	w.ends("transform", "SUCCEEDED")
	for _, want := range []int{2, 2, 3} { // in the cycle before that of the skip, in that, in the one after it
		w.somebodyElse("sales", "SUCCEEDED")
		w.somebodyElse("hr", "SUCCEEDED")
		if got := w.count("transform"); got != want {
			t.Errorf("at %s transform was started %d times, want %d", w.clock.Now(), got, want)
		}
		for _, r := range w.active() {
			w.ends(r.step, "SUCCEEDED")
		}
		w.clock.Advance(24 * time.Hour)
	}
}

// TestMarkTwice: a second mark of the same step begins no other run, and starts nothing twice.
func TestMarkTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.somebodyElse("hr", "FAILED")
	of := w.record(2).ID
	for i, want := range []engine.Refusal{"", engine.RefusalOver} {
		id := []string{"first", "second"}[i]
		w.clock.Advance(time.Second)
		result, err := w.engine(w.execution()).Mark(t.Context(), id, engine.Repeat{ID: id, Run: of, Step: "hr", Operation: w.order()})
		if err != nil || result.Refusal != want {
			t.Errorf("mark %d: %+v, %v", i, result, err)
		}
	}
	if w.count("transform") != 1 {
		t.Errorf("the reloads are %v", w.made())
	}
}

// TestSkipOverAHoliday: the next time of the schedule is on a date that it leaves out, so a skip without a cycle is of the time after that.
func TestSkipOverAHoliday(t *testing.T) {
	t.Parallel()
	d := twoExtracts()
	d.Timezone, d.Schedule = "UTC", &chain.Schedule{Cron: "0 4 * * ? *", Except: []string{"2026-11-24"}}
	w := newWorld(t, 1, d)
	result, err := w.engine(w.execution()).Skip(t.Context(), "s", "s", "transform", "", w.order())
	if want := "20261124T1800Z"; err != nil || result.Cycle != want {
		t.Errorf("at %s the skip is of the cycle %q, want %q (%v)", w.clock.Now(), result.Cycle, want, err)
	}
}

// TestADelayedStartDoesNotOvertake: with max_running = 1, one of a and b is queued behind the other, and what comes after that one is due
// 10 minutes after it. The execution of its end is cut off at each of its calls, also with its slot free and the other still queued. The
// delay is over before that end is handled again. What is queued goes first.
func TestADelayedStartDoesNotOvertake(t *testing.T) {
	t.Parallel()
	between := 0
	for cutAt := 1; cutAt < 60; cutAt++ {
		d := definition(map[string]chain.Step{
			"a": {}, "a2": {After: after("a", "success"), Delay: chain.Duration(10 * time.Minute)},
			"b": {}, "b2": {After: after("b", "success"), Delay: chain.Duration(10 * time.Minute)},
		})
		d.MaxRunning = 1
		w := newWorld(t, 1, d)
		w.comes()
		w.clock.Advance(time.Minute)
		w.end(w.active()[0], 1)
		w.calls.Store(0)
		w.cutAt = cutAt
		w.run(1)
		w.cutAt = -1
		again := w.queue
		w.queue = nil
		for len(again) > 0 && len(w.active()) == 0 && w.tick() {
			between++
			w.run(1)
		}
		w.queue = append(w.queue, again...)
		w.play(1, 1)
		var order []string
		for _, r := range w.reloads {
			order = append(order, r.step)
		}
		if len(order) != 4 || len(order[0]) != 1 || len(order[1]) != 1 {
			t.Errorf("cut off at call %d: the reloads were made in the order %q", cutAt, order)
		}
	}
	if between == 0 {
		t.Error("no timer came before the end was handled again")
	}
}

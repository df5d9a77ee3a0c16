// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestOneRunOverTheChangeOfClocks: hourly runs across both changes of the clocks. Each hour has its cycle, no run is lost, and none meets
// another one's results.
func TestOneRunOverTheChangeOfClocks(t *testing.T) {
	t.Parallel()
	for _, day := range []time.Time{time.Date(2026, 10, 24, 21, 0, 0, 0, time.UTC), time.Date(2027, 3, 27, 21, 0, 0, 0, time.UTC)} {
		d := definition(map[string]chain.Step{"a": {}, "b": {}, "c": {After: after("a", "success", "b", "success")}})
		d.Cycle = &chain.Cycle{Begins: "00:00", Every: chain.Duration(time.Hour)}
		w := newWorld(t, 1, d)
		w.clock.Advance(day.Sub(w.clock.Now()))
		for hour := range 9 {
			w.schedule("a", 1)
			w.schedule("b", 1)
			w.run(2)
			for _, r := range w.active() {
				w.end(r, 1)
			}
			for len(w.queue) > 0 {
				w.run(2)
			}
			for _, r := range w.active() {
				w.ends(r.step, "SUCCEEDED")
			}
			if got := w.count("c"); got != hour+1 {
				t.Fatalf("%s: after %d hours c was started %d times", w.clock.Now(), hour+1, got)
			}
			w.clock.Advance(day.Add(time.Duration(hour+1) * time.Hour).Sub(w.clock.Now()))
		}
	}
}

// TestLateEventOfTheCycleBefore: the end of a reload of before the cycle's end is reported after it. Its run does not go on with what has
// expired.
func TestLateEventOfTheCycleBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.clock.Advance(14*time.Hour + 50*time.Minute) // 17:50
	w.begin("hr")
	w.clock.Advance(5 * time.Minute)
	hr := w.drop(t, "hr")
	for w.stands(1, "transform") != "skipped expired" {
		w.nextTimer()
	}
	w.clock.Advance(30 * time.Minute)
	if _, err := w.handle(string(w.eventOf(hr, 1).body)); err != nil {
		t.Fatal(err)
	}
	w.play(1, 1)
	t.Logf("hr's run: transform %q: %s; the run of sales is %s", w.stands(2, "transform"), w.reason(2, "transform"), w.record(1).Status)
	if unfinished := w.unfinished(); len(unfinished) > 0 {
		t.Errorf("this has come to no end: %v", unfinished)
	}
	if w.count("transform") > 1 {
		t.Errorf("%v", w.made())
	}
}

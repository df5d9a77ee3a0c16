// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// tableCalls counts the calls of the table that do makes.
func (w *world) tableCalls(do func()) int {
	before := w.reads.Load() + w.writes.Load()
	do()
	return int(w.reads.Load() + w.writes.Load() - before)
}

// TestCallsOfTheTable: they cost money and time, for each event.
func TestCallsOfTheTable(t *testing.T) {
	t.Parallel()
	line := func() *world {
		return newWorld(t, 1, definition(map[string]chain.Step{
			"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}, "d": {After: after("c", "success")},
		}))
	}
	tests := []struct {
		name string
		most int
		do   func(t *testing.T) int
	}{
		{"the end of somebody's reload, with one target", 7, func(t *testing.T) int {
			t.Helper()
			w := line()
			w.begin("a")
			return w.tableCalls(func() { w.ends("a", "SUCCEEDED") })
		}},
		{"the end of a reload of the chain, with one target", 7, func(t *testing.T) int {
			t.Helper()
			w := line()
			w.somebodyElse("a", "SUCCEEDED")
			return w.tableCalls(func() { w.ends("b", "SUCCEEDED") })
		}},
		{"the end of the last reload of a run", 8, func(t *testing.T) int {
			t.Helper()
			w := line()
			w.somebodyElse("c", "SUCCEEDED")
			return w.tableCalls(func() { w.ends("d", "SUCCEEDED") })
		}},
		{"an event that was handled before", 2, func(t *testing.T) int {
			t.Helper()
			w := line()
			w.somebodyElse("a", "SUCCEEDED")
			again := w.eventOf(w.reloads[0], 1)
			return w.tableCalls(func() {
				if _, err := w.handle(string(again.body)); err != nil {
					t.Fatal(err)
				}
			})
		}},
		{"a schedule", 5, func(t *testing.T) int {
			t.Helper()
			w := line()
			w.schedule("", 1)
			return w.tableCalls(func() { w.run(1) })
		}},
		{"a fan-out to 20", 45, func(t *testing.T) int {
			t.Helper()
			w := newWorld(t, 1, fanOut(20))
			w.schedule("", 1)
			w.run(1)
			return w.tableCalls(func() { w.ends("a root", "SUCCEEDED") })
		}},
		{"an event of another app", 0, func(t *testing.T) int {
			t.Helper()
			w := line()
			event := strings.ReplaceAll(eventBody(t, "reload-finished"), "bb5a", "ffff")
			return w.tableCalls(func() {
				if r, err := w.handle(event); err != nil || r.Outcome != engine.OutcomeNotInChain {
					t.Fatal(r, err)
				}
			})
		}},
	}
	for _, tt := range tests {
		if got := tt.do(t); got > tt.most {
			t.Errorf("%s: %d calls of the table, more than %d", tt.name, got, tt.most)
		} else {
			fmt.Printf("calls: %s: %d\n", tt.name, got)
		}
	}
}

// fanIn is a chain of one step before n others, and one after all of these.
func fanIn(n int) *chain.Definition {
	steps := map[string]chain.Step{"a root": {}, "z last": {After: map[string]chain.Condition{}}}
	for i := range n {
		name := fmt.Sprintf("leaf %03d", i)
		steps[name] = chain.Step{After: after("a root", "success")}
		steps["z last"].After[name] = chain.ConditionSuccess
	}
	return definition(steps)
}

// TestLargeChains: of wide and of long chains no item comes near the 400 KB that DynamoDB takes, and no transaction has more than 100.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
func TestLargeChains(t *testing.T) {
	t.Parallel()
	line := map[string]chain.Step{"s0000": {}}
	for i := 1; i < 1000; i++ {
		line[fmt.Sprintf("s%04d", i)] = chain.Step{After: after(fmt.Sprintf("s%04d", i-1), "success")}
	}
	for _, tt := range []struct {
		name   string
		d      *chain.Definition
		events int // that are played; each of them reads the cycle
		starts int
	}{
		{"a fan-in of 300", fanIn(300), 302, 302},
		{"a fan-out of 300", fanOut(300), 100, 301},
		{"a chain of 1,000 steps", definition(line), 30, 31},
		{"a fan-out of 999", fanOut(999), 3, 1000},
	} {
		w := newWorld(t, 1, tt.d)
		w.schedule("", 1)
		w.run(1)
		begun := time.Now()
		for range tt.events {
			active := w.active()
			if len(active) == 0 {
				break
			}
			w.end(active[0], 1)
			w.run(1)
		}
		took := time.Since(begun)
		largest, at := 0, engine.Key{}
		for key, doc := range w.store.Items() {
			if len(doc) > largest {
				largest, at = len(doc), key
			}
		}
		fmt.Printf("large: %s: %d starts, %.1f ms an event, the largest item has %.1f KB (%.30s), the largest write %d items\n", tt.name, len(w.reloads),
			float64(took.Microseconds())/1000/float64(tt.events), float64(largest)/1024, at.PK, w.largest)
		if len(w.reloads) != tt.starts || largest > 200<<10 || w.largest > 100 {
			t.Errorf("%s: %d starts; %s %s has %d bytes; the largest write has %d items", tt.name, len(w.reloads), at.PK, at.SK, largest, w.largest)
		}
	}
}

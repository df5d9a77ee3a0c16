// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"strings"
	"testing"

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

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

// eventful is a chain with something of everything: two extracts, where one fails first; a delay, a guard, a failure branch, joins.
func eventful() *chain.Definition {
	return definition(map[string]chain.Step{
		"sales": {Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Minute)}}, "hr": {},
		"mart":     {After: after("sales", "success", "hr", "success")},
		"late":     {After: after("hr", "success"), Delay: chain.Duration(10 * time.Minute)},
		"never":    {After: after("mart", "success"), When: never},
		"broken":   {After: after("mart", "success")},
		"fallback": {After: after("broken", "failure")},
		"report":   {WaitFor: "all_started", After: after("never", "success", "mart", "success", "late", "success")},
		"tidy":     {WaitFor: "all_settled", After: after("report", "success", "broken", "success")},
	})
}

// eventfulEndings are how its reloads end.
func eventfulEndings(step string, n int) string {
	if step == "sales" && n == 1 || step == "broken" {
		return "FAILED"
	}
	return "SUCCEEDED"
}

// night is one that is played with an execution cut off at each of its calls.
type night struct {
	name  string
	begin func(w *world) // puts what comes from outside into the queue; called once
	later map[int]func(w *world)
	or    []string // the reloads when a request that is not repeated has done nothing
}

// request puts an operator's request into the queue, that is or is not repeated when it gets no answer.
func (w *world) request(once bool, do func(e *engine.Engine, id string, order chain.Operation) error) {
	w.operations++
	order := w.order()
	w.queue = append(w.queue, invocation{id: fmt.Sprintf("operation-%d", w.operations), once: once,
		operation: func(e *engine.Engine, id string) error {
			return do(e, id, order)
		}})
}

func begins(step string) func(e *engine.Engine, id string, order chain.Operation) error {
	return func(e *engine.Engine, id string, order chain.Operation) error {
		_, err := e.Begin(contextOf(), id, engine.Beginning{Step: step, At: order.At, StartedBy: engine.StartedByRequest, By: order.By, ID: id})
		return err
	}
}

// beginsAlone is begins for a run of one step alone.
func beginsAlone(step string) func(e *engine.Engine, id string, order chain.Operation) error {
	return func(e *engine.Engine, id string, order chain.Operation) error {
		_, err := e.Begin(contextOf(), id, alone(step, id, order))
		return err
	}
}

func alone(step, id string, order chain.Operation) engine.Beginning {
	return engine.Beginning{Step: step, Only: true, At: order.At, StartedBy: engine.StartedByRequest, By: order.By, ID: id}
}

// playNight plays a night to its end, one execution after the other, and sweeps at last.
func playNight(t *testing.T, n night, cutAt int) *world {
	t.Helper()
	w := newWorld(t, 1, eventful())
	w.ending, w.notices = eventfulEndings, &sentNotices{}
	w.sweep(t, reloads)
	w.clock.Advance(15 * time.Minute)
	w.calls.Store(0)
	w.cutAt = cutAt
	n.begin(w)
	w.play(1, 1)
	for _, number := range []int{1, 2} {
		if later := n.later[number]; later != nil {
			later(w)
			w.play(1, 1)
		}
	}
	w.cutAt = -1
	for range 3 {
		w.clock.Advance(15 * time.Minute)
		w.sweep(t, reloads)
		w.play(1, 1)
	}
	return w
}

// TestCrashAtEachCall: an execution is cut off at each call of a night, before it and after it. What Lambda or a client repeats is
// repeated; then the timers and the sweeps come. There are exactly the reloads of the night that nothing disturbs.
func TestCrashAtEachCall(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	night1 := func(w *world) { w.schedule("", 1) }
	rerun := func(once bool) func(w *world) {
		return func(w *world) {
			w.request(once, func(e *engine.Engine, id string, order chain.Operation) error {
				_, err := e.Rerun(contextOf(), id, engine.Repeat{ID: id, Run: w.firstRun(), Step: "", Operation: order})
				return err
			})
		}
	}
	nights := []night{
		{name: "schedule", begin: night1},
		{name: "by hand", begin: func(w *world) { w.begin("sales"); w.begin("hr") }},
		{name: "request", begin: func(w *world) { w.request(false, begins("")) }},
		{name: "request that is not repeated", begin: func(w *world) { w.request(true, begins("")) }, or: []string{}},
		{name: "one step alone", begin: night1, later: map[int]func(w *world){1: func(w *world) { w.request(false, beginsAlone("hr")) }}},
		{name: "rerun", begin: night1, later: map[int]func(w *world){1: rerun(false)}},
		{name: "rerun that is not repeated", begin: night1, later: map[int]func(w *world){1: rerun(true)}, or: oneNight},
		{name: "pause and resume", begin: func(w *world) {
			w.request(false, func(e *engine.Engine, id string, order chain.Operation) error {
				_, err := e.Pause(contextOf(), id, order)
				return err
			})
			w.run(1)
			night1(w)
		}, later: map[int]func(w *world){1: func(w *world) {
			w.request(false, func(e *engine.Engine, id string, order chain.Operation) error {
				_, err := e.Resume(contextOf(), id, id, order)
				return err
			})
		}}},
		{name: "mark and skip", begin: func(w *world) {
			w.request(false, func(e *engine.Engine, id string, order chain.Operation) error {
				_, err := e.Skip(contextOf(), id, id, "late", "", order)
				return err
			})
			w.run(1)
			night1(w)
		}, later: map[int]func(w *world){1: func(w *world) {
			w.request(false, func(e *engine.Engine, id string, order chain.Operation) error {
				_, err := e.Mark(contextOf(), id, engine.Repeat{ID: id, Run: w.firstRun(), Step: "broken", Operation: order})
				return err
			})
		}}},
	}
	points, once := 0, 0
	for _, n := range nights {
		whole := playNight(t, n, -1)
		want := whole.made()
		if !whole.right(0, nil) || len(want) < 8 {
			t.Fatalf("%s: an undisturbed night has %v", n.name, want)
		}
		calls := 0
		step := max(1, 480 / *chains) // all of them with 480 chains
		for cutAt := 1 + int(firstSeed()%uint64(step)); ; cutAt += step {
			w := playNight(t, n, cutAt)
			if int(w.calls.Load()) < (cutAt+1)/2 || w.cut == 0 && cutAt > 2*calls+20 {
				break
			}
			if w.cut == 0 {
				continue
			}
			calls = cutAt / 2
			points++
			got := w.made()
			switch {
			case !slices.Equal(got, want) && (n.or == nil || !slices.Equal(got, n.or)):
				t.Errorf("%s: cut off at %d: the reloads differ:%s", n.name, cutAt, difference(got, want))
			case w.right(uint64(cutAt), nil):
				once++
			}
		}
	}
	fmt.Printf("crashes: %d points, %d exactly once\n", points, once)
}

// oneNight are the reloads of a night of eventful.
var oneNight = []string{"broken #1", "fallback #1", "hr #1", "late #1", "mart #1", "report #1", "sales #1", "sales #2", "tidy #1"}

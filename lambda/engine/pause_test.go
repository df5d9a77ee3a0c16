// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

func (w *world) order() chain.Operation {
	return chain.Operation{At: w.clock.Now(), By: "ann", Reason: "the source is being moved"}
}

func (w *world) pause(t *testing.T) {
	t.Helper()
	if _, err := w.engine(w.execution()).Pause(t.Context(), w.clock.Now().String(), w.order()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) resume(t *testing.T) engine.Result {
	t.Helper()
	r, err := w.engine(w.execution()).Resume(t.Context(), "resume", w.clock.Now().String(), w.order())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// parked counts the items of parked starts.
func (w *world) parked() int {
	n := 0
	for key := range w.store.Items() {
		if key.PK == "PARKED" {
			n++
		}
	}
	return n
}

// TestParkedAfterAResume: an execution was cut off after it had parked a start, and a resume at the same moment had not found the start, or
// was cut off itself. The timer of a request, and the sweep, let the newest start go on.
func TestParkedAfterAResume(t *testing.T) {
	t.Parallel()
	for _, bySweep := range []bool{true, false} {
		w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
		w.ask(t, "a", "1")
		w.pause(t)
		w.ends("a", "SUCCEEDED")
		w.somebodyElse("a", "SUCCEEDED")
		paused := engine.Write{Key: engine.Key{PK: chain.NowPK, SK: chain.PausedSK}, Delete: true}
		if err := w.store.Write(t.Context(), paused); err != nil || w.parked() != 2 {
			t.Fatalf("%d starts are parked; %v", w.parked(), err)
		}
		if bySweep {
			w.sweep(t, reloads)
		} else {
			w.nextTimer()
		}
		got, older := w.made(), w.stands(1, "b")
		if want := []string{"a #1", "a #2", "b #1"}; !slices.Equal(got, want) || w.parked() > 0 || older != "continued in 2" {
			t.Errorf("the reloads are %v, want %v; %d starts are parked; b is %s", got, want, w.parked(), older)
		}
	}
}

// TestPauseHoldsStarts: an event, a request and a timer come while the chain is paused; all that they make due starts when it is resumed.
func TestPauseHoldsStarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success")}, "c": {After: after("a", "success"), Delay: chain.Duration(5 * time.Minute)},
		"d": {After: after("b", "success", "c", "success")},
	}))
	w.begin("a")
	w.pause(t)
	if r := w.ends("a", "SUCCEEDED"); r.Outcome != engine.OutcomePutOff ||
		reasonFor(r, "b") != "the chain was paused at 03:00 by ann (the source is being moved)" {
		t.Errorf("the end of a while paused: %+v", r)
	}
	if r := w.ask(t, "d", "1"); !strings.HasPrefix(reasonFor(r, "d"), "the chain was paused") {
		t.Errorf("a request while paused: %+v", r)
	}
	if r := w.nextTimer(); len(r.Started) > 0 { // looks whether the request was cut off
		t.Errorf("the first timer while paused: %+v", r)
	}
	if r := w.nextTimer(); r.Outcome != engine.OutcomePutOff || !strings.HasPrefix(reasonFor(r, "c"), "the chain was paused") {
		t.Errorf("the timer while paused: %+v", r)
	}
	w.play(1, 1)
	seen, err := w.engine(w.execution()).Operations(t.Context(), 10)
	if err != nil || seen.Paused == nil || seen.Paused.By != "ann" || seen.Parked != 3 || len(seen.Operations) != 2 {
		t.Errorf("while paused the operations are %+v, %v", seen, err)
	}
	if w.requests != 0 || len(w.timers) != 0 || w.parked() != 3 {
		t.Fatalf("while paused there were %d requests, %d timers, %d parked starts", w.requests, len(w.timers), w.parked())
	}
	w.clock.Advance(40 * 24 * time.Hour)
	if r := w.resume(t); len(r.Started) != 3 || w.parked() != 0 {
		t.Errorf("resuming: %+v, and %d are parked", r, w.parked())
	}
	if r := w.resume(t); len(r.Started) != 0 || r.Outcome != engine.OutcomeNothingDue {
		t.Errorf("resuming again: %+v", r)
	}
	w.play(2, 2)
	if unfinished := w.unfinished(); len(unfinished) > 0 || len(w.made()) != 5 {
		t.Errorf("the reloads are %v, unfinished %v", w.made(), unfinished)
	}
	if seen, err = w.engine(w.execution()).Operations(t.Context(), 10); err != nil || seen.Paused != nil ||
		seen.Operations[0].Kind != chain.OperationResume {
		t.Errorf("afterwards the operations are %+v, %v", seen, err)
	}
}

// TestPauseKeepsTheFirstOperation: the answer to a further pause names the first one.
func TestPauseKeepsTheFirstOperation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.pause(t)
	order, err := w.engine(w.execution()).Pause(t.Context(), "2", chain.Operation{At: w.clock.Now(), By: "bob"})
	if err != nil || order.By != "ann" {
		t.Errorf("pausing again: %+v, %v", order, err)
	}
}

// TestPauseFindsWhatWasAskedFor: if the request of a start got no answer, it is found out first whether Qlik has the reload.
func TestPauseFindsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, made := range map[string]bool{"made": true, "not made": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
			w.lose = made
			w.refuse = func(string, int) error {
				if made {
					return nil
				}
				return &qlik.Error{Method: "POST", Status: 503}
			}
			w.somebodyElse("a", "SUCCEEDED")
			w.lose, w.refuse = false, nil
			w.pause(t)
			if r := w.nextTimer(); (len(r.Started) == 1) != made || (w.parked() == 0) != made {
				t.Errorf("the next try: %+v, and %d are parked", r, w.parked())
			}
			w.resume(t)
			w.play(1, 1)
			if got := len(w.made()); got != 2 || len(w.unfinished()) > 0 {
				t.Errorf("there were %d reloads; unfinished: %v", got, w.unfinished())
			}
		})
	}
}

// TestResumeMeetsTheRateLimit: of a large fan-out that a pause parked, Qlik takes a part at once; the rest is put off, and a second pause
// holds it.
func TestResumeMeetsTheRateLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fanOut(80))
	w.pause(t)
	w.somebodyElse("a root", "SUCCEEDED")
	if w.parked() != 80 {
		t.Fatalf("%d starts are parked", w.parked())
	}
	taken := 0
	w.refuse = func(string, int) error {
		if taken++; taken > 50 {
			e := answer(429, "HTTP-429")
			e.RetryAfter = time.Minute
			return e
		}
		return nil
	}
	if r := w.resume(t); len(r.Started) != 50 || w.parked() != 0 {
		t.Errorf("resuming started %d, and %d are parked", len(r.Started), w.parked())
	}
	w.refuse = nil
	w.pause(t)
	w.play(1, 4)
	if w.parked() != 30 || len(w.made()) != 51 {
		t.Errorf("in the second pause %d are parked, and there were %d reloads", w.parked(), len(w.made()))
	}
	w.resume(t)
	w.play(1, 4)
	if len(w.made()) != 81 || len(w.unfinished()) > 0 {
		t.Errorf("in the end there were %d reloads, %d are unfinished", len(w.made()), len(w.unfinished()))
	}
}

// TestPausedNowAndThen: a random chain is paused and resumed at random moments, with duplicates, races, and executions that are cut off,
// the resuming ones too. In the end every reload of the model was made, once.
func TestPausedNowAndThen(t *testing.T) {
	t.Parallel()
	property(t, "paused", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		r := rand.New(rand.NewPCG(seed, 7))
		d := randomChain(r, 40, 1+r.IntN(4))
		w := newWorld(t, seed, d)
		w.ending, w.crashes = chaintest.Endings(seed, d), 0.02*float64(r.IntN(2))
		w.schedule("", 2)
		for range 3 + r.IntN(8) {
			w.operate(r.IntN(3) == 0)
			for range r.IntN(12) {
				if active := w.active(); len(active) > 0 && r.IntN(2) == 0 {
					w.end(active[r.IntN(len(active))], 2)
				}
				w.run(1 + r.IntN(6))
				if due := w.nextDue(); r.IntN(4) == 0 && due < time.Hour { // the cycle does not end in a pause
					w.tick()
				}
			}
		}
		for len(w.queue) > 0 {
			w.run(4)
		}
		w.operate(true)
		w.play(2, 4)
		if w.parked() > 0 {
			t.Errorf("-seed %d: %d starts are parked after the chain was resumed", seed, w.parked())
		}
		return w, w.predicted(chaintest.Roots(d)...)
	})
}

// nextDue is how long it is until the next timer.
func (w *world) nextDue() time.Duration {
	next := time.Duration(math.MaxInt64)
	for _, timer := range w.timers {
		next = min(next, timer.Due.Sub(w.clock.Now()))
	}
	return next
}

// operate puts an order to pause or to resume into the queue; the one who gives it asks again when he gets no answer.
func (w *world) operate(resume bool) {
	w.operations++
	id, order := fmt.Sprintf("operation-%d", w.operations), w.order()
	w.queue = append(w.queue, invocation{id: id, operation: func(e *engine.Engine, id string) error {
		if !resume {
			_, err := e.Pause(w.t.Context(), id, order)
			return err
		}
		_, err := e.Resume(w.t.Context(), id, id, order)
		return err
	}})
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// meets is a table in which something happens once, before a cycle is read or before anything is written.
type meets struct {
	engine.Store
	atRead bool
	once   sync.Once
	before func()
}

func (m *meets) Query(ctx context.Context, q engine.Query) ([]engine.Item, error) {
	if m.atRead && strings.HasPrefix(q.PK, "CYCLE#") {
		m.once.Do(m.before)
	}
	return m.Store.Query(ctx, q)
}

func (m *meets) Write(ctx context.Context, writes ...engine.Write) error {
	if !m.atRead {
		m.once.Do(m.before)
	}
	return m.Store.Write(ctx, writes...)
}

// handleWhile has the next delivery handled, and something happen after it was found out what it is about, before its cycle is read; or
// before it writes what was decided.
func (w *world) handleWhile(atRead bool, before func()) error {
	in := w.queue[0]
	w.queue = w.queue[1:]
	x := w.execution()
	x.store = &meets{Store: w.store, atRead: atRead, before: func() {
		w.journal.mu.Unlock() // of the execution that waits here
		defer w.journal.mu.Lock()
		before()
	}}
	_, err := w.engine(x).Handle(w.t.Context(), in.id, in.body, qlik.Sign(secret, in.body))
	return err
}

// TestReloadByHandMeetsACancel: a reload by hand ends while a further attempt waits, and in this moment the run is canceled, by a request
// that is cut off when it has said so. The reload is not that attempt, and begins a run.
func TestReloadByHandMeetsACancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Hour)}}, "b": {After: after("a", "success")},
	}))
	w.somebodyElse("a", "FAILED")
	w.clock.Advance(time.Second)
	w.begin("a")
	w.end(w.active()[0], 1)
	err := w.handleWhile(true, func() {
		x := w.execution()
		x.store = &met{w.store, func([]engine.Write) error { x.dead = true; return nil }}
		if _, err := w.engine(x).Cancel(t.Context(), "cancel", "1", w.firstRunID(), w.order()); !errors.Is(err, errCut) {
			t.Errorf("the request that is cut off says %v", err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"a #1", "a #2", "b #1"}) || w.record(1).Status != "canceled" ||
		w.record(2).Status != "succeeded" {
		t.Errorf("the reloads are %v, the first run is %s and the second one %s", got, w.record(1).Status, w.record(2).Status)
	}
}

// TestAnEndMeetsTheSweepThatTakesItForLost: a reload's end is reported in the moment in which a sweep takes the reload for lost. Its
// success counts: it begins a run that repairs the first one.
func TestAnEndMeetsTheSweepThatTakesItForLost(t *testing.T) {
	t.Parallel()
	for _, atRead := range []bool{true, false} {
		w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}}))
		w.somebodyElse("a", "SUCCEEDED")
		w.clock.Advance(13 * time.Hour)
		w.end(w.active()[0], 1)
		if err := w.handleWhile(atRead, func() { w.sweep(t, engine.Sweep{}) }); err != nil {
			t.Fatal(err)
		}
		w.play(1, 1)
		if w.count("c") != 1 || len(w.runs()) != 2 || w.record(1).Status != "failed" || w.stands(1, "c") != "skipped blocked" {
			t.Errorf("before the read %t: the reloads are %v; the first run is %s, and c is %s", atRead, w.made(), w.record(1).Status,
				w.reason(1, "c"))
		}
	}
}

// TestAnEndMeetsTheCyclesEnd: the end of a reload by hand comes late, and before what was decided of it is written, the wait for it in the
// run of sales expires. What has expired stays so.
func TestAnEndMeetsTheCyclesEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"sales": {}, "hr": {}, "report": {After: after("sales", "success", "hr", "success")},
	}))
	w.begin("hr")
	w.clock.Advance(time.Second)
	w.somebodyElse("sales", "SUCCEEDED")
	w.end(w.active()[0], 1)
	if err := w.handleWhile(false, func() { w.nextTimer() }); err != nil {
		t.Fatal(err)
	}
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"hr #1", "sales #1"}) || w.stands(2, "report") != "skipped expired" {
		t.Errorf("the reloads are %v; in the run of sales report is %q", got, w.stands(2, "report"))
	}
}

// TestAClaimWhoseAnswerIsLost: the table has written a claim, and says that it is not as expected, since the first answer was lost and the
// write was repeated. The claim is the execution's own: it asks for the reload at once.
func TestAClaimWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {},
		"b": {After: after("a", "success"), Delay: chain.Duration(10 * time.Minute)}}))
	w.somebodyElse("a", "SUCCEEDED")
	if !w.tick() {
		t.Fatal("no timer is set")
	}
	x, lost := w.execution(), false
	x.store = &met{w.store, func([]engine.Write) error {
		if !lost {
			lost = true
			return engine.ErrConflict
		}
		return nil
	}}
	r, err := w.engine(x).Wake(t.Context(), "timer", *w.queue[0].timer)
	if err != nil || !slices.Equal(startedSteps(r), []string{"b"}) || len(w.active()) != 1 {
		t.Errorf("the timer comes to %+v, %v; %d reloads are under way", r, err, len(w.active()))
	}
}

// TestAClaimEndsWithItsExecution: an execution that has 5 seconds left claims a start and is cut off. 6 seconds later another one takes
// the start up.
func TestAClaimEndsWithItsExecution(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.begin("a")
	w.end(w.active()[0], 1)
	x, body := w.execution(), w.queue[0].body
	w.refuse = func(string, int) error { // b's
		x.dead = true
		return errCut
	}
	ctx, cancel := contextWithin(t, 5000)
	defer cancel()
	if _, err := w.engine(x).Handle(ctx, "invocation", body, qlik.Sign(secret, body)); !errors.Is(err, errCut) {
		t.Fatalf("the execution that is cut off says %v", err)
	}
	w.refuse = nil
	w.clock.Advance(6 * time.Second)
	if r, err := w.handle(string(body)); err != nil || !slices.Equal(startedSteps(r), []string{"b"}) {
		t.Errorf("the event comes to %+v, %v", r, err)
	}
}

// TestAReloadOfAnotherStartIsNotTaken: an execution is cut off before it asks for a reload of b, which another run has started a second
// before. Who takes the start up finds that reload in Qlik's list, and does not take it for this start's.
func TestAReloadOfAnotherStartIsNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.somebodyElse("a", "SUCCEEDED")
	w.clock.Advance(time.Second)
	w.begin("a")
	w.end(w.active()[1], 1)
	x, body := w.execution(), w.queue[0].body
	w.refuse = func(string, int) error { // b's
		x.dead = true
		return errCut
	}
	if _, err := w.engine(x).Handle(t.Context(), "invocation", body, qlik.Sign(secret, body)); !errors.Is(err, errCut) {
		t.Fatalf("the execution that is cut off says %v", err)
	}
	w.refuse = nil
	w.clock.Advance(time.Minute)
	if r, err := w.handle(string(body)); err != nil || !slices.Equal(startedSteps(r), []string{"b"}) || w.count("b") != 2 {
		t.Errorf("the event comes to %+v, %v; the reloads are %v", r, err, w.made())
	}
}

// TestParkingMeetsTheResume: the chain is resumed in the moment before a start is parked. Nothing parks the start then, and it goes.
func TestParkingMeetsTheResume(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.pause(t)
	w.begin("a")
	w.end(w.active()[0], 1)
	if err := w.handleWhile(false, func() { w.resume(t) }); err != nil {
		t.Fatal(err)
	}
	if w.count("b") != 1 {
		t.Errorf("after the resume b has not started: %s", w.reason(1, "b"))
	}
}

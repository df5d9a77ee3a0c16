// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// ends is a table in which something happens once, before the end of a run is written.
type ends struct {
	engine.Store
	before func()
}

func (s *ends) Write(ctx context.Context, writes ...engine.Write) error {
	end := func(write engine.Write) bool { return strings.HasPrefix(write.SK, "STANDINGS#") }
	if before := s.before; before != nil && slices.ContainsFunc(writes, end) {
		s.before = nil
		before()
	}
	return s.Store.Write(ctx, writes...)
}

// TestACancelMeetsTheEndOfItsRun: a run is canceled in the moment before its end is written. The operator has the answer that it is
// canceled, so it stays so.
func TestACancelMeetsTheEndOfItsRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}}))
	w.begin("a")
	w.end(w.active()[0], 1)
	in := w.queue[0]
	w.queue = nil
	x, result := w.execution(), engine.Result{}
	x.store = &ends{Store: w.store, before: func() {
		w.journal.mu.Unlock() // of the execution that waits here
		defer w.journal.mu.Lock()
		result = w.cancel(t, w.firstRunID())
	}}
	if _, err := w.engine(x).Handle(t.Context(), in.id, in.body, qlik.Sign(secret, in.body)); err != nil {
		t.Fatal(err)
	}
	w.play(1, 1)
	if result.Outcome != engine.OutcomeCanceled || w.record(1).Status != "canceled" {
		t.Errorf("the cancellation says %q, and the run is %s", result.Outcome, w.record(1).Status)
	}
}

// TestACancelFreesASlot: an execution is cut off after it has claimed a start, so that the start keeps its slot. When its run is canceled,
// the start that waits for the slot goes at once, without a sweep.
func TestACancelFreesASlot(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "x": {}, "y": {After: after("x", "success")}})
	d.MaxRunning = 1
	w := newWorld(t, 1, d)
	w.refuse = func(app string, _ int) error {
		if app != d.Steps["b"].App {
			return nil
		}
		w.cutAt = 2*int(w.calls.Load()) + 1 // at the next call
		return answer(503, "")
	}
	w.begin("a")
	w.end(w.active()[0], 1)
	if err := w.invoke(w.execution(), w.queue[0]); err == nil {
		t.Fatal("the execution was not cut off")
	}
	w.queue, w.cutAt, w.refuse = nil, 0, nil
	run := w.firstRunID()
	w.clock.Advance(time.Second)
	w.somebodyElse("x", "SUCCEEDED")
	if w.count("b") > 0 || w.count("y") > 0 {
		t.Fatalf("while b has the slot the reloads are %v", w.made())
	}
	w.clock.Advance(time.Minute) // b's claim is over
	w.cancel(t, run)
	if w.count("b") > 0 || w.count("y") != 1 {
		t.Errorf("after the cancellation the reloads are %v; y %s", w.made(), w.reason(2, "y"))
	}
}

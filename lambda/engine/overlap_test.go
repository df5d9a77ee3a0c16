// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// met is a table in which something happens after a write, before its answer comes.
type met struct {
	engine.Store
	after func(writes []engine.Write) error
}

func (m *met) Write(ctx context.Context, writes ...engine.Write) error {
	err := m.Store.Write(ctx, writes...)
	if err != nil {
		return err
	}
	return m.after(writes)
}

// TestTheSameEndTwiceLetsTheNextRunGo: an event comes twice at the same time. The execution that has written the run's end meets the other
// one, which lets the schedule's next run go and is cut off before Qlik Cloud has its first start. Its repetition sees to that.
func TestTheSameEndTwiceLetsTheNextRunGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, hourly(chain.OverlapQueue))
	w.clock.Advance(5 * time.Minute)
	w.comes()
	w.clock.Advance(time.Hour)
	w.comes()
	w.ends("a", "SUCCEEDED")
	w.end(w.active()[0], 2)
	first, second := w.queue[0], w.queue[1]
	w.queue = nil
	handle := func(x *execution, in invocation) error {
		_, err := w.engine(x).Handle(t.Context(), in.id, in.body, qlik.Sign(secret, in.body))
		return err
	}
	one, other := w.execution(), w.execution()
	w.refuse = func(string, int) error { // the next run's first start
		other.dead = true
		return errCut
	}
	one.store = &met{w.store, func(writes []engine.Write) error {
		if !slices.ContainsFunc(writes, func(one engine.Write) bool { return one.PK == chain.RunsPK }) {
			return nil
		}
		w.journal.mu.Unlock() // of the execution that waits here
		defer w.journal.mu.Lock()
		if err := handle(other, second); !errors.Is(err, errCut) {
			t.Errorf("the execution that is cut off says %v", err)
		}
		w.refuse = nil
		return nil
	}}
	if err := handle(one, first); err != nil {
		t.Fatal(err)
	}
	w.clock.Advance(time.Minute)
	if err := handle(w.execution(), second); err != nil {
		t.Fatal(err)
	}
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"a #1", "a #2", "b #1", "b #2"}) {
		t.Errorf("the reloads are %v, and the second run is %s", got, w.record(2).Status)
	}
}

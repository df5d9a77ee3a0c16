// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// handle has one execution handle a delivery.
func (w *world) handle(body string) (engine.Result, error) {
	return w.handleWithin(w.t.Context(), body)
}

func (w *world) handleWithin(ctx context.Context, body string) (engine.Result, error) {
	return w.engine(w.execution()).Handle(ctx, "invocation", []byte(body), qlik.Sign(secret, []byte(body)))
}

func (w *world) execution() *execution {
	return &execution{world: w, store: w.store, random: rand.New(rand.NewPCG(w.random.Uint64(), 2))}
}

// ends lets the latest reload of a step end with a status, and has the event handled.
func (w *world) ends(step, status string) engine.Result {
	w.t.Helper()
	return w.endsWithin(w.t.Context(), step, status)
}

func (w *world) endsWithin(ctx context.Context, step, status string) engine.Result {
	w.t.Helper()
	active := w.active()
	i := slices.IndexFunc(active, func(r *reload) bool { return r.step == step })
	if i < 0 {
		w.t.Fatalf("no reload of %s is under way", step)
	}
	before := w.ending
	w.ending = func(string, int) string { return status }
	w.end(active[i], 1)
	w.ending = before
	in := w.queue[len(w.queue)-1]
	w.queue = w.queue[:len(w.queue)-1]
	result, err := w.handleWithin(ctx, string(in.body))
	if err != nil {
		w.t.Fatalf("the end of %s: %v", step, err)
	}
	return result
}

// somebodyElse reloads a step, and it ends with a status.
func (w *world) somebodyElse(step, status string) engine.Result {
	w.t.Helper()
	w.begin(step)
	return w.ends(step, status)
}

// nextTimer moves the clock to the next timer and has it handled.
func (w *world) nextTimer() engine.Result {
	w.t.Helper()
	if !w.tick() {
		w.t.Fatal("no timer is set")
	}
	in := w.queue[len(w.queue)-1]
	w.queue = w.queue[:len(w.queue)-1]
	result, err := w.engine(w.execution()).Wake(w.t.Context(), in.id, *in.timer)
	if err != nil {
		w.t.Fatalf("the timer %+v: %v", *in.timer, err)
	}
	return result
}

// record returns the record of the run with this number, from 1 in the order of time.
func (w *world) record(number int) *engine.RunView {
	w.t.Helper()
	e := w.engine(w.execution())
	runs, _, err := e.Runs(w.t.Context(), "", 0)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(runs) < number {
		w.t.Fatalf("there are %d runs", len(runs))
	}
	view, err := e.Run(w.t.Context(), runs[len(runs)-number].ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return view
}

func contextWithin(t *testing.T, milliseconds int) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), time.Duration(milliseconds)*time.Millisecond)
}

func timerOf(kind string) chain.Timer {
	return chain.Timer{Kind: chain.TimerKind(kind), Cycle: "20261123T1800Z", Step: "transform", Run: "20261124T020000000Z-00000000",
		Attempt: 1}
}

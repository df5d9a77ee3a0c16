// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// passing is a table in which something happens before one of the reads.
type passing struct {
	engine.Store
	left   atomic.Int32 // reads until then
	before func()
}

func (p *passing) pass() {
	if p.left.Add(-1) == 0 {
		p.before()
	}
}

func (p *passing) Get(ctx context.Context, key engine.Key) (*engine.Item, error) {
	p.pass()
	return p.Store.Get(ctx, key)
}

func (p *passing) Query(ctx context.Context, q engine.Query) ([]engine.Item, error) {
	p.pass()
	return p.Store.Query(ctx, q)
}

// TestLookWhileARunEnds: an operator looks at a run, and before one of the reads of that look the run ends. What is shown is a run that is
// under way, or one that has ended: it has a status, and an ended one has its end and its counts.
func TestLookWhileARunEnds(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, at int, v *engine.RunView) {
		t.Helper()
		over := v.Status == "succeeded"
		if v.Status != "under_way" && !over || over == v.EndedAt.IsZero() || v.Counts == nil {
			t.Errorf("read %d: the run is %q, ended at %v, with the counts %v", at, v.Status, v.EndedAt, v.Counts)
		}
		for _, s := range v.Steps {
			if over && s.Status != "succeeded" {
				t.Errorf("read %d: the run has succeeded, and %s is %s", at, s.Step, s.Status)
			}
		}
	}
	looks := map[string]func(e *engine.Engine, id string, at int) error{
		"run": func(e *engine.Engine, id string, at int) error {
			v, err := e.Run(t.Context(), id)
			if err == nil {
				check(t, at, v)
			}
			return err
		},
		"picture": func(e *engine.Engine, _ string, at int) error {
			p, err := e.Picture(t.Context(), engine.PictureLatest, "")
			if err != nil {
				return err
			}
			for _, r := range p.Runs {
				if r.Status == "" || r.Summary == "" {
					t.Errorf("read %d: the picture's run is %+v", at, r)
				}
			}
			return nil
		},
	}
	looks["list"] = func(e *engine.Engine, _ string, at int) error {
		runs, _, err := e.ListRuns(t.Context(), engine.RunFilter{Limit: 10})
		if err == nil {
			check(t, at, &engine.RunView{RunRecord: runs[0]})
		}
		return err
	}
	looks["history"] = func(e *engine.Engine, _ string, at int) error {
		h, err := e.History(t.Context(), 10)
		if err == nil {
			check(t, at, &engine.RunView{RunRecord: h.Runs[0].RunRecord, Steps: h.Runs[0].Steps})
			if len(h.Runs[0].Steps) != 2 {
				t.Errorf("read %d: the run has the steps %+v", at, h.Runs[0].Steps)
			}
		}
		return err
	}
	for name, look := range looks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at++ {
				w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
				w.somebodyElse("a", "SUCCEEDED")
				id := w.firstRunID()
				store := &passing{Store: w.store, before: func() { w.ends("b", "SUCCEEDED") }}
				store.left.Store(int32(at))
				e := w.engine(w.execution())
				e.Store = store
				if err := look(e, id, at); err != nil {
					t.Fatal(fmt.Errorf("read %d: %w", at, err))
				}
				if store.left.Load() > 0 {
					if at < 3 {
						t.Errorf("a look has %d reads", at-1)
					}
					return
				}
			}
		})
	}
}

// TestLookAtAFurtherAttempt: while a further attempt waits, and while it runs, the picture says why the one before failed. While the chain
// is paused, the record says that the attempt waits for its end too.
func TestLookAtAFurtherAttempt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {
		Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(10 * time.Minute)},
	}}))
	w.why = func(string) (string, string) { return "EngineScriptError", "no disk" }
	w.somebodyElse("a", "FAILED")
	picture := func() (draw.State, []draw.Attention) {
		p, err := w.engine(w.execution()).Picture(t.Context(), engine.PictureLatest, "")
		if err != nil {
			t.Fatal(err)
		}
		return p.Nodes[0].State, p.Attention
	}
	expect := func(when, reason string) {
		t.Helper()
		state, attention := picture()
		if state.Error == nil || state.Error.Message != "no disk" || state.Attempt != 2 || len(attention) > 0 {
			t.Errorf("%s, the picture has %+v, %v and %v", when, state, state.Error, attention)
		}
		if got := w.record(1).Steps[0].Reason; got != reason {
			t.Errorf("%s, the record says %q, want %q", when, got, reason)
		}
	}
	const waits = "failed in attempt 1 and is tried again at 03:10"
	expect("while it waits", waits)
	w.pause(t)
	expect("while the chain is paused", waits+", not before the paused chain is resumed")
	const attempt = "attempt 1 of 2 failed; the next one comes at 03:10, not before the paused chain is resumed"
	if got := w.record(1).Starts[1].Reason; got != attempt {
		t.Errorf("while the chain is paused, the attempt says %q", got)
	}
	w.resume(t)
	expect("after it was resumed", waits)
	for len(w.active()) == 0 {
		w.nextTimer()
	}
	expect("while it runs", "is under way with attempt 2")
	w.ends("a", "SUCCEEDED")
	if state, _ := picture(); state.Error != nil {
		t.Errorf("after its success the picture has %v", state.Error)
	}
}

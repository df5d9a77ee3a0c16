// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// alone has a request for a run of one step alone come, so many times.
func (w *world) alone(step string, copies int) {
	w.operations++
	order, id := w.order(), fmt.Sprintf("operation-%d", w.operations)
	for i := range copies {
		w.queue = append(w.queue, invocation{id: fmt.Sprintf("%s-%d", id, i), operation: func(e *engine.Engine, invocation string) error {
			_, err := e.Begin(contextOf(), invocation, alone(step, id, order)) // Lambda names each copy of a request differently
			return err
		}})
	}
}

// TestOneStepAlone: of a request that comes several times, at any step of any chain, follows what the model makes of a chain of that step.
func TestOneStepAlone(t *testing.T) {
	t.Parallel()
	property(t, "one step alone", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		w, r := randomWorld(t, seed, 20, 1+int(seed%6))
		w.crashes, w.torn = 0.05*float64(seed%2), seed%2 == 1
		step := fmt.Sprintf("s%02d", r.IntN(len(w.index.Definition().Steps)))
		w.alone(step, 4)
		w.play(4, 6)
		want := w.predictedAlone(step)
		return w, append([]string{}, want...)
	})
}

// beginAlone begins a run of one step alone.
func (w *world) beginAlone(t *testing.T, step string) engine.Result {
	t.Helper()
	at := w.clock.Now()
	r, err := w.engine(w.execution()).Begin(t.Context(), "alone", engine.Beginning{
		Step: step, Only: true, At: at, StartedBy: engine.StartedByRequest, ID: at.String(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAResultOfOneStepAloneCounts: a join waits for a step that runs alone, and starts with its success in its own run.
func TestAResultOfOneStepAloneCounts(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{"sales": {}, "hr": {}, "transform": {After: after("sales", "success", "hr", "success")}})
	n.scheduled("02:00", "sales")
	n.ended("02:10", "sales", "SUCCEEDED")
	n.next("02:20")
	n.beginAlone(t, "hr")
	n.ended("02:30", "hr", "FAILED")
	n.has(1, "transform", "waiting for hr")
	if got, want := n.reason(1, "transform"), "waits for hr: it failed in the run "+n.record(2).ID+", where nothing follows it"; got != want {
		t.Errorf("transform %q, want %q", got, want)
	}
	n.hasEnded(2, "failed")
	n.next("02:40")
	n.beginAlone(t, "hr")
	n.ended("02:50", "hr", "SUCCEEDED")
	n.ended("03:00", "transform", "SUCCEEDED")
	n.asked("02:00 sales", "02:20 hr", "02:40 hr", "02:50 transform")
	n.hasEnded(1, "succeeded")
	n.hasEnded(3, "succeeded")
	if r := n.record(3); !r.Only || r.Origin != "hr" || r.Counts.Steps != 1 {
		t.Errorf("the record of the step alone is %+v", r)
	}
}

// TestOneStepAloneAfterTheNight: nothing follows, the picture keeps the night beside it, and the last good run is the night.
func TestOneStepAloneAfterTheNight(t *testing.T) {
	t.Parallel()
	n := newDiary(t, reportChain())
	n.goodNight()
	n.next("07:00")
	n.beginAlone(t, "extract")
	n.ended("07:10", "extract", "SUCCEEDED")
	n.next("07:20")
	n.asked("07:00 extract")
	n.hasEnded(2, "succeeded")
	p, err := n.engine(n.execution()).Picture(t.Context(), engine.PictureLatest, "https://acme.eu.qlikcloud.com")
	if err != nil {
		t.Fatal(err)
	}
	if night := n.record(1).ID; p.LastGood == nil || p.LastGood.ID != night || len(p.Runs) != 2 {
		t.Errorf("the last good run is %+v, and %d runs show", p.LastGood, len(p.Runs))
	}
	for _, node := range p.Nodes {
		if alone := node.Step == "extract"; alone != (node.Run == n.record(2).ID) || node.Kind == "step" && node.Status != "succeeded" {
			t.Errorf("%s shows %+v", node.Step, node.State)
		}
	}

	// What failed there is repaired with all that comes after it.
	n.next("08:00")
	n.beginAlone(t, "sales")
	n.ended("08:10", "sales", "FAILED")
	n.rerun(t, n.record(3).ID, "", "1")
	n.ended("08:20", "sales", "SUCCEEDED")
	n.asked("08:00 sales", "08:10 sales", "08:20 report")
}

// TestOneStepAloneOutlivesItsEngine: an engine that begins a whole run and one of a step alone stores both shapes, so that another engine,
// with another definition, goes on with both.
func TestOneStepAloneOutlivesItsEngine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	e := w.engine(w.execution())
	for i, only := range []bool{false, true, false, true} {
		if _, err := e.Begin(t.Context(), "x", engine.Beginning{
			Step: "sales", Only: only, At: w.clock.Now(), StartedBy: engine.StartedByRequest, ID: fmt.Sprint(i),
		}); err != nil {
			t.Fatal(err)
		}
		w.clock.Advance(time.Minute)
	}
	d := twoExtracts()
	d.Steps["later"] = chain.Step{Enabled: true, App: "app-later", After: after("sales", "success")}
	w.index = chain.NewIndex(d)
	for number, want := range map[int]int{1: 3, 2: 1, 3: 3, 4: 1} {
		view, err := w.engine(w.execution()).Run(t.Context(), w.record(number).ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(view.Steps) != want {
			t.Errorf("run %d has the steps %+v, want %d", number, view.Steps, want)
		}
	}
	w.play(1, 1)
	if w.count("later") != 0 || w.record(2).Status != run.StatusSucceeded {
		t.Errorf("there were the reloads %v, and the run alone is %+v", w.made(), w.record(2))
	}
}

func TestNotEveryStepRunsAlone(t *testing.T) {
	t.Parallel()
	d := twoExtracts()
	d.Steps["ready"] = chain.Step{Enabled: true, Signal: &chain.Signal{}}
	w := newWorld(t, 1, d)
	for step, says := range map[string]string{"": "names no step", "ready": "waits for a signal"} {
		r := w.beginAlone(t, step)
		if r.Refusal != engine.RefusalOnly || !strings.Contains(r.Reason, says) || r.Run != "" {
			t.Errorf("a run of %q alone comes to %+v", step, r)
		}
	}
	if r := w.beginAlone(t, "none"); r.Refusal != engine.RefusalStep {
		t.Errorf("a run of an unknown step alone comes to %+v", r)
	}
	if runs := w.runs(); !slices.Equal(runs, []string{"none"}) {
		t.Errorf("there are the runs %v", runs)
	}
}

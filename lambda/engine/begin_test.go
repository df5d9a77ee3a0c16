// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// ask has a run begun by a request, and returns what came of it.
func (w *world) ask(t *testing.T, step, id string) engine.Result {
	t.Helper()
	return w.askAt(t, step, id, w.clock.Now())
}

func (w *world) askAt(t *testing.T, step, id string, at time.Time) engine.Result {
	t.Helper()
	r, err := w.engine(w.execution()).Begin(t.Context(), "ask-"+id, engine.Beginning{
		Step: step, At: at, StartedBy: engine.StartedByRequest, By: "the API key k, from 10.0.0.1", ID: id,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestBeginStartsARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	asked := w.clock.Now()
	first := w.ask(t, "sales", "1")
	if first.Outcome != engine.OutcomeStarted || !slices.Equal(startedSteps(first), []string{"sales"}) || first.Run == "" {
		t.Fatalf("the request came to %+v", first)
	}
	w.clock.Advance(time.Hour)
	if again := w.askAt(t, "sales", "1", asked); again.Outcome != engine.OutcomeRepeated || again.Run != first.Run || len(w.reloads) != 1 {
		t.Errorf("the same request again came to %+v, with %d reloads", again, len(w.reloads))
	}
	w.schedule("hr", 3)
	w.play(2, 2)
	if got, want := w.made(), []string{"hr #1", "report #1", "sales #1", "transform #1"}; !slices.Equal(got, want) {
		t.Errorf("there were the reloads %v, want %v", got, want)
	}
	run, err := w.engine(w.execution()).Run(t.Context(), first.Run)
	if err != nil {
		t.Fatal(err)
	}
	if run.StartedBy != engine.StartedByRequest || run.By != "the API key k, from 10.0.0.1" || run.Origin != "sales" || run.Reload != "" {
		t.Errorf("the record is %+v", run.RunRecord)
	}
	if s := run.Starts[0]; s.Step != "sales" || s.Phase != engine.PhaseEnded || s.Reload != w.reloads[0].ID || len(s.Causes) != 0 {
		t.Errorf("the record's first start is %+v", s)
	}
}

func TestBeginIsTriedAgain(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{
		"sales": {Retry: &chain.Retry{MaxAttempts: 2}}, "report": {After: after("sales", "success")},
		"fallback": {After: after("sales", "failure")},
	})
	w := newWorld(t, 1, d)
	w.refuse = func(_ string, n int) error {
		if n == 1 {
			return &qlik.Error{Method: "POST", Status: 503}
		}
		return nil
	}
	w.ending = func(step string, n int) string {
		if step == "sales" && n == 1 {
			return "FAILED"
		}
		return "SUCCEEDED"
	}
	if first := w.ask(t, "sales", "1"); len(first.Started) != 0 {
		t.Errorf("the request came to %+v", first)
	}
	w.play(1, 1)
	if got, want := w.made(), []string{"report #1", "sales #1", "sales #2"}; !slices.Equal(got, want) {
		t.Errorf("there were the reloads %v, want %v", got, want)
	}
}

func TestBeginRefusesAnUnknownStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	if r := w.ask(t, "none", "1"); r.Outcome != engine.OutcomeRefused || r.Refusal != engine.RefusalStep || r.Run != "" {
		t.Errorf("the request came to %+v", r)
	}
}

// timersLeft are the kinds of the timers that are set.
func (w *world) timersLeft() string {
	var kinds []string
	for _, timer := range w.timers {
		kinds = append(kinds, string(timer.Kind))
	}
	slices.Sort(kinds)
	return strings.Join(kinds, " ")
}

// TestBeginSaysWhatQlikRefuses: the start is in the record then, and nothing is tried again.
func TestBeginSaysWhatQlikRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.refuse = func(string, int) error { return &qlik.Error{Method: "POST", Status: 403, Err: errors.New("no right")} }
	r := w.ask(t, "sales", "1")
	if r.Outcome != engine.OutcomeError || len(r.Failed) != 1 || r.Failed[0].Step != "sales" || w.timersLeft() != "look" {
		t.Errorf("the request came to %+v, with the timers %v", r, w.timers)
	}
}

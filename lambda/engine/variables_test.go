// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// sentTo returns the variables of the latest reload of a step that the chain has requested.
func (w *world) sentTo(step string) map[string]string {
	for _, request := range slices.Backward(w.sent) {
		if request.AppID == w.index.Definition().Steps[step].App {
			return request.Variables
		}
	}
	return nil
}

// varied is a → b → c; b has variables of its own.
func varied() *chain.Definition {
	return definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success"), Variables: map[string]string{"mode": "full", "run": "${run.id}", "day": "${run.cycle}"}},
		"c": {After: after("b", "success"), Retry: &chain.Retry{MaxAttempts: 2}},
	})
}

// TestVariablesOfARun: they go to every reload of the run, retries and reruns included, over the app's own ones; the record has their
// names.
func TestVariablesOfARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, varied())
	r, err := w.engine(w.execution()).Begin(t.Context(), "1", engine.Beginning{
		Step: "a", At: w.clock.Now(), StartedBy: engine.StartedByRequest, ID: "1", Variables: map[string]string{"day": "2026-01-01", "key": "k"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.ends("a", "SUCCEEDED")
	w.ends("b", "SUCCEEDED")
	ofRun := map[string]string{"day": "2026-01-01", "key": "k"}
	ofB := map[string]string{"day": "2026-01-01", "key": "k", "mode": "full", "run": r.Run}
	if !maps.Equal(w.sentTo("a"), ofRun) || !maps.Equal(w.sentTo("b"), ofB) {
		t.Errorf("a got %v, b %v, want %v and %v", w.sentTo("a"), w.sentTo("b"), ofRun, ofB)
	}
	w.sent = nil
	w.ends("c", "FAILED")
	for len(w.sent) == 0 {
		w.nextTimer()
	}
	if !maps.Equal(w.sentTo("c"), ofRun) {
		t.Errorf("the second attempt of c got %v, want %v", w.sentTo("c"), ofRun)
	}
	w.ends("c", "FAILED")
	w.sent = nil
	again := w.rerun(t, r.Run, "c", "1")
	if !maps.Equal(w.sentTo("c"), ofRun) {
		t.Errorf("in the rerun c got %v, want %v", w.sentTo("c"), ofRun)
	}
	w.ends("c", "SUCCEEDED")
	for _, run := range []string{r.Run, again.Run} {
		view, err := w.engine(w.execution()).Run(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(view.Variables, []string{"day", "key"}) || strings.Contains(string(text), "2026-01-01") {
			t.Errorf("the record of %s names the variables %v: %s", run, view.Variables, text)
		}
	}
}

// TestVariablesOfASchedule: the definition's schedule has them; a reload that the chain did not start begins a run without.
func TestVariablesOfASchedule(t *testing.T) {
	t.Parallel()
	d := varied()
	d.Schedule = &chain.Schedule{Cron: "0 2 * * ? *", Variables: map[string]string{"mode": "quick"}}
	w := newWorld(t, 1, d)
	w.schedule("", 1)
	w.run(1)
	w.ends("a", "SUCCEEDED")
	if got := w.sentTo("b"); got["mode"] != "quick" || got["run"] != w.record(1).ID || got["day"] != "2026-11-24" {
		t.Errorf("of the schedule b got %v", got)
	}
	w.ends("b", "SUCCEEDED")
	w.ends("c", "SUCCEEDED")
	w.sent = nil
	w.somebodyElse("a", "SUCCEEDED")
	if got := w.sentTo("b"); got["mode"] != "full" || got["run"] != w.record(2).ID {
		t.Errorf("after a reload by hand b got %v", got)
	}
}

// TestVariablesAreRefused: what Qlik Cloud would not take begins no run.
func TestVariablesAreRefused(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range 18 {
		many[fmt.Sprint("v", i)] = "x"
	}
	for want, variables := range map[string]map[string]string{
		`With its own, the step "b" gets 21 variables`: many,
		"The variable has an empty name":               {"": "x"},
		"The variable's value has 257 characters":      {"a": strings.Repeat("x", 257)},
	} {
		w := newWorld(t, 1, varied())
		r, err := w.engine(w.execution()).Begin(t.Context(), "1", engine.Beginning{
			Step: "a", At: w.clock.Now(), StartedBy: engine.StartedByRequest, ID: "1", Variables: variables,
		})
		if err != nil || r.Refusal != engine.RefusalVariables || !strings.Contains(r.Reason, want) || len(w.made()) > 0 {
			t.Errorf("%v, %+v, want %s", err, r, want)
		}
	}
}

// TestVariablesOfASignal: they go to every app of the run that the signal begins. A signal that a run waits for has none.
func TestVariablesOfASignal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, extracts())
	signal := func(id string, variables map[string]string) engine.Result {
		r := w.report("dbt", id, chain.OutcomeSuccess)
		r.Variables = variables
		result, err := w.engine(w.execution()).Signal(t.Context(), "signal-"+id, r)
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	day := map[string]string{"day": "2026-01-01"}
	first := signal("1", day)
	if got := w.sentTo("dashboards"); !maps.Equal(got, day) || !slices.Equal(w.record(1).Variables, []string{"day"}) {
		t.Errorf("dashboards got %v; the record names %v", got, w.record(1).Variables)
	}
	w.ends("dashboards", "SUCCEEDED")
	w.somebodyElse("extract", "SUCCEEDED")
	if r := signal("2", day); r.Refusal != engine.RefusalVariables || !strings.HasPrefix(r.Reason, "A run waits for this signal") ||
		w.stands(2, "dbt") != "under_way" || len(w.signals()) != 1 {
		t.Errorf("for a run that waits: %+v; dbt is %s", r, w.stands(2, "dbt"))
	}
	if r := signal("1", day); r.Outcome != engine.OutcomeRepeated || r.Run != first.Run {
		t.Errorf("the first signal again: %+v", r)
	}
	if r := signal("2", nil); len(r.Started) != 1 || w.sentTo("dashboards") != nil {
		t.Errorf("without variables: %+v; dashboards got %v", r, w.sentTo("dashboards"))
	}
	w.index = chain.NewIndex(quieted(time.Minute))
	r := w.report("upload", "3", chain.OutcomeSuccess)
	r.Variables = day
	kept, err := w.engine(w.execution()).Signal(t.Context(), "signal-3", r)
	if err != nil || kept.Refusal != engine.RefusalVariables || !strings.Contains(kept.Reason, "quiet_for") || len(w.kept()) > 0 {
		t.Errorf("of a step with quiet_for: %+v, %v", kept, err)
	}
}

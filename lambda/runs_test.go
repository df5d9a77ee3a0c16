// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// startChain begins a run of the whole chain in a cycle, and returns its id.
func (f *function) startChain(t *testing.T, cycle string) string {
	t.Helper()
	r := f.keyed("/start", "start-"+f.now.String(), `{"cycle": "`+cycle+`"}`)
	var begun started
	if response, _ := f.ask(t, r, &begun); response.StatusCode != 202 || begun.Run == "" || begun.Step != "" || len(begun.Started) != 1 ||
		begun.Started[0].Step != "a" {
		t.Fatalf("POST /start = %d %s", response.StatusCode, response.Body)
	}
	f.now = f.now.Add(time.Minute)
	return begun.Run
}

func (f *function) listed(t *testing.T, query string) (ids []string, page runsPage) {
	t.Helper()
	response, _ := f.ask(t, request("GET", "", "/runs?"+query), &page)
	if response.StatusCode != 200 {
		t.Fatalf("GET /runs?%s = %d %s", query, response.StatusCode, response.Body)
	}
	for _, r := range page.Runs {
		ids = append(ids, r.ID)
	}
	return ids, page
}

// TestRunsAreListed: with how each stands, and only those that were asked for.
func TestRunsAreListed(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	const tuesday = "2026-11-24"
	first, second, third := f.startChain(t, ""), f.startChain(t, tuesday), f.startChain(t, tuesday)
	f.post(t, f.keyed("/runs/"+second+"/cancel", "k", ""), 202)
	for query, want := range map[string][]string{
		"":                                      {third, second, first},
		"status=under_way":                      {third, first},
		"status=canceled":                       {second},
		"status=failed":                         nil,
		"cycle=" + tuesday:                      {third, second},
		"cycle=20261122T1800Z":                  {first},
		"cycle=20261123T1800Z":                  {third, second},
		"cycle=" + tuesday + "&status=canceled": {second},
		"before=" + third + "&limit=1":          {second},
		"status=under_way&limit=1":              {third},
	} {
		if got, _ := f.listed(t, query); !slices.Equal(got, want) {
			t.Errorf("GET /runs?%s lists %q, want %q", query, got, want)
		}
	}
	_, page := f.listed(t, "")
	if under, canceled := page.Runs[0], page.Runs[1]; under.Status != run.StatusUnderWay || under.Counts == nil || under.Counts.Steps != 4 ||
		canceled.Status != run.StatusCanceled || canceled.EndedAt.IsZero() || canceled.Counts == nil || canceled.Counts.Canceled != 4 {
		t.Errorf("the runs are %+v", page.Runs)
	}
	got, page := f.listed(t, "status=under_way&limit=1")
	if rest, _ := f.listed(t, "status=under_way&limit=1&before="+page.Next); len(got) != 1 || !slices.Equal(rest, []string{first}) {
		t.Errorf("after %q comes %q", got, rest)
	}
	var refused apiError
	if response, _ := f.ask(t, request("GET", "", "/runs?status=late"), &refused); response.StatusCode != 400 ||
		!strings.Contains(refused.Error, "recovered") {
		t.Errorf("a status that there is not is answered with %d %s", response.StatusCode, response.Body)
	}
}

// TestAnOperatorMarksAndSkips: what comes after the step follows.
func TestAnOperatorMarksAndSkips(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	var kept skipped
	response, _ := f.ask(t, f.keyed("/skip/d", "k", `{"reason": "its source is down", "cycle": "2026-11-23"}`), &kept)
	if response.StatusCode != 202 || kept.Step != "d" || kept.Cycle != "20261122T1800Z" {
		t.Fatalf("POST /skip/d = %d %s", response.StatusCode, response.Body)
	}
	of, _ := f.deliver(t, strings.ReplaceAll(eventBody(t, "reload-finished"), `"SUCCEEDED"`, `"FAILED"`))["run"].(string)
	var marked started
	response, line := f.ask(t, f.keyed("/runs/"+of+"/succeed/a", "k", `{"reason": "loaded by hand"}`), &marked)
	if response.StatusCode != 202 || marked.Run == of || len(marked.Started) != 1 || marked.Started[0].Step != "b" {
		t.Fatalf("POST …/succeed/a = %d %s", response.StatusCode, response.Body)
	}
	expect(t, line, object{"outcome": "started", "run": marked.Run})
	var view engine.RunView
	f.ask(t, request("GET", "", "/runs/"+marked.Run), &view)
	status := map[string]run.Status{}
	for _, s := range view.Steps {
		status[s.Step] = s.Status
	}
	if view.StartedBy != engine.StartedByMark || view.RerunOf != of || status["a"] != run.StatusSucceeded ||
		status["b"] != run.StatusUnderWay ||
		status["c"] != run.StatusSkipped || status["d"] != run.StatusSkipped {
		t.Errorf("the run is %+v", view)
	}
	if got := f.tenant.apps(); !slices.Equal(got, []string{appB, appC}) {
		t.Errorf("the apps %q were reloaded", got)
	}
	for path, says := range map[string]string{
		"/runs/" + marked.Run + "/succeed/b": "b is under way in this run", "/runs/" + marked.Run + "/succeed/a": "a has succeeded in this run",
		"/runs/" + marked.Run + "/rerun": "no step of the run has failed",
	} {
		if response := f.post(t, f.keyed(path, "k", ""), 409); !strings.Contains(response.Body, says) {
			t.Errorf("POST %s = %s, want %q", path, response.Body, says)
		}
	}
	var alone started
	f.ask(t, f.keyed("/start/c", "k", ""), &alone)
	if response := f.post(t, f.keyed("/runs/"+alone.Run+"/succeed/a", "k", ""), 404); !strings.Contains(response.Body,
		`the step \"a\" has no part in the run."`) {
		t.Errorf("what the run does not cover is marked: %s", response.Body)
	}
}

// TestStartOneStepAlone: it says so in the record, nothing follows it, and what cannot run alone is refused with the reason.
func TestStartOneStepAlone(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	var alone, again started
	response, _ := f.ask(t, f.keyed("/start/a", "k", `{"only": true}`), &alone)
	if response.StatusCode != 202 || len(alone.Started) != 1 || alone.Started[0].Step != "a" {
		t.Fatalf("POST /start/a = %d %s", response.StatusCode, response.Body)
	}
	if f.ask(t, f.keyed("/start/a", "k", `{"only": true}`), &again); again.Run != alone.Run {
		t.Errorf("the same request begins the runs %q and %q", alone.Run, again.Run)
	}
	f.post(t, f.keyed("/start/a", "k", `{"only": false}`), 422) // another request with its key
	var view engine.RunView
	f.ask(t, request("GET", "", "/runs/"+alone.Run), &view)
	if !view.Only || view.Origin != "a" || len(view.Steps) != 1 {
		t.Errorf("the record is %+v", view)
	}
	f.deliver(t, strings.ReplaceAll(eventBody(t, "reload-finished"), `"reload-1"`, `"`+view.Starts[0].Reload+`"`))
	var whole started
	if f.ask(t, f.keyed("/start/a", "l", `{"only": false}`), &whole); whole.Run == "" {
		t.Error("only = false begins no run")
	}
	view = engine.RunView{}
	f.ask(t, request("GET", "", "/runs/"+whole.Run), &view)
	if view.Only || len(view.Steps) != 4 {
		t.Errorf("the record of a whole run is %+v", view)
	}
	signals := newSignaled(t)
	for _, tt := range []struct {
		of         *function
		path, body string
		says       string
	}{
		{f, "/start", `{"only": true}`, "Nothing runs alone: it names no step."},
		{f, "/start/a", `{"only": "true"}`, "The member only is not valid."},
		{f, "/start/a", `{"only": null}`, "The member only is not valid."},
		{f, "/skip/a", `{"only": true}`, `The body has \"only\", which is not known here.`},
		{signals, "/start/dbt/nightly", `{"only": true}`, `Nothing runs alone: the step \"dbt/nightly\" waits for a signal`},
	} {
		if response := tt.of.post(t, tt.of.keyed(tt.path, "m", tt.body), 400); !strings.Contains(response.Body, tt.says) {
			t.Errorf("POST %s %s = %s, want %q", tt.path, tt.body, response.Body, tt.says)
		}
	}
}

// TestAChainWithoutAnOwnBeginning: each of its first steps has a schedule of its own, or is disabled.
func TestAChainWithoutAnOwnBeginning(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.parameters.values[f.deployment.settings.definitionParameter] = strings.Replace(definition, `000000000003"`,
		`000000000003", "enabled": false`, 1)
	if response := f.post(t, f.keyed("/start", "k", ""), 409); !strings.Contains(response.Body, "No run begins") {
		t.Errorf("POST /start = %s", response.Body)
	}
	if runs := f.allRuns(t); len(runs) != 0 || f.recorded(t, "start") != 0 {
		t.Errorf("the runs are %+v", runs)
	}
}

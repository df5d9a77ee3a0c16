// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// TestWait checks that the exit code of a pipeline says how the run has ended.
func TestWait(t *testing.T) {
	w := newWorld(t, map[string][]string{sandbox.AppTransform: {"FAILED", "FAILED", "SUCCEEDED"}})
	w.deploy(nightly(), nil)
	wait := func(code int, want string, args ...string) {
		t.Helper()
		r := w.play(append(args, "--wait", "--interval", "100ms")...)
		if r.code != code || !strings.Contains(r.out, want) {
			t.Errorf("%v exits with %d, want %d and %q: %s%s", args, r.code, code, want, r.out, r.err)
		}
		if strings.Contains(r.err, "0 of 4") {
			t.Errorf("%v reports progress, and there is no terminal: %s", args, r.err)
		}
		if (args[0] == "start" || args[0] == "rerun") && strings.Count(r.out+r.err, "has begun.") != 1 {
			t.Errorf("%v does not say which run it waits for: %s%s", args, r.out, r.err)
		}
	}
	wait(6, "failed", "start", "nightly")
	wait(6, "failed", "start", "nightly", "-o", "json")
	failed := w.latest("nightly")
	wait(6, failed, "run", "nightly", failed)
	wait(6, failed, "runs", "nightly")
	wait(0, "succeeded", "rerun", "nightly", failed)
	wait(0, "succeeded", "run", "nightly")
	wait(0, "succeeded", "runs", "nightly", "--limit", "1")

	w.must("pause", "nightly")
	r := w.play("start", "nightly", "--wait", "--timeout", "300ms", "--interval", "100ms")
	if r.code != 7 || !strings.Contains(r.err, "has not ended within 300ms") {
		t.Errorf("a run that does not end: %+v", r)
	}
	w.must("cancel", "nightly", w.latest("nightly"))
	wait(6, "canceled", "run", "nightly")
}

// TestContinued checks that a run that goes on in another one is not taken for the end: two extracts, started one by one, make two runs,
// and the rest of the night is in one of them.
func TestContinued(t *testing.T) {
	w := newWorld(t, map[string][]string{sandbox.AppTransform: {"FAILED"}})
	w.deploy(define("nightly", map[string]chain.Step{
		"extract": {App: sandbox.AppExtract},
		"people":  {App: sandbox.AppArchive},
		"transform": {App: sandbox.AppTransform, After: map[string]chain.Condition{
			"extract": chain.ConditionSuccess, "people": chain.ConditionSuccess,
		}},
	}), nil)
	w.must("start", "nightly", "extract")
	w.settle()
	w.must("start", "nightly", "people")
	w.settle()
	var listed struct {
		Runs []struct {
			Run    string
			Status string
			Counts struct{ Continued int }
		}
	}
	if err := json.Unmarshal([]byte(w.must("runs", "nightly", "-o", "json")), &listed); err != nil {
		t.Fatal(err)
	}
	continued, rest := "", ""
	for _, r := range listed.Runs {
		if r.Counts.Continued > 0 {
			continued = r.Run
		} else {
			rest = r.Run
		}
	}
	if len(listed.Runs) != 2 || continued == "" || rest == "" {
		t.Fatalf("this needs a run that goes on in another: %+v", listed)
	}
	if out := w.must("runs", "nightly"); !strings.Contains(out, "1 of 2, 1 continued") {
		t.Errorf("the list hides that a run goes on in another:\n%s", out)
	}
	if out := w.must("run", "nightly"); !strings.Contains(out, "Run "+rest+": failed") {
		t.Errorf("the latest run is not the one in which the night goes on:\n%s", out)
	}
	if out := w.must("run", "nightly", continued); !strings.Contains(out, "Goes on in the run "+rest) {
		t.Errorf("a run that was asked for does not say where it goes on:\n%s", out)
	}
	for _, args := range [][]string{{"run", "nightly"}, {"run", "nightly", continued}} {
		if r := w.play(append(args, "--wait", "--interval", "100ms")...); r.code != 6 || !strings.Contains(r.out, "Run "+rest+": failed") {
			t.Errorf("%v --wait exits with %d: %s%s", args, r.code, r.out, r.err)
		}
	}
}

// TestRepeated checks that the outcome of a failed run is that of the runs that repeat it, and that a repetition of a part is not enough.
func TestRepeated(t *testing.T) {
	w := newWorld(t, map[string][]string{
		sandbox.AppExtract: {"FAILED", "SUCCEEDED"}, sandbox.AppArchive: {"FAILED", "FAILED", "SUCCEEDED"},
	})
	w.deploy(define("nightly", map[string]chain.Step{ // apart from each other, so that no run goes on in another
		"extract":   {App: sandbox.AppExtract},
		"transform": {App: sandbox.AppTransform, After: map[string]chain.Condition{"extract": chain.ConditionSuccess}},
		"people":    {App: sandbox.AppArchive},
	}), nil)
	wait := func(code int, want string, args ...string) {
		t.Helper()
		r := w.play(append(args, "--wait", "--interval", "100ms")...)
		if r.code != code || !strings.Contains(r.out+r.err, want) {
			t.Errorf("%v exits with %d, want %d and %q: %s%s", args, r.code, code, want, r.out, r.err)
		}
	}
	wait(6, "ended failed", "start", "nightly")
	failed := w.latest("nightly")
	w.must("rerun", "nightly", failed, "extract")
	w.settle()
	wait(6, "people was not repeated", "run", "nightly", failed)
	w.must("rerun", "nightly", failed, "people")
	w.settle()
	again := w.latest("nightly")
	wait(6, "The run "+again+" ended failed", "run", "nightly", failed)
	wait(6, "runs ended without success", "runs", "nightly")

	w.must("pause", "nightly")
	w.must("rerun", "nightly", again) // repeats what repeats it
	last := w.latest("nightly")
	asked := w.calls("Query")
	p := w.begin(w.environment(), "", "run", "nightly", failed, "--wait", "--interval", "100ms")
	w.until("the command waits", func() bool { return w.calls("Query") > asked+40 })
	w.must("resume", "nightly")
	if r := w.end(p); r.code != 0 || !strings.Contains(r.out, "Run "+last+": succeeded") ||
		!strings.Contains(r.err, "The run "+failed+" ended failed. The run "+again+" repeats it.") {
		t.Errorf("the run that was repeated: %+v", r)
	}
	wait(0, last, "runs", "nightly", "--before", again) // it lists the failed run, and goes on to those that repeat it
	wait(0, "failed", "runs", "nightly")
}

// TestWhyItFailed checks that the table of a run says in Qlik Cloud's words why a step failed, and where.
func TestWhyItFailed(t *testing.T) {
	w := newWorld(t, map[string][]string{sandbox.AppTransform: {"FAILED"}})
	w.deploy(nightly(), nil)
	w.must("start", "nightly")
	w.settle()
	out := w.must("run", "nightly")
	for _, want := range []string{"failed: the load script ended with an error, as configured (EngineScriptError)",
		"transform: " + w.Tenant.URL() + "/sense/app/" + sandbox.AppTransform} {
		if !strings.Contains(out, want) {
			t.Errorf("there is no %q in\n%s", want, out)
		}
	}
}

// TestInterrupt checks that Ctrl-C ends a wait, and that the run goes on.
func TestInterrupt(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	w.must("pause", "nightly")
	w.must("start", "nightly")
	asked := w.calls("Query") // each request for a run reads the chain's table
	p := w.begin(w.environment(), "", "run", "nightly", "--wait", "--interval", "100ms")
	w.until("the command waits", func() bool { return w.calls("Query") > asked+4 })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if r := w.end(p); r.code != 130 || r.err != "Interrupted.\n" || r.out != "" {
		t.Errorf("%+v", r)
	}
	w.must("resume", "nightly")
	w.settle()
	if out := w.must("run", "nightly"); !strings.Contains(out, ": succeeded") {
		t.Error(out)
	}
}

// TestLogs checks the log for people and for scripts, and that Ctrl-C ends it well.
func TestLogs(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	w.must("start", "nightly")
	w.settle()
	run := w.latest("nightly")
	out := w.must("logs", "nightly")
	if !strings.Contains(out, "INFO   request ") || !strings.Contains(out, "run="+run) || strings.Contains(out, "platform.") {
		t.Error(out)
	}
	if raw := w.must("logs", "nightly", "-o", "json"); !strings.Contains(raw, `"run":"`+run+`"`) {
		t.Error(raw)
	}
	if none := w.must("logs", "nightly", "--since", "-1h"); none != "" {
		t.Errorf("lines of the future: %s", none)
	}
	p := w.begin(w.environment(), "", "logs", "nightly", "-f")
	w.until("the log is read twice", func() bool { return w.calls("FilterLogEvents") >= 5 })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	r := w.end(p)
	if r.code != 0 || r.err != "Times are in UTC.\n" || strings.Count(r.out, "run="+run) != strings.Count(out, "run="+run) {
		t.Errorf("followed: %+v\nbefore: %s", r, out)
	}
}

// calls counts the calls of an operation of AWS.
func (w *world) calls(operation string) int {
	n := 0
	for _, call := range w.Cloud.Calls() {
		if call.Operation == operation {
			n++
		}
	}
	return n
}

// until waits for a condition that another process brings about.
func (w *world) until(what string, met func() bool) {
	w.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(time.Minute); !met(); {
		select {
		case <-tick.C:
		case <-limit:
			w.t.Fatalf("it does not happen that %s", what)
		}
	}
}

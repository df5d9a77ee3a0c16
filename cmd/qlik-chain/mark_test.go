// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// reloads counts the reloads of an app.
func (w *world) reloads(app string) int {
	n := 0
	for _, r := range w.Tenant.Reloads() {
		if r.AppID == app {
			n++
		}
	}
	return n
}

// nextSecond returns in another second. Events have whole seconds: a failure of the second in which another run has repaired the step may
// be newer than the repair, so it may be repeated.
func nextSecond() { <-time.After(time.Until(time.Now().Truncate(time.Second).Add(time.Second))) }

// TestMark goes on without a repair of what failed. What comes after the step starts, and the step does not. The guide shows the outputs.
func TestMark(t *testing.T) {
	w := newWorld(t, map[string][]string{sandbox.AppTransform: {"FAILED", "SUCCEEDED"}})
	w.deploy(nightly(), nil)
	r := newRecorder(t)
	w.must("start", "nightly")
	w.settle()
	failed := w.latest("nightly")
	if over := w.play("mark", "nightly", failed, "extract"); over.code != 5 ||
		!strings.Contains(over.err, "extract has succeeded in this run") {
		t.Errorf("a mark of what has succeeded: %+v", over)
	}
	if wrong := w.play("mark", "nightly", failed, "transforms"); wrong.code != 3 || !strings.Contains(wrong.err, `Did you mean "transform"?`) {
		t.Errorf("a mark of a step that there is not: %+v", wrong)
	}
	r.check("mark", "mark nightly "+failed+" transform --reason loaded-by-hand",
		w.must("mark", "nightly", failed, "transform", "--reason", "loaded-by-hand"))
	marked := w.latest("nightly")
	w.settle()
	for _, says := range []string{"transform  succeeded", "dashboard  succeeded", "was marked as succeeded", "loaded-by-hand"} {
		if out := w.must("run", "nightly", marked); !strings.Contains(out, says) {
			t.Errorf("the run that the mark began does not say %q: %s", says, out)
		}
	}
	if n := w.reloads(sandbox.AppTransform); n != 1 {
		t.Errorf("transform was reloaded %d times", n)
	}
	if again := w.play("mark", "nightly", failed, "transform"); again.code != 5 || !strings.Contains(again.err, marked) {
		t.Errorf("a second mark: %+v", again)
	}
	if out := w.must("run", "nightly", failed, "--wait"); !strings.Contains(out, "succeeded") {
		t.Errorf("the failed run that the mark repeats: %s", out)
	}
}

// TestMarkOfARepairedStep: a mark of what a rerun has repaired names that run, and --again insists.
func TestMarkOfARepairedStep(t *testing.T) {
	w := newWorld(t, map[string][]string{sandbox.AppTransform: {"FAILED", "SUCCEEDED"}})
	w.deploy(nightly(), nil)
	w.must("start", "nightly")
	w.settle()
	failed := w.latest("nightly")
	nextSecond()
	w.must("rerun", "nightly", failed)
	w.settle()
	repaired := w.latest("nightly")
	if r := w.play("mark", "nightly", failed, "transform"); r.code != 5 || !strings.Contains(r.err, repaired) ||
		!strings.Contains(r.err, "--again") {
		t.Errorf("a mark of what was repaired: %+v", r)
	}
	out := w.must("mark", "nightly", failed, "transform", "--again", "--wait", "--interval", "100ms")
	if !strings.Contains(out, "has begun.") {
		t.Errorf("a mark that insists: %s", out)
	}
}

// TestSkip keeps a step from starting in the current cycle. What comes after it does not start either. The guide shows the outputs.
func TestSkip(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	r := newRecorder(t)
	r.check("skip", "skip nightly dashboard --reason disk-full", w.must("skip", "nightly", "dashboard", "--reason", "disk-full"))
	if again := w.must("skip", "nightly", "dashboard"); !strings.Contains(again, "dashboard was skipped before in the cycle of ") {
		t.Errorf("a second skip: %s", again)
	}
	w.must("start", "nightly")
	w.settle()
	if out := w.must("run", "nightly"); !strings.Contains(out, "dashboard  skipped") || !strings.Contains(out, "disk-full") {
		t.Errorf("the run: %s", out)
	}
	if n := w.reloads(sandbox.AppDashboard); n != 0 {
		t.Errorf("dashboard was reloaded %d times", n)
	}
	later := time.Now().UTC().AddDate(0, 0, 3).Format(time.DateOnly)
	out := w.must("skip", "nightly", "dashboard", "--cycle", later)
	if !strings.HasPrefix(out, "dashboard does not start in the cycle of "+later+" (") {
		t.Errorf("a skip of a later cycle: %s", out)
	}
	if wrong := w.play("skip", "nightly", "dashboard", "--cycle", "tomorrow"); wrong.code != 2 ||
		!strings.Contains(wrong.err, "no such cycle") {
		t.Errorf("a cycle that there is not: %+v", wrong)
	}
}

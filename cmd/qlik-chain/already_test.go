// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"strings"
	"testing"
)

// TestAlreadyDone checks what the command says of an operation that finds nothing to do.
func TestAlreadyDone(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	says := func(want string, args ...string) {
		t.Helper()
		if out := w.must(args...); !strings.Contains(out, want) {
			t.Errorf("%v: there is no %q in %s", args, want, out)
		}
	}
	says("The chain has no runs yet.\n", "runs", "nightly")
	says("There are no such runs.\n", "runs", "nightly", "--status", "failed")
	says("The chain nightly was not paused. Nothing is done.\n", "resume", "nightly")
	says("The chain nightly is paused.\n", "pause", "nightly", "--reason", "ERP")
	says("The chain nightly is paused already, since ", "pause", "nightly", "--reason", "ERP")
	says(" (ERP). Nothing is done.\n", "pause", "nightly")
	w.must("start", "nightly")
	run := w.latest("nightly")
	says("The run "+run+" is canceled.\n", "cancel", "nightly", run)
	says("The run "+run+" was canceled before. Nothing is done.\n", "cancel", "nightly", run)
	says("The chain nightly is resumed.\n", "resume", "nightly")
	says("The chain nightly was not paused. Nothing is done.\n", "resume", "nightly")
	says("The dead-letter queue is empty. Nothing is done.\n", "redrive", "nightly")
	w.must("start", "nightly", "--wait", "--interval", "100ms")
	r := w.play("cancel", "nightly", w.latest("nightly"))
	if r.code != 5 || !strings.Contains(r.err, "There is nothing to do: the run is over.") {
		t.Errorf("a run that is over: %+v", r)
	}
}

// TestMissingSignal checks that the command says that a step waits for a signal, and how to report it.
func TestMissingSignal(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(orders(), nil)
	const command = "qlik-chain signal orders erp"
	if out := w.must("start", "orders", "erp"); !strings.Contains(out, "Not started: erp: waits for its signal, which "+command+" reports") {
		t.Errorf("the start: %s", out)
	}
	if out := w.must("run", "orders"); !strings.Contains(out, "erp waits for its signal. "+command+" reports it.\n") {
		t.Errorf("the run: %s", out)
	}
	if r := w.play("run", "orders", "--wait", "--timeout", "300ms", "--interval", "100ms"); r.code != 7 ||
		!strings.Contains(r.err, "has not ended within 300ms: it waits for the signal of erp. "+command+" reports it.") {
		t.Errorf("the wait: %+v", r)
	}
	w.must("signal", "orders", "erp")
	w.settle()
	if out := w.must("run", "orders"); strings.Contains(out, "waits for its signal") || !strings.Contains(out, ": succeeded") {
		t.Errorf("after the signal: %s", out)
	}
}

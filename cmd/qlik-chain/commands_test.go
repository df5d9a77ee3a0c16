// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// latest returns the id of a chain's latest run.
func (w *world) latest(chain string) string {
	w.t.Helper()
	var page struct{ Runs []struct{ Run string } }
	if err := json.Unmarshal([]byte(w.must("runs", chain, "-o", "json", "--limit", "1")), &page); err != nil || len(page.Runs) != 1 {
		w.t.Fatalf("%v %v", page, err)
	}
	return page.Runs[0].Run
}

// TestCommands plays a morning. The guide shows its outputs. No output holds a key, unless the user asks for it.
func TestCommands(t *testing.T) {
	w := newWorld(t, map[string][]string{sandbox.AppTransform: {"FAILED", "SUCCEEDED"}})
	w.deploy(nightly(), nil)
	w.deploy(orders(), nil)
	r := newRecorder(t)
	var all strings.Builder
	step := func(name string, args ...string) string {
		t.Helper()
		out := w.must(args...)
		r.check(name, strings.Join(args, " "), out)
		w.settle()
		all.WriteString(out)
		return out
	}
	step("list", "list")
	step("page", "page", "nightly")
	step("start", "start", "nightly", "--reason", "sales-came-late")
	failed := w.latest("nightly")
	step("runs", "runs", "nightly")
	step("run", "run", "nightly")
	nextSecond()
	step("rerun", "rerun", "nightly", failed)
	again := w.play("rerun", "nightly", failed)
	if again.code != 5 || again.out != "" {
		t.Errorf("the second rerun exits with %d: %s", again.code, again.out)
	}
	r.check("rerun-again", "rerun nightly "+failed, again.err)
	w.must("rerun", "nightly", failed, "--again", "--wait", "--interval", "100ms")
	step("runs-after", "runs", "nightly", "--limit", "5")
	step("start-step", "start", "nightly", "dashboard", "--variable", "mode=full")
	step("signal", "signal", "orders", "erp", "--id", "batch-4711")
	step("pause", "pause", "nightly", "--reason", "ERP-migration")
	step("pause-again", "pause", "nightly")
	step("start-paused", "start", "nightly")
	step("cancel", "cancel", "nightly", w.latest("nightly"))
	step("resume", "resume", "nightly")
	step("redrive", "redrive", "nightly")
	step("start-only", "start", "nightly", "transform", "--only")
	step("version", "version")
	help := w.must("--help")
	r.check("help", "--help", help)

	key := strings.TrimSpace(w.must("page", "nightly", "--key"))
	want, err := w.APIKey(t.Context(), "qlik-task-chain-nightly")
	if err != nil || key != want {
		t.Errorf("the key is %q, want %q, %v", key, want, err)
	}
	if strings.Contains(all.String(), key) {
		t.Errorf("an output holds the key:\n%s", &all)
	}
}

// TestSignalAnswers checks what the command says of a signal that is repeated, and of one that is kept for its quiet time.
func TestSignalAnswers(t *testing.T) {
	w := newWorld(t, nil)
	d := orders()
	d.Steps["upload"] = chain.Step{Signal: &chain.Signal{QuietFor: chain.MaxQuietFor}, Enabled: true}
	w.deploy(d, nil)
	first := w.must("signal", "orders", "erp", "--id", "batch-4711")
	if !strings.Contains(first, "The chain counts the end of erp in the run "+w.latest("orders")+".\n") {
		t.Error(first)
	}
	w.settle()
	if again := w.must("signal", "orders", "erp", "--id", "batch-4711"); again !=
		"The chain got this report of erp before, in the run "+w.latest("orders")+". Nothing is done.\n" {
		t.Error(again)
	}
	kept := w.must("signal", "orders", "upload", "--id", "file-1")
	if text, ok := strings.CutPrefix(kept, "The chain keeps the report of upload.\nNot started: upload: "); !ok || text == "\n" {
		t.Error(kept)
	}
	if again := w.must("signal", "orders", "upload", "--id", "file-1"); again !=
		"The chain got this report of upload before. Nothing is done.\n" {
		t.Error(again)
	}
}

// TestJSON checks the members of each command's JSON, on which scripts depend.
func TestJSON(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	w.deploy(orders(), nil)
	members := map[string][]string{}
	play := func(name string, args ...string) {
		t.Helper()
		out := w.must(append(args, "-o", "json")...)
		var value any
		if err := json.Unmarshal([]byte(out), &value); err != nil {
			t.Errorf("%s: %v: %s", name, err, out)
		}
		found := map[string]bool{}
		pathsOf(value, "", found)
		members[name] = slices.Sorted(maps.Keys(found))
		w.settle()
	}
	play("list", "list")
	play("page", "page", "nightly")
	play("page --key", "page", "nightly", "--key")
	play("start", "start", "nightly")
	play("start --wait", "start", "nightly", "--wait", "--interval", "100ms")
	play("runs", "runs", "nightly")
	play("runs --wait", "runs", "nightly", "--wait")
	play("run", "run", "nightly")
	play("skip", "skip", "nightly", "fallback")
	play("signal", "signal", "orders", "erp")
	play("pause", "pause", "nightly")
	play("start while paused", "start", "nightly")
	play("cancel", "cancel", "nightly", w.latest("nightly"))
	play("resume", "resume", "nightly")
	play("redrive", "redrive", "nightly")
	play("version", "version")
	play("purge --dry-run", "purge", "orders", "--dry-run")
	play("purge", "purge", "orders", "--yes")
	checkMembers(t, members)
}

// checkMembers checks that each command's JSON has the members in testdata/json.json. More may be added, and none taken away.
func checkMembers(t *testing.T, members map[string][]string) {
	t.Helper()
	path := filepath.Join("testdata", "json.json")
	if *update {
		text, err := json.MarshalIndent(members, "", "  ")
		if err == nil {
			err = os.WriteFile(path, append(text, '\n'), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	var known map[string][]string
	if err == nil {
		err = json.Unmarshal(text, &known)
	}
	if err != nil || len(known) == 0 {
		t.Fatalf("%s: %v. Run the test with -args -update", path, err)
	}
	for name, want := range known {
		for _, member := range want {
			if !slices.Contains(members[name], member) {
				t.Errorf("qlik-chain %s -o json no longer has the member %s, on which scripts may depend", name, member)
			}
		}
	}
}

// pathsOf collects the names of members, with those that they are in.
func pathsOf(value any, path string, found map[string]bool) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			found[path+name] = true
			pathsOf(member, path+name+".", found)
		}
	case []any:
		for _, element := range v {
			pathsOf(element, path, found)
		}
	}
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"slices"
	"strings"
	"testing"
)

// TestCompletion checks what a shell suggests.
func TestCompletion(t *testing.T) {
	w := newWorld(t, nil)
	w.deploy(nightly(), nil)
	w.deploy(orders(), nil)
	w.must("start", "nightly")
	w.settle()
	run := w.latest("nightly")
	for line, want := range map[string][]string{
		"runs |":                        {"nightly", "orders"},
		"runs n|":                       {"nightly"},
		"runs nightly |":                nil,
		"start nightly |":               {"dashboard", "extract", "fallback", "transform"},
		"start nightly d|":              {"dashboard"},
		"signal orders |":               {"erp"},
		"signal nightly |":              nil,
		"run nightly |":                 {run},
		"rerun nightly " + run + " t|":  {"transform"},
		"cancel zebra |":                nil,
		"list --output |":               {"json", "table"},
		"signal orders erp --outcome |": {"canceled", "failure", "success"},
		"pur|":                          {"purge"},
	} {
		before, word := strings.TrimSuffix(line, "|"), ""
		words := strings.Fields(before)
		if !strings.HasSuffix(before, " ") {
			words, word = words[:len(words)-1], words[len(words)-1]
		}
		var got []string
		for suggestion := range strings.Lines(w.must(append(append([]string{"__complete"}, words...), word)...)) {
			name, _, _ := strings.Cut(strings.TrimSpace(suggestion), "\t")
			if name != "" && !strings.HasPrefix(name, ":") {
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if out := w.must("completion", shell); !strings.Contains(out, "qlik-chain") {
			t.Errorf("%s: %s", shell, out)
		}
	}
}

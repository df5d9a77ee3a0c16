// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// printer writes scenes with the time since the start.
type printer struct {
	out   io.Writer
	start time.Time
	mu    sync.Mutex
}

func newPrinter(out io.Writer) *printer { return &printer{out: out, start: time.Now()} }

func (p *printer) scene(title string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "\n── %5.1fs ── %s\n\n", time.Since(p.start).Seconds(), title)
}

func (p *printer) line(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "   "+format+"\n", args...)
}

// indented returns a writer for another program's output: it indents the lines and drops empty ones. With words, it prints only lines that
// contain one of them.
func (p *printer) indented(words ...string) io.Writer { return &indenter{printer: p, words: words} }

type indenter struct {
	printer *printer
	words   []string
	rest    []byte
}

// Write implements io.Writer.
func (w *indenter) Write(data []byte) (int, error) {
	w.rest = append(w.rest, data...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(data), nil
		}
		if text := strings.TrimRight(string(line), " \r"); text != "" && w.wanted(text) {
			w.printer.line("│ %s", text)
		}
		w.rest = rest
	}
}

func (w *indenter) wanted(line string) bool {
	return len(w.words) == 0 || slices.ContainsFunc(w.words, func(word string) bool { return strings.Contains(line, word) })
}

// status adds a sign before a reload's status.
func status(s string) string {
	switch s {
	case "QUEUED":
		return "·  queued"
	case "RELOADING":
		return "▸  reloading"
	case "SUCCEEDED":
		return "✔  succeeded"
	default:
		return "✘  " + strings.ToLower(s)
	}
}

// objects prints the existing objects.
func (d *demo) objects() {
	all := d.sandbox.Objects()
	for _, service := range slices.Sorted(maps.Keys(all)) {
		for _, object := range all[service] {
			d.line("%-11s %s", service, object)
		}
	}
}

// chainAnswer is the answer to a GET of the chain, with the fields that the demo reads.
type chainAnswer struct {
	Steps []struct {
		Name string `json:"name"`
		Root bool   `json:"root"`
	} `json:"steps"`
	Links []struct {
		From      string `json:"from"`
		To        string `json:"to"`
		Condition string `json:"condition"`
	} `json:"links"`
}

// tree draws the chain from its roots.
func (d *demo) tree(chain chainAnswer) {
	var below func(name, indent string)
	below = func(name, indent string) {
		for _, link := range chain.Links {
			if link.From == name {
				d.line("%s└─ %s → %s", indent, link.Condition, link.To)
				below(link.To, indent+"   ")
			}
		}
	}
	for _, step := range chain.Steps {
		if step.Root {
			d.line("%s", step.Name)
			below(step.Name, "")
		}
	}
}

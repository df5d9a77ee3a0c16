// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// update writes the recorded outputs. The guide shows them.
var update = flag.Bool("update", false, "write the outputs in testdata")

// recorder compares outputs with those in testdata. What differs from time to time is replaced by the same example every time.
type recorder struct {
	t    *testing.T
	runs map[string]string // examples, by id
}

func newRecorder(t *testing.T) *recorder { return &recorder{t, map[string]string{}} }

// check compares what a command line has printed with testdata/name.txt.
func (r *recorder) check(name, line, output string) {
	r.t.Helper()
	got := "$ qlik-chain " + r.example(line) + "\n" + r.exampleOf(output)
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			r.t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatalf("%v. Run the test with -args -update", err)
	}
	if got != string(want) {
		r.t.Errorf("%s is\n%s\nwant\n%s\nIf that is meant, run the test with -args -update, and make docs", path, got, want)
	}
}

// header matches the first line of a table.
var header = regexp.MustCompile(`^[A-Z]+( [A-Z]+)*(  +[A-Z]+( [A-Z]+)*( \([A-Za-z/_]+\))?)*$`)

// exampleOf replaces what differs. Tables get the widths of the examples.
func (r *recorder) exampleOf(output string) string {
	var out strings.Builder
	var rows [][]string
	var starts []int
	flush := func() {
		writeTable(&out, rows)
		rows, starts = nil, nil
	}
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case header.MatchString(line):
			flush()
			starts = startsOf(line)
			rows = append(rows, cells(line, starts))
		case starts != nil && line != "":
			row := cells(line, starts)
			for i := range row {
				row[i] = r.example(row[i])
			}
			rows = append(rows, row)
		default:
			flush()
			out.WriteString(strings.TrimRight(r.example(line), " ") + "\n")
		}
	}
	flush()
	return out.String()
}

// startsOf returns where the columns of a header begin.
func startsOf(line string) []int {
	starts := []int{0}
	for _, gap := range regexp.MustCompile(`  +`).FindAllStringIndex(line, -1) {
		starts = append(starts, gap[1])
	}
	return starts
}

func cells(line string, starts []int) []string {
	runes := []rune(line)
	row := make([]string, len(starts))
	for i, start := range starts {
		end := len(runes)
		if i+1 < len(starts) {
			end = min(end, starts[i+1])
		}
		if start < end {
			row[i] = strings.TrimSpace(string(runes[start:end]))
		}
	}
	return row
}

func writeTable(out *strings.Builder, rows [][]string) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			fmt.Fprintf(&line, "%-*s  ", widths[i], cell)
		}
		out.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
}

var (
	runID   = regexp.MustCompile(`\b\d{8}T\d{9}Z-[0-9a-f]{8}\b`)
	changes = []struct {
		of *regexp.Regexp
		by string
	}{
		{regexp.MustCompile(`http://127\.0\.0\.1:\d+/restapis/\w+/live/_user_request_`),
			"https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/live"},
		{regexp.MustCompile(`http://127\.0\.0\.1:\d+/sense/app/`), "https://acme.eu.qlikcloud.com/sense/app/"},
		{regexp.MustCompile(`from 127\.0\.0\.1`), "from 203.0.113.7"},
		{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`), "2026-11-24 02:00:07"},
		{regexp.MustCompile(`cycle of \d{4}-\d\d-\d\d`), "cycle of 2026-11-24"},
		{regexp.MustCompile(`\(\d{8}T\d{4}Z\)`), "(20261124T0000Z)"},
		{regexp.MustCompile(`\bat \d\d:\d\d\b( on \d{4}-\d\d-\d\d)?`), "at 02:00"},
		{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "2026-11-24T02:00:07Z"},
		{regexp.MustCompile(`\b(\d+m)?\d+s\b`), "41s"},
		{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "9f2c106d38d783b91748dbd72d28af8c"},
		{regexp.MustCompile(`\b[0-9a-f]{24}\b`), "65f1c0de8d2b7c0a4e1f9a33"},
		{regexp.MustCompile(`\b[0-9a-f]{16}\b`), "1709f5f01312e54d"},
		{regexp.MustCompile(`the API key [a-z0-9]{10}`), "the API key k3yf0r0ps1"},
		{regexp.MustCompile(`go1\.\d+(\.\d+)?`), "go1.26.8"},
		{regexp.MustCompile(`(darwin|linux|windows)/\w+`), "linux/amd64"},
		{regexp.MustCompile(`\b[A-Z0-9]{40}\b`), "WHATTHEKEYISISNOTSHOWNHEREWHATTHEKEYISIS"},
	}
)

// example replaces ids, times and addresses by examples.
func (r *recorder) example(text string) string {
	text = runID.ReplaceAllStringFunc(text, func(id string) string {
		if r.runs[id] == "" {
			r.runs[id] = fmt.Sprintf("20261124T02000%d120Z-7d3a19b%d", len(r.runs), len(r.runs))
		}
		return r.runs[id]
	})
	for _, change := range changes {
		text = change.of.ReplaceAllString(text, change.by)
	}
	return text
}

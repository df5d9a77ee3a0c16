// SPDX-License-Identifier: MPL-2.0

package docs_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// block is a fenced block of a page, with the HTML comment on the line before it, which says what tests it:
//
//	<!-- walk -->                  a shell runs it; the sandbox takes it as typed, if it is a text: TestAccWalks
//	<!-- walk: fails -->           the same, for a command that fails
//	<!-- output -->                what came of the block before it, in the same terminal: TestAccWalks
//	<!-- output: sandbox -->       what came of it in the sandbox's terminal
//	<!-- output: any order -->     the same, with lines in an order that differs from time to time
//	<!-- hcl: file -->             a configuration, or a part of one: TestAccConfigurations
//	<!-- hcl: chain -->            arguments of a chain; the other frames are in configurations_test.go
//	<!-- hcl: steps with a, b -->  steps of a chain, which also has the steps a and b
//	<!-- hcl: each chain -->       lines; each is one
//	<!-- tested by: TestName -->   a test with this name
//	<!-- not tested: reason -->    nothing, for this reason
type block struct {
	page     string
	line     int // of the opening fence
	language string
	text     string
	kind     string // what tests it
	argument string
}

func (b *block) at() string { return fmt.Sprintf("%s:%d", b.page, b.line) }

var commentPattern = regexp.MustCompile(`^<!-- ([a-z ]+?)(?:: (.*))? -->$`)

// testedPages are the pages that people write.
func testedPages(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md"}
	for _, name := range files(t, filepath.Join(root, "templates")) {
		pages = append(pages, filepath.ToSlash(filepath.Join("templates", name)))
	}
	slices.Sort(pages)
	return pages
}

// blocks are the fenced blocks of a page, in their order.
func blocks(t *testing.T, page string) []*block {
	t.Helper()
	var all []*block
	var open *block
	before := ""
	number := 0
	for line := range strings.Lines(read(t, filepath.FromSlash(page))) {
		number++
		text := strings.TrimRight(line, "\r\n")
		switch {
		case open != nil && text == "```":
			all, open = append(all, open), nil
		case open != nil:
			open.text += line
		case strings.HasPrefix(text, "```"):
			open = &block{page: page, line: number, language: strings.TrimPrefix(text, "```")}
			if match := commentPattern.FindStringSubmatch(before); match != nil {
				open.kind, open.argument = match[1], match[2]
			}
		}
		before = text
	}
	if open != nil {
		t.Errorf("%s: the block is not closed", open.at())
	}
	return all
}

// quotedPages are the pages in which TestQuotedMessages reads each block of text.
var quotedPages = []string{"templates/guides/troubleshooting.md", "templates/guides/upgrading.md"}

// TestEveryBlockIsTested: each block of the README and the guides is run, validated or compared by a test, or says why not.
func TestEveryBlockIsTested(t *testing.T) {
	t.Parallel()
	tests := declaredTests(t)
	count := map[string]int{}
	for _, page := range testedPages(t) {
		var previous *block
		for _, b := range blocks(t, page) {
			if problem := b.problem(tests, previous); problem != "" {
				t.Errorf("%s: %s", b.at(), problem)
			}
			count[b.kind]++
			previous = b
		}
	}
	for _, kind := range []string{"walk", "output", "hcl", "tested by", "not tested"} {
		if count[kind] == 0 {
			t.Errorf("no block is of the kind %q: is it still read?", kind)
		}
	}
	t.Logf("blocks by what tests them: %v", count)
}

// problem says what is wrong with a block's comment; empty if nothing is.
func (b *block) problem(tests map[string]bool, previous *block) string {
	if strings.HasPrefix(strings.TrimSpace(b.text), "{{") {
		return "" // a template puts a file here
	}
	switch b.kind {
	case "walk", "hcl":
		return ""
	case "output":
		if previous == nil || previous.kind != "walk" && previous.kind != "output" {
			return "it is the output of nothing: a block with <!-- walk --> has to stand before it"
		}
		return ""
	case "tested by":
		if !tests[b.argument] {
			return "there is no test " + b.argument
		}
		return b.malformed()
	case "not tested":
		if b.argument == "" {
			return "say why it is not tested"
		}
		return b.malformed()
	}
	switch {
	case b.language == "text" && slices.Contains(quotedPages, b.page):
		return ""
	case b.language == "mermaid":
		return "" // a picture, which claims nothing that could run
	}
	return "no test runs, validates or compares it. Say with a comment before it what does, or why not: see block in blocks_test.go"
}

// malformed says why a document is none.
func (b *block) malformed() string {
	var document any
	if b.language == "json" {
		if err := json.Unmarshal([]byte(b.text), &document); err != nil {
			return "it is no JSON: " + err.Error()
		}
	}
	return ""
}

// declaredTests are the names of all tests of the repository.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	declared := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || len(entry.Name()) > 2 && entry.Name()[0] == '.'):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		for _, match := range function.FindAllStringSubmatch(string(source), -1) {
			declared[match[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return declared
}

// TestBlocksAreFound checks that a comment is read, and that what nothing tests is found.
func TestBlocksAreFound(t *testing.T) {
	t.Parallel()
	for _, example := range []struct {
		b    block
		fine bool
	}{
		{block{language: "sh"}, false},
		{block{language: "sh", kind: "walk"}, true},
		{block{language: "text", kind: "output"}, false},
		{block{language: "terraform"}, false},
		{block{language: "sh", kind: "not tested"}, false},
		{block{language: "sh", kind: "tested by", argument: "TestNone"}, false},
		{block{language: "json", kind: "not tested", argument: "reason", text: "{"}, false},
	} {
		if problem := example.b.problem(map[string]bool{}, nil); (problem == "") != example.fine {
			t.Errorf("%+v: %q", example.b, problem)
		}
	}
	match := commentPattern.FindStringSubmatch("<!-- not tested: a: b -->")
	if match == nil || match[1] != "not tested" || match[2] != "a: b" {
		t.Errorf("the comment is read as %q", match)
	}
}

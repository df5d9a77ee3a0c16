// SPDX-License-Identifier: MPL-2.0

package examples_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// load is one request of a load script through the REST connector, and the tables that are loaded from it.
type load struct {
	url    string
	key    string              // the value of the header x-api-key
	root   []string            // the fields that it takes of the answer itself
	tables map[string][]string // and of each list in it
	names  []string            // of all these fields in the script
	reads  []string            // the fields that the tables are made of
}

var (
	request  = regexp.MustCompile(`(?s)(\w+):\s+SQL SELECT(.*?)FROM JSON \(wrap on\) "root" PK "__KEY_root"\s+WITH CONNECTION \((.*?)\);`)
	nested   = regexp.MustCompile(`(?s)\(SELECT(.*?)FROM "(\w+)" FK "__FK_(\w+)"\)`)
	selected = regexp.MustCompile(`"(\w+)"(?: AS "(\w+)")?`)
	resident = regexp.MustCompile(`(?s)LOAD(.*?)RESIDENT (\w+)\s+WHERE (.*?);`)
	field    = regexp.MustCompile(`\[(\w+)\]`)
)

func parseScript(t *testing.T, script string) []load {
	t.Helper()
	var loads []load
	for _, found := range request.FindAllStringSubmatch(script, -1) {
		l := load{tables: map[string][]string{}}
		take := func(text string) []string {
			var fields []string
			for _, f := range selected.FindAllStringSubmatch(text, -1) {
				if !strings.HasPrefix(f[1], "__") {
					fields = append(fields, f[1])
				}
				name := f[1]
				if f[2] != "" {
					name = f[2]
				}
				if slices.Contains(l.names, name) {
					t.Errorf("two fields of %s have the name %q", found[1], name)
				}
				l.names = append(l.names, name)
			}
			return fields
		}
		for _, table := range nested.FindAllStringSubmatch(found[2], -1) {
			if table[2] != table[3] {
				t.Errorf("the list %s has the key __FK_%s", table[2], table[3])
			}
			l.tables[table[2]] = take(table[1])
		}
		l.root = take(nested.ReplaceAllString(found[2], ""))
		l.url, l.key = quotedAfter(found[3], "URL"), quotedAfter(found[3], `HTTPHEADER "x-api-key"`)
		for _, table := range resident.FindAllStringSubmatch(script, -1) {
			if table[2] != found[1] {
				continue
			}
			made := regexp.MustCompile(`AS \[\w+\]`).ReplaceAllString(table[1], "")
			for _, f := range field.FindAllStringSubmatch(made+table[3], -1) {
				l.reads = append(l.reads, f[1])
			}
		}
		loads = append(loads, l)
	}
	return loads
}

func quotedAfter(text, word string) string {
	_, rest, _ := strings.Cut(text, word+` "`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// checkLoad checks that the chain's answer has what the script takes of it, and that the script has what its tables are made of.
func checkLoad(t *testing.T, l load, url string, answer map[string]any, tables ...string) {
	t.Helper()
	if l.url != url || l.key != "$(vKey)" {
		t.Errorf("the script asks %q with the key %q", l.url, l.key)
	}
	for _, f := range l.root {
		if _, there := answer[f]; !there {
			t.Errorf("the answer of %s has no field %q", url, f)
		}
	}
	if len(l.tables) != len(tables) || len(l.reads) == 0 {
		t.Errorf("the script takes %v, want the lists %v", l.tables, tables)
	}
	for _, table := range tables {
		rows, _ := answer[table].([]any)
		if len(rows) == 0 {
			t.Errorf("the list %s of %s has no rows", table, url)
		}
		for _, f := range l.tables[table] { // a row need not have what is empty there
			if !slices.ContainsFunc(rows, func(row any) bool { values, _ := row.(map[string]any); return values[f] != nil }) {
				t.Errorf("no row of %s has a field %q: %v", table, f, rows)
			}
		}
	}
	for _, f := range l.reads {
		if !slices.Contains(l.names, f) {
			t.Errorf("a table of %s is made of %q, which the script does not take", url, f)
		}
	}
}

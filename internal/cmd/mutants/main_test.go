// SPDX-License-Identifier: MPL-2.0

package main

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"testing"
)

// The table fits the code: each change can be made in one place, and leaves Go. Whether tests notice it, make mutants shows.
func TestTable(t *testing.T) {
	t.Parallel()
	dir, err := root(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[mutant]bool{}
	for _, a := range areas {
		mutants, err := a.mutants()
		if err != nil || len(mutants) < 30 {
			t.Errorf("%s has %d mutants, and 30 are few: %v", a.name, len(mutants), err)
		}
		for _, m := range mutants {
			code, err := os.ReadFile(filepath.Join(dir, m.file))
			if err != nil {
				t.Fatal(err)
			}
			changed, err := m.mutate(string(code))
			if err != nil {
				t.Error(err)
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), m.file, changed, parser.SkipObjectResolution); err != nil {
				t.Errorf("%v: %v", m, err)
			}
			if changed == string(code) || seen[m] {
				t.Errorf("%v changes nothing new", m)
			}
			seen[m] = true
		}
	}
}

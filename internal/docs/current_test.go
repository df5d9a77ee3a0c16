// SPDX-License-Identifier: MPL-2.0

// Package docs_test checks what people read: that docs/ is what templates/, examples/ and the schema make, that links lead somewhere, and
// that messages are quoted as they are.
package docs_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
)

var root = filepath.Join("..", "..")

// TestDocsAreCurrent makes the docs into another folder, as `make docs` does, and compares.
func TestDocsAreCurrent(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := terraform.Find(t.Context(), filepath.Join(absolute, ".cache"), 3*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	made := filepath.Join(t.TempDir(), "docs")
	target, err := filepath.Rel(absolute, made) // the generator takes a folder below the provider's
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "make", "docs", "DOCS="+target)
	command.Dir = absolute
	command.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+string(os.PathListSeparator)+os.Getenv("PATH"), "MAKEFLAGS=",
		"CHECKPOINT_DISABLE=1")
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	const hint = "run `make docs` and commit what it changes"
	committed := filepath.Join(absolute, "docs")
	for _, name := range slices.Compact(slices.Sorted(slices.Values(slices.Concat(files(t, made), files(t, committed))))) {
		want, _ := os.ReadFile(filepath.Join(made, name))
		have, err := os.ReadFile(filepath.Join(committed, name))
		switch {
		case want == nil:
			t.Errorf("docs/%s is made from nothing any more: delete it", name)
		case err != nil:
			t.Errorf("docs/%s is not there: %s", name, hint)
		case !bytes.Equal(have, want):
			t.Errorf("docs/%s is not what templates/, examples/ and the schema make: %s", name, hint)
		}
	}
}

// files are the paths of all files in a folder, relative to it.
func files(t *testing.T, folder string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(folder, path)
		names = append(names, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

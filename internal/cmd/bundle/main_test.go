// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// TestZipsAreTheSameFromEveryFolder packs the function in two copies of the source, in folders of different names.
func TestZipsAreTheSameFromEveryFolder(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	zips := map[string][]byte{}
	for i, name := range []string{"one", "another, longer name"} {
		dir := filepath.Join(t.TempDir(), name)
		for _, part := range []string{"lambda", filepath.Join("internal", "chain"), filepath.Join("internal", "qlik"),
			filepath.Join("internal", "cmd", "bundle"), filepath.Join("provider", "bundle")} {
			if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(root, part))); err != nil {
				t.Fatal(err)
			}
		}
		for _, file := range []string{"go.mod", "go.sum"} {
			content, err := os.ReadFile(filepath.Join(root, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, file), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		pack := exec.CommandContext(t.Context(), "go", "run", "./internal/cmd/bundle", "-out", "out")
		pack.Dir = dir
		if message, err := pack.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, message)
		}
		for _, architecture := range bundle.Architectures {
			content, err := os.ReadFile(filepath.Join(dir, "out", bundle.FileName(architecture)))
			if err != nil {
				t.Fatal(err)
			}
			if i > 0 && !bytes.Equal(content, zips[architecture]) {
				t.Errorf("the zip for %s depends on the folder", architecture)
			}
			zips[architecture] = content
		}
	}
}

// TestLoadWithoutZip: the module builds before a zip was made, and the provider says what is missing.
func TestLoadWithoutZip(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "provider", "bundle"), os.DirFS(filepath.Join(root, "provider", "bundle"))); err != nil {
		t.Fatal(err)
	}
	zips, err := filepath.Glob(filepath.Join(dir, "provider", "bundle", "zip", "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	for _, zip := range zips {
		if err := os.Remove(zip); err != nil {
			t.Fatal(err)
		}
	}
	program := `package main

import (
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

func main() {
	_, err := bundle.Load("arm64")
	fmt.Println(err)
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(program), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module github.com/qlik-task-chain/terraform-provider-qlik\n\ngo 1.26.0\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "go", "run", ".")
	run.Dir = dir
	output, err := run.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "built without the Lambda function's zip for arm64; build it with `make build`") {
		t.Errorf("%v: %s", err, output)
	}
}

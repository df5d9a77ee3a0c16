// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestPictureIsCurrent: the committed picture is of the example as it is.
func TestPictureIsCurrent(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "..", "..", "examples", "nightly")
	want, err := picture(filepath.Join(folder, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(filepath.Join(folder, "chain.svg"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Error("examples/nightly/chain.svg is not of examples/nightly/main.tf as it is: run `make picture` and commit what it changes")
	}
}

// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package main

import (
	"path/filepath"
	"testing"
)

// TestDemo runs the demo. Its scenes check what they show. It needs what `make build` makes.
func TestDemo(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", ".."))
	if err := run(t.Context(), t.Output(), false); err != nil {
		t.Fatal(err)
	}
}

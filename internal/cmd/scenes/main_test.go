// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play/scenes"
)

// others are the pictures that are of no scene, and the pages that show them.
var others = map[string]string{"architecture.svg": "templates/guides/architecture.md", "page.png": "README.md"}

// TestPicturesAreCurrent: the committed pictures are of the scenes as they are, the guide shows each of them, and there are no others.
func TestPicturesAreCurrent(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..")
	guide, err := os.ReadFile(filepath.Join(root, "templates", "guides", "how-a-chain-runs.md"))
	if err != nil {
		t.Fatal(err)
	}
	made := t.TempDir()
	if err := run([]string{made}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range scenes.All() {
		name := s.Name + ".svg"
		names = append(names, name)
		want, err := os.ReadFile(filepath.Join(made, name))
		if err != nil {
			t.Fatal(err)
		}
		if have, err := os.ReadFile(filepath.Join(root, "pictures", name)); err != nil || !bytes.Equal(have, want) {
			t.Errorf("pictures/%s is not of the scene as it is: run `make docs` and commit what it changes", name)
		}
		if !strings.Contains(string(guide), "/pictures/"+name+")") {
			t.Errorf("the guide does not show pictures/%s", name)
		}
	}
	committed, err := os.ReadDir(filepath.Join(root, "pictures"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range committed {
		if page, drawn := others[entry.Name()]; drawn {
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(page)))
			if err != nil || !strings.Contains(string(text), "pictures/"+entry.Name()+")") {
				t.Errorf("%s does not show pictures/%s: %v", page, entry.Name(), err)
			}
		} else if !slices.Contains(names, entry.Name()) {
			t.Errorf("pictures/%s is of no scene: delete it", entry.Name())
		}
	}
}

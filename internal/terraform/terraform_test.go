// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestFindTakesTheNamedBinary(t *testing.T) {
	const named = "/somewhere/tofu"
	t.Setenv(PathVariable, named)
	if got, err := Find(t.Context(), t.TempDir(), time.Second); err != nil || got != named {
		t.Errorf("found %q, %v", got, err)
	}
}

// TestFindOpenTofuTakesWhatWasBuilt: with one that is recent enough in the folder, none is built.
func TestFindOpenTofuTakesWhatWasBuilt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	dir := t.TempDir()
	built := filepath.Join(dir, openTofu.BinaryName())
	script := "#!/bin/sh\necho '{\"terraform_version\": \"1.12.0\", \"platform\": \"linux_amd64\"}'\n"
	if err := os.WriteFile(built, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, err := FindOpenTofu(t.Context(), dir); err != nil || got != built {
		t.Errorf("found %q, %v; want %q", got, err, built)
	}
}

// TestFindOpenTofuSaysWhatToDo where there is none, and no Go to build it with.
func TestFindOpenTofuSaysWhatToDo(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	got, err := FindOpenTofu(t.Context(), t.TempDir())
	want := `there is no tofu >= 1.12.0 on PATH, and building tofu 1.12.6 failed. Install OpenTofu (https://opentofu.org/docs/intro/install) and run again: ` +
		`go mod: exec: "go": executable file not found in $PATH`
	if err == nil || err.Error() != want {
		t.Errorf("found %q, %v; want the error %s", got, err, want)
	}
}

// SPDX-License-Identifier: MPL-2.0

package execution

import (
	"debug/elf"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution/elftest"
)

func TestFindEntrypoint(t *testing.T) {
	t.Parallel()
	const amd64, arm64 = elf.EM_X86_64, elf.EM_AARCH64
	linux, mac := platform{"linux", "amd64"}, platform{"darwin", "arm64"}
	for _, test := range []struct {
		name          string
		host          platform
		content       []byte
		mode          os.FileMode
		architecture  string
		hostBootstrap string
		path          string // ZIP for the zip's own
		message       string // of the note or of the failure
	}{
		{"same machine", linux, elftest.Header(amd64), 0o755, "x86_64", "/host", "ZIP", ""},
		{"script", linux, []byte("#!/bin/sh\n"), 0o755, "arm64", "", "ZIP", ""},
		{"other machine", linux, elftest.Header(arm64), 0o755, "arm64", "/host", "/host", "built for linux/arm64 and this host is linux/amd64"},
		{"other system", mac, elftest.Header(arm64), 0o755, "arm64", "/host", "/host", "built for linux/arm64 and this host is darwin/arm64"},
		{"script on another system", mac, []byte("#!/bin/sh\n"), 0o755, "arm64", "/host", "/host", "this host is darwin/arm64"},
		{"nothing for this host", mac, elftest.Header(arm64), 0o755, "arm64", "", "",
			"give the sandbox a bootstrap of the same source built for this host"},
		{"not the function's machine", linux, elftest.Header(amd64), 0o755, "arm64", "/host", "", "exec format error"},
		{"not the function's machine either", mac, elftest.Header(amd64), 0o755, "arm64", "/host", "", "exec format error"},
		{"neither ELF nor script", linux, []byte("text"), 0o755, "x86_64", "/host", "", "exec format error"},
		{"empty", linux, nil, 0o755, "x86_64", "/host", "", "exec format error"},
		{"broken ELF", linux, []byte("\x7fELF"), 0o755, "x86_64", "/host", "", "exec format error"},
		{"not executable", linux, elftest.Header(amd64), 0o644, "x86_64", "/host", "", "permission denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			bootstrap := filepath.Join(root, "bootstrap")
			if err := os.WriteFile(bootstrap, test.content, test.mode); err != nil {
				t.Fatal(err)
			}
			entry, broken := findEntrypoint(test.host, &Version{TaskRoot: root, Architecture: test.architecture}, test.hostBootstrap)
			if test.path == "" {
				if broken == nil || broken.Type != "Runtime.InvalidEntrypoint" || !strings.Contains(broken.Message, test.message) {
					t.Errorf("got %+v, %+v", entry, broken)
				}
				return
			}
			if test.path == "ZIP" {
				test.path = bootstrap
			}
			if broken != nil || entry.path != test.path || !strings.Contains(entry.note, test.message) ||
				(test.message == "") != (entry.note == "") {
				t.Errorf("got %+v, %+v", entry, broken)
			}
		})
	}
	if _, broken := findEntrypoint(linux, &Version{TaskRoot: t.TempDir(), Architecture: "arm64"}, "/host"); broken == nil ||
		!strings.Contains(broken.Message, "Couldn't find valid bootstrap(s)") {
		t.Errorf("without a bootstrap: %+v", broken)
	}
}

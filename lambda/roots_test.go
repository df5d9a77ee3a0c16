// SPDX-License-Identifier: MPL-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadRootsOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ file, dir, wantDir string }{
		"the folders hold the same": {file, "", os.DevNull},
		"no such file":              {file + "?", "", ""},
		"a folder is chosen":        {file, "/roots", "/roots"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SSL_CERT_FILE", test.file)
			t.Setenv("SSL_CERT_DIR", test.dir)
			if err := readRootsOnce(); err != nil {
				t.Fatal(err)
			}
			if file, dir := os.Getenv("SSL_CERT_FILE"), os.Getenv("SSL_CERT_DIR"); file != test.file || dir != test.wantDir {
				t.Errorf("the certificates come from %q and %q, want %q and %q", file, dir, test.file, test.wantDir)
			}
		})
	}
}

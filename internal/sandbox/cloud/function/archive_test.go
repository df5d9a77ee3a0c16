// SPDX-License-Identifier: MPL-2.0

package function

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestUnpack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file string
		mode fs.FileMode
		want error
	}{
		"a file in a folder": {"folder/bootstrap", 0o755, nil},
		"a folder":           {"folder/", fs.ModeDir | 0o755, nil},
		"out of the root":    {"../bootstrap", 0o755, errZip},
		"an absolute path":   {"/bootstrap", 0o755, errZip},
		"a link":             {"bootstrap", fs.ModeSymlink | 0o777, errZip},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var buffer bytes.Buffer
			writer := zip.NewWriter(&buffer)
			header := &zip.FileHeader{Name: test.file}
			header.SetMode(test.mode)
			if _, err := writer.CreateHeader(header); err != nil {
				t.Fatal(err)
			}
			if err := writer.Close(); err != nil {
				t.Fatal(err)
			}
			reader, err := zip.NewReader(bytes.NewReader(buffer.Bytes()), int64(buffer.Len()))
			if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
				t.Fatal(err)
			}
			root := t.TempDir()
			if err := unpack(reader, root); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			info, err := os.Lstat(filepath.Join(root, test.file))
			if unpacked := err == nil && info.Mode().Perm()&0o111 != 0; unpacked != (test.want == nil) {
				t.Errorf("%s is there: %t", test.file, unpacked)
			}
		})
	}
}

func TestUnpackFileStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	var buffer bytes.Buffer
	writer := zip.NewWriter(&buffer)
	file, err := writer.Create("large")
	if err == nil {
		_, err = file.Write(make([]byte, 1000))
	}
	if err = errors.Join(err, writer.Close()); err != nil {
		t.Fatal(err)
	}
	reader, err := zip.NewReader(bytes.NewReader(buffer.Bytes()), int64(buffer.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unpackFile(reader.File[0], filepath.Join(t.TempDir(), "large"), 999); !errors.Is(err, errUnzippedSize) {
		t.Errorf("got %v, want %v", err, errUnzippedSize)
	}
}

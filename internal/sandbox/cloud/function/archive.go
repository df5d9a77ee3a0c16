// SPDX-License-Identifier: MPL-2.0

package function

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Limits of a deployment package in bytes (AWS Lambda quotas): zipped when uploaded directly, and unzipped.
const (
	maxZipped   = 50 * 1024 * 1024
	maxUnzipped = 262144000
)

// CodePath is the path at which CodeHandler must be served. GetFunction's Code.Location is below it.
const CodePath = "/_lambda/code/"

// errZip is the error for a package that Lambda refuses.
//
//nolint:revive,staticcheck // AWS's words
var errZip = errors.New("Could not unzip uploaded file. Please check your file, then try to upload again.")

// newCode unpacks a deployment package. Packages with the same content share a folder.
func (s *Service) newCode(archive []byte, architecture string) (code, error) {
	if len(archive) > maxZipped {
		return code{}, wire.Errorf(http.StatusRequestEntityTooLarge, codeTooLarge,
			"Request must be smaller than %d bytes for a zip that is uploaded directly", maxZipped)
	}
	sum := sha256.Sum256(archive)
	c := code{
		zip: archive, sha256: base64.StdEncoding.EncodeToString(sum[:]), architecture: architecture,
		root: filepath.Join(s.dir, hex.EncodeToString(sum[:])), token: rand.Text(),
	}
	reader, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return code{}, invalidParameter("%v", errZip)
	}
	s.unpacking.Lock()
	defer s.unpacking.Unlock()
	if _, err := os.Stat(c.root); err == nil {
		return c, nil
	}
	partial := c.root + ".partial"
	err = unpack(reader, partial)
	if err == nil {
		err = os.Rename(partial, c.root)
	}
	if err != nil {
		err = errors.Join(err, os.RemoveAll(partial))
		if errors.Is(err, errZip) || errors.Is(err, errUnzippedSize) {
			return code{}, invalidParameter("%v", err)
		}
		return code{}, fmt.Errorf("unpacking a function's code: %w", err)
	}
	return c, nil
}

var errUnzippedSize = fmt.Errorf("Unzipped size must be smaller than %d bytes", maxUnzipped) //nolint:staticcheck // AWS's words

// unpack writes the archive's files below root.
func unpack(archive *zip.Reader, root string) error {
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	left := int64(maxUnzipped)
	for _, entry := range archive.File {
		name := filepath.FromSlash(strings.TrimSuffix(entry.Name, "/"))
		if !filepath.IsLocal(name) {
			return errZip
		}
		path := filepath.Join(root, name)
		switch mode := entry.Mode(); {
		case mode.IsDir():
			if err := os.MkdirAll(path, 0o700); err != nil {
				return err
			}
		case mode.IsRegular():
			written, err := unpackFile(entry, path, left)
			if err != nil {
				return err
			}
			left -= written
		default: // links would have to be kept inside the root
			return fmt.Errorf("the sandbox unpacks files and folders alone, not %s: %w", entry.Name, errZip)
		}
	}
	return nil
}

func unpackFile(entry *zip.File, path string, limit int64) (written int64, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return 0, err
	}
	source, err := entry.Open()
	if err != nil {
		return 0, errZip
	}
	defer source.Close() // only read from
	//nolint:gosec // IsLocal was asked
	target, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, entry.Mode().Perm()|0o400)
	if err != nil {
		return 0, err
	}
	written, err = io.Copy(target, io.LimitReader(source, limit+1))
	var pathError *fs.PathError
	if err != nil && !errors.As(err, &pathError) { // the archive's fault, not the disk's
		err = errZip
	}
	if written > limit {
		err = errUnzippedSize
	}
	return written, errors.Join(err, target.Close())
}

// location returns the URL that GetFunction returns for the code.
func (s *Service) location(c *code) string { return s.config.Endpoint + CodePath + c.token }

// CodeHandler serves the functions' zips under CodePath. Requests need no signature: like AWS's presigned URLs, these URLs cannot be
// guessed.
func (s *Service) CodeHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		archive, found := s.archiveOf(strings.TrimPrefix(r.URL.Path, CodePath))
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/zip")
		_, _ = w.Write(archive) // a client that is gone needs nothing
	})
}

func (s *Service) archiveOf(token string) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.functions {
		if f.code.token == token {
			return f.code.zip, true
		}
	}
	return nil, false
}

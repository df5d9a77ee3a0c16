// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// packed is a file of an archive.
type packed struct {
	content []byte
	mode    fs.FileMode
}

// unpacked returns the files of a platform's archive, by name.
func (r *release) unpacked(platform string) (map[string]packed, error) {
	if r.project == provider || archiveOf(platform) == ".zip" {
		return unzip(filepath.Join(r.dir, r.name(platform+".zip")))
	}
	return untar(filepath.Join(r.dir, r.name(platform+".tar.gz")))
}

func unzip(path string) (map[string]packed, error) {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = archive.Close() }()
	files := map[string]packed{}
	for _, file := range archive.File {
		content, err := read(file)
		if err != nil {
			return nil, err
		}
		files[file.Name] = packed{content, file.Mode()}
	}
	return files, nil
}

func untar(path string) (map[string]packed, error) {
	file, err := os.Open(path) //nolint:gosec // in the folder that is to be checked
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	files := map[string]packed{}
	for archive := tar.NewReader(plain); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			return nil, err
		}
		files[header.Name] = packed{content, header.FileInfo().Mode()}
	}
}

func read(file *zip.File) ([]byte, error) {
	reader, err := file.Open()
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(reader)
	return content, errors.Join(err, reader.Close())
}

// unpack writes the program for this machine into a folder and returns its path.
func (r *release) unpack(dir string) (string, error) {
	files, err := r.unpacked(thisPlatform)
	if err != nil {
		return "", err
	}
	program, found := files[r.binaryName(thisPlatform)]
	if !found {
		return "", errors.New("the archive for " + thisPlatform + " has no program")
	}
	path := filepath.Join(dir, r.project)
	return path, os.WriteFile(path, program.content, 0o700) //nolint:gosec // a program
}

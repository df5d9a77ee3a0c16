// SPDX-License-Identifier: MPL-2.0

// Command bundle builds the Lambda function and packs it for every architecture:
//
//	go run ./internal/cmd/bundle            writes provider/bundle/zip/bootstrap-ARCHITECTURE.zip
//	go run ./internal/cmd/bundle -out DIR   writes the zips there
//
// The zips have the same bytes in any folder and on any machine with the same Go version. So the code's hash is known at plan time, and a
// new build of the same source deploys nothing.
package main

import (
	"archive/zip"
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// Lambda's names of the instruction sets beside Go's.
var goarch = map[string]string{"arm64": "arm64", "x86_64": "amd64"}

func main() {
	out := flag.String("out", filepath.Join("provider", "bundle", "zip"), "folder to write the zips to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, architecture := range bundle.Architectures {
		if err := pack(ctx, architecture, *out); err != nil {
			fmt.Fprintf(os.Stderr, "packing the Lambda function for %s: %v\n", architecture, err)
			os.Exit(1) //nolint:gocritic // nothing is left to clean up but the signal handler
		}
	}
}

func pack(ctx context.Context, architecture, out string) error {
	work, err := os.MkdirTemp("", "bundle")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }()
	binary := filepath.Join(work, "bootstrap")
	//nolint:gosec // fixed arguments, and a path of its own making
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=",
		"-tags", "lambda.norpc", "-o", binary, "./lambda")
	// What the environment could change in the binary is set here; the last value of a name wins.
	build.Env = append(os.Environ(), "GOOS=linux", "GOARCH="+goarch[architecture], "CGO_ENABLED=0", "GOFLAGS=",
		"GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOWORK=off")
	if message, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("go build ./lambda: %w\n%s", err, message)
	}
	code, err := os.ReadFile(binary) //nolint:gosec // what was just built
	if err != nil {
		return err
	}
	archive, err := zipFile("bootstrap", code)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o750); err != nil {
		return err
	}
	//nolint:gosec // the caller chooses the folder
	return os.WriteFile(filepath.Join(out, bundle.FileName(architecture)), archive, 0o600)
}

// zipFile packs one executable file, with a fixed time and mode.
func zipFile(name string, content []byte) ([]byte, error) {
	var buffer bytes.Buffer
	w := zip.NewWriter(&buffer)
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := file.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buffer.Bytes(), nil
}

// SPDX-License-Identifier: MPL-2.0

// Command snapshot checks what `make release-snapshot` has written to dist. All platforms must be there, and each archive must contain the
// provider built for its platform. The checksums must be correct and cover every file. The bills of materials must name the modules. The
// binary for this machine must send its version to AWS and to Qlik Cloud.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

const project = "terraform-provider-qlik"

func main() {
	dir := flag.String("dist", "dist", "folder of the release")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := check(ctx, *dir)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "The release is not as it should be:\n%v\n", err)
		os.Exit(1)
	}
}

func check(ctx context.Context, dir string) error {
	r := &release{dir: dir}
	if err := r.open(); err != nil {
		return err
	}
	if err := errors.Join(r.checkSums(), r.checkArchives(), r.checkMaterials(), r.checkManifest()); err != nil {
		return err
	}
	if err := r.checkUserAgents(ctx); err != nil {
		return err
	}
	fmt.Printf("%s %s: %d platforms, %d checksums, as they should be\n", project, r.version, len(platforms), len(r.sums))
	return nil
}

// release is a folder with the files of a release.
type release struct {
	dir     string
	version string
	sums    map[string]string // file's name: SHA-256, in hex
}

// name returns the name of one of the release's files.
func (r *release) name(rest string) string { return project + "_" + r.version + "_" + rest }

// open finds the version in the name of the file of checksums, and reads that file.
func (r *release) open() error {
	found, err := filepath.Glob(filepath.Join(r.dir, project+"_*_SHA256SUMS"))
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("%s has %d files of checksums instead of one. Run `make release-snapshot`, which makes it", r.dir, len(found))
	}
	r.version = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), project+"_"), "_SHA256SUMS")
	text, err := os.ReadFile(found[0])
	if err != nil {
		return err
	}
	r.sums = map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			return fmt.Errorf("%s has a line that is no checksum: %q", found[0], line)
		}
		r.sums[name] = sum
	}
	return nil
}

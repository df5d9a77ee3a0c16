// SPDX-License-Identifier: MPL-2.0

// Command snapshot checks what `make release-snapshot` has written to dist, of the provider and of qlik-chain. All platforms must be there,
// and each archive must contain the program built for its platform. The checksums must be correct and cover exactly the program's files.
// The bills of materials must name the modules. The provider for this machine must send its version to AWS and to Qlik Cloud, and the
// command must print it.
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

const (
	provider = "terraform-provider-qlik"
	command  = "qlik-chain"
)

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
	r := &release{project: provider, dir: dir}
	if err := r.open(); err != nil {
		return err
	}
	if err := errors.Join(r.checkSums(r.providerFiles()), r.checkArchives(), r.checkMaterials(r.providerModules()),
		r.checkManifest()); err != nil {
		return err
	}
	if err := r.checkUserAgents(ctx); err != nil {
		return err
	}
	c := &release{project: command, dir: filepath.Join(dir, command)}
	if err := c.open(); err != nil {
		return err
	}
	if err := errors.Join(c.checkSums(c.commandFiles()), c.checkArchives(), c.checkMaterials(c.commandModules())); err != nil {
		return err
	}
	if err := c.checkCommand(ctx, r.version); err != nil {
		return err
	}
	for _, one := range []*release{r, c} {
		fmt.Printf("%s %s: %d platforms, %d checksums, as they should be\n", one.project, one.version, len(platforms), len(one.sums))
	}
	return nil
}

// release is a folder with the files of a release: of the provider, or of the command.
type release struct {
	project string
	dir     string
	version string
	sums    map[string]string // file's name: SHA-256, in hex
}

// name returns the name of one of the release's files.
func (r *release) name(rest string) string { return r.project + "_" + r.version + "_" + rest }

// open finds the version in the name of the file of checksums, and reads that file.
func (r *release) open() error {
	found, err := filepath.Glob(filepath.Join(r.dir, r.project+"_*_SHA256SUMS"))
	if err != nil {
		return err
	}
	if len(found) != 1 {
		return fmt.Errorf("%s has %d files of checksums instead of one. Run `make release-snapshot`, which makes it", r.dir, len(found))
	}
	r.version = strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), r.project+"_"), "_SHA256SUMS")
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

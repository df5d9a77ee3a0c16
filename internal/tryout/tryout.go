// SPDX-License-Identifier: MPL-2.0

// Package tryout is the sandbox for people: `make sandbox`. It keeps a loopback AWS and a loopback Qlik Cloud tenant running, and a folder
// in which terraform works with both. It shows what happens, and takes commands.
package tryout

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
)

// Options configures a sandbox for people.
type Options struct {
	Root      string        // of the repository, with what `make build` makes
	Dir       string        // the folder for terraform
	Apps      string        // how many apps the tenant has, or a file with their names; empty for those of examples/nightly
	Terraform string        // path of the binary
	Reload    time.Duration // how long each reload takes
	In        io.Reader     // commands, one a line
	Out       io.Writer
}

// Run keeps the sandbox running until ctx ends. Afterwards nothing is left that a later sandbox in the same folder would trip over.
func Run(ctx context.Context, o Options) (err error) {
	night, err := readNight(o.Apps, o.Reload)
	if err != nil {
		return err
	}
	f := folder{dir: o.Dir, root: o.Root}
	if err := f.prepare(ctx); err != nil {
		return err
	}
	s, err := sandbox.Start(ctx, sandbox.Config{
		Cloud: cloud.Config{Lambda: function.Config{
			PendingFor: time.Second, UpdateFor: time.Second, HostBootstrap: filepath.Join(o.Root, "bin", "bootstrap"),
		}},
		Apps: night.apps,
	})
	if err != nil {
		return err
	}
	defer func() { //nolint:contextcheck // closing outlives the interrupt
		if closing := s.Close(); err == nil {
			err = closing
		}
		if removing := f.forget(); err == nil {
			err = removing
		}
	}()
	if err := f.writeEnvironment(s.Environment(), o.Terraform); err != nil {
		return err
	}
	h := &hub{sandbox: s, night: night, folder: &f, out: o.Out, shown: map[string]bool{}, topic: s.Cloud.SNS().AddTopic(topicName)}
	if err := f.writeConfig(night, h.topic); err != nil {
		return err
	}
	h.welcome(o.Dir)
	return h.serve(ctx, lines(ctx, o.In))
}

// lines returns the lines of in, until it ends.
func lines(ctx context.Context, in io.Reader) <-chan string {
	read := make(chan string)
	go func() {
		defer close(read)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			select {
			case read <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return read
}

// readNight returns the tenant's apps and the configuration of a chain with them.
func readNight(apps string, reload time.Duration) (*night, error) {
	if apps == "" {
		return &night{apps: sandbox.NightlyApps(reload)}, nil
	}
	names, err := appNames(apps)
	if err != nil {
		return nil, fmt.Errorf("APPS=%s: %w", apps, err)
	}
	return newNight(names, reload), nil
}

// nightly returns the file of the example.
func nightly(root string) ([]byte, error) {
	return os.ReadFile(filepath.Join(root, "examples", "nightly", "main.tf")) //nolint:gosec // a file of this repository
}

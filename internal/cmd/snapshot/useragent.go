// SPDX-License-Identifier: MPL-2.0

package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// checkUserAgents plans a chain with the provider from this machine's archive, and checks the user agents of the calls to AWS and Qlik
// Cloud.
func (r *release) checkUserAgents(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "snapshot")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	provider, err := r.unpack(dir)
	if err != nil {
		return err
	}
	binary, err := terraform.Find(ctx, ".cache", 3*time.Minute)
	if err != nil {
		return err
	}
	box, err := sandbox.Start(ctx, sandbox.Config{Apps: sandbox.NightlyApps(time.Second)})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, box.Close()) }() //nolint:contextcheck // closing outlives an interrupt
	w, err := workspace.New(dir, binary, provider, filepath.Join("examples", "nightly"), box.Environment())
	if err != nil {
		return err
	}
	for _, command := range []string{"init", "plan"} {
		var said bytes.Buffer
		if err := w.Terraform(ctx, &said, command, "-input=false", "-no-color"); err != nil {
			return fmt.Errorf("%w: %s", err, &said)
		}
	}
	return r.named(box)
}

// named checks that all calls name the provider and the release.
func (r *release) named(box *sandbox.Sandbox) error {
	agents := map[string]string{}
	for _, call := range box.Cloud.Calls() {
		agents["AWS "+call.Operation] = call.UserAgent
	}
	for _, call := range box.Tenant.Calls() {
		agents["Qlik Cloud "+call.Operation] = call.UserAgent
	}
	if len(agents) < 2 {
		return fmt.Errorf("the plan called %d operations", len(agents))
	}
	for call, agent := range agents {
		if !strings.Contains(agent, project+"/"+r.version) {
			return fmt.Errorf("the provider calls %s as %q, without its version %s", call, agent, r.version)
		}
	}
	return nil
}

// unpack writes the provider for this machine into a folder and returns its path.
func (r *release) unpack(dir string) (string, error) {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	archive, err := zip.OpenReader(filepath.Join(r.dir, r.name(platform+".zip")))
	if err != nil {
		return "", err
	}
	defer func() { _ = archive.Close() }()
	for _, file := range archive.File {
		if file.Name != r.binaryName(platform) {
			continue
		}
		content, err := read(file)
		if err != nil {
			return "", err
		}
		path := filepath.Join(dir, project)
		return path, os.WriteFile(path, content, 0o700) //nolint:gosec // a program
	}
	return "", fmt.Errorf("the archive for %s has no provider", platform)
}

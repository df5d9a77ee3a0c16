// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	program, err := r.unpack(dir)
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
	w, err := workspace.New(dir, binary, program, filepath.Join("examples", "nightly"), box.Environment())
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
		if !strings.Contains(agent, r.project+"/"+r.version) {
			return fmt.Errorf("the provider calls %s as %q, without its version %s", call, agent, r.version)
		}
	}
	return nil
}

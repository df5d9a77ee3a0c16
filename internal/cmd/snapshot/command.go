// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

const thisPlatform = runtime.GOOS + "_" + runtime.GOARCH

// checkCommand checks that the command for this machine prints the version, which is the provider's.
func (r *release) checkCommand(ctx context.Context, version string) error {
	dir, err := os.MkdirTemp("", "snapshot")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program, err := r.unpack(dir)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, program, "version").Output() //nolint:gosec // the program of the release
	if err != nil {
		return fmt.Errorf("%s version: %w", command, err)
	}
	if !strings.HasPrefix(string(out), command+" "+version+",") {
		return fmt.Errorf("%s version prints %q, without the version %s of the provider", command, out, version)
	}
	return nil
}

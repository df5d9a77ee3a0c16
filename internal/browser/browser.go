// SPDX-License-Identifier: MPL-2.0

// Package browser finds the Chromium in which the live page is tested, and installs one if there is none.
package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// names are the names of the Chromium binary, Debian's first.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

var errMissing = errors.New("there is no Chromium on PATH. Install it (Debian: apt-get install chromium) and run again")

// Find returns the path of a Chromium on PATH.
func Find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errMissing
}

// Ensure is Find, but installs Debian's Chromium first if there is none and the process may: as root, with apt-get. The output of apt-get
// goes to output.
func Ensure(ctx context.Context, output io.Writer) (string, error) {
	if path, err := Find(); err == nil {
		return path, nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return "", errMissing
	}
	for _, args := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", "chromium"}} {
		command := exec.CommandContext(ctx, "apt-get", args...) //nolint:gosec // fixed arguments
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		command.Stdout, command.Stderr = output, output
		if err := command.Run(); err != nil {
			return "", fmt.Errorf("there is no Chromium on PATH, and apt-get %s failed. Install Chromium and run again: %w", args[0], err)
		}
	}
	return Find()
}

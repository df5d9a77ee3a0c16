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

// Ensure returns the path of a Chromium. If there is none, it installs Debian's, where it can.
func Ensure(ctx context.Context, output io.Writer) (string, error) {
	if path, err := Find(); err == nil {
		return path, nil
	}
	if !canInstall() {
		return "", errMissing
	}
	if err := install(ctx, "chromium", output); err != nil {
		return "", fmt.Errorf("there is no Chromium on PATH, and it cannot be installed. Install it and run again: %w", err)
	}
	return Find()
}

// canInstall reports whether Debian's packages can be installed here.
func canInstall() bool {
	_, err := exec.LookPath("apt-get")
	return err == nil && os.Geteuid() == 0
}

// install installs a Debian package.
func install(ctx context.Context, name string, output io.Writer) error {
	for _, args := range [][]string{{"update"}, {"install", "--yes", "--no-install-recommends", name}} {
		command := exec.CommandContext(ctx, "apt-get", args...) //nolint:gosec // the packages are named here
		command.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		command.Stdout, command.Stderr = output, output
		if err := command.Run(); err != nil {
			return fmt.Errorf("apt-get %s: %w", args[0], err)
		}
	}
	return nil
}

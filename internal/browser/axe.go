// SPDX-License-Identifier: MPL-2.0

package browser

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// Axe returns the script of axe-core, which checks a page for faults that keep people out. lambda/page/package.json pins its version, and
// the page itself does not contain it. If it is not installed below root, Axe runs npm ci; npm's output goes to output.
func Axe(ctx context.Context, root string, output io.Writer) (string, error) {
	folder := filepath.Join(root, "lambda", "page")
	file := filepath.Join(folder, "node_modules", "axe-core", "axe.min.js")
	if _, err := os.Stat(file); err != nil {
		if _, missing := exec.LookPath("npm"); missing != nil && canInstall() {
			if err := install(ctx, "npm", output); err != nil {
				return "", fmt.Errorf("there is no npm on PATH, and it cannot be installed. Install Node.js and run again: %w", err)
			}
		}
		command := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
		command.Dir, command.Stdout, command.Stderr = folder, output, output
		if err := command.Run(); err != nil {
			return "", fmt.Errorf("axe-core is not installed, and npm ci in %s failed. Install Node.js and run again: %w", folder, err)
		}
	}
	script, err := os.ReadFile(file) //nolint:gosec // a path below the repository
	return string(script), err
}

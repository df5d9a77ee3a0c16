// SPDX-License-Identifier: MPL-2.0

package terraform

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/product"
)

const (
	oldestTofu = ">= 1.12.0" // the first version that imports by identity
	pinnedTofu = "1.12.6"    // the version to build if there is none
	tofuModule = "github.com/opentofu/opentofu"
)

// FindOpenTofu returns the path of a recent tofu: from PATH, from an earlier build in dir, or from a new build of its module, with the
// module's own go.sum. A build needs Go and some minutes.
func FindOpenTofu(ctx context.Context, dir string) (string, error) {
	if path, err := install.NewInstaller().Ensure(ctx, present(openTofu, oldestTofu, dir)); err == nil {
		return path, nil
	}
	path, err := filepath.Abs(filepath.Join(dir, openTofu.BinaryName()))
	if err != nil {
		return "", err
	}
	if err := buildOpenTofu(ctx, path); err != nil {
		return "", fmt.Errorf("there is no tofu %s on PATH, and building tofu %s failed. "+
			"Install OpenTofu (https://opentofu.org/docs/intro/install) and run again: %w", oldestTofu, pinnedTofu, err)
	}
	return path, nil
}

// buildOpenTofu builds tofu in its module's folder in Go's cache: the module replaces one of its dependencies, which `go install` refuses.
func buildOpenTofu(ctx context.Context, path string) error {
	said, err := run(ctx, os.TempDir(), "go", "mod", "download", "-json", tofuModule+"@v"+pinnedTofu)
	if err != nil {
		return err
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(said, &module); err != nil {
		return fmt.Errorf("go mod download answers %q: %w", said, err)
	}
	// Without the setting, the version of what is built ends in -dev. Source: version/version.go of the module.
	_, err = run(ctx, module.Dir, "go", "build", "-mod=readonly", "-trimpath", "-ldflags", "-s -w -X "+tofuModule+"/version.dev=no", "-o",
		path, "./cmd/tofu")
	return err
}

// openTofu describes tofu to hc-install, which supports HashiCorp's products only.
var openTofu = product.Product{
	Name: "tofu",
	BinaryName: func() string {
		if runtime.GOOS == "windows" {
			return "tofu.exe"
		}
		return "tofu"
	},
	GetVersion: func(ctx context.Context, path string) (*version.Version, error) {
		said, err := run(ctx, "", path, "version", "-json")
		if err != nil {
			return nil, err
		}
		var answer struct {
			Version string `json:"terraform_version"`
		}
		if err := json.Unmarshal(said, &answer); err != nil {
			return nil, fmt.Errorf("%s version answers %q: %w", path, said, err)
		}
		return version.NewVersion(answer.Version)
	},
}

// run returns a command's output. Its error contains the command's messages.
func run(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, name, args...) //nolint:gosec // runs what its callers above say
	var complaint bytes.Buffer
	command.Dir, command.Stderr = dir, &complaint
	output, err := command.Output()
	if err != nil {
		if said := strings.TrimSpace(complaint.String()); said != "" {
			err = fmt.Errorf("%w: %s", err, said)
		}
		return nil, fmt.Errorf("%s %s: %w", name, args[0], err)
	}
	return output, nil
}

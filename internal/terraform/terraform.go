// SPDX-License-Identifier: MPL-2.0

// Package terraform finds the binary that the demo and the tests run: terraform, or OpenTofu's tofu.
package terraform

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/go-version"
	install "github.com/hashicorp/hc-install"
	"github.com/hashicorp/hc-install/fs"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
	"github.com/hashicorp/hc-install/src"
)

const (
	oldest = ">= 1.11.0" // the oldest version that the provider is tested with
	pinned = "1.11.4"    // the version to fetch if there is none
)

// PathVariable names the binary to run, terraform or tofu. terraform-plugin-testing uses it too. Source:
// https://developer.hashicorp.com/terraform/plugin/testing/acceptance-tests#environment-variables
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// Find returns the path of the binary that PathVariable names, or of a recent terraform: from PATH, from an earlier download in dir, or
// from a new download, which takes up to limit.
func Find(ctx context.Context, dir string, limit time.Duration) (string, error) {
	if named := os.Getenv(PathVariable); named != "" {
		return named, nil
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	path, err := install.NewInstaller().Ensure(ctx, append(present(product.Terraform, oldest, dir),
		&releases.ExactVersion{Product: product.Terraform, Version: version.Must(version.NewVersion(pinned)), InstallDir: dir, Timeout: limit}))
	if err != nil {
		return "", fmt.Errorf("there is no terraform %s on PATH, and fetching terraform %s failed. "+
			"Install terraform (https://developer.hashicorp.com/terraform/install) and run again: %w", oldest, pinned, err)
	}
	return path, nil
}

// present returns the places of existing binaries: PATH and dir.
func present(what product.Product, atLeast, dir string) []src.Source {
	constraints := version.MustConstraints(version.NewConstraint(atLeast))
	return []src.Source{
		&fs.Version{Product: what, Constraints: constraints},
		&fs.Version{Product: what, Constraints: constraints, ExtraPaths: []string{dir}},
	}
}

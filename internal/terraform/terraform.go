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
	oldest = ">= 1.11.0" // what the provider is tested with from
	pinned = "1.11.4"    // what is fetched where there is none
)

// PathVariable names the binary to run, whichever of the two it is, to terraform-plugin-testing as well.
// Source: https://developer.hashicorp.com/terraform/plugin/testing/acceptance-tests#environment-variables
const PathVariable = "TF_ACC_TERRAFORM_PATH"

// Find returns the path of the binary that PathVariable names, else of a terraform that is recent enough: the one on PATH, or one fetched
// into dir earlier, or one fetched now, which takes up to limit.
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

// present is where a binary may be already: on PATH, and in dir.
func present(what product.Product, atLeast, dir string) []src.Source {
	constraints := version.MustConstraints(version.NewConstraint(atLeast))
	return []src.Source{
		&fs.Version{Product: what, Constraints: constraints},
		&fs.Version{Product: what, Constraints: constraints, ExtraPaths: []string{dir}},
	}
}

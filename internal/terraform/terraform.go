// Package terraform finds the terraform binary that the demo and the tests run.
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

// Find returns the path of a terraform binary that is recent enough: the one on PATH, or one fetched into dir earlier, or one
// fetched now, which takes up to limit.
func Find(ctx context.Context, dir string, limit time.Duration) (string, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return "", err
	}
	constraints := version.MustConstraints(version.NewConstraint(oldest))
	path, err := install.NewInstaller().Ensure(ctx, []src.Source{
		&fs.Version{Product: product.Terraform, Constraints: constraints},
		&fs.Version{Product: product.Terraform, Constraints: constraints, ExtraPaths: []string{dir}},
		&releases.ExactVersion{Product: product.Terraform, Version: version.Must(version.NewVersion(pinned)), InstallDir: dir, Timeout: limit},
	})
	if err != nil {
		return "", fmt.Errorf("there is no terraform %s on PATH, and fetching terraform %s failed. "+
			"Install terraform (https://developer.hashicorp.com/terraform/install) and run again: %w", oldest, pinned, err)
	}
	return path, nil
}

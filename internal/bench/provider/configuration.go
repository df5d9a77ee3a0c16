// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

const (
	head = "terraform {\n  required_providers {\n    qlik = { source = \"qlik-task-chain/qlik\" }\n  }\n}\n\n"
	five = `extract   = { app = "` + sandbox.AppExtract + `" }
    transform = { app = "` + sandbox.AppTransform + `", after = { extract = "success" } }
    dashboard = { app = "` + sandbox.AppDashboard + `", after = { transform = "success" } }
    fallback  = { app = "` + sandbox.AppFallback + `", after = { transform = "failure" } }
    archive   = { app = "` + sandbox.AppArchive + `", after = { transform = "success" } }`
)

// chains is a configuration of so many chains of five steps.
func chains(n int) string {
	return head + fmt.Sprintf(`resource "qlik_task_chain" "bench" {
  for_each     = toset([for n in range(%d) : format("bench-%%03d", n)])
  name         = each.key
  architecture = %q
  steps = {
    %s
  }
}
`, n, function.HostArchitecture(), five)
}

// chainOf is a configuration of one chain of so many steps, each but the first after one before it.
func chainOf(steps int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sresource \"qlik_task_chain\" \"bench\" {\n  name         = \"bench\"\n  architecture = %q\n  steps = {\n", head, function.HostArchitecture())
	for i := range steps {
		fmt.Fprintf(&b, "    app_%04d = { app = \"7b0a3a52-3a0c-4e0e-9d3f-%012x\"", i, i)
		if i > 0 {
			fmt.Fprintf(&b, ", after = { app_%04d = \"success\" }", (i-1)/3)
		}
		b.WriteString(" }\n")
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

// workspace makes a workspace with a configuration, below a folder of this name, ready for a plan against the sandbox.
func (b *bench) workspace(ctx context.Context, name, configuration string, s *sandbox.Sandbox) (*workspace.Workspace, error) {
	dir := filepath.Join(b.Dir, name)
	example := filepath.Join(dir, "example")
	if err := os.MkdirAll(example, 0o750); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(example, "main.tf"), []byte(configuration), 0o600); err != nil {
		return nil, err
	}
	w, err := workspace.New(dir, b.terraform, b.binary, example, s.Environment())
	if err != nil {
		return nil, err
	}
	return w, run(ctx, w, nil, "init", "-input=false", "-no-color")
}

// run runs terraform; what it prints comes with the error when it fails. output may be nil.
func run(ctx context.Context, w *workspace.Workspace, output io.Writer, args ...string) error {
	var said strings.Builder
	to := io.Writer(&said)
	if output != nil {
		to = io.MultiWriter(&said, output)
	}
	if err := w.Terraform(ctx, to, args...); err != nil {
		return fmt.Errorf("%w:\n%s", err, &said)
	}
	return nil
}

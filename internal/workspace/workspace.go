// SPDX-License-Identifier: MPL-2.0

// Package workspace runs the real terraform, or tofu, on a copy of an example, with the provider built from this tree, against a sandbox.
package workspace

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// The addresses at which terraform and tofu look for qlik-task-chain/qlik, and the version of the copy in the mirror.
var providerPaths = []string{"registry.terraform.io/qlik-task-chain/qlik", "registry.opentofu.org/qlik-task-chain/qlik"}

const providerVersion = "0.1.0"

// Workspace is a folder with a configuration.
type Workspace struct {
	Dir         string
	terraform   string
	environment []string
}

// New makes a workspace below dir: the example's files, and a mirror with the provider. `terraform init` installs it from there like a
// released one. environment is NAME=value and overrides the environment of this process.
func New(dir, terraform, providerBinary, example string, environment []string) (*Workspace, error) {
	w := &Workspace{Dir: filepath.Join(dir, "work"), terraform: terraform}
	if err := os.CopyFS(w.Dir, os.DirFS(example)); err != nil {
		return nil, fmt.Errorf("copying %s: %w", example, err)
	}
	config, err := WriteMirror(dir, filepath.Join(dir, "mirror"), providerBinary, false)
	if err != nil {
		return nil, err
	}
	w.environment = append(append(others(os.Environ()), environment...), "TF_CLI_CONFIG_FILE="+config, "TF_IN_AUTOMATION=1",
		"CHECKPOINT_DISABLE=1")
	return w, nil
}

// WriteMirror makes a mirror with the provider, and terraform.rc in dir, which makes `terraform init` install it from there. direct lets it
// fetch all other providers from their registries. It returns the path of terraform.rc.
func WriteMirror(dir, mirror, providerBinary string, direct bool) (string, error) {
	if err := mirrorProvider(mirror, providerBinary); err != nil {
		return "", err
	}
	text := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n", mirror)
	if direct {
		text += fmt.Sprintf("  direct {\n    exclude = [%q, %q]\n  }\n", providerPaths[0], providerPaths[1])
	}
	config := filepath.Join(dir, "terraform.rc")
	return config, os.WriteFile(config, []byte(text+"}\n"), 0o600)
}

func mirrorProvider(mirror, binary string) error {
	name := "terraform-provider-qlik_v" + providerVersion
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	for _, path := range providerPaths {
		folder := filepath.Join(mirror, filepath.FromSlash(path), providerVersion, runtime.GOOS+"_"+runtime.GOARCH)
		if err := os.MkdirAll(folder, 0o750); err != nil {
			return err
		}
		if err := os.Symlink(binary, filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// others removes the machine's own settings for Terraform, AWS and Qlik Cloud.
func others(environment []string) []string {
	return slices.DeleteFunc(environment, func(variable string) bool {
		return slices.ContainsFunc([]string{"TF_", "AWS_", "QLIK_"}, func(prefix string) bool { return strings.HasPrefix(variable, prefix) })
	})
}

// Set sets an environment variable for all later commands.
func (w *Workspace) Set(name, value string) { w.environment = append(w.environment, name+"="+value) }

// With returns the same workspace for another job, with more environment variables, which override the existing ones.
func (w *Workspace) With(environment ...string) *Workspace {
	job := *w
	job.environment = append(slices.Clone(w.environment), environment...)
	return &job
}

// Command returns a run of terraform in the workspace. All its output goes to output.
func (w *Workspace) Command(ctx context.Context, output io.Writer, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, w.terraform, args...) //nolint:gosec // runs what its caller says
	command.Dir, command.Env = w.Dir, w.environment
	command.Stdout, command.Stderr = output, output
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // so that terraform writes its state
	apart(command)
	return command
}

// Terraform runs terraform in the workspace. All its output goes to output.
func (w *Workspace) Terraform(ctx context.Context, output io.Writer, args ...string) error {
	if err := w.Command(ctx, output, args...).Run(); err != nil {
		return fmt.Errorf("terraform %s: %w", args[0], err)
	}
	return nil
}

// Output reads one of the configuration's outputs.
func (w *Workspace) Output(ctx context.Context, name string) (string, error) {
	command := exec.CommandContext(ctx, w.terraform, "output", "-raw", "-no-color", name) //nolint:gosec // as above
	command.Dir, command.Env, command.Stderr = w.Dir, w.environment, os.Stderr
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("terraform output %s: %w", name, err)
	}
	return string(text), nil
}

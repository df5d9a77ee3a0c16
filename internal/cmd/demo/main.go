// SPDX-License-Identifier: MPL-2.0

// Command demo shows the main job on this machine alone. It starts a loopback AWS and a loopback Qlik tenant, and lets the real terraform
// deploy examples/nightly. Then it reloads apps, shows what the chain does and what it records, and destroys everything. Each scene checks
// what it shows. If a check fails, the demo ends with exit code 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

func main() {
	clients := flag.Bool("clients", false, "instead of the scenes, let clients that are not ours read the deployed chain out of the sandbox")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if err := run(ctx, os.Stdout, *clients); err != nil {
		fmt.Fprintf(os.Stderr, "\nThe demo failed: %v\n", err)
		stop()
		os.Exit(1)
	}
	stop()
}

// demo is the state that the scenes share.
type demo struct {
	*printer
	sandbox   *sandbox.Sandbox
	workspace *workspace.Workspace
	invokeURL string
	apiKey    string
	calls     []string // that the function made when "Extract HR" was reloaded alone
	taken     int      // how many of the lines about events in the function's log have been taken
}

func run(ctx context.Context, out io.Writer, clients bool) (err error) {
	d := &demo{printer: newPrinter(out)}
	dir, err := os.MkdirTemp("", "task-chain-demo")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := d.open(ctx, dir); err != nil {
		return err
	}
	defer func() { //nolint:contextcheck // closing outlives an interrupt
		if closed := d.sandbox.Close(); err == nil {
			err = closed
		}
	}()
	if err := d.deploy(ctx); err != nil {
		return err
	}
	scenes := []func(context.Context) error{
		d.success, d.failure, d.repeated, d.killed, d.byHand, d.outsider, d.strangers, d.read, d.picture, d.planAgain,
	}
	if clients {
		scenes = []func(context.Context) error{d.success, d.clients}
	}
	for _, scene := range scenes {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	return d.destroy(ctx)
}

// open starts the sandbox and prepares the workspace.
func (d *demo) open(ctx context.Context, dir string) error {
	d.scene("A loopback AWS and a loopback Qlik Cloud tenant")
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	provider := filepath.Join(root, "bin", "terraform-provider-qlik")
	if _, err := os.Stat(provider); err != nil {
		return fmt.Errorf("the provider is not built. Run `make demo` in the project's folder, which builds it first: %w", err)
	}
	binary, err := terraform.Find(ctx, filepath.Join(root, ".cache"), 3*time.Minute)
	if err != nil {
		return err
	}
	config := sandbox.Config{
		Cloud: cloud.Config{Lambda: function.Config{
			PendingFor: 200 * time.Millisecond, UpdateFor: 200 * time.Millisecond, HostBootstrap: filepath.Join(root, "bin", "bootstrap"),
		}},
		Apps: sandbox.NightlyApps(300 * time.Millisecond),
	}
	config.Cloud.Scheduler.RunPast = true // the function's time is the real one, and the sandbox's clock runs ahead of it
	if d.sandbox, err = sandbox.Start(ctx, config); err != nil {
		return err
	}
	d.line("AWS     %s  (region %s, account %s)", d.sandbox.Cloud.URL(), d.sandbox.Cloud.Region(), d.sandbox.Cloud.Account())
	d.line("tenant  %s", d.sandbox.Tenant.URL())
	d.workspace, err = workspace.New(dir, binary, provider, filepath.Join(root, "examples", "nightly"), d.sandbox.Environment())
	return err
}

func (d *demo) deploy(ctx context.Context) error {
	d.scene("terraform init, terraform apply: examples/nightly")
	if err := d.workspace.Terraform(ctx, d.indented(), "init", "-input=false", "-no-color"); err != nil {
		return err
	}
	if err := d.terraform(ctx, d.indented(), "apply", "-auto-approve"); err != nil {
		return err
	}
	var err error
	if d.invokeURL, err = d.workspace.Output(ctx, "invoke_url"); err != nil {
		return err
	}
	if d.apiKey, err = d.sandbox.APIKey(ctx, chainObject); err != nil {
		return err
	}
	d.scene("What that made")
	d.objects()
	return nil
}

// terraform runs a terraform command for the example, on this machine's architecture.
func (d *demo) terraform(ctx context.Context, output io.Writer, command string, args ...string) error {
	common := []string{command, "-input=false", "-no-color", "-var", "architecture=" + function.HostArchitecture()}
	return d.workspace.Terraform(ctx, output, append(common, args...)...)
}

// planAgain shows that the plan after an apply is empty.
func (d *demo) planAgain(ctx context.Context) error {
	d.scene("terraform plan once more: nothing to do")
	return d.terraform(ctx, d.indented(), "plan", "-detailed-exitcode")
}

func (d *demo) destroy(ctx context.Context) error {
	d.scene("terraform destroy")
	if err := d.terraform(ctx, d.indented("destroy", "Destroy", "Error"), "destroy", "-auto-approve"); err != nil {
		return err
	}
	if left := d.sandbox.Objects(); len(left) > 0 {
		return fmt.Errorf("destroy left objects behind: %v", left)
	}
	d.line("Nothing is left: no object in AWS, no webhook in the tenant.")
	return nil
}

// clients runs the check with the aws CLI and AWS's SDK for JavaScript.
func (d *demo) clients(ctx context.Context) error {
	d.scene("What the aws CLI and AWS's SDK for JavaScript read")
	script := filepath.Join("internal", "sandbox", "clients", "check.sh")
	check := exec.CommandContext(ctx, script, "nightly") //nolint:gosec // a fixed path
	// An empty AWS_PROFILE is an error for the aws CLI, so it is removed.
	own := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "AWS_PROFILE=") })
	check.Env = slices.Concat(own, d.sandbox.Environment())
	check.Stdout, check.Stderr = d.indented(), d.indented()
	return check.Run()
}

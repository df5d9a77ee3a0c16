// SPDX-License-Identifier: MPL-2.0

// Command sandbox keeps a loopback AWS and a loopback Qlik Cloud tenant running until it is interrupted, and prints how to point
// terraform at them.
package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		stop()
		os.Exit(1)
	}
	stop()
}

func run(ctx context.Context) error {
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	binary, err := terraform.Find(ctx, filepath.Join(root, ".cache"), 3*time.Minute)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "task-chain-sandbox")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config := filepath.Join(dir, "terraform.rc")
	if err := workspace.WriteOverride(config, filepath.Join(root, "bin")); err != nil {
		return err
	}
	s, err := sandbox.Start(ctx, sandbox.Config{
		Cloud: cloud.Config{Lambda: function.Config{
			PendingFor: time.Second, UpdateFor: time.Second, HostBootstrap: filepath.Join(root, "bin", "bootstrap"),
		}},
		Apps: sandbox.NightlyApps(2 * time.Second),
	})
	if err != nil {
		return err
	}
	instruct(os.Stdout, s, filepath.Join(root, "examples", "nightly"), filepath.Dir(binary), config)
	shown := false // the key
	for change := range s.Tenant.Watch(ctx) {
		if change.Reload == nil {
			continue
		}
		fmt.Println(time.Now().Format("15:04:05") + "  " + describe(change.Reload))
		if shown {
			continue
		}
		if key, err := s.APIKey(ctx, "qlik-task-chain-nightly"); err == nil {
			fmt.Print("\n# To watch it in a browser: what `terraform output -raw invoke_url` says, with /page behind it. ")
			fmt.Printf("It asks for the key %s\n\n", key)
			shown = true
		}
	}
	return s.Close() //nolint:contextcheck // closing outlives the interrupt
}

// describe says how a reload is, and with which variables it was started: Qlik Cloud's API does not return them.
func describe(r *tenant.Reload) string {
	text := fmt.Sprintf("%-20s %s", r.AppName, r.Status)
	for i, name := range slices.Sorted(maps.Keys(r.Variables)) {
		separator := ", "
		if i == 0 {
			separator = "  with "
		}
		text += fmt.Sprintf("%s%s = %q", separator, name, r.Variables[name])
	}
	return text
}

// instruct writes the commands for another shell, step by step.
func instruct(w io.Writer, s *sandbox.Sandbox, example, terraformFolder, config string) {
	fmt.Fprintln(w, "# The sandbox runs until you press Ctrl-C. Paste this into another shell:")
	fmt.Fprintln(w)
	for _, variable := range append(s.Environment(), "AWS_PROFILE=", "TF_CLI_CONFIG_FILE="+config) {
		name, value, _ := strings.Cut(variable, "=")
		if value == "" {
			fmt.Fprintln(w, "unset "+name)
		} else {
			fmt.Fprintf(w, "export %s='%s'\n", name, value)
		}
	}
	fmt.Fprintf(w, "export PATH='%s':\"$PATH\"\n", terraformFolder)
	fmt.Fprintf(w, "cd '%s'\n", example)
	fmt.Fprint(w, "\n# Then deploy the chain. No terraform init is needed; terraform warns of that, and of the provider's development "+
		"override:\n\n")
	fmt.Fprintln(w, "terraform apply -auto-approve")
	fmt.Fprint(w, "\n# Then reload the chain's first apps, as their schedules would, and see here what follows:\n\n")
	fmt.Fprintf(w, "for app in %s %s; do\n", sandbox.AppExtract, sandbox.AppExtractHR)
	fmt.Fprintln(w, `  curl -sS -X POST -H "Authorization: Bearer $QLIK_API_KEY" -H 'Content-Type: application/json' \`)
	fmt.Fprintln(w, `    -d "{\"appId\":\"$app\"}" "$QLIK_TENANT_URL/api/v1/reloads"; echo`)
	fmt.Fprintln(w, "done")
	fmt.Fprint(w, "\n# At last:\n\n")
	fmt.Fprintln(w, "terraform destroy -auto-approve")
	fmt.Fprintln(w)
}

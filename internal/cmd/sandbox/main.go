// Command sandbox keeps a loopback AWS and a loopback Qlik Cloud tenant running until it is interrupted, and prints how to point
// terraform at them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
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
	bin, err := filepath.Abs("bin")
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "task-chain-sandbox")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	config := filepath.Join(dir, "terraform.rc")
	if err := workspace.WriteOverride(config, bin); err != nil {
		return err
	}
	s, err := sandbox.Start(ctx, sandbox.Config{
		Cloud: cloud.Config{Lambda: function.Config{
			PendingFor: time.Second, UpdateFor: time.Second, HostBootstrap: filepath.Join(bin, "bootstrap"),
		}},
		Apps: sandbox.NightlyApps(2 * time.Second),
	})
	if err != nil {
		return err
	}
	fmt.Println("# The sandbox runs until you press Ctrl-C. Paste this into another shell:")
	fmt.Println()
	for _, variable := range append(s.Environment(), "AWS_PROFILE=", "TF_CLI_CONFIG_FILE="+config) {
		name, value, _ := strings.Cut(variable, "=")
		if value == "" {
			fmt.Println("unset " + name)
		} else {
			fmt.Printf("export %s='%s'\n", name, value)
		}
	}
	fmt.Printf("\n# Then: cd examples/nightly && terraform apply     (no terraform init is needed)\n")
	fmt.Printf("# Reload the chain's first apps, as their schedules would; what waits a minute waits a real one:\n")
	fmt.Printf("#   for app in %s %s; do\n", sandbox.AppExtract, sandbox.AppExtractHR)
	fmt.Printf("#     curl -X POST -H \"Authorization: Bearer $QLIK_API_KEY\" -H 'Content-Type: application/json' -d \"{\\\"appId\\\":\\\"$app\\\"}\" $QLIK_TENANT_URL/api/v1/reloads\n")
	fmt.Printf("#   done\n\n")
	for change := range s.Tenant.Watch(ctx) {
		if change.Reload != nil {
			fmt.Printf("%s  %-20s %s\n", time.Now().Format("15:04:05"), change.Reload.AppName, change.Reload.Status)
		}
	}
	return s.Close() //nolint:contextcheck // closing outlives the interrupt
}

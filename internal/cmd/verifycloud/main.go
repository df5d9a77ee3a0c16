// SPDX-License-Identifier: MPL-2.0

// Command verifycloud plays the life of a task chain with the real terraform and the built provider, in the AWS account and the Qlik Cloud
// tenant that the environment's variables lead to. It removes what it made. It writes a page that shows what passed and how the answers of
// AWS and Qlik Cloud differ from the sandbox's. `make verify-cloud` builds what it needs first.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/verifycloud"
)

func main() {
	var o verifycloud.Options
	flag.BoolVar(&o.Yes, "yes", false, "ask nothing")
	flag.BoolVar(&o.Sandbox, "sandbox", false, "play in the built-in sandbox only: needs no account and no tenant")
	flag.StringVar(&o.Architecture, "architecture", "", "instruction set of the function: arm64 (default) or x86_64")
	flag.StringVar(&o.WebhookLevel, "webhook-level", "tenant", "level of the webhook: tenant, which needs the role TenantAdmin, or user")
	flag.StringVar(&o.SpaceID, "space", "", "ID of the space for the three apps; the caller's personal space by default")
	flag.BoolVar(&o.NoRehearsal, "no-rehearsal", false, "leave out the life in the sandbox, and with it the comparison")
	flag.StringVar(&o.Dir, "dir", filepath.Join(".cache", "verify-cloud"),
		"folder for the pages, and for what is needed to remove the rest of a run that was cut off")
	flag.StringVar(&o.Remove, "remove", "", "name of a chain of an earlier run, verify-cloud-…: remove what it left, and do nothing else")
	flag.Parse()
	o.In, o.Out = os.Stdin, os.Stdout

	ctx, hurry, stop := interrupts()
	err := run(ctx, hurry, o)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "verify-cloud: %v\n", err)
		os.Exit(1)
	}
}

// interrupts makes two contexts. The first interrupt ends ctx, and what was made is removed. The next one ends hurry, and the removal with
// it.
func interrupts() (ctx, hurry context.Context, stop func()) {
	hurry, stopHurry := context.WithCancel(context.Background())
	ctx, stopLife := context.WithCancel(hurry)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	// Ctrl-C also ends a tee that reads the output. The removal then shows nothing, and continues.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	done := make(chan struct{})
	go func() {
		for _, next := range []struct {
			say string
			end func()
		}{
			{"Interrupted. What was made is removed now. Interrupt again to leave it.", stopLife},
			{"Interrupted again. Run `make verify-cloud` again to remove what is left.", stopHurry},
		} {
			select {
			case <-signals:
				fmt.Fprintln(os.Stderr, "\n"+next.say)
				next.end()
			case <-done:
				return
			}
		}
	}()
	return ctx, hurry, func() {
		signal.Stop(signals)
		close(done)
		stopHurry()
	}
}

func run(ctx, hurry context.Context, o verifycloud.Options) error {
	var err error
	if o.Root, err = os.Getwd(); err != nil {
		return err
	}
	for _, needed := range []string{"terraform-provider-qlik", "bootstrap"} {
		if _, err := os.Stat(filepath.Join(o.Root, "bin", needed)); err != nil {
			return fmt.Errorf("bin/%s is missing. Run `make verify-cloud` in the project's folder, which builds it: %w", needed, err)
		}
	}
	if o.Terraform, err = terraform.Find(ctx, filepath.Join(o.Root, ".cache"), 3*time.Minute); err != nil {
		return err
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return err
	}
	o.Version = version(ctx)
	return verifycloud.Run(ctx, hurry, o)
}

// version returns the commit that the provider is built from.
func version(ctx context.Context) string {
	text, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--tags").Output()
	if err != nil {
		return "of unknown version" // no Git, or a copy without history
	}
	return strings.TrimSpace(string(text))
}

// SPDX-License-Identifier: MPL-2.0

// Command qlik-chain operates deployed task chains, with the AWS credentials of its user.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/command"
)

// version is the release, which the linker sets.
var version string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the command at once
	code := command.Run(ctx, version, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

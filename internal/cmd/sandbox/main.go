// SPDX-License-Identifier: MPL-2.0

// Command sandbox keeps a loopback AWS and a loopback Qlik Cloud tenant running until it is interrupted, with a folder in which terraform
// works with them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/tryout"
)

func main() {
	apps := flag.String("apps", "", "how many apps the tenant has, or a file with one name a line; an empty line ends a group")
	dir := flag.String("dir", ".sandbox", "folder for terraform")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *apps, *dir)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, apps, dir string) error {
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	binary, err := terraform.Find(ctx, filepath.Join(root, ".cache"), 3*time.Minute)
	if err != nil {
		return err
	}
	return tryout.Run(ctx, tryout.Options{
		Root: root, Dir: dir, Apps: apps, Terraform: binary, Reload: 2 * time.Second, In: os.Stdin, Out: os.Stdout,
	})
}

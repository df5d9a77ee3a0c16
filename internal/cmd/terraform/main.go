// SPDX-License-Identifier: MPL-2.0

// Command terraform prints the path of the binary to test with. If there is none, it first gets one into .cache:
//
//	go run ./internal/cmd/terraform        terraform, which is fetched
//	go run ./internal/cmd/terraform tofu   OpenTofu, which is built
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	path, err := find(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(path)
}

func find(ctx context.Context, args []string) (string, error) {
	dir, err := filepath.Abs(".cache")
	if err != nil {
		return "", err
	}
	switch {
	case len(args) == 0, len(args) == 1 && args[0] == "terraform":
		return terraform.Find(ctx, dir, 3*time.Minute)
	case len(args) == 1 && args[0] == "tofu":
		return terraform.FindOpenTofu(ctx, dir)
	default:
		return "", fmt.Errorf("%q cannot be found: say terraform or tofu", args)
	}
}

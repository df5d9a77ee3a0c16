// SPDX-License-Identifier: MPL-2.0

// Command browser makes sure that a Chromium and axe-core for tests of the live page are installed, and prints the Chromium's path.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/browser"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	path, err := browser.Ensure(ctx, os.Stderr)
	if err == nil {
		_, err = browser.Axe(ctx, ".", os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // the deferred cancel has nothing left to stop
	}
	fmt.Println(path)
}

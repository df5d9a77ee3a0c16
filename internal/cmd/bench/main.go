// SPDX-License-Identifier: MPL-2.0

// Command bench measures the function and the provider, and compares them with the minimum and with the alternatives of users:
//
//	go run ./internal/cmd/bench              prints tables
//	go run ./internal/cmd/bench -rounds 5    in less time, with less to go by
//
// It measures everything in one run, in rounds, each in another order, so that other work of the machine affects all programs alike. So
// trust the ratios, not the milliseconds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/provider"
)

func main() {
	rounds := flag.Int("rounds", 20, "how often everything is measured")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *rounds)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "Cannot measure: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int) (err error) {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "task-chain-bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	report := &figures.Report{Title: fmt.Sprintf("%s, %s/%s, %d cores, %s, %d rounds",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), rounds)}
	config := figures.Config{Root: root, Dir: dir, Rounds: rounds, Say: func(what string) { fmt.Fprintln(os.Stderr, what) }}
	if err = function.Measure(ctx, config, report); err != nil {
		return err
	}
	if err = provider.Measure(ctx, config, report); err != nil {
		return err
	}
	_, err = fmt.Print(report.Markdown())
	return err
}

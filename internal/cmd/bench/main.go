// SPDX-License-Identifier: MPL-2.0

// Command bench measures the function and the provider beside what they could be, and beside what users would have instead:
//
//	go run ./internal/cmd/bench              writes bench/bench.md and bench/bench.json, and shows the former
//	go run ./internal/cmd/bench -rounds 5    in less time, with less to go by
//
// Everything is measured in one run, in rounds of which each does everything in another order: what else the machine does meanwhile
// meets all alike. So trust the ratios, not the milliseconds.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/definition"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/provider"
)

func main() {
	rounds := flag.Int("rounds", 20, "how often everything is measured")
	only := flag.String("only", "", "measure this part alone: function, definition or provider")
	out := flag.String("out", "bench", "folder to write the report to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *rounds, *only, *out)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "\nMeasuring failed: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, only, out string) error {
	if rounds < 1 {
		return errors.New("there has to be a round")
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "task-chain-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	report := &figures.Report{Host: fmt.Sprintf("%s, %s/%s, %d cores, %s, %d rounds",
		time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), rounds)}
	say := func(what string) { fmt.Fprintf(os.Stderr, "\r\x1b[K%s", what) }
	known := false
	for _, part := range []struct {
		name    string
		measure func() error
	}{
		{"function", func() error {
			return function.Measure(ctx, function.Config{Root: root, Dir: dir, Rounds: rounds, Say: say}, report)
		}},
		{"definition", func() error {
			return definition.Measure(definition.Config{Rounds: rounds, Say: say}, report)
		}},
		{"provider", func() error {
			return provider.Measure(ctx, provider.Config{Root: root, Dir: dir, Rounds: rounds, Say: say}, report)
		}},
	} {
		if only != "" && only != part.name {
			continue
		}
		known = true
		err := part.measure()
		say("")
		if err != nil {
			return err
		}
	}
	if !known {
		return fmt.Errorf("there is no part %q", only)
	}
	return write(report, out)
}

// write leaves the report in a folder and shows it.
func write(report *figures.Report, folder string) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	for name, as := range map[string]func(*os.File) error{
		"bench.md":   func(f *os.File) error { return report.Markdown(f) },
		"bench.json": func(f *os.File) error { return report.JSON(f) },
	} {
		file, err := os.Create(filepath.Join(folder, name)) //nolint:gosec // the folder is whoever runs this's choice
		if err != nil {
			return err
		}
		if err := errors.Join(as(file), file.Close()); err != nil {
			return err
		}
	}
	return report.Markdown(os.Stdout)
}

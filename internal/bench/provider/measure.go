// SPDX-License-Identifier: MPL-2.0

// Package provider measures the provider: how it starts, and what the real terraform takes with it against the sandbox.
package provider

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
)

// Config says what to measure.
type Config struct {
	Root   string // the project's folder
	Dir    string // for files of the run
	Rounds int
	Say    func(string) // what is being measured
}

// roundsOfTerraform are what the rows with the real terraform are given, whose times vary less and are longer.
func (c Config) roundsOfTerraform() int { return (c.Rounds + 3) / 4 }

type bench struct {
	Config
	binary    string // of the provider
	terraform string
	report    *figures.Report
}

// Measure fills in the report's tables about the provider.
func Measure(ctx context.Context, c Config, report *figures.Report) error {
	b := &bench{Config: c, binary: filepath.Join(c.Root, "bin", "terraform-provider-qlik"), report: report}
	if _, err := os.Stat(b.binary); err != nil {
		return fmt.Errorf("the provider is not built. Run `make bench` in the project's folder, which builds it first: %w", err)
	}
	var err error
	if b.terraform, err = terraform.Find(ctx, filepath.Join(c.Root, ".cache"), 3*time.Minute); err != nil {
		return err
	}
	for _, measure := range []func(context.Context) error{b.start, b.plans, b.lives} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

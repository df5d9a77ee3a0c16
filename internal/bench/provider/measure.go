// SPDX-License-Identifier: MPL-2.0

// Package provider measures the provider: its start, and what the real terraform does with it against the sandbox.
package provider

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
)

const (
	column     = "the provider"
	rowStart   = "start, until it serves terraform, processor time"
	rowBinary  = "binary, with the function's zips in it"
	rowPlan    = "plan of "
	rowTook    = " of a chain, each call takes 20 ms longer"
	rowCalls   = " of a chain"
	rowInTurn  = ", the time of its calls, one after another"
	tenChains  = "10 chains"
	manyChains = "100 chains"
	longChain  = "a chain of 1,000 steps"
)

type bench struct {
	figures.Config
	binary    string // of the provider
	terraform string
	table     *figures.Table
}

// Measure adds the figures of the provider to the report. It measures terraform in every fourth round only: that takes long, and varies
// less.
func Measure(ctx context.Context, c figures.Config, report *figures.Report) error {
	b := &bench{Config: c, binary: filepath.Join(c.Root, "bin", "terraform-provider-qlik"), table: report.Table("The provider", column)}
	info, err := os.Stat(b.binary)
	if err != nil {
		return fmt.Errorf("the provider is not built. Run `make bench` in the project's folder, which builds it first: %w", err)
	}
	if b.terraform, err = terraform.Find(ctx, filepath.Join(c.Root, ".cache"), 3*time.Minute); err != nil {
		return err
	}
	b.table.Add(rowBinary, "MB", column, float64(info.Size())/1e6)
	for round := range c.Rounds {
		c.Say(fmt.Sprintf("the provider, round %d of %d", round+1, c.Rounds))
		measures := []func(context.Context) error{b.start, b.plans, b.life}
		if round%4 > 0 {
			measures = measures[:1]
		}
		for _, measure := range measures {
			if err := measure(ctx); err != nil {
				return err
			}
		}
	}
	of := func(row string) figures.Series { return b.table.Series(row, column) }
	report.Compare("plan of 100 chains ÷ plan of 10 chains", of(rowPlan+manyChains), of(rowPlan+tenChains))
	for _, a := range acts {
		report.Compare(a.name+" ÷ its calls one after another", of(a.name+rowTook), of(a.name+rowInTurn))
	}
	return nil
}

func (b *bench) add(row string, d time.Duration) { b.table.Add(row, "ms", column, d.Seconds()*1e3) }

// start starts the provider as terraform does. The provider serves when it has written its address. Source of the line and the variables:
// go-plugin, https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md. Source of the cookie: terraform-plugin-go,
// tfprotov6/tf6server.
func (b *bench) start(ctx context.Context) error {
	command := exec.CommandContext(ctx, b.binary) //nolint:gosec // the provider that the bench has built
	command.Env = append(os.Environ(), "PLUGIN_PROTOCOL_VERSIONS=6",
		"TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	err = errors.Join(err, command.Process.Kill())
	_ = command.Wait() // it was killed
	if err != nil {
		return fmt.Errorf("the provider did not start: %w: %s", err, line)
	}
	b.add(rowStart, command.ProcessState.UserTime()+command.ProcessState.SystemTime())
	return nil
}

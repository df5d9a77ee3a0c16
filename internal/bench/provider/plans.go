// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// The sizes of a plan.
const (
	oneChain    = "1 chain"
	tenChains   = "10 chains"
	manyChains  = "100 chains"
	longChain   = "1 chain of 1,000 steps"
	rowPlanning = "terraform plan, nothing is deployed"
)

var sizes = []string{oneChain, tenChains, manyChains, longChain}

// plans plans configurations of several sizes.
func (b *bench) plans(ctx context.Context) (err error) {
	s, err := sandbox.Start(ctx, sandbox.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }() //nolint:contextcheck // closing outlives an interrupt
	spaces := map[string]*workspace.Workspace{}
	for size, configuration := range map[string]string{oneChain: chains(1), tenChains: chains(10), manyChains: chains(100), longChain: chainOf(1000)} {
		if spaces[size], err = b.workspace(ctx, "plan "+size, configuration, s); err != nil {
			return err
		}
	}
	row := b.report.Add("Planning", sizes...).Row(rowPlanning, "ms")
	for round := range b.roundsOfTerraform() {
		b.Say(fmt.Sprintf("plans, round %d of %d", round+1, b.roundsOfTerraform()))
		order := slices.Clone(sizes)
		//nolint:gosec // no secret depends on it
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, size := range order {
			began := time.Now()
			if err := run(ctx, spaces[size], nil, "plan", "-input=false", "-no-color"); err != nil {
				return err
			}
			row.Set(size, round, milliseconds(time.Since(began)))
		}
	}
	b.report.Compare("plan, 100 chains ÷ 10 chains", row.Values[manyChains], row.Values[tenChains], 10)
	return nil
}

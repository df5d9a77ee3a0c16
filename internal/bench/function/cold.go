// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"errors"
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
)

const (
	rowCold      = "cold start: process start → first /next"
	rowColdRead  = "cold start with the chain read: process start → an ignored event is answered"
	rowFirst     = "first event, one target: handed over → answered"
	rowColdFirst = "cold start and first event: process start → answered"
	rowMemory    = "memory after the cold start"
)

// cold starts every program anew in each round, once for an event that is ignored and once for one that a reload follows from.
func (b *bench) cold(ctx context.Context) error {
	for round := range b.Rounds {
		b.Say(fmt.Sprintf("cold starts, round %d of %d", round+1, b.Rounds))
		for _, name := range shuffled(b.small) {
			if err := b.coldStart(ctx, name, round); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if idle(name) {
				continue
			}
			if err := b.firstEvent(ctx, name, round); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func (b *bench) coldStart(ctx context.Context, name string, round int) (err error) {
	p, err := runtimeapi.Start(ctx, b.small[name])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	b.set(rowCold, name, round, p.Init)
	if bytes, known := p.Resident(); known {
		b.table.Row(rowMemory, "MB").Set(name, round, megabytes(bytes))
	}
	answer, err := invoke(ctx, p, appOutside)
	if err != nil {
		return err
	}
	b.set(rowColdRead, name, round, p.SinceStart(answer.At))
	return nil
}

func (b *bench) firstEvent(ctx context.Context, name string, round int) (err error) {
	p, err := runtimeapi.Start(ctx, b.small[name])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	b.tenant.Look()
	answer, err := invoke(ctx, p, AppID(rootOf1))
	if err != nil {
		return err
	}
	b.set(rowFirst, name, round, answer.Took)
	b.set(rowColdFirst, name, round, p.SinceStart(answer.At))
	return b.expectReloads(name, 1)
}

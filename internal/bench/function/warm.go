// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"errors"
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
)

const (
	rowIgnored    = "warm, ignored event"
	rowMatched    = "warm, one target, tenant answers at once"
	rowMemoryMany = "memory after 10,000 events"
)

const (
	chainOf5    = "5 steps"
	chainOf1000 = "1,000 steps"
)

// startAll starts the programs; stop ends them.
func startAll(ctx context.Context, all programs) (running map[string]*runtimeapi.Process, stop func() error, err error) {
	running = map[string]*runtimeapi.Process{}
	stop = func() error {
		var errs []error
		for _, p := range running {
			errs = append(errs, p.Close())
		}
		return errors.Join(errs...)
	}
	for name, program := range all {
		if running[name], err = runtimeapi.Start(ctx, program); err != nil {
			delete(running, name)
			return nil, nil, errors.Join(fmt.Errorf("%s: %w", name, err), stop())
		}
	}
	return running, stop, nil
}

// warm hands events to programs that stay, and at last so many that a leak would show.
func (b *bench) warm(ctx context.Context) (err error) {
	all := programs{chainOf1000: b.large[theFunction]}
	for name, program := range b.small {
		all[name] = program
	}
	running, stop, err := startAll(ctx, all)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for name, p := range running { // what a program does once is no part of this
		if _, err := invokeMany(ctx, p, AppID(rootOf1), matchedPerRound); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for round := range b.Rounds {
		b.Say(fmt.Sprintf("warm events, round %d of %d", round+1, b.Rounds))
		for _, name := range shuffled(all) {
			if err := b.warmEvents(ctx, name, running[name], round); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for name, p := range running {
		b.Say(fmt.Sprintf("%d events for %s", manyEvents, name))
		if _, err := invokeMany(ctx, p, appOutside, manyEvents); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if bytes, known := p.Resident(); known && name != chainOf1000 {
			b.table.Row(rowMemoryMany, "MB").Set(name, 0, megabytes(bytes))
		}
	}
	return nil
}

func (b *bench) warmEvents(ctx context.Context, name string, p *runtimeapi.Process, round int) error {
	b.aws.Look()
	b.tenant.Look()
	ignored, err := invokeMany(ctx, p, appOutside, ignoredPerRound)
	if err != nil {
		return err
	}
	if calls := b.aws.Look(); len(calls) > 0 {
		return fmt.Errorf("an ignored event led to the calls %v", calls)
	}
	if err := b.expectReloads(name, 0); err != nil {
		return err
	}
	column, table := name, b.table
	switch name {
	case chainOf1000:
		table = b.sizes
	case theFunction:
		b.sizes.Row(rowIgnored, "ms").Set(chainOf5, round, milliseconds(ignored))
	}
	table.Row(rowIgnored, "ms").Set(column, round, milliseconds(ignored))
	if idle(name) {
		return nil
	}
	matched, err := invokeMany(ctx, p, AppID(rootOf1), matchedPerRound)
	if err != nil {
		return err
	}
	if name == theFunction {
		b.sizes.Row(rowMatched, "ms").Set(chainOf5, round, milliseconds(matched))
		b.countCalls("calls of DynamoDB for an event with one target", matchedPerRound)
	}
	table.Row(rowMatched, "ms").Set(column, round, milliseconds(matched))
	return b.expectReloads(name, matchedPerRound)
}

// countCalls notes how many calls of AWS one of so many events took.
func (b *bench) countCalls(what string, events int) {
	calls := 0
	for _, n := range b.aws.Look() {
		calls += n
	}
	b.table.Row(what, "").Set(theFunction, 0, float64(calls)/float64(events))
}

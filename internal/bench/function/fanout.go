// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
)

// The rows of a fan-out: all of it, and of that the requests as the tenant saw them.
const (
	rowFanOut   = "fan-out to %d at 50 ms: handed over → answered"
	rowRequests = "fan-out to %d at 50 ms: first request → last answer"
)

// fanOut lets many reloads follow from one event, with a tenant that takes its time.
func (b *bench) fanOut(ctx context.Context) (err error) {
	all := programs{}
	for name, program := range b.large {
		if !idle(name) {
			all[name] = program
		}
	}
	running, stop, err := startAll(ctx, all)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	defer b.tenant.SetLatency(0)
	b.tenant.SetLatency(latency)
	for round := range b.Rounds {
		b.Say(fmt.Sprintf("fan-outs, round %d of %d", round+1, b.Rounds))
		for _, name := range shuffled(all) {
			if err := b.fanOutTo(ctx, name, running[name], 20, AppID(rootOf20), round); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			if round >= largestRounds {
				continue
			}
			if err := b.fanOutTo(ctx, name, running[name], 200, AppID(rootOf200), round); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func (b *bench) fanOutTo(ctx context.Context, name string, p *runtimeapi.Process, targets int, app string, round int) error {
	if round == 0 { // warm: its connections are there
		if _, err := invoke(ctx, p, app); err != nil {
			return err
		}
	}
	b.tenant.Look()
	b.aws.Look()
	answer, err := invoke(ctx, p, app)
	if err != nil {
		return err
	}
	seen := b.tenant.Look()
	if seen.Reloads != targets {
		return fmt.Errorf("it asked for %d reloads, and not for %d", seen.Reloads, targets)
	}
	b.set(fmt.Sprintf(rowFanOut, targets), name, round, answer.Took)
	b.set(fmt.Sprintf(rowRequests, targets), name, round, seen.Last.Sub(seen.First))
	if name == theFunction {
		b.countCalls(fmt.Sprintf("calls of DynamoDB for a fan-out to %d", targets), 1)
	}
	return nil
}

// inLatencies is a series of milliseconds as multiples of the time that one request takes.
func inLatencies(ms []float64) []float64 {
	multiples := make([]float64, len(ms))
	for i := range ms {
		multiples[i] = ms[i] / float64(latency/time.Millisecond)
	}
	return multiples
}

// SPDX-License-Identifier: MPL-2.0

// Package function measures the chain's function, an empty program, and functions in Node.js.
package function

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

const (
	ignoredEvents = 200                   // a round takes their median
	matchedEvents = 5                     // likewise
	latency       = 50 * time.Millisecond // time that the tenant takes to accept a reload, in a fan-out; elsewhere it answers at once
)

// The rows.
const (
	rowCold      = "cold start: process start → asks for an event"
	rowColdRead  = "… and an event that is not about the chain is answered"
	rowFirst     = "first event, one reload follows"
	rowColdFirst = "cold start and first event"
	rowMemory    = "memory after the cold start"
	rowIgnored   = "event that is not about the chain"
	rowMatched   = "event, one reload follows, chain of %d steps"
	rowFanOut    = "event, 20 reloads follow, of 50 ms each"
)

type bench struct {
	figures.Config
	*world
	bareGo, bootstrap, node string // the programs
	small, large            deployed
	table                   *figures.Table
}

// Measure adds the figures of the function to the report. If there is no Node.js, it measures the rest.
func Measure(ctx context.Context, c figures.Config, report *figures.Report) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	b, err := newBench(ctx, c, report)
	if err != nil {
		return err
	}
	programs := columns
	if b.node, err = exec.LookPath("node"); err != nil {
		programs = programs[:2]
	}
	for round := range c.Rounds {
		c.Say(fmt.Sprintf("the function, round %d of %d", round+1, c.Rounds))
		order := slices.Clone(programs)
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] }) //nolint:gosec // no secret depends on it
		for _, program := range order {
			if err := b.measure(ctx, program); err != nil {
				return fmt.Errorf("%s: %w", program, err)
			}
		}
	}
	for _, architecture := range bundle.Architectures {
		code, err := bundle.Load(architecture)
		if err != nil {
			return err
		}
		b.table.Add("zip, "+architecture, "MB", theFunction, float64(len(code.Zip))/1e6)
	}
	b.compare(report)
	return nil
}

// newBench builds the programs and makes a world for them until ctx is done.
func newBench(ctx context.Context, c figures.Config, report *figures.Report) (*bench, error) {
	b := &bench{
		Config: c, bareGo: filepath.Join(c.Dir, "floor"), bootstrap: filepath.Join(c.Dir, "bootstrap"),
		table: report.Table("The function", columns...),
	}
	err := b.build(ctx)
	if err != nil {
		return nil, err
	}
	if b.world, err = newWorld(ctx, c.Dir); err != nil {
		return nil, err
	}
	if b.small, err = b.deploy(ctx, "small", small()); err != nil {
		return nil, err
	}
	b.large, err = b.deploy(ctx, "large", large())
	return b, err
}

// measure measures a program once, with three processes of it.
func (b *bench) measure(ctx context.Context, program string) error {
	for _, part := range []struct {
		chain   deployed
		measure func(context.Context, string, *runtimeapi.Process) error
	}{{b.small, b.ignored}, {b.small, b.first}, {b.large, b.fanOut}} {
		p, err := b.start(ctx, program, part.chain)
		if err != nil {
			return err
		}
		if err := errors.Join(part.measure(ctx, program, p), p.Close()); err != nil || program == bareGo { // which starts no reload
			return err
		}
	}
	return nil
}

// ignored sends events that do not concern the chain.
func (b *bench) ignored(ctx context.Context, program string, p *runtimeapi.Process) error {
	b.add(rowCold, program, p.Init)
	if memory, known := p.Memory(); known {
		b.table.Add(rowMemory, "MB", program, memory/1e6)
	}
	answer, err := b.send(ctx, p, outside, 0)
	if err != nil {
		return err
	}
	b.add(rowColdRead, program, answer.InAll)
	calls := b.aws.calls.Load()
	took, err := b.sendMany(ctx, p, outside, ignoredEvents, 0)
	if n := b.aws.calls.Load() - calls; err == nil && n > 0 {
		err = fmt.Errorf("%d events that are not about the chain led to %d calls of AWS", ignoredEvents, n)
	}
	b.add(rowIgnored, program, took)
	return err
}

// first sends the first event that leads to a reload.
func (b *bench) first(ctx context.Context, program string, p *runtimeapi.Process) error {
	answer, err := b.send(ctx, p, rootOf1, 1)
	if err != nil {
		return err
	}
	b.add(rowFirst, program, answer.Took)
	b.add(rowColdFirst, program, answer.InAll)
	return b.matched(ctx, program, p, 5)
}

// matched sends events that lead to a reload.
func (b *bench) matched(ctx context.Context, program string, p *runtimeapi.Process, steps int) error {
	took, err := b.sendMany(ctx, p, rootOf1, matchedEvents, 1)
	b.add(fmt.Sprintf(rowMatched, steps), program, took)
	return err
}

// fanOut sends an event that leads to many reloads, after the program has opened its connections.
func (b *bench) fanOut(ctx context.Context, program string, p *runtimeapi.Process) error {
	const targets = 20
	if _, err := b.send(ctx, p, rootOf20, targets); err != nil {
		return err
	}
	if err := b.matched(ctx, program, p, 1000); err != nil {
		return err
	}
	b.tenant.latency.Store(int64(latency))
	defer b.tenant.latency.Store(0)
	answer, err := b.send(ctx, p, rootOf20, targets)
	b.add(rowFanOut, program, answer.Took)
	return err
}

func (b *bench) add(row, program string, d time.Duration) {
	b.table.Add(row, "ms", program, d.Seconds()*1e3)
}

// send sends an event about the app, and checks the number of reloads that follow: a fast program must also have done the work.
func (b *bench) send(ctx context.Context, p *runtimeapi.Process, app int, reloads int64) (answer runtimeapi.Answer, err error) {
	payload, err := event(app)
	if err != nil {
		return answer, err
	}
	before := b.tenant.reloads.Load()
	answer, err = p.Invoke(ctx, payload)
	if got := b.tenant.reloads.Load() - before; err == nil && got != reloads {
		err = fmt.Errorf("it asked for %d reloads, and not for %d", got, reloads)
	}
	return answer, err
}

// sendMany sends events and returns the median time of an answer.
func (b *bench) sendMany(ctx context.Context, p *runtimeapi.Process, app, events int, reloads int64) (time.Duration, error) {
	var took figures.Series
	for range events {
		answer, err := b.send(ctx, p, app, reloads)
		if err != nil {
			return 0, err
		}
		took = append(took, float64(answer.Took))
	}
	slices.Sort(took)
	return time.Duration(took[len(took)/2]), nil
}

// compare adds the ratios that are in the guide.
func (b *bench) compare(report *figures.Report) {
	of := b.table.Series
	five, thousand := fmt.Sprintf(rowMatched, 5), fmt.Sprintf(rowMatched, 1000)
	request := slices.Repeat(figures.Series{latency.Seconds() * 1e3}, b.Rounds)
	for _, ratio := range []struct {
		what, row string // of the function
		to        figures.Series
	}{
		{"cold start ÷ bare Go", rowCold, of(rowCold, bareGo)},
		{"cold start ÷ Node.js", rowCold, of(rowCold, nodeInTurn)},
		{"cold start with the chain read ÷ Node.js' cold start", rowColdRead, of(rowCold, nodeInTurn)},
		{"cold start and first event ÷ Node.js", rowColdFirst, of(rowColdFirst, nodeInTurn)},
		{"first event ÷ Node.js", rowFirst, of(rowFirst, nodeInTurn)},
		{"memory ÷ bare Go", rowMemory, of(rowMemory, bareGo)},
		{"memory ÷ Node.js", rowMemory, of(rowMemory, nodeInTurn)},
		{"event that is not about the chain ÷ bare Go", rowIgnored, of(rowIgnored, bareGo)},
		{"fan-out ÷ one request", rowFanOut, request},
		{"fan-out ÷ Promise.all", rowFanOut, of(rowFanOut, nodeParallel)},
		{"event, chain of 1,000 steps ÷ 5 steps", thousand, of(five, theFunction)},
	} {
		report.Compare(ratio.what, of(ratio.row, theFunction), ratio.to)
	}
}

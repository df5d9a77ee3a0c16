// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/runtimeapi"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
)

// Config says what to measure.
type Config struct {
	Root   string // the project's folder
	Dir    string // for files of the run
	Rounds int
	Say    func(string) // what is being measured
}

// How much is done in one round.
const (
	ignoredPerRound = 200
	matchedPerRound = 20
	largestRounds   = 3      // of the fan-out to 200, which takes ten seconds one after another
	manyEvents      = 10_000 // after which the memory is looked at again
)

// latency is how long the tenant takes to answer in the fan-outs. Elsewhere it answers at once.
const latency = 50 * time.Millisecond

type bench struct {
	Config
	*world
	small, large programs
	table, sizes *figures.Table
}

// Measure fills in the report's tables about the function.
func Measure(ctx context.Context, c Config, report *figures.Report) (err error) {
	b := &bench{Config: c}
	files, err := findPaths(ctx, c.Root, c.Dir)
	if err != nil {
		return err
	}
	if b.world, err = newWorld(ctx, c.Dir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	b.small, b.large = files.of(c.Root, b.world.small), files.of(c.Root, b.world.large)
	b.table = report.Add("The function", theFunction, theFloor, theLibrary, theBaseline, theConcurrent)
	b.sizes = report.Add("The function and the size of its chain", chainOf5, chainOf1000)
	for _, measure := range []func(context.Context) error{b.cold, b.warm, b.fanOut} {
		if err := measure(ctx); err != nil {
			return err
		}
	}
	if err := b.zip(); err != nil {
		return err
	}
	b.targets(report)
	return nil
}

// set notes a time in milliseconds.
func (b *bench) set(what, program string, round int, d time.Duration) {
	b.table.Row(what, "ms").Set(program, round, milliseconds(d))
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }

// shuffled is the names in a random order, another one each time, so that no program always runs after the same one.
func shuffled(all programs) []string {
	names := slices.Sorted(maps.Keys(all))
	//nolint:gosec // no secret depends on it
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

func (b *bench) zip() error {
	for _, architecture := range bundle.Architectures {
		code, err := bundle.Load(architecture)
		if err != nil {
			return err
		}
		b.table.Row("zip, "+architecture, "MB").Set(theFunction, 0, megabytes(int64(len(code.Zip))))
	}
	return nil
}

func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }

// invoke hands an event about the app over.
func invoke(ctx context.Context, p *runtimeapi.Process, app string) (runtimeapi.Answer, error) {
	payload, err := event(app)
	if err != nil {
		return runtimeapi.Answer{}, err
	}
	return p.Invoke(ctx, payload)
}

// invokeMany hands so many events over and returns the median time.
func invokeMany(ctx context.Context, p *runtimeapi.Process, app string, times int) (time.Duration, error) {
	var all figures.Series
	for range times {
		answer, err := invoke(ctx, p, app)
		if err != nil {
			return 0, err
		}
		all = append(all, float64(answer.Took))
	}
	return time.Duration(all.Median()), nil
}

// expectReloads checks that the tenant was asked for so many reloads since it was looked at last: what is fast must have been done.
func (b *bench) expectReloads(program string, want int) error {
	if got := b.tenant.Look().Reloads; got != want {
		return fmt.Errorf("%s asked for %d reloads, and not for %d", program, got, want)
	}
	return nil
}

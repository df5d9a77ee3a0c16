// SPDX-License-Identifier: MPL-2.0

// Package definition measures what a chain's size makes of the work on its definition, and of the decision that each event takes.
package definition

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/figures"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Config says how often to measure.
type Config struct {
	Rounds int
	Say    func(string) // what is being measured
}

var sizes = []int{5, 100, 1000}

// A value is the least of several averages, each over as long as the clock needs: what else the machine does in between only adds.
const (
	averages = 5
	shortest = time.Millisecond
)

// work is something that is done with a definition.
type work struct {
	name, unit string
	per        time.Duration // what unit stands for
	prepare    func(*chain.Definition) (func() error, error)
}

const decision = "an event: parse it, find the step, decide what comes next in a run of the whole chain"

var all = []work{
	{"parse", "ms", time.Millisecond, func(d *chain.Definition) (func() error, error) {
		text, err := d.Encode()
		return func() error {
			_, err := chain.Parse(text)
			return err
		}, err
	}},
	{"validate", "ms", time.Millisecond, func(d *chain.Definition) (func() error, error) {
		return func() error {
			if problems := d.Validate(); len(problems) > 0 {
				return fmt.Errorf("the chain is not valid: %v", problems)
			}
			return nil
		}, nil
	}},
	{"index, once for each execution environment", "ms", time.Millisecond, func(d *chain.Definition) (func() error, error) {
		return func() error {
			chain.NewIndex(d)
			return nil
		}, nil
	}},
	{decision, "µs", time.Microsecond, decide},
}

// event is about the first app of the chain, which has three after it whatever the chain's size.
const event = `{"id":"7f1c2e0a-4f55-4c0e-9c1b-0d7b3f5b1a11","type":"com.qlik.v1.reload.finished","source":"com.qlik/reloads","specversion":"1.0",` +
	`"time":"2026-11-23T04:12:09Z","tenantid":"AbCdEfGhIjKlMnOpQrStUvWxYz012345","userid":"u","ownerid":"o","spaceid":"65f0c0ffee0000000000abcd",` +
	`"toplevelresourceid":%q,"data":{"id":"6a849f7f18ec290e6ceb0001","appId":%[1]q,"userId":"u","succeeded":true,"status":"SUCCEEDED",` +
	`"type":"hub","partial":false,"weight":1,"creationTime":"2026-11-23T04:10:09Z","durationSeconds":121.4}}`

// decide takes the first end of a reload in a run of the whole chain into account.
func decide(d *chain.Definition) (func() error, error) {
	index, body := chain.NewIndex(d), fmt.Appendf(nil, event, chaintest.AppID(0))
	rules, now := run.NewCurrent(index), time.Date(2026, time.November, 23, 4, 12, 9, 0, time.UTC)
	cycle := run.DefaultCalendar(time.UTC).At(now)
	begun := &run.State{Begin: cycle.Begin, End: cycle.End}
	first := run.Run{ID: "1", At: now, Origins: []string{chaintest.AppID(0)}, Shape: run.ShapeOf(d)}
	run.Decide(begun, rules, now, run.Began{Run: first})
	return func() error {
		e, err := qlik.ParseEvent(body)
		if err != nil {
			return err
		}
		outcome, _ := chain.OutcomeOf(string(e.Status))
		if _, known := index.StepOf(e.AppID); !known {
			return fmt.Errorf("the app %s is not in the chain", e.AppID)
		}
		effects := run.Decide(begun.Clone(), rules, now, run.Ended{Result: run.Result{
			Step: chaintest.AppID(0), Run: first.ID, Reload: "r1", Outcome: outcome, Status: string(e.Status), Attempt: 1, Started: now, Ended: now,
		}})
		if len(effects) != 3 {
			return fmt.Errorf("there are %d effects, not 3 starts", len(effects))
		}
		return nil
	}, nil
}

// Measure fills in the report's table about definitions.
func Measure(c Config, report *figures.Report) error {
	columns := make([]string, len(sizes))
	for i, steps := range sizes {
		columns[i] = fmt.Sprintf("%d steps", steps)
	}
	table := report.Add("The definition", columns...)
	type contest struct {
		work   *work
		column string
		run    func() error
	}
	var contests []contest
	for i := range all {
		table.Row(all[i].name, all[i].unit) // in this order
		for j, steps := range sizes {
			run, err := all[i].prepare(chaintest.Tree(steps))
			if err != nil {
				return err
			}
			contests = append(contests, contest{&all[i], columns[j], run})
		}
	}
	for round := range c.Rounds {
		c.Say(fmt.Sprintf("definitions, round %d of %d", round+1, c.Rounds))
		order := slices.Clone(contests)
		//nolint:gosec // no secret depends on it
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, contest := range order {
			once, err := repeat(contest.run)
			if err != nil {
				return fmt.Errorf("%s: %w", contest.work.name, err)
			}
			table.Row(contest.work.name, contest.work.unit).Set(contest.column, round, float64(once)/float64(contest.work.per))
		}
	}
	return nil
}

// repeat does something again and again and returns what it takes.
func repeat(run func() error) (time.Duration, error) {
	least := time.Duration(math.MaxInt64)
	for range averages {
		began := time.Now()
		for n := 1; ; n++ {
			if err := run(); err != nil {
				return 0, err
			}
			if took := time.Since(began); took >= shortest {
				least = min(least, took/time.Duration(n))
				break
			}
		}
	}
	return least, nil
}

// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// applyAtRandom changes the chain as an apply could: one of its limits, or a step. A step may be renamed or removed too.
func (w *world) applyAtRandom(r *rand.Rand, name string, gone bool) {
	d := *w.index.Definition()
	d.Steps = maps.Clone(d.Steps)
	s := d.Steps[name]
	limit := &chain.MaxDuration{After: chain.Duration(10 * time.Minute), OnExceeded: chain.OnExceededCancel}
	rename := func(to string) { // the links follow; without a new name, they go
		delete(d.Steps, name)
		for other, of := range d.Steps {
			if condition, after := of.After[name]; after {
				of.After = maps.Clone(of.After)
				if delete(of.After, name); to != "" {
					of.After[to] = condition
				}
				d.Steps[other] = of
			}
		}
		name = to
	}
	switch r.IntN(12) {
	case 0, 1:
		s.Enabled = !s.Enabled
	case 2:
		s.Delay = chain.Duration(time.Duration(r.IntN(3)) * 20 * time.Minute)
	case 3:
		s.Retry = &chain.Retry{MaxAttempts: 1 + r.IntN(3), Interval: chain.Duration(time.Duration(1+r.IntN(30)) * time.Minute)}
	case 4:
		s.When = []string{"", always, never}[r.IntN(3)]
	case 5:
		s.MaxStartsPerHour = 1 + r.IntN(3)
	case 6:
		s.MaxDuration = limit
	case 7:
		d.MaxDuration = limit
	case 8:
		d.MaxRunning = r.IntN(4)
	case 9:
		d.Overlap = []chain.Overlap{chain.OverlapAllow, chain.OverlapQueue, chain.OverlapSkip}[r.IntN(3)]
	case 10:
		if gone {
			rename(name + "x")
		}
	default:
		if gone && len(d.Steps) > 2 {
			rename("")
		}
	}
	if name != "" {
		d.Steps[name] = s
	}
	w.index = chain.NewIndex(&d)
}

// TestAppliesAndOperators: a chain of apps and a signal is changed while its runs are under way, paused, resumed, canceled, repeated,
// reported; executions are cut off. Everything comes to an end: no start stays open, parked or queued, no run lacks an end.
func TestAppliesAndOperators(t *testing.T) {
	t.Parallel()
	first, handled, cut := firstSeed(), 0, 0
	for i := range played(*chains) {
		seed := first + uint64(i)
		r := rand.New(rand.NewPCG(seed, 9))
		d := randomChain(r, 8, 3)
		dbt := fmt.Sprintf("s%02d", r.IntN(len(d.Steps)))
		s := d.Steps[dbt]
		s.App, s.Signal, s.Retry, s.Delay = "", &chain.Signal{}, nil, 0
		d.Steps[dbt] = s
		d.MaxRunning, d.Overlap = r.IntN(3), []chain.Overlap{chain.OverlapAllow, chain.OverlapQueue, chain.OverlapSkip}[r.IntN(3)]
		w := newWorld(t, seed, d)
		w.ending = func(string, int) string { return []string{"SUCCEEDED", "SUCCEEDED", "FAILED"}[r.IntN(3)] }
		w.sweep(t, reloads)
		crashes := r.IntN(2) == 0
		if w.torn = r.IntN(2) == 0; crashes {
			w.crashes = 0.02
		}
		step := func() string {
			names := slices.Sorted(maps.Keys(w.index.Definition().Steps))
			return names[r.IntN(len(names))]
		}
		for i := range 15 {
			switch r.IntN(8) {
			case 0:
				if name := step(); w.index.Definition().Steps[name].App != "" {
					w.begin(name)
				}
			case 1:
				w.schedule("", 2)
			case 2, 3:
				w.applyAtRandom(r, step(), crashes) // without a sweep, nothing reports to a removed step
			case 4:
				w.queue = append(w.queue, invocation{id: fmt.Sprint("signal", i), operation: func(e *engine.Engine, id string) error {
					_, err := e.Signal(contextOf(), id, w.report(dbt, id, chain.OutcomeSuccess))
					return err
				}})
			default:
				w.randomRequest(r, step())
			}
			w.clock.Advance(time.Duration(r.IntN(10)) * time.Minute)
			for range r.IntN(6) {
				if active := w.active(); len(active) > 0 && r.IntN(2) == 0 {
					w.end(active[r.IntN(len(active))], 2)
				}
				w.run(1 + r.IntN(5))
			}
			if r.IntN(3) == 0 && w.nextDue() < time.Hour {
				w.tick()
			}
		}
		for len(w.queue) > 0 {
			w.run(4)
		}
		w.crashes, w.torn = 0, false
		for i := range 10 {
			w.operate(true)
			w.play(2, 3)
			if crashes {
				w.clock.Advance([]time.Duration{15 * time.Minute, 13 * time.Hour}[i/7])
				w.sweep(t, reloads)
			} else if i < 8 {
				w.signal(dbt, fmt.Sprint("last", i), chain.OutcomeSuccess)
			}
			w.play(1, 1)
		}
		if w.parked() > 0 {
			t.Errorf("-seed %d: %d starts are parked after the chain was resumed", seed, w.parked())
		}
		for key := range w.store.Items() {
			if strings.HasPrefix(key.SK, "SLOT#") || strings.HasPrefix(key.SK, "QUEUED#") {
				t.Errorf("-seed %d: %s is left", seed, key.SK)
			}
		}
		if list := w.unfinished(); len(list) > 0 {
			t.Errorf("-seed %d: %v", seed, list)
		}
		ofRemoved := func(s string) bool { return strings.HasPrefix(s, "no start has") }
		if list := slices.DeleteFunc(w.twice(), ofRemoved); len(list) > 0 {
			t.Errorf("-seed %d: %v", seed, list)
		}
		handled, cut = handled+w.handled, cut+w.cut
	}
	fmt.Printf("applies: %d chains, %d deliveries (seeds from %d, %d executions repeated)\n", played(*chains), handled, first, cut)
}

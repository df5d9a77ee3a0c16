// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestLimitsUnderCrashes: schedules come while runs are under way, executions meet and are cut off at any call, and queries are no
// snapshots. Each run starts each step once, no more reloads are under way than max_running, with overlap = "queue" no two runs are, and
// all comes to an end.
func TestLimitsUnderCrashes(t *testing.T) {
	t.Parallel()
	chains, begun, cut := played(60), 0, 0
	for seed := range uint64(chains) {
		r := rand.New(rand.NewPCG(seed, 7))
		d := definition(map[string]chain.Step{
			"a": {}, "b": {}, "c": {After: after("a", "success")}, "d": {After: after("a", "completion", "b", "completion")},
			"e": {After: after("d", "success"), Delay: chain.Duration(time.Minute)},
		})
		d.Schedule = &chain.Schedule{Cron: "5 * * * ? *"}
		d.Overlap = []chain.Overlap{chain.OverlapAllow, chain.OverlapQueue, chain.OverlapQueue}[r.IntN(3)]
		d.MaxRunning = r.IntN(3)
		if r.IntN(2) == 0 {
			d.Cycle = &chain.Cycle{Begins: "00:00", Every: chain.Duration(time.Hour)}
		}
		w := newWorld(t, seed, d)
		w.crashes, w.torn = 0.03, r.IntN(2) == 0
		scheduled := 0
		fault := func(format string, args ...any) {
			t.Errorf("seed %d (%s, max_running %d, %v): %s", seed, d.Overlap, d.MaxRunning, d.Cycle, fmt.Sprintf(format, args...))
		}
		check := func() {
			if n := len(w.active()); d.MaxRunning > 0 && n > d.MaxRunning {
				fault("%d reloads are under way", n)
			}
		}
		for step := 0; ; step++ {
			if step > 5000 {
				fault("it does not come to an end")
				break
			}
			if step > 150 {
				w.crashes = 0
			}
			active := w.active()
			switch n := r.IntN(8); {
			case scheduled < 5 && n == 0:
				scheduled++
				w.clock.Advance(time.Hour)
				w.schedule("", 1+r.IntN(2))
				begins := func(in invocation) bool { return in.beginning != nil }
				for slices.ContainsFunc(w.queue, begins) { // none is late by an hour
					w.run(1 + r.IntN(3))
				}
			case len(active) > 0 && (n < 3 || len(w.queue) == 0):
				w.end(active[r.IntN(len(active))], 1+r.IntN(2))
			case len(w.queue) > 0:
				w.run(1 + r.IntN(3))
				check()
			case !w.tick() && scheduled == 5:
				step = 1 << 20
			}
			if step >= 1<<20 {
				break
			}
		}
		cut += w.cut
		w.crashes, w.torn = 0, false
		e := w.engine(w.execution())
		runs, _, err := e.Runs(t.Context(), "", 0)
		if err != nil {
			t.Fatal(err)
		}
		begun += len(runs)
		// Reloads of two runs that are made within one second cannot be distinguished when an event comes before the answer to the request.
		// Then the reload of one may count for the other, which goes on with the step, or begin a run of its own. None is made twice.
		byReload, superseded := 0, 0
		for _, record := range runs {
			if record.StartedBy == engine.StartedByReload {
				byReload++
			}
		}
		if len(runs)-byReload != scheduled {
			fault("%d runs of %d schedules", len(runs)-byReload, scheduled)
		}
		type span struct{ from, to time.Time }
		var spans []span
		for _, record := range runs {
			view, err := e.Run(t.Context(), record.ID)
			if err != nil {
				t.Fatal(err)
			}
			if view.Status != "succeeded" {
				fault("the run %s is %s: %+v", view.ID, view.Status, view.Steps)
			}
			s := span{}
			started := map[string]int{}
			for _, start := range view.Starts {
				started[start.Step]++
				if start.Phase == engine.PhaseSuperseded {
					superseded++
					continue
				}
				if s.from.IsZero() || start.StartedAt.Before(s.from) {
					s.from = start.StartedAt
				}
				if start.EndedAt.After(s.to) {
					s.to = start.EndedAt
				}
			}
			for _, n := range started {
				if n != 1 {
					fault("in the run %s the steps were started %v", view.ID, started)
				}
			}
			spans = append(spans, s)
		}
		if n := len(w.reloads); n > 5*scheduled || n+superseded < 5*scheduled {
			fault("%d reloads in %d runs, with %d starts for which another run goes on", n, len(runs), superseded)
		}
		for i, a := range spans {
			for _, b := range spans[:i] {
				if d.Overlap == chain.OverlapQueue && a.from.Before(b.to) && b.from.Before(a.to) {
					fault("two runs are under way from %s to %s, and from %s to %s", a.from, a.to, b.from, b.to)
				}
			}
		}
		for key := range w.store.Items() {
			if strings.HasPrefix(key.SK, "SLOT#") || strings.HasPrefix(key.SK, "QUEUED#") {
				fault("%s is left", key.SK)
			}
		}
		if unfinished := w.unfinished(); len(unfinished) > 0 {
			fault("unfinished: %v", unfinished)
		}
	}
	fmt.Printf("limits: %d chains, %d runs, %d executions cut off\n", chains, begun, cut)
}

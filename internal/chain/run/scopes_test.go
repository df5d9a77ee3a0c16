// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

var (
	scopeEvents    = flag.Int("events", 4, "play every order of so many events on chains of up to three steps")
	scopeShare     = flag.Int("share", 8, "play them on one in so many of these chains")
	scopeFour      = flag.Int("four", 3, "play every order of so many events on chains of four steps")
	scopeShareFour = flag.Int("share-four", 300, "play them on one in so many of these chains")
	scopeParts     = flag.Int("parts", 1, "divide the chains of both into so many parts")
	scopePart      = flag.Int("part", 1, "play this part of them, from 1")
	scopeWhole     = flag.Bool("whole", false, "play also what must go as on another of these chains")
	scopeStand     = flag.Int("stand", 300, "compare so many chains with those that stand for them")
	scopeNights    = flag.Int("nights", 3000, "play so many healthy nights, and as many with a failure and its repair")
	scopeRandom    = flag.Int("random", 200, "play so many random nights on large chains")
)

var conditions = []chain.Condition{chain.ConditionSuccess, chain.ConditionFailure, chain.ConditionCompletion}

var waitFors = []run.WaitFor{run.WaitForAll, run.WaitForAny, run.WaitForAllStarted, run.WaitForAllSettled}

// plan is a chain of n steps: for each pair i < j the link's condition, from 1 in the order of conditions, or 0, and each step's wait_for.
type plan struct {
	links [4][4]int
	waits [4]int
}

// plans lists every chain of n steps, one of those that differ by names alone.
func plans(n int) []plan { return allPlans[n]() }

var allPlans = []func() []plan{
	nil, sync.OnceValue(func() []plan { return listPlans(1) }), sync.OnceValue(func() []plan { return listPlans(2) }),
	sync.OnceValue(func() []plan { return listPlans(3) }), sync.OnceValue(func() []plan { return listPlans(4) }),
}

func listPlans(n int) []plan {
	var list []plan
	seen := map[plan]bool{}
	orders := permutations(n)
	var fill func(p plan, i, j int)
	fill = func(p plan, i, j int) {
		switch {
		case j == n:
			var wait func(p plan, step int)
			wait = func(p plan, step int) {
				if step == n {
					for _, order := range orders {
						if q, ok := p.renamed(order, n); ok && seen[q] {
							return
						}
					}
					seen[p] = true
					list = append(list, p)
					return
				}
				ups := 0
				for i := range n {
					if p.links[i][step] > 0 {
						ups++
					}
				}
				kinds := 1
				if ups > 1 {
					kinds = len(waitFors)
				}
				for k := range kinds {
					p.waits[step] = k
					wait(p, step+1)
				}
			}
			wait(p, 0)
		case i == j:
			fill(p, 0, j+1)
		default:
			for c := range len(conditions) + 1 {
				p.links[i][j] = c
				fill(p, i+1, j)
			}
		}
	}
	fill(plan{}, 0, 0)
	return list
}

// renamed gives each step the number that the order has for it. The links must still lead upwards.
func (p plan) renamed(order []int, n int) (plan, bool) {
	var q plan
	for j := range n {
		for i := range n {
			if p.links[i][j] > 0 {
				if order[i] >= order[j] {
					return q, false
				}
				q.links[order[i]][order[j]] = p.links[i][j]
			}
		}
		q.waits[order[j]] = p.waits[j]
	}
	return q, true
}

func permutations(n int) [][]int {
	if n == 0 {
		return [][]int{nil}
	}
	var list [][]int
	for _, p := range permutations(n - 1) {
		for i := range n {
			list = append(list, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return list
}

func (p plan) pair(n int) *pair {
	s, steps := run.Shape{}, []string{"a", "b", "c", "d"}[:n]
	for j, step := range steps {
		waits := run.Waits{After: map[string]chain.Condition{}, For: waitFors[p.waits[j]]}
		for i, up := range steps {
			if c := p.links[i][j]; c > 0 {
				waits.After[up] = conditions[c-1]
			}
		}
		s[step] = waits
	}
	return newPair(s, steps)
}

// roots are the steps without upstream.
func (p *pair) roots() []string {
	var list []string
	for _, s := range p.model.Steps {
		if len(s.After) == 0 {
			list = append(list, s.Name)
		}
	}
	return list
}

// moves are all events that can come next.
func (p *pair) moves() []move {
	var list []move
	roots := p.roots()
	next := "r" + strconv.Itoa(len(p.model.Runs))
	if len(roots) > 1 {
		list = append(list, move{kind: "begin", run: next, steps: roots})
	}
	for _, s := range p.model.Steps {
		if p.state.Over || slices.Contains(roots, s.Name) {
			list = append(list, move{kind: "begin", run: next, steps: []string{s.Name}})
		}
		list = append(list, move{kind: "only", run: next, steps: []string{s.Name}})
		if !p.state.Over {
			for _, outcome := range []chain.Outcome{success, failure} {
				list = append(list, move{kind: "hand", run: next, steps: []string{s.Name}, outcome: outcome, began: time.Second})
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(p.state.Runs)) {
		r := p.state.Runs[id]
		for _, s := range p.model.Steps {
			if f := r.Steps[s.Name]; f != nil && f.Start != nil && f.Start.Phase == run.PhaseRequested {
				for _, outcome := range []chain.Outcome{success, failure, canceled} {
					list = append(list, move{kind: "end", run: id, steps: []string{s.Name}, outcome: outcome})
				}
			}
		}
		if r.Ended == "" {
			list = append(list, move{kind: "cancel", run: id})
		}
	}
	if !p.state.Over {
		list = append(list, move{kind: "over"})
	}
	return list
}

// TestSmallScopes plays small chains exhaustively, as far as the flags say, several of them at a time.
func TestSmallScopes(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	defer debug.SetGCPercent(debug.SetGCPercent(4000)) // little is kept of what is made
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(1 << 30))
	type scope struct {
		start  *pair
		events int
	}
	scopes, sample := make(chan scope), rand.New(rand.NewPCG(1, 2))
	go func() {
		defer close(scopes)
		number := 0
		for n := 1; n <= 4; n++ {
			events, share := *scopeEvents, *scopeShare
			if n == 4 {
				events, share = *scopeFour, *scopeShareFour
			}
			for _, p := range plans(n) {
				if sample.IntN(share) > 0 || events == 0 {
					continue
				}
				if number++; number%*scopeParts == *scopePart%*scopeParts {
					scopes <- scope{p.pair(n), events}
				}
			}
		}
	}()
	played := make(chan tally)
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			var kinds map[string]bool
			for s := range scopes {
				c := tally{kinds: kinds}
				c.explore(t, s.start, s.events)
				kinds = c.kinds
				played <- c
			}
		})
	}
	go func() { all.Wait(); close(played) }()
	var sum tally
	said := time.Now()
	for c := range played {
		sum.chains, sum.stood, sum.events = sum.chains+c.chains, sum.stood+c.stood, sum.events+c.events
		sum.states, sum.mismatches = sum.states+c.states, sum.mismatches+c.mismatches
		if time.Since(said) > 10*time.Minute {
			said = time.Now()
			fmt.Println("so far", &sum)
		}
	}
	fmt.Println(&sum)
}

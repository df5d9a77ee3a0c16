// SPDX-License-Identifier: MPL-2.0

package run

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Shape is the part of a definition that a run keeps as it was when the run began: the steps, and what each waits for.
type Shape map[string]Waits

// Waits is a step's start condition.
type Waits struct {
	After map[string]chain.Condition // by upstream; none: a chain begins here
	For   WaitFor
}

// WaitFor defines which of its upstreams a step waits for.
type WaitFor string

// The ways to wait.
const (
	WaitForAll        WaitFor = "all"         // every upstream has the named result
	WaitForAny        WaitFor = "any"         // the first upstream in the run has it
	WaitForAllStarted WaitFor = "all_started" // like all, but ignores upstreams that were not needed, refused by a guard or disabled
	WaitForAllSettled WaitFor = "all_settled" // every upstream has settled, with any result
)

// upstreams returns the upstreams of a step, sorted.
func (s Shape) upstreams(step string) []string { return slices.Sorted(maps.Keys(s[step].After)) }

// index is a shape with numbered steps, in the order of their ids.
type index struct {
	shape      Shape // the cache of indexes goes by its address, which must not become that of another one
	names      []string
	number     map[string]int
	known      []bool // by number: whether the step is in the shape; it may occur only as an upstream
	upstreams  [][]int
	conditions [][]chain.Condition // of upstreams
	downstream [][]int
	waitFor    []WaitFor
}

func newIndex(s Shape) *index {
	x := &index{shape: s, number: make(map[string]int, len(s)), names: make([]string, 0, len(s))}
	add := func(name string) {
		if _, numbered := x.number[name]; !numbered {
			x.number[name] = 0
			x.names = append(x.names, name)
		}
	}
	for step, waits := range s {
		add(step)
		for upstream := range waits.After {
			add(upstream)
		}
	}
	slices.Sort(x.names)
	for n, name := range x.names {
		x.number[name] = n
	}
	x.known, x.waitFor = make([]bool, len(x.names)), make([]WaitFor, len(x.names))
	x.upstreams, x.downstream = make([][]int, len(x.names)), make([][]int, len(x.names))
	x.conditions = make([][]chain.Condition, len(x.names))
	for n, name := range x.names {
		waits, known := s[name]
		x.known[n], x.waitFor[n] = known, waits.For
		upstreams, conditions := make([]int, 0, len(waits.After)), make([]chain.Condition, 0, len(waits.After))
		for upstream := range waits.After {
			upstreams = append(upstreams, x.number[upstream])
		}
		slices.Sort(upstreams)
		for _, u := range upstreams {
			conditions = append(conditions, waits.After[x.names[u]])
			x.downstream[u] = append(x.downstream[u], n)
		}
		x.upstreams[n], x.conditions[n] = upstreams, conditions
	}
	return x
}

// plan is the part of its shape that a run covers: the origins and everything downstream.
type plan struct {
	*index
	steps []int  // the covered ones, sorted
	place []int  // by number: position in steps; -1: the run does not cover the step
	head  []bool // by place: an origin that is not downstream of another one, so it starts at once
}

func newPlan(x *index, origins []string) *plan {
	p := &plan{index: x, place: make([]int, len(x.names))}
	for n := range p.place {
		p.place[n] = -1
	}
	var next []int
	for _, origin := range origins {
		if n, ok := x.number[origin]; ok && x.known[n] {
			next = append(next, n)
		}
	}
	begins := slices.Clone(next)
	for len(next) > 0 {
		n := next[len(next)-1]
		next = next[:len(next)-1]
		if p.place[n] < 0 {
			p.place[n] = 0
			p.steps = append(p.steps, n)
			next = append(next, x.downstream[n]...)
		}
	}
	slices.Sort(p.steps)
	for i, n := range p.steps {
		p.place[n] = i
	}
	p.head = make([]bool, len(p.steps))
	for _, n := range begins {
		p.head[p.place[n]] = !slices.ContainsFunc(x.upstreams[n], p.covers)
	}
	return p
}

// covers reports whether the run covers the step with this number.
func (p *plan) covers(n int) bool { return p.place[n] >= 0 }

// find returns the number of a covered step. covered is false if the run does not cover it.
func (p *plan) find(step string) (n int, covered bool) {
	n, numbered := p.number[step]
	return n, numbered && p.covers(n)
}

// plans caches the plans of runs and the indexes of shapes. Many runs share them. Several goroutines may use it.
type plans struct {
	lock    sync.Mutex
	indexes map[uintptr]*index // by the shape's address
	plans   map[origins]*plan
}

// origins are where runs of one shape begin.
type origins struct {
	shape *index
	steps string // joined
}

func newPlans() *plans { return &plans{indexes: map[uintptr]*index{}, plans: map[origins]*plan{}} }

func (p *plans) of(r *Run) *plan {
	p.lock.Lock()
	defer p.lock.Unlock()
	shape := reflect.ValueOf(r.Shape).Pointer()
	if p.indexes[shape] == nil {
		p.indexes[shape] = newIndex(r.Shape)
	}
	from := origins{p.indexes[shape], strings.Join(r.Origins, "\n")} // no name has a line break
	if p.plans[from] == nil {
		p.plans[from] = newPlan(from.shape, r.Origins)
	}
	return p.plans[from]
}

// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"slices"
)

// findCycles returns the shortest cycle of each strongly connected component of the chain. Each cycle lists the keys in the order in which
// the steps start each other, from its first key in sorted order. A step that starts after itself does not count. keys are the sorted keys
// of steps.
func findCycles(keys []string, steps map[string]Step) [][]string {
	g := newGraph(keys, steps)
	var cycles [][]string
	for _, component := range g.components() {
		if len(component) > 1 {
			cycles = append(cycles, g.shortestCycle(component))
		}
	}
	slices.SortFunc(cycles, slices.Compare)
	return cycles
}

// graph numbers the steps in the order of their keys. Its links lead from a step to those that start after it.
type graph struct {
	keys  []string
	links [][]int // ascending
}

func newGraph(keys []string, steps map[string]Step) *graph {
	number := make(map[string]int, len(keys))
	for i, key := range keys {
		number[key] = i
	}
	g := &graph{keys: keys, links: make([][]int, len(keys))}
	for to, key := range keys {
		for upstream := range steps[key].After {
			if from, ok := number[upstream]; ok && from != to {
				g.links[from] = append(g.links[from], to)
			}
		}
	}
	return g
}

// components returns the strongly connected components (Tarjan's algorithm), each in ascending order.
func (g *graph) components() [][]int {
	t := &tarjan{graph: g, index: make([]int, len(g.keys)), low: make([]int, len(g.keys)), onStack: make([]bool, len(g.keys))}
	for n := range g.keys {
		if t.index[n] == 0 {
			t.visit(n)
		}
	}
	return t.found
}

type tarjan struct {
	graph      *graph
	next       int
	index, low []int // 0 = not visited
	stack      []int
	onStack    []bool
	found      [][]int
}

func (t *tarjan) visit(n int) {
	t.next++
	t.index[n], t.low[n] = t.next, t.next
	t.stack, t.onStack[n] = append(t.stack, n), true
	for _, to := range t.graph.links[n] {
		if t.index[to] == 0 {
			t.visit(to)
			t.low[n] = min(t.low[n], t.low[to])
		} else if t.onStack[to] {
			t.low[n] = min(t.low[n], t.index[to])
		}
	}
	if t.low[n] != t.index[n] {
		return
	}
	start := slices.Index(t.stack, n)
	component := slices.Sorted(slices.Values(t.stack[start:]))
	for _, member := range component {
		t.onStack[member] = false
	}
	t.stack = t.stack[:start]
	t.found = append(t.found, component)
}

// shortestCycle returns the keys of the shortest cycle in a strongly connected component of at least two steps.
func (g *graph) shortestCycle(component []int) []string {
	var best []int
	for _, start := range component {
		if cycle := g.cycleThrough(start, len(best)); cycle != nil {
			best = cycle
		}
		if len(best) == 2 {
			break
		}
	}
	keys := make([]string, len(best))
	for i, n := range best {
		keys[i] = g.keys[n]
	}
	return keys
}

// cycleThrough searches breadth first for the shortest cycle from start to start with fewer than limit steps; 0 means no limit. It returns
// nil if there is none.
func (g *graph) cycleThrough(start, limit int) []int {
	cameFrom := make([]int, len(g.keys)) // plus one; 0 = not seen
	cameFrom[start] = start + 1
	level := []int{start}
	for length := 1; len(level) > 0 && (limit == 0 || length < limit); length++ {
		var next []int
		for _, n := range level {
			for _, to := range g.links[n] {
				if to == start {
					return trace(n, start, cameFrom)
				}
				if cameFrom[to] == 0 {
					cameFrom[to] = n + 1
					next = append(next, to)
				}
			}
		}
		level = next
	}
	return nil
}

// trace returns the path from start to n.
func trace(n, start int, cameFrom []int) []int {
	way := []int{n}
	for n != start {
		n = cameFrom[n] - 1
		way = append(way, n)
	}
	slices.Reverse(way)
	return way
}

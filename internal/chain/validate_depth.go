// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"maps"
	"slices"
)

// depth checks that a run can reach every step. It expects a chain without cycles.
func (v *validation) depth() {
	limit := v.definition.Depth()
	if limit < 1 || limit > MaxMaxDepth || len(v.keys) <= limit {
		return
	}
	way := newGraph(v.keys, v.definition.Steps).longestWay()
	if len(way) <= limit {
		return
	}
	first, last := v.keys[way[0]], v.keys[way[len(way)-1]]
	if len(way) > MaxMaxDepth {
		v.report(Path{"max_depth"}, "From %q to %q there are %d steps in a row, more than max_depth can allow (%d). Shorten the chain.",
			first, last, len(way), MaxMaxDepth)
		return
	}
	v.report(Path{"max_depth"}, "From %q to %q there are %d steps in a row, and max_depth is %d. Raise it to %d, or shorten the chain.",
		first, last, len(way), limit, len(way))
}

// Longest returns how many steps there are in a row at most. It expects a chain without cycles, whose links all lead to steps.
func (d *Definition) Longest() int {
	if len(d.Steps) == 0 {
		return 0
	}
	return len(newGraph(slices.Sorted(maps.Keys(d.Steps)), d.Steps).longestWay())
}

// longestWay returns the longest way through a graph without cycles, the first of several in the order of the steps' numbers.
func (g *graph) longestWay() []int {
	upstreams := make([]int, len(g.keys)) // not yet visited
	for _, links := range g.links {
		for _, to := range links {
			upstreams[to]++
		}
	}
	var ready []int
	for n, count := range upstreams {
		if count == 0 {
			ready = append(ready, n)
		}
	}
	length := make([]int, len(g.keys)) // in links, up to each step
	from := make([]int, len(g.keys))
	end := 0
	for len(ready) > 0 {
		n := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		if length[n] > length[end] || length[n] == length[end] && n < end {
			end = n
		}
		for _, to := range g.links[n] {
			if length[n]+1 > length[to] || length[n]+1 == length[to] && n < from[to] {
				length[to], from[to] = length[n]+1, n
			}
			if upstreams[to]--; upstreams[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	way := []int{end}
	for n := end; length[n] > 0; {
		n = from[n]
		way = append(way, n)
	}
	slices.Reverse(way)
	return way
}

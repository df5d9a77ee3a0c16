// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"cmp"
	"math"
	"slices"
)

// Sizes of the drawing, in pixels.
const (
	nodeWidth     = 264.0
	betweenLayers = 120.0 // room for the edges' labels
	betweenNodes  = 22.0
	betweenEdges  = 14.0 // of an edge that passes a layer
	margin        = 24.0
)

// point is a position in the drawing.
type point struct{ x, y float64 }

// placed is a layout: the centre of each node, and the path of each edge, by their numbers in the picture.
type placed struct {
	nodes         []point
	edges         [][]point
	width, height float64
}

// vertex is a node, or the position where an edge passes a layer.
type vertex struct {
	layer         int
	height        float64 // of a node; an edge has none
	y             float64
	node          int // its number; -1 for an edge's
	before, after []int
}

// layered lays out the picture from left to right, after Sugiyama. Each node is in the layer behind its last upstream. The order in a layer
// keeps crossings few (barycentre). Each node is as near to its neighbours' height as its layer permits. The same picture always gives the
// same layout. A cycle, which no valid chain contains, gives an unspecified layout.
func layered(p *Picture) placed {
	l := &layout{ways: make([][]int, len(p.Edges))}
	number := make(map[string]int, len(p.Nodes))
	for i := range p.Nodes {
		v := vertex{node: i, height: p.height(&p.Nodes[i])}
		number[p.Nodes[i].ID] = i
		l.vertices = append(l.vertices, v)
	}
	for i := range p.Edges {
		from, to := number[p.Edges[i].From], number[p.Edges[i].To]
		l.ways[i] = []int{from, to}
		l.connect(from, to)
	}
	l.assign()
	l.split()
	l.order()
	l.level()
	return l.result(len(p.Nodes))
}

type layout struct {
	vertices []vertex
	ways     [][]int // the vertices of each edge
	layers   [][]int // in their order from above
}

func (l *layout) connect(from, to int) {
	l.vertices[from].after = append(l.vertices[from].after, to)
	l.vertices[to].before = append(l.vertices[to].before, from)
}

// assign gives each vertex its layer: the one behind its last upstream. A vertex without upstreams is in the layer before its first
// downstream.
func (l *layout) assign() {
	left := make([]int, len(l.vertices))
	var ready []int
	for i := range l.vertices {
		if left[i] = len(l.vertices[i].before); left[i] == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		n := ready[0]
		ready = ready[1:]
		for _, to := range l.vertices[n].after {
			l.vertices[to].layer = max(l.vertices[to].layer, l.vertices[n].layer+1)
			if left[to]--; left[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	for i := range l.vertices {
		v := &l.vertices[i]
		if len(v.before) > 0 || len(v.after) == 0 {
			continue
		}
		first := math.MaxInt
		for _, to := range v.after {
			first = min(first, l.vertices[to].layer)
		}
		v.layer = max(0, first-1)
	}
}

// split puts a vertex into every layer that an edge passes.
func (l *layout) split() {
	nodes := len(l.vertices)
	for i := range nodes {
		l.vertices[i].before, l.vertices[i].after = nil, nil
	}
	for i, way := range l.ways {
		from, to := way[0], way[1]
		split := []int{from}
		for layer := l.vertices[from].layer + 1; layer < l.vertices[to].layer; layer++ {
			l.vertices = append(l.vertices, vertex{layer: layer, node: -1})
			split = append(split, len(l.vertices)-1)
		}
		l.ways[i] = append(split, to)
		for j := range len(split) {
			l.connect(l.ways[i][j], l.ways[i][j+1])
		}
	}
	for i := range l.vertices {
		for len(l.layers) <= l.vertices[i].layer {
			l.layers = append(l.layers, nil)
		}
	}
	// Depth first, so that connected vertices start together.
	seen := make([]bool, len(l.vertices))
	var visit func(n int)
	visit = func(n int) {
		if seen[n] {
			return
		}
		seen[n] = true
		l.layers[l.vertices[n].layer] = append(l.layers[l.vertices[n].layer], n)
		for _, to := range l.vertices[n].after {
			visit(to)
		}
	}
	for i := range l.vertices {
		if len(l.vertices[i].before) == 0 {
			visit(i)
		}
	}
	for i := range l.vertices {
		visit(i)
	}
}

// sweeps is how often the layers are processed, forth and back. More hardly changes chains of a thousand steps.
const sweeps = 8

// order sorts each layer by the mean position of its vertices' neighbours, and keeps the order with the fewest crossings.
func (l *layout) order() {
	place := make([]float64, len(l.vertices))
	l.number(place)
	best, least := l.copyOrder(), l.crossings(place)
	for sweep := 0; sweep < sweeps && least > 0; sweep++ {
		for i := range l.layers {
			layer := l.layers[i]
			neighbours := func(v int) []int { return l.vertices[v].before }
			if sweep%2 == 1 {
				layer = l.layers[len(l.layers)-1-i]
				neighbours = func(v int) []int { return l.vertices[v].after }
			}
			mean := make(map[int]float64, len(layer))
			for _, v := range layer {
				mean[v] = meanOf(neighbours(v), place, place[v])
			}
			slices.SortStableFunc(layer, func(a, b int) int { return cmp.Compare(mean[a], mean[b]) })
			for j, v := range layer {
				place[v] = float64(j)
			}
		}
		if n := l.crossings(place); n < least {
			best, least = l.copyOrder(), n
		}
	}
	l.layers = best
}

func (l *layout) number(place []float64) {
	for _, layer := range l.layers {
		for j, v := range layer {
			place[v] = float64(j)
		}
	}
}

func (l *layout) copyOrder() [][]int {
	order := make([][]int, len(l.layers))
	for i := range l.layers {
		order[i] = slices.Clone(l.layers[i])
	}
	return order
}

func meanOf(vertices []int, values []float64, byDefault float64) float64 {
	if len(vertices) == 0 {
		return byDefault
	}
	sum := 0.0
	for _, v := range vertices {
		sum += values[v]
	}
	return sum / float64(len(vertices))
}

// crossings counts the crossings between neighbouring layers with a tree of sums. Two edges cross if their ends have opposite orders.
func (l *layout) crossings(place []float64) int {
	total := 0
	for _, layer := range l.layers {
		var ends []int
		highest := 0
		for _, v := range layer {
			first := len(ends)
			for _, to := range l.vertices[v].after {
				end := int(place[to])
				ends, highest = append(ends, end), max(highest, end)
			}
			slices.Sort(ends[first:])
		}
		sums := make([]int, highest+2)
		for seen, end := range ends {
			notAbove := 0
			for i := end + 1; i > 0; i -= i & -i {
				notAbove += sums[i]
			}
			total += seen - notAbove
			for i := end + 1; i < len(sums); i += i & -i {
				sums[i]++
			}
		}
	}
	return total
}

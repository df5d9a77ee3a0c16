// SPDX-License-Identifier: MPL-2.0

package draw

import "math"

// level gives each vertex its height: as near as possible to the mean of its neighbours, in the order of its layer.
func (l *layout) level() {
	heights := make([]float64, len(l.vertices))
	for _, layer := range l.layers {
		y := 0.0
		for j, v := range layer {
			if j > 0 {
				y += l.apart(layer[j-1], v)
			}
			heights[v] = y
		}
	}
	for sweep := range sweeps {
		for i := range l.layers {
			layer := l.layers[i]
			if sweep%2 == 1 {
				layer = l.layers[len(l.layers)-1-i]
			}
			wanted := make([]float64, len(layer))
			for j, v := range layer {
				near := l.vertices[v].before
				if sweep%2 == 1 {
					near = l.vertices[v].after
				}
				wanted[j] = meanOf(near, heights, heights[v])
			}
			l.settle(layer, wanted, heights)
		}
	}
	for i := range l.vertices {
		l.vertices[i].y = heights[i]
	}
}

// apart returns the least distance between the centres of two vertices of a layer, one above the other.
func (l *layout) apart(above, below int) float64 {
	a, b := &l.vertices[above], &l.vertices[below]
	gap := betweenNodes
	if a.node < 0 && b.node < 0 {
		gap = betweenEdges
	}
	return (a.height+b.height)/2 + gap
}

// settle moves the vertices of a layer as near to the wanted heights as their order and the gaps allow, by least squares. Vertices that
// obstruct each other form a block. Its height is the mean of what its members want (pool adjacent violators).
func (l *layout) settle(layer []int, wanted, heights []float64) {
	type block struct {
		sum   float64
		count int
	}
	var blocks []block
	offset := make([]float64, len(layer)) // of each vertex from the first if all are as close as possible
	for j := range layer {
		if j > 0 {
			offset[j] = offset[j-1] + l.apart(layer[j-1], layer[j])
		}
		blocks = append(blocks, block{wanted[j] - offset[j], 1})
		for n := len(blocks); n > 1; n = len(blocks) {
			a, b := blocks[n-2], blocks[n-1]
			if a.sum/float64(a.count) <= b.sum/float64(b.count) {
				break
			}
			blocks = append(blocks[:n-2], block{a.sum + b.sum, a.count + b.count})
		}
	}
	j := 0
	for _, b := range blocks {
		for range b.count {
			heights[layer[j]] = b.sum/float64(b.count) + offset[j]
			j++
		}
	}
}

// result moves the layout to the margins and gives every edge its path.
func (l *layout) result(nodes int) placed {
	top, bottom := math.Inf(1), math.Inf(-1)
	for i := range l.vertices {
		v := &l.vertices[i]
		top, bottom = min(top, v.y-v.height/2), max(bottom, v.y+v.height/2)
	}
	const step = nodeWidth + betweenLayers
	left := func(v *vertex) float64 { return margin + float64(v.layer)*step }
	p := placed{
		nodes: make([]point, nodes), edges: make([][]point, len(l.ways)),
		width:  2*margin + max(0, float64(len(l.layers))*step-betweenLayers),
		height: 2*margin + max(0, bottom-top),
	}
	y := func(v *vertex) float64 { return math.Round(v.y - top + margin) }
	for i := range p.nodes {
		v := &l.vertices[i]
		p.nodes[i] = point{left(v) + nodeWidth/2, y(v)}
	}
	for i, way := range l.ways {
		for j, n := range way {
			v := &l.vertices[n]
			if j > 0 {
				p.edges[i] = append(p.edges[i], point{left(v), y(v)})
			}
			if j < len(way)-1 { // an edge that passes a layer goes straight through it
				p.edges[i] = append(p.edges[i], point{left(v) + nodeWidth, y(v)})
			}
		}
	}
	p.height = math.Round(p.height)
	return p
}

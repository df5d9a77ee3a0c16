// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// edge is a picture's edge between two nodes that are named by numbers.
func pictureOf(nodes int, edges ...[2]int) *Picture {
	p := &Picture{}
	for i := range nodes {
		p.Nodes = append(p.Nodes, Node{ID: fmt.Sprint(i), Kind: KindStep})
	}
	for _, e := range edges {
		p.Edges = append(p.Edges, Edge{From: fmt.Sprint(e[0]), To: fmt.Sprint(e[1])})
	}
	return p
}

// check fails when nodes lie on each other or outside of the drawing, or an edge does not lead to the right from its one node to its other.
func check(t *testing.T, p *Picture, l placed) {
	t.Helper()
	number := map[string]int{}
	type box struct{ left, right, top, bottom float64 }
	boxes := make([]box, len(p.Nodes))
	for i := range p.Nodes {
		number[p.Nodes[i].ID] = i
		w, h := nodeWidth, p.height(&p.Nodes[i])
		at := l.nodes[i]
		b := box{at.x - w/2, at.x + w/2, at.y - h/2, at.y + h/2}
		if b.left < 0 || b.top < 0 || b.right > l.width || b.bottom > l.height {
			t.Fatalf("the node %s lies at %v, outside of %g × %g", p.Nodes[i].ID, at, l.width, l.height)
		}
		for j, other := range boxes[:i] {
			if b.left < other.right && other.left < b.right && b.top < other.bottom && other.top < b.bottom {
				t.Fatalf("the nodes %s and %s lie on each other: %v, %v", p.Nodes[i].ID, p.Nodes[j].ID, b, other)
			}
		}
		boxes[i] = b
	}
	for i, e := range p.Edges {
		way := l.edges[i]
		from, to := boxes[number[e.From]], boxes[number[e.To]]
		if first, last := way[0], way[len(way)-1]; first.x != from.right || last.x != to.left || first.y < from.top || first.y > from.bottom ||
			last.y < to.top || last.y > to.bottom {
			t.Fatalf("the edge %s → %s goes from %v to %v", e.From, e.To, first, last)
		}
		for j := 1; j < len(way); j++ {
			if way[j].x <= way[j-1].x {
				t.Fatalf("the edge %s → %s does not lead to the right: %v", e.From, e.To, way)
			}
		}
	}
}

func TestLayoutOfRandomChains(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	for _, most := range []int{3, 30, 300} {
		for seed := range uint64(20) {
			r := rand.New(rand.NewPCG(seed, uint64(most)))
			p := Of(chaintest.Random(r, most, 1+r.IntN(4)))
			l := layered(p)
			check(t, p, l)
			if again := layered(p); !reflect.DeepEqual(again, l) {
				t.Fatalf("the layout of the same picture differs")
			}
		}
	}
}

func TestLayout(t *testing.T) {
	t.Parallel()
	const step = nodeWidth + betweenLayers
	for name, tt := range map[string]struct {
		picture *Picture
		layers  []int
	}{
		"empty":                   {pictureOf(0), nil},
		"one":                     {pictureOf(1), []int{0}},
		"a line":                  {pictureOf(3, [2]int{0, 1}, [2]int{1, 2}), []int{0, 1, 2}},
		"a shortcut":              {pictureOf(3, [2]int{0, 1}, [2]int{1, 2}, [2]int{0, 2}), []int{0, 1, 2}},
		"a late root stands near": {pictureOf(4, [2]int{0, 1}, [2]int{1, 2}, [2]int{3, 2}), []int{0, 1, 2, 1}},
		"what stands alone":       {pictureOf(3, [2]int{0, 1}), []int{0, 1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := layered(tt.picture)
			check(t, tt.picture, l)
			for i, want := range tt.layers {
				if got := int((l.nodes[i].x - margin) / step); got != want {
					t.Errorf("the node %d is in the layer %d, want %d", i, got, want)
				}
			}
		})
	}
}

func TestLayoutUncrosses(t *testing.T) {
	t.Parallel()
	// As they are numbered, all four edges cross each other.
	p := pictureOf(8, [2]int{0, 7}, [2]int{1, 6}, [2]int{2, 5}, [2]int{3, 4})
	l := layered(p)
	check(t, p, l)
	for i, way := range l.edges {
		if way[0].y != way[1].y {
			t.Errorf("the edge %d is not level: %v", i, way)
		}
	}
}

func TestLayoutOfACircleEnds(t *testing.T) {
	t.Parallel()
	p := pictureOf(3, [2]int{0, 1}, [2]int{1, 2}, [2]int{2, 0})
	if l := layered(p); len(l.nodes) != 3 {
		t.Errorf("%d nodes are laid out", len(l.nodes))
	}
	if text := p.SVG(); len(text) == 0 {
		t.Error("the circle is not drawn")
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"extract_sales":                      "extract_sales",
		"extract_sales_of_all_the_countries": "extract_sales_of_al…",
		"日本語の長い名前のアプリケーション":                  "日本語の長い名前の…",
		"":         "",
		"\xff\xfe": "\xff\xfe",
	} {
		if got := fit(text, 11); got != want {
			t.Errorf("fit(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	signs := map[string]Status{}
	for _, s := range Statuses() {
		l, there := looks()[s]
		if !there || l.Text == "" || l.Icon == "" || l.Light == "" || l.Dark == "" {
			t.Errorf("the status %s has no look: %+v", s, l)
		}
		if other, taken := signs[l.Icon]; taken {
			t.Errorf("%s and %s have the same sign", s, other)
		}
		signs[l.Icon] = s
	}
	if len(looks()) != len(Statuses()) {
		t.Errorf("there are looks for %d statuses of %d", len(looks()), len(Statuses()))
	}
}

func BenchmarkSVG1000(b *testing.B) {
	d := &chain.Definition{Steps: map[string]chain.Step{}}
	for i := range 1000 {
		s := chain.Step{App: chaintest.AppID(i), Enabled: true}
		if i > 0 {
			s.After = map[string]chain.Condition{fmt.Sprintf("app %04d", (i-1)/3): chain.ConditionSuccess,
				fmt.Sprintf("app %04d", (i-1)/2): chain.ConditionSuccess}
		}
		d.Steps[fmt.Sprintf("app %04d", i)] = s
	}
	for b.Loop() {
		Of(d).SVG()
	}
}

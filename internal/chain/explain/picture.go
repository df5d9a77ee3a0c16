// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
)

// maxDrawn is how many steps a picture shows. Of a larger chain, it shows only what changes, with what is beside it.
const maxDrawn = 60

// draw draws both definitions in one picture, with marks. One of them may be nil.
func (c *Change) draw(before, after *chain.Definition) {
	both, marks := union(before, after)
	if before == nil || after == nil {
		marks = draw.Marks{} // a whole chain needs no marks
	}
	if all := len(both.Steps); all > maxDrawn {
		both = around(both, marks)
		c.Note = fmt.Sprintf("The picture shows %d of %d steps: what changes, and what is beside it.", len(both.Steps), all)
		if len(both.Steps) == 0 {
			c.Note = fmt.Sprintf("There is no picture: the chain has %d steps.", all)
			return
		}
	}
	c.Mermaid = draw.Of(both).MarkedMermaid(marks)
}

// union returns a chain with the steps and the links of both definitions, and marks what only one of them has.
func union(before, after *chain.Definition) (*chain.Definition, draw.Marks) {
	marks := draw.Marks{Nodes: map[string]draw.Mark{}, Edges: map[[2]string]draw.Mark{}}
	if before == nil {
		return after, marks
	}
	if after == nil {
		return before, marks
	}
	both := *after
	both.Steps = maps.Clone(after.Steps)
	for key, old := range before.Steps {
		step, still := after.Steps[key]
		if !still {
			both.Steps[key] = old
			marks.Nodes[draw.StepNode(key)] = draw.MarkRemoved
			continue
		}
		step.After = maps.Clone(step.After)
		for upstream, condition := range old.After {
			if _, kept := step.After[upstream]; !kept {
				if step.After == nil {
					step.After = map[string]chain.Condition{}
				}
				step.After[upstream] = condition
			}
		}
		both.Steps[key] = step
		if own, was := withoutLinks(step), withoutLinks(old); !reflect.DeepEqual(own, was) {
			marks.Nodes[draw.StepNode(key)] = draw.MarkChanged
		}
	}
	for key, step := range both.Steps {
		if _, known := before.Steps[key]; !known {
			marks.Nodes[draw.StepNode(key)] = draw.MarkNew
		}
		to := draw.StepNode(key)
		if step.IsJoin() {
			to = draw.JoinNode(key)
		}
		for upstream := range step.After {
			was, had := before.Steps[key].After[upstream]
			is, has := after.Steps[key].After[upstream]
			edge := [2]string{draw.StepNode(upstream), to}
			switch {
			case !had:
				marks.Edges[edge] = draw.MarkNew
			case !has:
				marks.Edges[edge] = draw.MarkRemoved
			case was != is:
				marks.Edges[edge] = draw.MarkChanged
			}
		}
	}
	return &both, marks
}

func withoutLinks(s chain.Step) chain.Step {
	s.After = nil
	return s
}

// around returns the marked steps, those at marked links, and the steps right before and after them.
func around(d *chain.Definition, marks draw.Marks) *chain.Definition {
	near := map[string]bool{}
	for key, step := range d.Steps {
		marked := marks.Nodes[draw.StepNode(key)] != ""
		for upstream := range step.After {
			for _, to := range []string{draw.StepNode(key), draw.JoinNode(key)} {
				marked = marked || marks.Edges[[2]string{draw.StepNode(upstream), to}] != ""
			}
		}
		near[key] = marked
	}
	shown := map[string]chain.Step{}
	for key, step := range d.Steps {
		if near[key] {
			shown[key] = step
		}
		for upstream := range step.After {
			if near[key] || near[upstream] {
				shown[key], shown[upstream] = step, d.Steps[upstream]
			}
		}
	}
	if len(shown) > maxDrawn {
		keys := slices.SortedFunc(maps.Keys(shown), func(a, b string) int {
			switch {
			case near[a] == near[b] && a < b, near[a] && !near[b]:
				return -1
			default:
				return 1
			}
		})
		for _, key := range keys[maxDrawn:] {
			delete(shown, key)
		}
	}
	result := *d
	result.Steps = shown
	return &result
}

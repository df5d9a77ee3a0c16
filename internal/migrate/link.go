// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// findCircles finds links to remove so that no cycle remains. In each cycle, it takes the link that leads back in the order of the file.
func (b *builder) findCircles() {
	b.circle = map[[2]*found]bool{}
	number := map[*found]int{}
	for i, f := range b.all {
		number[f] = i
	}
	next := map[*found][]*found{}
	for _, forward := range []bool{true, false} {
		for _, to := range b.all {
			for _, from := range b.upstreams(to) {
				switch {
				case (number[from] < number[to]) != forward:
				case leads(next, to, from):
					b.circle[[2]*found{from, to}] = true
				default:
					next[from] = append(next[from], to)
				}
			}
		}
	}
}

// leads reports whether there is a path from one step to another.
func leads(next map[*found][]*found, from, to *found) bool {
	seen := map[*found]bool{}
	open := []*found{from}
	for len(open) > 0 {
		f := open[len(open)-1]
		open = open[:len(open)-1]
		if f == to {
			return true
		}
		if !seen[f] {
			seen[f] = true
			open = append(open, next[f]...)
		}
	}
	return false
}

// link adds what a step starts after, or its schedule.
func (b *builder) link(f *found) {
	step := f.step
	step.After = map[string]chain.Condition{}
	for _, t := range f.triggers {
		for _, l := range t.links {
			b.after(f, step.After, l)
		}
	}
	switch {
	case len(step.After) == 0:
		step.After = nil
	case len(step.After) > 1 && len(f.triggers) > 1:
		step.WaitFor = chain.WaitForAny
	case len(step.After) > 1 && f.triggers[0].window != 0:
		b.noteOn(f, "Its time constraint, %s, is left out: a chain takes the results of one cycle together, from 18:00 to 18:00 unless cycle "+
			"says otherwise.",
			chain.FormatDuration(f.triggers[0].window))
	case len(step.After) == 1 && f.triggers[0].window != 0:
		b.noteOn(f, "It waits for one step only, so its time constraint, %s, is left out.", chain.FormatDuration(f.triggers[0].window))
	}
	if len(step.After) == 0 && step.Delay != 0 {
		b.noteOn(f, "It starts after no other step, so its delay, %s, is left out.", step.Delay.String())
		step.Delay = 0
	}
	if !step.Enabled {
		b.noteOn(f, "%q is disabled.", f.name)
	}
	step.Schedule = b.schedule(f, len(step.After) > 0)
	b.result.Definition.Steps[b.keys[f]] = step
}

// after adds a link, unless the link closes a cycle.
func (b *builder) after(f *found, after map[string]chain.Condition, l link) {
	upstream := b.upstream(l)
	from := b.keys[upstream]
	if b.circle[[2]*found{upstream, f}] {
		b.noteOn(f, "It started after the %s of %s, which closes a circle. That link is missing.", l.condition, from)
		return
	}
	if other, there := after[from]; there && other != l.condition {
		b.noteOn(f, "It started after the %s and after the %s of %s: it starts after any end, a cancellation too.", other, l.condition, from)
		l.condition = conditionOf(other, l.condition)
	}
	after[from] = l.condition
}

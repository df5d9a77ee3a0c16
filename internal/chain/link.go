// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"cmp"
	"maps"
	"slices"
)

// Link is one entry of a step's After.
type Link struct {
	From, To  string // keys of steps
	Condition Condition
}

// Links returns the links between the chain's steps, sorted by From, then To. It leaves out links from steps that do not exist.
func (d *Definition) Links() []Link {
	var links []Link
	for to, s := range d.Steps {
		for from, condition := range s.After {
			if _, ok := d.Steps[from]; ok {
				links = append(links, Link{From: from, To: to, Condition: condition})
			}
		}
	}
	slices.SortFunc(links, func(a, b Link) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return links
}

// Unconnected returns the keys of the steps that have neither upstreams nor downstreams, sorted. It returns none for a chain of one step.
func (d *Definition) Unconnected() []string {
	if len(d.Steps) < 2 {
		return nil
	}
	connected := map[string]bool{}
	for _, l := range d.Links() {
		connected[l.From], connected[l.To] = true, true
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(d.Steps)), func(key string) bool { return connected[key] })
}

// Upstreams returns the keys of After, sorted.
func (s Step) Upstreams() []string { return slices.Sorted(maps.Keys(s.After)) }

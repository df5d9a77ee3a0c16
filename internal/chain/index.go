// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"cmp"
	"slices"
	"strings"
)

// Index finds steps of a definition without a search of the whole chain. It is safe for concurrent use.
type Index struct {
	definition *Definition
	keys       map[string]string // by the step's id
	downstream map[string][]Link // by the upstream step's key, sorted by the downstream step's
}

// NewIndex indexes a valid definition, which must not change afterwards.
func NewIndex(d *Definition) *Index {
	x := &Index{definition: d, keys: make(map[string]string, len(d.Steps)), downstream: make(map[string][]Link, len(d.Steps))}
	for name, s := range d.Steps {
		x.keys[s.ID(name)] = name
		for upstream, condition := range s.After {
			x.downstream[upstream] = append(x.downstream[upstream], Link{From: upstream, To: name, Condition: condition})
		}
	}
	for _, links := range x.downstream {
		slices.SortFunc(links, func(a, b Link) int { return cmp.Compare(a.To, b.To) })
	}
	return x
}

// Definition returns the indexed definition, which is read-only.
func (x *Index) Definition() *Definition { return x.definition }

// StepOf returns the key of the step with this id, or false if it is not in the chain; see Definition.StepID. It ignores the case of app
// ids.
func (x *Index) StepOf(id string) (string, bool) {
	key, known := x.keys[id]
	if !known {
		key, known = x.keys[strings.ToLower(id)]
	}
	return key, known
}

// Downstream returns the links from a step to those that start after it, sorted by their keys.
func (x *Index) Downstream(key string) []Link { return x.downstream[key] }

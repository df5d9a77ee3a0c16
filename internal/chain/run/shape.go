// SPDX-License-Identifier: MPL-2.0

package run

import (
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Shape is the part of a definition that a run keeps as it was when the run began: which steps there are, and what each waits for.
type Shape map[string]Waits

// Waits is a step's start condition.
type Waits struct {
	After map[string]chain.Condition // by upstream; none: a chain begins here
	For   WaitFor
}

// WaitFor says which of its upstreams a step waits for.
type WaitFor string

// The ways to wait.
const (
	WaitForAll        WaitFor = "all"         // every upstream has the named result
	WaitForAny        WaitFor = "any"         // the first upstream in the run has it
	WaitForAllStarted WaitFor = "all_started" // like all, but upstreams that were not needed, refused by a guard or disabled are passed over
	WaitForAllSettled WaitFor = "all_settled" // every upstream has settled, however
)

// covered are the steps of a run that begins at these origins: they and everything downstream.
func (s Shape) covered(origins []string) map[string]bool {
	downstream := map[string][]string{}
	for step, waits := range s {
		for upstream := range waits.After {
			downstream[upstream] = append(downstream[upstream], step)
		}
	}
	covered := map[string]bool{}
	next := slices.Clone(origins)
	for len(next) > 0 {
		step := next[len(next)-1]
		next = next[:len(next)-1]
		if _, known := s[step]; known && !covered[step] {
			covered[step] = true
			next = append(next, downstream[step]...)
		}
	}
	return covered
}

// heads are the origins that start at once: those that are not downstream of another one, so that the run covers no upstream of theirs.
func (s Shape) heads(origins []string, covered map[string]bool) []string {
	var heads []string
	for _, origin := range origins {
		head := true
		for upstream := range s[origin].After {
			head = head && !covered[upstream]
		}
		if head {
			heads = append(heads, origin)
		}
	}
	return heads
}

// upstreams of a step, sorted.
func (s Shape) upstreams(step string) []string { return slices.Sorted(maps.Keys(s[step].After)) }

// covered are the steps of the run, sorted.
func (r *Run) covered() []string { return slices.Sorted(maps.Keys(r.Shape.covered(r.Origins))) }

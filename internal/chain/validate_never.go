// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"maps"
	"slices"
)

// never reports steps that no run can start according to the definition: they wait for all of their upstreams, and two of these exclude
// each other. It requires a chain without cycles.
func (v *validation) never() {
	n := &necessities{v: v, number: make(map[string]int, len(v.keys)), of: make([]*necessity, len(v.keys)), guarded: newBits(len(v.keys))}
	n.guards = newExclusions(len(v.keys), func(i int) Step { return v.definition.Steps[v.keys[i]] })
	for i, key := range v.keys {
		n.number[key] = i
		if v.definition.Steps[key].When != "" {
			n.guarded.set(i)
		}
	}
	for i := range v.keys {
		n.at(i)
	}
}

// necessity is what must happen before a step starts: which steps must end, and which of them with success or with failure.
type necessity struct {
	ended, succeeded, failed bitSet
	never                    bool // it cannot all happen
}

func newNecessity(steps int) *necessity {
	return &necessity{ended: newBits(steps), succeeded: newBits(steps), failed: newBits(steps)}
}

func (n *necessity) add(other *necessity) {
	n.never = n.never || other.never
	n.ended.add(other.ended)
	n.succeeded.add(other.succeeded)
	n.failed.add(other.failed)
}

func (n *necessity) keep(other *necessity) {
	n.never = n.never && other.never
	n.ended.keep(other.ended)
	n.succeeded.keep(other.succeeded)
	n.failed.keep(other.failed)
}

// necessities finds what each step needs, and reports contradictions.
type necessities struct {
	v       *validation
	number  map[string]int // of the steps, as in v.keys
	of      []*necessity   // by number; nil: not found yet
	guarded bitSet         // steps with a guard
	guards  *exclusions
}

// at returns what must happen before a step starts.
func (n *necessities) at(i int) *necessity {
	if n.of[i] != nil {
		return n.of[i]
	}
	key := n.v.keys[i]
	s, found := n.v.definition.Steps[key], newNecessity(len(n.v.keys))
	switch waits := s.WaitsFor(); {
	case len(s.After) > 1 && waits == WaitForAllSettled:
	case len(s.After) < 2 || waits == WaitForAll:
		upstreams := n.upstreams(key, s)
		for _, upstream := range upstreams {
			found.add(n.way(upstream, s))
		}
		if !found.never && len(upstreams) > 1 {
			found.never = n.report(key, s, upstreams, found)
		}
	default: // one of them is enough, so only what they have in common
		for j, upstream := range n.upstreams(key, s) {
			if way := n.way(upstream, s); j == 0 {
				found = way
			} else {
				found.keep(way)
			}
		}
	}
	n.of[i] = found
	return found
}

// upstreams returns the upstreams with a valid condition that must have a result in this cycle before a step starts.
func (n *necessities) upstreams(key string, s Step) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(s.After)), func(upstream string) bool {
		_, carried := s.CarryOver[upstream]
		_, known := n.number[upstream]
		return carried || !known || upstream == key || !slices.Contains(Conditions(), s.After[upstream])
	})
}

// way returns what must happen for an upstream to have the result that a step waits for.
func (n *necessities) way(upstream string, s Step) *necessity {
	i := n.number[upstream]
	way := newNecessity(len(n.v.keys))
	way.add(n.at(i))
	way.ended.set(i)
	switch s.After[upstream] {
	case ConditionSuccess:
		way.succeeded.set(i)
	case ConditionFailure:
		way.failed.set(i)
	case ConditionCompletion:
	}
	return way
}

// report reports a step with two upstreams that exclude each other. It returns whether it did.
func (n *necessities) report(key string, s Step, upstreams []string, needs *necessity) bool {
	why := n.bothOutcomes(s, upstreams, needs)
	if why == "" {
		why = n.bothGuards(needs)
	}
	if why == "" {
		return false
	}
	others := []Path{{"steps", key, "wait_for"}, {"steps", key, "carry_over"}}
	for i := range needs.ended.each() {
		others = append(others, Path{"steps", n.v.keys[i], "wait_for"}, Path{"steps", n.v.keys[i], "carry_over"})
	}
	n.v.reportWith(others, Path{"steps", key, "after"},
		"The step can never start: it waits for all of its steps, and %s. Set wait_for = %q, which passes over steps "+
			"that are not needed, or remove one of the two.", why, WaitForAllStarted)
	return true
}

// bothOutcomes describes two upstreams that need the success and the failure of one step; empty: none.
func (n *necessities) bothOutcomes(s Step, upstreams []string, needs *necessity) string {
	both := slices.Clone(needs.succeeded)
	both.keep(needs.failed)
	for i := range both.each() {
		var success, failure string
		for _, upstream := range slices.Backward(upstreams) {
			way := n.way(upstream, s)
			if way.succeeded.has(i) {
				success = upstream
			}
			if way.failed.has(i) {
				failure = upstream
			}
		}
		return needsOutcome(success, n.v.keys[i], ConditionSuccess) + ", while " + needsOutcome(failure, n.v.keys[i], ConditionFailure)
	}
	return ""
}

func needsOutcome(upstream, step string, outcome Condition) string {
	if upstream == step {
		return fmt.Sprintf("%q has to end with %s", step, outcome)
	}
	return fmt.Sprintf("%q needs the %s of %q", upstream, outcome, step)
}

// bothGuards describes two guards that exclude each other; empty: none.
func (n *necessities) bothGuards(needs *necessity) string {
	guarded := slices.Clone(needs.ended)
	guarded.keep(n.guarded)
	if a, b, found := n.guards.among(guarded); found {
		return fmt.Sprintf("the guards of %q and %q are never both true", n.v.keys[a], n.v.keys[b])
	}
	return ""
}

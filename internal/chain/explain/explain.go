// SPDX-License-Identifier: MPL-2.0

// Package explain describes in sentences what a change of a chain's definition changes, and what that means for its runs. It is pure.
package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Change is what a change of a definition means.
type Change struct {
	Steps   []string `json:"steps"`   // what changes in the definition: sentences
	Runs    []string `json:"runs"`    // what that means for runs: sentences
	Mermaid string   `json:"mermaid"` // the chain as a flowchart, with marks at what changes
	Note    string   `json:"note"`    // which part of the chain the flowchart shows; empty: all of it
}

// Of explains the change from one definition to another. before is nil for a new chain, after for one that is destroyed.
func Of(before, after *chain.Definition) (*Change, error) {
	c := &Change{Steps: []string{}, Runs: []string{}}
	switch {
	case before == nil && after == nil:
		return c, nil
	case before == nil:
		c.Steps = append(c.Steps, created(after))
		c.draw(nil, after)
	case after == nil:
		c.Steps = append(c.Steps, fmt.Sprintf("Its %s no longer start, and the record of its runs is deleted.", count(len(before.Steps))))
		c.draw(before, nil)
	default:
		names := renamed(before, after)
		for _, old := range slices.Sorted(maps.Keys(names)) {
			c.Steps = append(c.Steps, fmt.Sprintf("%s is called %s.", old, names[old]))
		}
		before = withNames(before, names)
		c.Steps = append(c.Steps, chainSentences(before, after)...)
		c.Steps = append(c.Steps, stepSentences(before, after)...)
		runs, err := consequences(before, after)
		if err != nil {
			return nil, err
		}
		c.Runs = append(c.Runs, runs...)
		c.draw(before, after)
	}
	return c, nil
}

func created(d *chain.Definition) string {
	text := fmt.Sprintf("The chain has %s. It begins at %s", count(len(d.Steps)), chain.ListedFew(origins(d), len(origins(d))))
	if d.Schedule != nil {
		text += ": " + d.DescribeSchedule(d.Schedule)
	}
	return text + "."
}

func count(steps int) string {
	if steps == 1 {
		return "1 step"
	}
	return fmt.Sprintf("%d steps", steps)
}

// origins returns the enabled steps without upstreams, sorted.
func origins(d *chain.Definition) []string {
	var keys []string
	for key, step := range d.Steps {
		if len(step.After) == 0 && step.Enabled {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// renamed finds the steps that start the same under another name: new names by old ones.
func renamed(before, after *chain.Definition) map[string]string {
	fresh := map[string]string{}
	for key, step := range after.Steps {
		if _, known := before.Steps[key]; !known && step.Signal == nil {
			fresh[step.ID(key)] = key
		}
	}
	names := map[string]string{}
	for key, step := range before.Steps {
		if _, still := after.Steps[key]; still || step.Signal != nil {
			continue
		}
		if name, found := fresh[step.ID(key)]; found {
			names[key] = name
		}
	}
	return names
}

// withNames returns the definition with other names of steps. Guards keep the old names: they are changes of their own.
func withNames(d *chain.Definition, names map[string]string) *chain.Definition {
	if len(names) == 0 {
		return d
	}
	name := func(key string) string {
		if other, found := names[key]; found {
			return other
		}
		return key
	}
	result := *d
	result.Steps = make(map[string]chain.Step, len(d.Steps))
	for key, step := range d.Steps {
		step.After, step.CarryOver = withKeys(step.After, name), withKeys(step.CarryOver, name)
		result.Steps[name(key)] = step
	}
	return &result
}

func withKeys[V any](values map[string]V, name func(string) string) map[string]V {
	if values == nil {
		return nil
	}
	result := make(map[string]V, len(values))
	for key, value := range values {
		result[name(key)] = value
	}
	return result
}

// stepSentences describes each step that is new, removed or changed, in the order of their names.
func stepSentences(before, after *chain.Definition) []string {
	all := maps.Clone(before.Steps)
	maps.Copy(all, after.Steps)
	var sentences []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		old, was := before.Steps[key]
		step, is := after.Steps[key]
		switch {
		case !is:
			sentences = append(sentences, key+" is removed.")
		case !was:
			sentences = append(sentences, fmt.Sprintf("%s is new: it %s.", key, starts(step)))
		default:
			if clauses := stepClauses(before, after, old, step); len(clauses) > 0 {
				sentences = append(sentences, fmt.Sprintf("%s %s.", key, strings.Join(clauses, ", and ")))
			}
		}
	}
	return sentences
}

// starts says what starts a step.
func starts(s chain.Step) string {
	if len(s.After) == 0 {
		return "begins the chain"
	}
	var ends []string
	for _, upstream := range slices.Sorted(maps.Keys(s.After)) {
		ends = append(ends, end(s.After[upstream], upstream))
	}
	if s.WaitsFor() == chain.WaitForAny && len(ends) > 1 {
		return "starts after any of " + chain.Listed(ends)
	}
	return "starts after " + chain.Listed(ends)
}

// end names an end of a step.
func end(condition chain.Condition, step string) string {
	switch condition {
	case chain.ConditionFailure:
		return "a failure of " + step
	case chain.ConditionCompletion:
		return "any end of " + step
	default:
		return "a success of " + step
	}
}

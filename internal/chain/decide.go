package chain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Decision is what follows from the end of one reload.
type Decision struct {
	Step  string // the step whose app was reloaded
	Known bool   // false: the app is not in the chain, and all else is empty
	Due   []Due  // to start now, sorted by name
	Held  []Held // downstream of the step but not to start, sorted by name
}

// Due is a step to start.
type Due struct {
	Name string
	Step Step // shares its maps with the definition: read only
}

// Held is a step that does not start.
type Held struct {
	Name   string
	Reason string // what stands against it, as the rest of a sentence about the step
}

// Index answers what follows from a reload's end without looking at the whole chain. It is safe for concurrent use.
type Index struct {
	keys       map[string]string // by app id in lower case
	downstream map[string][]link // by the upstream step's key, sorted by the downstream step's
}

type link struct {
	name      string // of the downstream step
	step      Step
	condition Condition
}

// NewIndex indexes a valid definition, which must not change afterwards.
func NewIndex(d *Definition) *Index {
	x := &Index{keys: make(map[string]string, len(d.Apps)), downstream: make(map[string][]link, len(d.Apps))}
	for name, s := range d.Apps {
		x.keys[strings.ToLower(s.ID)] = name
		for upstream, condition := range s.After {
			x.downstream[upstream] = append(x.downstream[upstream], link{name: name, step: s, condition: condition})
		}
	}
	for _, links := range x.downstream {
		slices.SortFunc(links, func(a, b link) int { return cmp.Compare(a.name, b.name) })
	}
	return x
}

// Decide tells what follows when a reload of the app has ended with o. Its cost depends on the number of steps directly
// after the app's, not on the chain's size. App ids are compared without regard to case.
func (x *Index) Decide(appID string, o Outcome) Decision {
	key, known := x.keys[strings.ToLower(appID)]
	if !known {
		return Decision{}
	}
	decision := Decision{Step: key, Known: true}
	for _, l := range x.downstream[key] {
		switch {
		case !l.step.Enabled:
			decision.Held = append(decision.Held, Held{Name: l.name, Reason: "is disabled"})
		case !l.condition.metBy(o):
			decision.Held = append(decision.Held, Held{Name: l.name, Reason: unmet(key, l.condition, o)})
		default:
			decision.Due = append(decision.Due, Due{Name: l.name, Step: l.step})
		}
	}
	return decision
}

func unmet(upstream string, c Condition, o Outcome) string {
	reason := fmt.Sprintf("starts after %s = %s; it ended with %s", upstream, c, o)
	if o == OutcomeCanceled {
		reason += ", which counts for completion only"
	}
	return reason
}

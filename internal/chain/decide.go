// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Index answers what follows from a reload's end without looking at the whole chain. It is safe for concurrent use.
type Index struct {
	definition *Definition
	keys       map[string]string // by app id in lower case
	downstream map[string][]Link // by the upstream step's key, sorted by the downstream step's
	guards     sync.Map          // compiled, by expression; each when it is first asked: a cold start pays for none that it does not need
}

// NewIndex indexes a valid definition, which must not change afterwards.
func NewIndex(d *Definition) *Index {
	x := &Index{definition: d, keys: make(map[string]string, len(d.Steps)), downstream: make(map[string][]Link, len(d.Steps))}
	for name, s := range d.Steps {
		x.keys[strings.ToLower(s.App)] = name
		for upstream, condition := range s.After {
			x.downstream[upstream] = append(x.downstream[upstream], Link{From: upstream, To: name, Condition: condition})
		}
	}
	for _, links := range x.downstream {
		slices.SortFunc(links, func(a, b Link) int { return cmp.Compare(a.To, b.To) })
	}
	return x
}

// Definition is what was indexed: read only.
func (x *Index) Definition() *Definition { return x.definition }

// StepOf returns the key of the step with this app; false: the app is not in the chain. App ids are compared without regard to case.
func (x *Index) StepOf(appID string) (string, bool) {
	key, known := x.keys[strings.ToLower(appID)]
	return key, known
}

// Downstream returns the links from a step to those that start after it, sorted by their keys.
func (x *Index) Downstream(key string) []Link { return x.downstream[key] }

// Refuse says what stands against a link when its upstream's reload has ended so, as the rest of a sentence about the downstream
// step; empty: nothing.
func (x *Index) Refuse(l Link, o Outcome) string {
	switch {
	case !x.definition.Steps[l.To].Enabled:
		return "is disabled"
	case l.Condition.MetBy(o):
		return ""
	case o == OutcomeCanceled:
		return fmt.Sprintf("starts after %s = %s; it was canceled, which counts for completion only", l.From, l.Condition)
	default:
		return fmt.Sprintf("starts after %s = %s; it ended with %s", l.From, l.Condition, o)
	}
}

// Again tells whether a step is reloaded once more, after this attempt has ended so, before its end counts. status is Qlik's word for
// the end.
func (x *Index) Again(step string, attempt int, o Outcome, status string) bool {
	s := x.definition.Steps[step]
	return s.Enabled && o == OutcomeFailure && attempt < s.Retry.Attempts() && s.Retry.Covers(status)
}

// Forbid says what stands against the start of a step that is due, as the rest of a sentence about it; empty: nothing. An error is a
// guard that could not be asked.
func (x *Index) Forbid(step string, f Fire) (string, error) {
	expression := x.definition.Steps[step].When
	if expression == "" {
		return "", nil
	}
	guard, err := x.guard(expression)
	if err != nil {
		return "", fmt.Errorf("the guard of %s: %w", step, err)
	}
	zone, err := x.definition.Location()
	if err != nil {
		return "", fmt.Errorf("the guard of %s: %w", step, err)
	}
	last := f.Last()
	in := GuardInput{
		Time: last.At.In(zone), Date: last.At.In(zone), Timezone: zone.String(), Upstream: last.Upstream, Outcome: last.Outcome, Duration: last.Duration,
		Attempt: last.Attempt, Origin: f.Runs()[0].Origin,
	}
	pass, err := guard.Eval(in)
	switch {
	case err != nil:
		return "", fmt.Errorf("the guard of %s: %w", step, err)
	case pass:
		return "", nil
	default:
		return guard.Explain(in), nil
	}
}

func (x *Index) guard(expression string) (*Guard, error) {
	if known, ok := x.guards.Load(expression); ok {
		return known.(*Guard), nil //nolint:forcetypeassert // nothing else is stored
	}
	guard, err := CompileGuard(expression)
	if err == nil {
		x.guards.Store(expression, guard)
	}
	return guard, err
}

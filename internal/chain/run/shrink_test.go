// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// tally counts what was tried, and shows one of each kind of difference.
type tally struct {
	chains, events, states, mismatches int
	stood                              int // chains that are not played, since others stand for them with so few events
	kinds                              map[string]bool
}

func (c *tally) String() string {
	chains := fmt.Sprintf("%d chains", c.chains)
	if c.stood > 0 {
		chains = fmt.Sprintf("%d chains (others stand for %d of them)", c.chains, c.stood)
	}
	return fmt.Sprintf("runs: %s, %d events, %d states, %d mismatches", chains, c.events, c.states, c.mismatches)
}

// names are those of runs and steps, in a difference.
var names = regexp.MustCompile(`\b([abcd]|r\d+|s\d+)\b`)

func kindOf(err error) string {
	if err == nil {
		return ""
	}
	return names.ReplaceAllString(err.Error(), "?")
}

func (c *tally) differs(t *testing.T, p *pair, err error) {
	t.Helper()
	c.mismatches++
	if kind := kindOf(err); !c.kinds[kind] && len(c.kinds) < 10 {
		if c.kinds == nil {
			c.kinds = map[string]bool{}
		}
		c.kinds[kind] = true
		small, err := p.shrink(kind)
		t.Errorf("%v, limits %v, off %v, refuses %v, after %v: %v", small.shape, small.limits, on(small.off), on(small.model.Refuses),
			small.played, err)
		if testing.Verbose() {
			for _, m := range small.played {
				t.Logf("%v, later %v, again %v, schedule %q", m, m.later, m.again, m.name)
			}
		}
	}
}

func on(set map[string]bool) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if set[name] {
			list = append(list, name)
		}
	}
	return list
}

// again plays moves on a chain like that of p, and returns how the two differ first.
func (p *pair) again(shape run.Shape, moves []move) (*pair, error) {
	var steps []string
	for _, s := range p.model.Steps {
		steps = append(steps, s.Name)
	}
	q := newPair(shape, steps)
	maps.Copy(q.model.Disabled, p.off)
	maps.Copy(q.model.Refuses, p.model.Refuses)
	q.limit(p.limits)
	for _, step := range p.carried {
		q.carry(step)
	}
	for _, m := range moves {
		if m.kind == "end" && q.requested[m.run+"/"+m.steps[0]].IsZero() {
			continue
		}
		if err := q.take(m); err != nil {
			return q, err
		}
	}
	return q, nil
}

// shrink leaves out events and links for as long as the two still differ so.
func (p *pair) shrink(kind string) (*pair, error) {
	small, err := p.again(p.shape, p.played)
	for changed := true; changed; {
		changed = false
		attempt := func(shape run.Shape, moves []move) {
			if q, e := small.again(shape, moves); kindOf(e) == kind {
				small, err, changed = q, e, true
			}
		}
		for i := len(small.played) - 1; i >= 0; i-- {
			if i < len(small.played) {
				attempt(small.shape, slices.Delete(slices.Clone(small.played), i, i+1))
			}
		}
		for _, step := range slices.Sorted(maps.Keys(small.shape)) {
			for _, up := range slices.Sorted(maps.Keys(small.shape[step].After)) {
				shape := maps.Clone(small.shape)
				waits := run.Waits{After: maps.Clone(shape[step].After), For: shape[step].For}
				delete(waits.After, up)
				shape[step] = waits
				attempt(shape, small.played)
			}
			if waits := small.shape[step]; waits.For != run.WaitForAll {
				shape := maps.Clone(small.shape)
				shape[step] = run.Waits{After: waits.After, For: run.WaitForAll}
				attempt(shape, small.played)
			}
		}
	}
	for step, waits := range small.shape {
		if len(waits.After) == 0 && !strings.Contains(fmt.Sprint(small.shape, small.played), step+" ") {
			delete(small.shape, step)
		}
	}
	return small, err
}
